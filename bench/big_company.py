"""The database of a big company, made by arithmetic so that two databases hold the same: people, invitations,
runs with their answers, impacts. Times are seconds before NOW.
"""

import asyncio
import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bench.company import CODES
from bot.store.database import open_database
from bot.store.migrate import migrate
from tests.company import LIVE, STARTS

NOW = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)
STEPS = 14
"""Answers of one run of the impact dialog."""
DIALOG, CAMPAIGN = "impact", "impact"


@dataclass(frozen=True, slots=True)
class Amount:
    """How big. people: of them every 50th has left and every 97th is away for two months."""

    people: int
    answers: int

    @property
    def runs(self) -> int:
        """Finished runs, over the year."""
        return self.answers // STEPS


# The SQL that SQLite and DuckDB have in common; p and r are whole numbers from 0.
PERSON = "printf('U%09d', {})"
FUNCTION = (
    "CASE "
    + " ".join(f"WHEN {{0}} % {len(CODES)} = {n} THEN '{code}'" for n, code in enumerate(CODES))
    + " END"
)
ACTIVE = "p % 50 <> 0"
AWAY = "CASE WHEN p % 97 = 0 THEN '2027-01-31' END"
SENT = "(p * 7919) % (40 * 86400)"
ENDED = "(r * 104729) % (350 * 86400)"
NO_IMPACT = "r % 10 = 0"
IMPACT = "r % 10 <> 0"


def made(file: Path, amount: Amount) -> str:
    """Make the SQLite database; its address. Nobody is counted yet."""
    url = f"sqlite+aiosqlite:///{file}"
    asyncio.run(_migrated(url))
    person, at = PERSON.format, "datetime({} - {}, 'unixepoch') || '.000000'".format
    now = int(NOW.timestamp())
    ended = at(now, ENDED)
    with sqlite3.connect(file, isolation_level=None) as database:
        database.execute("PRAGMA synchronous=OFF")
        database.execute("PRAGMA cache_size=-200000")
        run = database.execute
        run("BEGIN")
        run(
            "INSERT INTO project (tenant, id, pack, starts_on, goes_live_on, zone, region) VALUES "
            "('main', 'main', 'ecommerce', ?, ?, 'America/Toronto', 'CA-QC')",
            (STARTS.isoformat(), LIVE.isoformat()),
        )
        for code in CODES:
            count = amount.people // len(CODES)
            run("INSERT INTO company_function (tenant, code, headcount) VALUES ('main', ?, ?)", (code, count))
        people = (
            f"WITH RECURSIVE n(p) AS (SELECT 0 UNION ALL SELECT p + 1 FROM n WHERE p + 1 < {amount.people})"
        )
        runs = f"WITH RECURSIVE n(r) AS (SELECT 0 UNION ALL SELECT r + 1 FROM n WHERE r + 1 < {amount.runs})"
        who = person(f"(r * 31) % {amount.people}")
        run(
            "INSERT INTO person (tenant, id, name, function, locale, zone, region, active, away_until) "
            f"{people} SELECT 'main', {person('p')}, {person('p')}, {FUNCTION.format('p')}, 'fr-CA', "
            f"'America/Toronto', 'CA-QC', {ACTIVE}, {AWAY} FROM n"
        )
        run(
            f"INSERT INTO invitation (tenant, campaign, person, sent_at) {people} "
            f"SELECT 'main', '{CAMPAIGN}', {person('p')}, {at(now, SENT)} FROM n"
        )
        run(
            "INSERT INTO run (tenant, id, kind, dialog, person, subject, status, started_at, last_at, ended_at, "
            f"no_impact) {runs} SELECT 'main', printf('r%09d', r), 'dialog', '{DIALOG}', {who}, '{{}}', 'finished', "
            f"{ended}, {ended}, {ended}, {NO_IMPACT} FROM n"
        )
        run(
            "INSERT INTO impact (tenant, run, round, person, function, dimension, polarity, picks, details, at) "
            f"{runs} SELECT 'main', printf('r%09d', r), 1, {who}, {FUNCTION.format('r')}, 'culture', 'pain', "
            f"'[]', '{{}}', {ended} FROM n WHERE {IMPACT}"
        )
        run(
            f"INSERT INTO answer (tenant, run, number, step, round, value, at) {runs}, "
            f"k(k) AS (SELECT 0 UNION ALL SELECT k + 1 FROM k WHERE k + 1 < {STEPS}) "
            f"SELECT 'main', printf('r%09d', r), k, 'I' || k, 0, '{{\"is\": 1}}', {ended} FROM n CROSS JOIN k"
        )
        run("COMMIT")
        run("ANALYZE")
    return url


async def _migrated(url: str) -> None:
    database = open_database(url)
    await migrate(database)
    await database.close()
