"""`embarque run` and `embarque demo`: the bot as a server that stops politely."""

import asyncio
import os
import signal
import sys
import webbrowser
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import structlog
import typer
from aiohttp import web

from bot import logs
from bot.app import Embarque
from bot.clock import SystemClock
from bot.commands.setup import alone, database, library, settings_of, sound_settings, why
from bot.commands.words import refuse, speech
from bot.config import Settings, missing
from bot.deliveries import ALONE, replica_of
from bot.engine import DbosEngine
from dialogs.speech import Speech

SHUTDOWN_SECONDS = 8.0
"""How long requests under way may take once the program was told to stop."""
DEMO_DATABASE = "sqlite+aiosqlite:///var/demo.db"

log = structlog.get_logger()


def run(*, dev: bool, web_chat: bool) -> None:
    """Start the bot from the environment, or name everything that is missing at once."""
    say = speech()
    settings = _complete(say, dev=dev, web_chat=web_chat)
    content = library(settings.content, say)
    logs.set_up(pretty=sys.stderr.isatty())
    from bot.commands.assembly import platforms  # noqa: PLC0415 - after the refusals, which need none of it

    try:
        ours = platforms(settings, dev=dev)
    except ValueError as error:
        refuse(say("cli.run.refused", n=1), f"  {error}")

    async def assembled() -> Embarque:
        opened = await database(settings.database_url, say, thorough=True)
        name = replica_of(opened)
        engine = DbosEngine(settings.database_url, name)
        app = Embarque(
            opened,
            content,
            settings.tenant,
            SystemClock(),
            ours.edges,
            ours.senders,
            engine=engine,
            replica=name,
            later=ours.later,
            listeners=ours.listeners,
        )
        if web_chat:
            from bot.commands.try_out import with_chat  # noqa: PLC0415 - only where it is asked for

            await with_chat(app, say)
        return app

    names = ours.names + (["web"] if web_chat else [])
    lock = alone(settings.database_url, say)
    log.info("starting", platform=", ".join(names), host=settings.host, port=settings.port)
    try:
        asyncio.run(_serve(assembled, settings, say, web_chat=web_chat))
    finally:
        if lock is not None:
            lock.free()


def demo(port: int, *, reset: bool, browser: bool) -> None:
    """Start the demo company with the browser chat on this machine."""
    say = speech()
    given = {"EMBARQUE_DATABASE_URL": DEMO_DATABASE, "EMBARQUE_HOST": "127.0.0.1", "EMBARQUE_PORT": port}
    settings = sound_settings(say, **given)
    library(settings.content, say)
    logs.set_up(pretty=True, quiet=True)
    from bot.demo import NotADemoError, OtherContentError, assemble  # noqa: PLC0415 - the demo company is heavy, nobody else needs it

    async def assembled() -> Embarque:
        try:
            engine = DbosEngine(settings.database_url, ALONE)
            return await assemble(settings, reset=reset, begins=_prepares, engine=engine)
        except NotADemoError:
            refuse(say("cli.demo.not_one", path=DEMO_DATABASE.removeprefix("sqlite+aiosqlite:///")))
        except OtherContentError as error:
            refuse(say("cli.demo.other_content", path=str(settings.content or ""), pack=str(error)))

    lock = alone(settings.database_url, say)
    try:
        asyncio.run(_serve(assembled, settings, say, web_chat=True, browser=browser))
    finally:
        if lock is not None:
            lock.free()


def _complete(say: Speech, *, dev: bool, web_chat: bool) -> Settings:
    settings, wrong = settings_of(say)
    # Development needs no platform's account: Teams answers without a login then, on this machine only.
    lacking = (*wrong, *missing(settings, dev=dev, web=web_chat or dev))
    if lacking:
        refuse(say("cli.run.refused", n=len(lacking)), *(f"  {one.name}: {why(one, say)}" for one in lacking))
    return settings


async def _serve(
    assembled: Callable[[], Any], settings: Settings, say: Speech, *, web_chat: bool, browser: bool = False
) -> None:
    app: Embarque = await assembled()
    server = app.web_app()
    server.on_shutdown.append(_end_streams(app))
    runner = web.AppRunner(server, access_log=None, shutdown_timeout=SHUTDOWN_SECONDS)
    try:
        await runner.setup()
        await web.TCPSite(runner, settings.host, settings.port).start()
    except OSError as error:
        await runner.cleanup()
        reason = error.strerror or type(error).__name__
        refuse(say("cli.run.port", port=str(settings.port), host=settings.host, reason=reason))
    if web_chat:
        _announce(f"http://{settings.host}:{settings.port}", browser=browser)
    await _told_to_stop()
    await app.probes.drain(settings.drain_seconds)
    await runner.cleanup()


def _end_streams(app: Embarque) -> Callable[[web.Application], Any]:
    """Open pages hold a stream for as long as they live: end them first, or stopping waits for its time-out."""

    async def end(_: web.Application) -> None:
        chat = app.outbounds.get("web")
        if chat is not None:
            await chat.close()

    return end


async def _told_to_stop() -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        with suppress(NotImplementedError):  # Windows has no handlers of the loop: Ctrl-C raises there
            loop.add_signal_handler(number, stop.set)
    await stop.wait()


def _prepares() -> None:
    for lang in ("fr", "en"):
        typer.echo(speech(lang)("cli.demo.prepares"))


def _announce(address: str, *, browser: bool) -> None:
    for lang in ("fr", "en"):
        typer.echo(speech(lang)("cli.demo.ready", address=address))
    # Without a screen Python may start a browser of the terminal, which would take the terminal over.
    screen = (
        sys.platform in {"darwin", "win32"} or os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    )
    if browser and screen:
        with suppress(webbrowser.Error):
            webbrowser.open(address)
