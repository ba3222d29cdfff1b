"""What an operator asks about the work itself: embarque deliveries, and the doctor's lines on it."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.store.deliveries import SET_ASIDE
from tests.bot.cli_runner import PEOPLE, Terminal
from tests.postgres import database as fresh_postgres

ROW = """
insert into delivery
  (tenant, id, number, operation, feature, platform, person, "to", card, status, reason, created_at, due_at, failures)
values ('main', ?, ?, 'post', ?, 'slack', 'p1', '{}', '{"title": "private words"}', ?, ?, ?, ?, ?)
"""
SLACK = {"SLACK_BOT_TOKEN": "xoxb-very-secret", "SLACK_SIGNING_SECRET": "also-secret"}


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    """A company with one delivery set aside, one refused, one sent and one that has waited for an hour."""
    made = Terminal(tmp_path)
    made.imports(PEOPLE)
    ago = (datetime.now(UTC) - timedelta(hours=1)).replace(tzinfo=None).isoformat(" ")
    with closing(sqlite3.connect(made.database)) as connection, connection:
        for number, feature, status, reason, failures in (
            (41, "nudge", "failed", f"{SET_ASIDE}KeyError", 5),
            (42, "reply", "failed", "account_inactive", 0),
            (43, "quiz", "sent", None, 0),
            (44, "nudge", "pending", None, 0),
        ):
            connection.execute(ROW, (f"d{number}", number, feature, status, reason, ago, ago, failures))
    return made


def test_the_list_shows_what_waits_or_failed_and_never_what_was_written(terminal: Terminal) -> None:
    """Would catch an operator who must read the database, or reads people's messages on the way."""
    done = terminal.types("deliveries", "list")
    assert done.exit_code == 0, done.output
    for wanted in ("41", "KeyError", "42", "account_inactive", "44", "Prénom Nom", "Shown: 3 of 3"):
        assert wanted in done.output, done.output
    assert "43" not in done.output
    assert "private words" not in done.output
    sent = terminal.types("deliveries", "list", "--status", "sent", "--lang", "fr")
    assert "envoyé" in sent.output
    assert "1 sur 1" in sent.output
    assert "Shown: 1 of 3" in terminal.types("deliveries", "list", "--limit", "1").output
    assert terminal.types("deliveries", "list", "--status", "lost").exit_code == 1
    assert "No delivery" in terminal.types("deliveries", "list", "--status", "late").output


def test_what_was_set_aside_is_tried_again_and_what_the_platform_refused_is_not(terminal: Terminal) -> None:
    """Would catch a poisoned message that stays for ever, and somebody who left being written to again."""
    assert terminal.types("deliveries", "retry").exit_code == 1
    assert terminal.types("deliveries", "retry", "41", "--all").exit_code == 1
    refused = terminal.types("deliveries", "retry", "42")
    assert refused.exit_code == 1
    assert "42" in refused.output
    done = terminal.types("deliveries", "retry", "41")
    assert done.exit_code == 0, done.output
    assert terminal.rows("select status, failures from delivery where number = 41") == [("pending", 0)]
    assert terminal.rows("select status from delivery where number = 42") == [("failed",)]
    assert "0 deliveries" in terminal.types("deliveries", "retry", "--all").output


def test_the_doctor_tells_what_was_set_aside_what_waits_and_who_is_there(terminal: Terminal) -> None:
    """Would catch a queue that stands still behind "all is in order"."""
    given = {**SLACK, "SLACK_API_URL": "http://127.0.0.1:1/"}
    done = terminal.types("doctor", **given)
    assert done.exit_code == 1
    for wanted in (
        "number 41",
        "embarque deliveries retry",
        "account_inactive",
        "the oldest has waited for 60 minutes",
        "none running",
        "SQLite 3.",
    ):
        assert wanted in done.output, done.output
    real = datetime.now(UTC).replace(tzinfo=None)
    with closing(sqlite3.connect(terminal.database)) as connection, connection:
        for name, age in (("local", 2), ("gone", 900)):
            beat = (real - timedelta(seconds=age)).isoformat(" ")
            connection.execute("insert into replica values (?, ?, ?)", (name, beat, beat))
    french = terminal.types("doctor", "--lang", "fr", **given).output
    assert "1 en marche" in french
    assert "local (il y a" in french
    assert "1 arrêtée sans prévenir" in french


def test_the_doctor_of_a_postgresql_database_tells_its_limits_of_time_and_no_password(tmp_path: Path) -> None:
    """Would catch a database that may keep every turn waiting for ever, and a password in a ticket."""
    terminal = Terminal(tmp_path)
    with fresh_postgres() as url:
        secret = url.replace("embarque@", "embarque:postgres-secret@")
        terminal.imports(PEOPLE, EMBARQUE_DATABASE_URL=secret)
        sound = terminal.types(
            "doctor", **SLACK, SLACK_API_URL="http://127.0.0.1:1/", EMBARQUE_DATABASE_URL=secret
        )
        assert "PostgreSQL 1" in sound.output
        assert "limits: statement" in sound.output
        assert "without limits of time" not in sound.output
        endless = f"{secret}?options=-c%20statement_timeout%3D0"
        done = terminal.types(
            "doctor", **SLACK, SLACK_API_URL="http://127.0.0.1:1/", EMBARQUE_DATABASE_URL=endless
        )
        assert "without limits of time" in done.output
        assert "postgres-secret" not in sound.output + done.output
        listed = terminal.types("deliveries", "list", EMBARQUE_DATABASE_URL=secret)
        assert listed.exit_code == 0
