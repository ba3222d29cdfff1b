"""The commands for whoever runs the bot: run, tick, doctor, version."""

import asyncio
import json
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import closing
from pathlib import Path

import pytest

from tests.bot.cli_runner import PEOPLE, Terminal
from tests.doubles.slack import SlackDouble
from tests.ports import free_port

CHANNEL = ("people", "channel", "direction", "--platform", "slack", "--team", "T1", "--conversation", "C1")
FAILED = """
insert into delivery
  (tenant, id, number, operation, feature, platform, "to", card, status, reason,
   created_at, due_at, attempts, started_by_bot)
values
  ('main', 'd', 1, 'post', 'nudge', 'slack', '{}', '{}', 'failed', 'account_inactive', '2026-01-01', '2026-01-01', 1, 1)
"""
SLACK = {"SLACK_BOT_TOKEN": "xoxb-very-secret", "SLACK_SIGNING_SECRET": "0123456789abcdef" * 2}


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    return Terminal(tmp_path)


def fetched(address: str, within: float = 180) -> tuple[int, bytes]:
    end = time.monotonic() + within
    while True:
        try:
            with urllib.request.urlopen(address, timeout=5) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read()
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.1)


def test_everything_that_is_missing_is_named_at_once(terminal: Terminal) -> None:
    """Would catch the operator who corrects one variable a start, five starts long."""
    given = {"SLACK_BOT_TOKEN": "xoxp-wrong", "TEAMS_APP_ID": "app", "EMBARQUE_PORT": "many"}
    done = terminal.types("run", **given)
    assert done.exit_code == 1
    for name in (
        "EMBARQUE_PORT",
        "SLACK_BOT_TOKEN",
        "SLACK_SIGNING_SECRET",
        "TEAMS_APP_PASSWORD",
        "TEAMS_TENANT_ID",
    ):
        assert name in done.output
    assert "xoxp-wrong" not in done.output
    terminal.lang = "fr_CA.UTF-8"
    french = terminal.types("run", **given)
    assert "secret de signature" in french.output


def test_no_platform_at_all_is_refused_and_so_is_development_on_a_public_address(terminal: Terminal) -> None:
    """Would catch a bot without authentication that listens to the whole network."""
    assert "no platform is set up" in terminal.types("run").output
    open_ = terminal.types("run", "--dev", EMBARQUE_HOST="0.0.0.0")
    assert open_.exit_code == 1
    assert "EMBARQUE_HOST" in open_.output


def test_the_bot_starts_answers_and_stops_politely(terminal: Terminal) -> None:
    """Would catch a server that needs to be killed, or that imports Teams for a company on Slack."""
    port = str(free_port())
    terminal.imports(PEOPLE)
    process = terminal.starts("run", EMBARQUE_PORT=port, **SLACK)
    try:
        status, body = fetched(f"http://127.0.0.1:{port}/readyz")
        assert (status, json.loads(body)["status"]) == (200, "ok")
        process.send_signal(signal.SIGTERM)
        said, _ = process.communicate(timeout=60)
    finally:
        process.kill()
    assert process.returncode == 0, said
    assert "Traceback" not in said
    assert "secret" not in said


def test_development_answers_for_teams_without_an_account(terminal: Terminal) -> None:
    """Would catch a --dev that asks for the very account which it is there to do without."""
    port = str(free_port())
    process = terminal.starts("run", "--dev", EMBARQUE_PORT=port)
    try:
        fetched(f"http://127.0.0.1:{port}/healthz")
        status, _ = fetched(f"http://127.0.0.1:{port}/slack/events")
        assert status == 404
        status, _ = fetched(f"http://127.0.0.1:{port}/api/messages")
        assert status in {405, 415}
    finally:
        process.terminate()
        process.communicate(timeout=60)


def test_the_browser_chat_shows_only_people_whom_no_platform_reaches(terminal: Terminal) -> None:
    """Would catch a visitor who, by trying out content, draws somebody's messages away from Slack."""
    port = str(free_port())
    terminal.imports(PEOPLE)
    process = terminal.starts("run", "--web", EMBARQUE_PORT=port)
    try:
        status, body = fetched(f"http://127.0.0.1:{port}/web/state?lang=en")
        assert status == 200
        assert [one["name"] for one in json.loads(body)["personas"]] == ["Sacha Petit"]
    finally:
        process.terminate()
        process.communicate(timeout=60)
    terminal.imports("id,name,slack_id\np3,Sacha Petit,U3\n")
    assert terminal.rows("select platform from address where person = 'p3'") == [("slack",)]


