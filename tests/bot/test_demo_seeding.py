"""The history of the demo company: made by the rules, and with honest figures."""

import sqlite3
from collections import defaultdict
from contextlib import closing
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot import calendars, reports
from bot.demo import NotADemoError, assemble, company, days
from bot.library import BUILT_IN, Library
from bot.store import people, runs
from bot.store import rows as r
from bot.store import tables as t
from bot.store.database import open_database
from bot.store.migrate import migrate
from dialogs.interview_state import Circumstances, Interview
from tests.bot.demo_visit import TUESDAY, fresh, settings

ZONE = ZoneInfo("America/Toronto")


async def test_every_answer_of_the_history_is_one_that_the_content_takes(tmp_path: Path) -> None:
    """Would have caught answers written past the rules, which the next question would trip over."""
    pack = Library.open(BUILT_IN).catalog.packs["ecommerce"]
    database = open_database(f"sqlite+aiosqlite:///{await fresh(tmp_path)}")
    async with database.transaction() as connection:
        known = await people.company(connection, "main")
        everybody = {one.id: one for one in await people.people(connection, "main")}
        ended = await r.rows(connection, t.run.select().where(t.run.c.status == "finished"))
        found = [await runs.run(connection, "main", one["id"]) for one in ended]
    await database.close()
    assert known is not None
    assert len(found) > 60
    for run in found:
        assert run is not None
        around = Circumstances(0, everybody[run.person].function, known.headcounts)
        state = Interview(run.id, pack.dialogs[run.dialog], pack.functions, run.given, around)
        for one in run.given:
            step = state.step(one.step)
            assert step is not None
            assert state.value(one.step, one.round) == one.value, f"{run.person} {one}"


async def test_the_figures_of_the_summary_are_those_of_a_naive_recount(tmp_path: Path) -> None:
    """Would have caught figures that were written instead of counted."""
    file = await fresh(tmp_path)
    app = await assemble(settings(file))
    async with app.database.transaction() as connection:
        known = await people.company(connection, "main")
        assert known is not None
        pack = app.library.catalog.packs["ecommerce"]
        week = await reports.measured(connection, "main", pack, known, TUESDAY)
        kept = await reports.latest(connection, "main", pack)
    await app.database.close()
    asked, answered = (
        _count(file, "SELECT person FROM invitation"),
        _count(file, "SELECT person FROM run WHERE status = 'finished'"),
    )
    assert (week.asked, week.answered) == (len(asked), len(asked & answered))
    assert 0.4 < week.answered / week.asked < 0.5
    assert week.measures["coverage"].value == pytest.approx(len(_covered(file)) / 13)
    assert "STO" not in _covered(file), "the visitor's own answer is to make the difference"
    today = TUESDAY.astimezone(ZONE).date().isoformat()
    closed, blocked = _count(file, "SELECT item FROM closure"), _count(file, "SELECT item FROM block")
    due = {row[0]: row[1] for row in _rows(file, "SELECT id, due_on FROM item")}
    free = set(due) - closed - blocked
    late = {item for item in free if due[item] < today}
    assert late == {"CAT2", "LOG3"}
    assert week.measures["overdue"].value == pytest.approx(len(late) / len(free))
    assert blocked == {"FIN2"}
    assert kept is not None
    assert kept[1] is not None, "two weeks are frozen, so that the next can be compared"


async def test_nobody_was_written_to_outside_working_hours(tmp_path: Path) -> None:
    """Would have caught a history that the real rules would never have produced."""
    for (at,) in _rows(await fresh(tmp_path), "SELECT sent_at FROM delivery WHERE started_by_bot"):
        local = datetime.fromisoformat(at).replace(tzinfo=UTC).astimezone(ZONE)
        assert time(8, 30) <= local.time() < time(17, 30)
        assert calendars.workdays("CA-QC", local.year).works(local.date())


def test_a_visit_begins_before_the_summary_of_its_week_on_every_day_of_four_years() -> None:
    """Would have caught a visit begun on a Friday or at Christmas, whose morning comes after its Thursday."""
    now = datetime(2026, 1, 1, 3, tzinfo=UTC)
    while now.year < 2030:
        start = days.opening(now)
        around = days.days(start)
        local = start.astimezone(ZONE)
        assert start >= now
        assert local.weekday() <= 2
        assert time(8, 30) <= local.time() < time(17, 30)
        digest = calendars.next_weekly(start, "thursday", "10:00", ZONE, "CA-QC")
        assert days.at(around.morning, 8, 30) < digest
        assert around.workdays.plus(around.morning, 5) <= around.begins + timedelta(weeks=10)
        now += timedelta(hours=31)


def test_the_functions_have_as_many_people_as_they_say() -> None:
    """Would have caught a coverage that asks for more answers than a function has people."""
    members = list(company.members())
    assert len({one.id for one in members}) == len(members)
    for team in company.TEAMS:
        assert sum(one.function == team.code for one in members) == team.headcount
    assert {one.id for one in members} >= {*company.PERSONAS}


async def test_a_company_of_your_own_is_neither_shown_nor_deleted(tmp_path: Path) -> None:
    """Would have caught `embarque demo --reset` wiping a real database that the environment names."""
    file = tmp_path / "own.db"
    database = open_database(f"sqlite+aiosqlite:///{file}")
    await migrate(database)
    async with database.transaction() as connection:
        project = {"id": "main", "pack": "ecommerce", "zone": "America/Toronto", "region": "CA-QC"}
        started = {"starts_on": TUESDAY.date(), "goes_live_on": TUESDAY.date() + timedelta(weeks=40)}
        await connection.execute(t.project.insert().values(tenant="main", **project, **started))
    await database.close()
    for reset in (False, True):
        with pytest.raises(NotADemoError, match="EMBARQUE_DATABASE_URL"):
            await assemble(settings(file), reset=reset)
    assert _count(file, "SELECT id FROM project") == {"main"}


async def test_a_preparation_that_was_cut_short_begins_again(tmp_path: Path) -> None:
    """Would have caught Ctrl-C in the first seconds leaving a demo that never starts again."""
    file = await fresh(tmp_path)
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("DELETE FROM setting WHERE name = 'demo.offset'")
        connection.execute("DELETE FROM answer")
    connection.close()
    app = await assemble(settings(file), now=datetime(2026, 12, 26, 12, tzinfo=UTC))
    await app.database.close()
    assert len(_count(file, "SELECT run FROM answer")) > 60
    assert app.clock.now().astimezone(ZONE).date().isoformat() == "2026-12-28", "after Christmas"


def _covered(file: Path) -> set[str]:
    said: dict[str, set[str]] = defaultdict(set)
    for function, person in _rows(file, "SELECT function, person FROM impact"):
        said[function].add(person)
    quiet = "SELECT p.function, p.id FROM run r JOIN person p ON p.id = r.person WHERE r.no_impact"
    for function, person in _rows(file, quiet):
        said[function].add(person)
    sizes = {team.code: team.headcount for team in company.TEAMS}
    return {code for code, who in said.items() if len(who) >= max(3, -(-sizes[code] // 10))}


def _count(file: Path, query: str) -> set[str]:
    return {row[0] for row in _rows(file, query)}


def _rows(file: Path, query: str) -> list[tuple[str, ...]]:
    connection = sqlite3.connect(file)
    try:
        return connection.execute(query).fetchall()
    finally:
        connection.close()
