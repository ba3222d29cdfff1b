"""What a command imports, and when: every start pays for it, and a bot is to be ready before it is complete."""

import asyncio
import json
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from adapters.base import Destination, Edge, Outbound, Refused
from adapters.teams.app import TeamsEdge
from adapters.teams.credentials import Credentials
from adapters.teams.late import Halves, LateEdge, LateOutbound
from adapters.teams.limits import TeamsRates
from adapters.teams.outbound import TeamsOutbound
from bot.clock import SystemClock
from bot.commands.assembly import platforms
from bot.config import Settings
from tests.bot.cli_runner import PEOPLE, ROOT, Terminal
from tests.doubles.teams import APP_ID, PASSWORD, TENANT
from tests.ports import free_port

SLACK = {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_SIGNING_SECRET": "s", "SLACK_API_URL": "http://127.0.0.1:9/api/"}
TEAMS = {"TEAMS_APP_ID": APP_ID, "TEAMS_APP_PASSWORD": PASSWORD, "TEAMS_TENANT_ID": TENANT}
HELP = """
import sys
from bot.cli import main
sys.argv = ["embarque", *sys.argv[1:]]
try:
    main()
finally:
    print("modules", *sys.modules, sep="\t")
"""
RUN = """
import http.client, os, signal, sys, threading, time
import babel.localedata
import bot.app
from bot.cli import main

def there():
    return {*sys.modules, *(f"dates in {one}" for one in babel.localedata._cache)}

def answers():
    try:
        door = http.client.HTTPConnection("127.0.0.1", int(os.environ["EMBARQUE_PORT"]), timeout=60)
        door.request("GET", "/readyz")
        return door.getresponse().status == 200
    except OSError:
        return False

def watch():
    while not answers():
        time.sleep(0.02)
    while not set(wanted) <= there():
        time.sleep(0.02)
    print("modules", *there(), sep="\t", flush=True)
    os.kill(os.getpid(), signal.SIGTERM)

seconds, *wanted = sys.argv[1:]
bot.app.DOOR_SECONDS = float(seconds)
sys.argv = ["embarque", "run"]
threading.Thread(target=watch, daemon=True).start()
main()
"""
HOLIDAYS = """
import json
from bot.calendars import public_holidays
regions = ("CA-QC", "FR", "UK", "US-CA", "DE-BY", "MQ", "XX")
print(json.dumps({one: sorted(map(str, public_holidays(one, (2026,)) or ())) for one in regions}))
"""
DATES = ("dates in fr", "dates in en")
NEVER = "3600"
"""Seconds until what can wait is loaded: not while a test runs."""


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    return Terminal(tmp_path)


def loaded(terminal: Terminal, code: str, *words: str, **given: str) -> set[str]:
    """The modules that a process of its own has when it says so, and the languages that it can write dates in."""
    environment = {**terminal.environment(given), "PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"}
    done = subprocess.run(
        [sys.executable, "-c", code, *words],
        cwd=terminal.folder, env=environment, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    lines = [line for line in done.stdout.splitlines() if line.startswith("modules\t")]
    assert lines, done.stderr[-2000:]
    return set(lines[0].split("\t")[1:])


def test_help_comes_without_what_only_a_server_needs(terminal: Terminal) -> None:
    """Would catch two seconds of waiting for the list of commands."""
    server = {
        "sqlalchemy",
        "alembic",
        "psycopg",
        "aiohttp",
        "botbuilder",
        "slack_bolt",
        "dbos",
        "holidays",
        "rich",
    }
    assert server & loaded(terminal, HELP, "--help") == set()


@pytest.mark.parametrize("given", [SLACK, {**SLACK, **TEAMS}], ids=["Slack", "Slack and Teams"])
def test_a_bot_is_ready_before_what_the_first_request_alone_needs(
    terminal: Terminal, given: dict[str, str]
) -> None:
    """Would catch a restart that keeps people waiting for other databases and botbuilder's models."""
    terminal.imports(PEOPLE)
    found = loaded(terminal, RUN, NEVER, **given, EMBARQUE_PORT=str(free_port()))
    assert "slack_bolt" in found
    unneeded = {"alembic", "psycopg", "botbuilder", "msrest", "jwt", "dbos", "rich", "jinja2", *DATES}
    assert unneeded & found == set()


def test_what_the_first_requests_need_is_loaded_soon_without_being_asked_for(terminal: Terminal) -> None:
    """Would catch the first person after each restart who pays for what the start has put off."""
    terminal.imports(PEOPLE)
    wanted = ("adapters.teams.outbound", "adapters.teams.app", "holidays", "dbos", *DATES)
    found = loaded(terminal, RUN, "0", *wanted, **SLACK, **TEAMS, EMBARQUE_PORT=str(free_port()))
    assert {*wanted, "botbuilder.schema", "holidays.countries.canada"} <= found
    assert "holidays.countries.uruguay" not in found
    assert "alembic" not in found


def test_holidays_are_right_though_only_the_countries_asked_for_are_loaded() -> None:
    """Would catch a region without its holidays: people would be asked for answers on their free days."""
    done = subprocess.run(
        [sys.executable, "-c", HOLIDAYS], cwd=ROOT, capture_output=True, text=True, timeout=120, check=True
    )
    found = json.loads(done.stdout)
    assert "2026-06-24" in found["CA-QC"]
    assert "2026-07-14" in found["FR"]
    assert "2026-12-28" in found["UK"]
    assert "2026-07-03" in found["US-CA"]
    assert "2026-01-06" in found["DE-BY"]
    assert "2026-05-22" in found["MQ"]
    assert found["XX"] == []


async def test_whoever_comes_before_teams_is_loaded_is_served_and_keeps_nobody_waiting() -> None:
    """Would catch a loop that stands still for the import, or halves that are made twice and share no connections."""
    at_it, go_on, made = threading.Event(), threading.Event(), []

    def make() -> tuple[Edge, Outbound]:
        at_it.set()
        assert go_on.wait(60)
        edge = TeamsEdge(APP_ID, [TENANT])
        made.append(edge)
        return edge, TeamsOutbound(Credentials(APP_ID, PASSWORD, TENANT))

    halves = Halves(make)
    door = LateEdge(halves)
    stranger = {"content-type": "application/json"}
    knocks = [asyncio.create_task(_refused(door, stranger)) for _ in range(3)]
    assert await asyncio.to_thread(at_it.wait, 60)  # and the loop goes on
    go_on.set()
    assert await asyncio.gather(*knocks) == [401, 401, 401]
    assert len(made) == 1
    sender = LateOutbound(halves, TeamsRates())
    assert await sender.find(Destination(TENANT), "key") is None
    await sender.close()


async def test_a_stranger_is_refused_by_the_door_that_the_settings_make() -> None:
    """Would catch a late door that lets everybody in while, or because, it is not complete."""
    ours = platforms(Settings(**SLACK, **TEAMS))
    teams = next(one for one in ours.edges if one.path == "/api/messages")
    assert await _refused(teams, {"content-type": "application/json"}) == 401
    assert await _refused(teams, {"content-type": "application/json", "authorization": "Bearer x.y.z"}) == 401
    for sender in ours.senders.values():
        await sender.close()


async def test_the_late_halves_promise_what_the_real_ones_keep() -> None:
    """Would catch a route, a limit of size or a rate that holds only for one of the two."""
    assert (LateEdge.path, LateEdge.max_body, LateEdge.platform) == (
        TeamsEdge.path,
        TeamsEdge.max_body,
        TeamsEdge.platform,
    )
    assert (LateOutbound.can_find, LateOutbound.platform) == (TeamsOutbound.can_find, TeamsOutbound.platform)
    rates = TeamsRates(7.0)
    real = TeamsOutbound(Credentials(APP_ID, PASSWORD, TENANT), rates=rates)
    late = LateOutbound(Halves(lambda: (TeamsEdge(APP_ID, [TENANT]), real)), rates)
    to = Destination(TENANT, "29:1", "19:1")
    for operation in ("post", "update", "find"):
        assert late.budgets(to, operation) == real.budgets(to, operation)
    await late.close()
    await real.close()


async def _refused(door: Edge, headers: dict[str, str]) -> int:
    with pytest.raises(Refused) as refused:
        await door.admit(headers, SystemClock().now())
    return refused.value.status
