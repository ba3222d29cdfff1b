"""The same figures by DuckDB over columns of its own: its tables hold what the figures need, and nothing else."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from bench.big_company import (
    ACTIVE,
    AWAY,
    DIALOG,
    ENDED,
    FUNCTION,
    IMPACT,
    NO_IMPACT,
    NOW,
    PERSON,
    SENT,
    Amount,
)
from bench.table import MISSING, NotHereError
from bot.store.tallies import Counted, Heard

WINDOW = timedelta(days=28)
TOOK_PART = """
WITH asked AS (
    SELECT person, dialog, min(sent_at) AS sent_at FROM invitation
    WHERE sent_at BETWEEN $since AND $now GROUP BY person, dialog
), answered AS (
    SELECT DISTINCT run.person FROM run JOIN asked USING (person, dialog)
    WHERE kind = 'dialog' AND status = 'finished' AND ended_at BETWEEN $since AND $now AND ended_at >= sent_at
), asked_person AS (SELECT DISTINCT person FROM asked)
SELECT CASE WHEN active THEN function ELSE '' END, count(*), count(answered.person),
    count(*) FILTER (active AND away_until >= $back),
    count(answered.person) FILTER (active AND away_until >= $back)
FROM asked_person JOIN person ON person.id = asked_person.person LEFT JOIN answered ON answered.person = person.id
GROUP BY 1
"""
HEARD = """
WITH told AS (
    SELECT function, person, 1 AS impact, NULL AS untouched FROM impact
    UNION ALL
    SELECT person.function, run.person, 0, run.person FROM run JOIN person ON person.id = run.person
    WHERE no_impact AND status = 'finished' AND person.function IS NOT NULL
)
SELECT function, count(DISTINCT person), sum(impact)::BIGINT, count(DISTINCT untouched) FROM told GROUP BY 1
"""


def made(file: Path, amount: Amount) -> Any:
    """A DuckDB file with the columns of the same company; the open connection."""
    try:
        import duckdb  # noqa: PLC0415
    except ImportError as error:
        raise NotHereError(MISSING) from error
    database = duckdb.connect(str(file))
    person = PERSON.replace("%09d", "{{:09d}}").replace("printf", "format").format
    at = f"make_timestamp(({int(NOW.timestamp())} - {{}}) * 1000000)".format
    who = person(f"(r * 31) % {amount.people}")
    people, runs = f"range({amount.people}) n(p)", f"range({amount.runs}) n(r)"
    database.execute(
        f"CREATE TABLE person AS SELECT {person('p')} AS id, {FUNCTION.format('p')} AS function, {ACTIVE} AS active, "
        f"({AWAY})::DATE AS away_until FROM {people}"
    )
    database.execute(
        f"CREATE TABLE invitation AS SELECT {person('p')} AS person, '{DIALOG}' AS dialog, {at(SENT)} AS sent_at "
        f"FROM {people}"
    )
    database.execute(
        f"CREATE TABLE run AS SELECT {who} AS person, 'dialog' AS kind, '{DIALOG}' AS dialog, 'finished' AS status, "
        f"{at(ENDED)} AS ended_at, {NO_IMPACT} AS no_impact FROM {runs}"
    )
    database.execute(
        f"CREATE TABLE impact AS SELECT {who} AS person, {FUNCTION.format('r')} AS function FROM {runs} "
        f"WHERE {IMPACT}"
    )
    return database


def figures(database: Any, now: datetime) -> Counted:
    """The figures of the window that ends now."""
    plain = now.replace(tzinfo=None)
    window = {"since": plain - WINDOW, "now": plain, "back": (now + WINDOW).date()}
    rows = database.execute(TOOK_PART, window).fetchall()
    heard = database.execute(HEARD).fetchall()
    return Counted(
        {code: asked for code, asked, *_ in rows},
        {code: answered for code, _, answered, *_ in rows if answered},
        (sum(row[3] for row in rows), sum(row[4] for row in rows)),
        {code: Heard(people, impacts, untouched) for code, people, impacts, untouched in heard},
    )
