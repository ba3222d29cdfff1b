"""What a database says, read with plain SQL and none of the bot's code: SQLite's file or PostgreSQL's address."""

import json
import sqlite3
from collections import defaultdict
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
from psycopg.rows import dict_row

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Facts:
    """deliveries: by key. answers: for each person, (step, value) in the order in which they were given.

    users: the platform's ids of each person. conversations: of each channel. days: (rule, person, local date) of each
    message that the bot started and that was not too late.
    """

    deliveries: dict[str, Row]
    answers: dict[str, list[tuple[str, Any]]]
    users: dict[str, set[str]]
    conversations: dict[str, str]
    days: list[tuple[str, str, str]]


def read(url: str) -> Facts:
    """Everything that the checker needs, in one transaction."""
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(f"file:{url.split('///', 1)[1]}?mode=ro", uri=True)) as opened:
            opened.row_factory = sqlite3.Row
            opened.execute("BEGIN")
            return _facts(lambda statement: [dict(one) for one in opened.execute(statement)])
    plain = url.replace("postgresql+psycopg://", "postgresql://", 1)
    with psycopg.connect(plain, row_factory=dict_row) as connection:
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        return _facts(lambda statement: [dict(one) for one in connection.execute(statement)])


def _facts(rows: Callable[[str], list[Row]]) -> Facts:
    people = {one["id"]: one["zone"] for one in rows("SELECT id, zone FROM person")}
    users = defaultdict(set)
    for one in rows('SELECT person, "user" FROM address'):
        users[one["person"]].add(one["user"])
    channels = {one["name"]: one["conversation"] for one in rows("SELECT name, conversation FROM channel")}
    deliveries = {
        one["id"]: {**one, "to": _data(one["to"])}
        for one in rows(
            'SELECT id, number, operation, feature, person, channel, "to", status, reason, attempts, message,'
            " started_by_bot, created_at, due_at FROM delivery"
        )
    }
    begun = [one for one in deliveries.values() if one["started_by_bot"] and one["status"] != "late"]
    days = [
        (
            one["id"].split(":")[0],
            one["person"],
            local_day(one["created_at"], ZoneInfo(people[one["person"]])),
        )
        for one in begun
    ]
    return Facts(deliveries, _answers(rows), dict(users), channels, days)


def _answers(rows: Callable[[str], list[Row]]) -> dict[str, list[tuple[str, Any]]]:
    given = defaultdict(list)
    for one in rows("SELECT run, number, step, value FROM answer ORDER BY number"):
        given[one["run"]].append((one["step"], _data(one["value"])["is"]))
    said = defaultdict(list)
    for one in rows("SELECT id, person FROM run ORDER BY started_at"):
        said[one["person"]].extend(given[one["id"]])
    return dict(said)


def local_day(moment: str | datetime, zone: ZoneInfo) -> str:
    """The date of a moment, as the database gives it, where somebody lives."""
    at = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
    aware = at if at.tzinfo else at.replace(tzinfo=UTC)
    return aware.astimezone(zone).date().isoformat()


def _data(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) else value
