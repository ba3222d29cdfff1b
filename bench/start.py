"""Row 14: from the command to ready with Slack, Teams and a database, beside Bolt with an ORM; the demo as well."""

import asyncio
import compileall
from functools import cache
from pathlib import Path

from bench.company import found
from bench.processes import ROOT, free_port, running
from bench.table import Figures, Part, Row, Size

ENVIRONMENT = {
    "SLACK_BOT_TOKEN": "xoxb-bench",
    "SLACK_SIGNING_SECRET": "bench-signing-secret",
    "SLACK_API_URL": "http://127.0.0.1:9/api/",
    "TEAMS_APP_ID": "11111111-2222-3333-4444-555555555555",
    "TEAMS_APP_PASSWORD": "not-a-real-password",
    "TEAMS_TENANT_ID": "5c1e7a60-0000-4000-8000-00000000aaaa",
}
"""Both platforms set up; nobody listens where they would be."""


def environment(url: str, port: int) -> dict[str, str]:
    """The environment of `embarque run` with this database and port."""
    return {**ENVIRONMENT, "EMBARQUE_DATABASE_URL": url, "EMBARQUE_PORT": str(port)}


def ours(folder: Path, size: Size) -> Figures:
    """One round: seconds until `embarque run` answers that it is ready."""
    del size
    _installed()
    url, port = _company(folder.parent), free_port()
    more = environment(url, port)
    with running("bot.cli", "run", port=port, folder=folder, more=more) as server:
        return {"ready_s": server.seconds}


@cache
def _installed() -> None:
    """Compile both programs as an installation does: the libraries of both are, and a checkout need not be."""
    for room in ("bot", "adapters", "dialogs", "bench"):
        compileall.compile_dir(str(ROOT / room), quiet=2)


@cache
def _company(folder: Path) -> str:
    url = f"sqlite+aiosqlite:///{folder}/company.db"
    asyncio.run(found(url, "slack", 1))
    return url


def bolt(folder: Path, size: Size) -> Figures:
    """One round: seconds until Bolt with its ORM answers."""
    del size
    _installed()
    port, url = free_port(), f"sqlite+aiosqlite:///{folder}/bolt.db"
    with running("bench.peers_slack", "orm", str(port), url, port=port, folder=folder) as server:
        return {"ready_s": server.seconds}


def demo(folder: Path, size: Size) -> Figures:
    """One round: the demo company, made at the first start; seconds of a warm one, and megabytes."""
    del size
    _installed()
    place, words = folder.parent / "demo", ("demo", "--no-browser", "--port")
    if not place.exists():
        place.mkdir()
        port = free_port()
        with running("bot.cli", *words, str(port), port=port, folder=place):
            pass
    port = free_port()
    with running("bot.cli", *words, str(port), port=port, folder=place) as server:
        asyncio.run(server.idle())  # what is loaded once the door is open counts as well
        return {"ready_s": server.seconds, "resident_mb": server.resident()}


PART = Part(
    (
        Row("14", "start with Slack, Teams, database", "ours.ready_s", 2.5, 1, "s", "bolt_orm.ready_s"),
        Row("14", "demo company, warm start", "demo.ready_s", 4, 2, "s"),
        Row("15", "memory, demo company", "demo.resident_mb", 150, 100, "MB"),
    ),
    {"ours": ours, "bolt_orm": bolt, "demo": demo},
)
