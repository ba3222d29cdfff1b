"""A demo that was made ready once for all tests, and a server of it with visitors in front."""

import fcntl
import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web

from bot.config import Settings
from bot.demo import DemoEmbarque, assemble
from tests.doubles.web import WebPerson

TUESDAY = datetime(2026, 11, 24, 15, 10, tzinfo=UTC)
"""10:10 in Montréal, before the quiz of that day."""


def settings(file: Path, content: Path | None = None) -> Settings:
    return Settings.model_validate(
        {"EMBARQUE_DATABASE_URL": f"sqlite+aiosqlite:///{file}", "EMBARQUE_CONTENT": content}
    )


async def fresh(folder: Path) -> Path:
    """A demo of one's own on its first day; the first one to ask makes it ready for all, in all processes."""
    shared = folder.parent.parent if "PYTEST_XDIST_WORKER" in os.environ else folder.parent
    ready = shared / "first-day.db"
    with (shared / "first-day.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # makes the other processes wait, which have nothing better to do
        if not ready.exists():
            first = folder / "unready" / "demo.db"
            first.parent.mkdir()
            app = await assemble(settings(first), now=TUESDAY)
            await app.database.close()
            first.rename(ready)
    return Path(shutil.copy(ready, folder / "demo.db"))


@dataclass
class Visitor:
    """A browser on the page."""

    session: aiohttp.ClientSession
    address: str
    app: DemoEmbarque

    def is_(self, user: str) -> WebPerson:
        return WebPerson(self.session, self.address, user, self.app.deliveries.settled)

    async def state(self, user: str | None = None) -> dict[str, Any]:
        query = {"lang": "fr-CA", **({"as": user} if user else {})}
        async with self.session.get(f"{self.address}/web/state", params=query) as answer:
            assert answer.status == 200
            found: dict[str, Any] = await answer.json()
        return found

    async def moves(self, to: str, lang: str = "fr-CA") -> dict[str, Any]:
        async with self.session.post(
            f"{self.address}/web/clock", json={"to": to}, params={"lang": lang}
        ) as answer:
            assert answer.status == 200
            found: dict[str, Any] = await answer.json()
        return found

    async def reads(self, user: str, until: bytes = b"event: clock\n") -> str:
        """Open the stream as the page does, which tells that the person looked; what came up to an event."""
        query = {"as": user, "lang": "fr-CA"}
        async with self.session.get(f"{self.address}/web/stream", params=query) as answer:
            return (await answer.content.readuntil(until)).decode()

    async def done(self) -> dict[str, bool]:
        return {scene["id"]: scene["done"] for scene in (await self.state())["story"]}


@asynccontextmanager
async def visiting(file: Path, content: Path | None = None) -> AsyncIterator[Visitor]:
    """The demo of this file, served on a loopback port."""
    app = await assemble(settings(file, content))
    app.ticking = False  # the visitor's moves alone let time pass
    server = app.web_app()

    async def end_streams(_: web.Application) -> None:
        app.streams.close()

    server.on_shutdown.append(end_streams)
    runner = web.AppRunner(server, shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        async with aiohttp.ClientSession(read_bufsize=2**20) as session:
            yield Visitor(session, f"http://127.0.0.1:{runner.addresses[0][1]}", app)
    finally:
        await runner.cleanup()