def test_a_port_that_is_taken_is_said_in_one_line(terminal: Terminal) -> None:
    """Would catch the stack trace that most people meet first."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        process = terminal.starts("run", "--dev", EMBARQUE_PORT=str(taken.getsockname()[1]))
        said, _ = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "EMBARQUE_PORT" in said
    assert "Traceback" not in said


def test_only_the_platforms_in_use_are_imported() -> None:
    """Would catch half a second and sixty megabytes spent on a platform that nobody here has."""
    code = (
        "import sys, bot.cli; assert 'aiohttp' not in sys.modules and 'sqlalchemy' not in sys.modules;"
        "import bot.commands.run, bot.commands.assembly;"
        "from bot.config import Settings;"
        "bot.commands.assembly.platforms(Settings(SLACK_BOT_TOKEN='xoxb-1', SLACK_SIGNING_SECRET='s'));"
        "assert 'slack_bolt' in sys.modules and 'botbuilder' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_moment_without_its_offset_is_refused(terminal: Terminal) -> None:
    """Would catch nudges at the wrong hour because a machine stands in another zone."""
    for given in ("2026-11-23T08:30:00", "tomorrow"):
        done = terminal.types("tick", "--at", given, "--dry-run")
        assert done.exit_code == 1
        assert "-05:00" in done.output


def test_a_rehearsed_tick_tells_who_gets_what_and_why_others_do_not_and_writes_nothing(
    terminal: Terminal,
) -> None:
    """Would catch a dry run that sends, and the question "why did I get nothing" left open."""
    terminal.imports(PEOPLE, "--starts", "2026-09-28", "--goes-live", "2027-07-05")
    before = terminal.rows("select count(*) from delivery")
    done = terminal.types("tick", "--at", "2026-10-14T10:00:00-04:00", "--dry-run")
    assert done.exit_code == 0, done.output
    assert "Prénom Nom" in done.output
    assert "impact" in done.output
    assert "outside working hours" in done.output or "the moment has not come" in done.output
    assert terminal.rows("select count(*) from delivery") == before == [(0,)]
    terminal.lang = "fr_CA.UTF-8"
    french = terminal.types("tick", "--at", "2026-10-17T10:00:00-04:00", "--dry-run")
    assert "jour non travaillé" in french.output


async def test_a_tick_writes_and_sends_through_slack(terminal: Terminal) -> None:
    """Would catch a tick that writes deliveries which then wait for a server."""
    await asyncio.to_thread(terminal.imports, PEOPLE, "--starts", "2026-09-28", "--goes-live", "2027-07-05")
    async with SlackDouble(bot_token=SLACK["SLACK_BOT_TOKEN"]).running() as slack:
        slack.people |= {"U1": {}, "U2": {}}
        given = {**SLACK, "SLACK_API_URL": slack.url}
        words = ("tick", "--at", "2026-10-14T14:00:00-04:00")
        process = terminal.starts(*words, **given)
        said, _ = await asyncio.to_thread(process.communicate, timeout=60)
        assert process.returncode == 0, said
        assert slack.calls("chat.postMessage"), said
    assert ("sent",) in terminal.rows("select distinct status from delivery")


def test_the_doctor_names_what_is_to_fix_with_what_to_do_and_no_secret(terminal: Terminal) -> None:
    """Would catch a doctor that says "all is well" of an empty company, or prints a token into a ticket."""
    sick = terminal.types("doctor", **SLACK, SLACK_API_URL="http://127.0.0.1:1/")
    assert sick.exit_code == 1
    assert "embarque people import" in sick.output
    assert "Slack does not answer" in sick.output
    assert "secret" not in sick.output.replace("SLACK_SIGNING_SECRET", "")
    assert SLACK["SLACK_SIGNING_SECRET"] not in sick.output


def test_a_tick_without_the_platforms_settings_leaves_the_sending_to_the_bot(terminal: Terminal) -> None:
    """Would catch a week's messages marked as failed because a shell had no token."""
    terminal.imports(PEOPLE, "--starts", "2026-09-28", "--goes-live", "2027-07-05")
    done = terminal.types("tick", "--at", "2026-10-14T14:00:00-04:00")
    assert done.exit_code == 0, done.output
    assert "The running bot will do it" in done.output
    assert terminal.rows("select distinct status from delivery where status != 'late'") == [("pending",)]


async def test_the_doctor_finds_a_sound_company_sound_and_its_failures_and_silent_people(
    terminal: Terminal,
) -> None:
    """Would catch failed deliveries and unreachable people that nobody is told of."""
    await asyncio.to_thread(terminal.imports, PEOPLE.replace(",,,,,,,,p1", ",,,,,,U3,,p1"))
    await asyncio.to_thread(terminal.types, *CHANNEL)
    async with SlackDouble(bot_token=SLACK["SLACK_BOT_TOKEN"]).running() as slack:

        async def asked() -> tuple[int, str]:
            process = terminal.starts("doctor", **SLACK, SLACK_API_URL=slack.url)
            said, _ = await asyncio.to_thread(process.communicate, timeout=60)
            return process.returncode, said

        code, said = await asked()
        assert code == 0, said
        with closing(sqlite3.connect(terminal.database)) as connection, connection:
            connection.execute("delete from address where person = 'p3'")
            connection.execute("update person set region = 'XX'")
            connection.execute(FAILED)
        code, said = await asked()
    assert code == 1
    for wanted in ("Sacha Petit", "account_inactive", "XX"):
        assert wanted in said, said


def test_a_damaged_database_is_told_in_words(terminal: Terminal) -> None:
    """Would catch a stack trace of the database library in front of the operator."""
    terminal.database.write_bytes(b"this is no database at all" * 100)
    for words in (("tick", "--at", "2026-10-14T10:00:00-04:00"), CHANNEL):
        done = terminal.types(*words)
        assert done.exit_code == 1
        assert "restore a backup" in done.output
    assert terminal.types("doctor").exit_code == 1


def test_the_version_is_told(terminal: Terminal) -> None:
    """Would catch a release that does not know its own number."""
    assert terminal.types("version").output.startswith("embarque 0.")
