"""The browser of these tests, and a demo of one's own that is served on this machine."""

import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import web
from playwright.async_api import Browser, async_playwright, expect

from bot.demo import assemble
from tests.bot.demo_visit import fresh, settings
from tests.browser.chromium import installed
from tests.browser.screen import Screen

ARGUMENTS = (
    *("--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)
HERE = Path(__file__).parent
WIDE, PHONE, NARROW = (1280, 900), (390, 844), (360, 740)
PATIENCE = 60_000
"""Milliseconds until something that should appear counts as missing, also while others use the machine."""

expect.set_options(timeout=PATIENCE)

Opens = Callable[..., Awaitable[Screen]]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let one process do them all where several share the tests: one Chromium is enough for a machine."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.xdist_group("browser"))


@pytest_asyncio.fixture(loop_scope="session", scope="session")
async def browser() -> AsyncIterator[Browser]:
    """One Chromium for all; without one the tests are left out, but never where they guard a release."""
    async with async_playwright() as playwright:
        found = chromium_of(playwright.chromium.executable_path)
        if found is None:
            said = "no Chromium on this machine: `make browser` installs one"
            if os.environ.get("CI"):
                pytest.fail(said)
            pytest.skip(said)
        opened = await playwright.chromium.launch(executable_path=found, args=[*ARGUMENTS])
        yield opened
        await opened.close()


def chromium_of(brought: str) -> str | None:
    """The Chromium to drive; brought: where Playwright's own would be."""
    return installed() or (brought if Path(brought).exists() else None)


@asynccontextmanager
async def served(file: Path, content: Path | None = None, port: int = 0) -> AsyncIterator[str]:
    """The demo of this file on a loopback port; gives its address. Only the visitor lets time pass."""
    app = await assemble(settings(file, content))
    app.ticking = False
    server = app.web_app()

    async def end_streams(_: web.Application) -> None:
        app.streams.close()

    server.on_shutdown.append(end_streams)
    runner = web.AppRunner(server, shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


@pytest_asyncio.fixture(loop_scope="session")
async def opens(browser: Browser) -> AsyncIterator[Opens]:
    """Open a screen of this size on an address: (address, size, what else a context of Playwright takes)."""
    async with AsyncExitStack() as stack:

        async def opened(address: str, size: tuple[int, int] = WIDE, **more: Any) -> Screen:
            phone = size[0] < WIDE[0]
            view: Any = {"width": size[0], "height": size[1]}
            context = await browser.new_context(viewport=view, has_touch=phone, **more)
            stack.push_async_callback(context.close)
            context.set_default_timeout(PATIENCE)
            return Screen(await context.new_page(), address, phone=phone)

        yield opened


@pytest_asyncio.fixture(loop_scope="session")
async def demo(tmp_path: Path) -> AsyncIterator[str]:
    """A demo on its first day, for one test alone."""
    async with served(await fresh(tmp_path)) as address:
        yield address
