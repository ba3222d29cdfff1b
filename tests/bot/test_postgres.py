"""The whole bot on PostgreSQL, briefly: a conversation on each platform, whatever may be typed, the operator's words.

`make soak` runs the contract suite and every golden conversation there.
"""

from pathlib import Path

import pytest

from bot.store import events, health
from bot.store.database import open_database
from bot.store.health import UnusableDatabaseError, prepare
from dialogs.activity import Activity, Kind, Place, Platform
from tests.bot.cli_runner import PEOPLE, Terminal
from tests.bot.outboxes import NOW
from tests.company import MONDAY
from tests.transcripts.player import play, transcripts
from tests.world import company_on

CONVERSATIONS = list(zip(["web", "slack", "teams"], transcripts()[::5], strict=False))
HOSTILE = (
    "nul \x00 inside",
    "half a pair \ud83d alone",
    "🙂 é\u0301 \u202eright to left %s %(tenant)s :name $1 \\ ' \" ; --",
    "x" * 3000,
)
SECRET = "canari-p%40ss"


@pytest.mark.parametrize(
    ("platform", "transcript"),
    CONVERSATIONS,
    ids=[f"{one[0]}-{one[1].name}-{one[1].locale}" for one in CONVERSATIONS],
)
async def test_a_conversation_goes_as_written(
    platform: str, transcript: object, tmp_path: Path, postgres_url: str
) -> None:
    """Would catch a statement that SQLite alone understands."""
    async with company_on(platform, tmp_path, transcript.locale, url=postgres_url) as world:
        await play(world, transcript)


@pytest.mark.parametrize("platform", ["web", "slack", "teams"])
async def test_whatever_somebody_types_is_taken(platform: str, tmp_path: Path, postgres_url: str) -> None:
    """Would catch a sign that PostgreSQL refuses and SQLite keeps: the person would be answered by nothing at all."""
    async with company_on(platform, tmp_path, url=postgres_url) as world:
        advisor = world.person("advisor")
        for text in HOSTILE:
            before = len(advisor.heard())
            await advisor.says(text.encode("utf-16", "surrogatepass").decode("utf-16", "replace"))
            assert len(advisor.heard()) > before, repr(text[:40])
        await world.at(MONDAY)


async def test_what_a_platform_says_of_somebody_fits(postgres_url: str, tmp_path: Path) -> None:
    """Would catch a name or a zone that is longer than its column, which SQLite never minds."""
    async with company_on("slack", tmp_path, url=postgres_url) as world:
        hints = {"name_hint": "N" * 200, "zone_hint": "Z" * 300, "locale_hint": "fr" * 100}
        stranger = Activity(
            Platform.SLACK, "T0TEAM", "U" * 40, Kind.ARRIVED, "E" * 200, Place("D" * 100), MONDAY, **hints
        )
        await world.app.turns.handle(stranger)
        assert len([row for row in await world.rows("person") if row["name"].startswith("NN")]) == 1


async def test_the_operators_questions_are_answered_there_too(postgres_url: str) -> None:
    """Would catch a doctor that speaks SQLite only."""
    database = open_database(postgres_url)
    await prepare(database, thorough=True)
    assert await health.faults(database) == ""
    assert await health.writable(database) == ""
    seen = Activity(Platform.SLACK, "T1", "U1", Kind.MESSAGE, "Ev1", Place("D1"), NOW)
    async with database.transaction() as connection:
        assert (await health.latest_moment(connection) or {})["at"] is None
        await events.record(connection, seen, NOW)
        assert (await health.latest_moment(connection) or {})["at"] == NOW
        assert await health.troubled(connection, "main") == []
        assert await health.regions(connection, "main") == []
    await database.close()


def test_commands_work_there_and_never_say_the_password(postgres_url: str, tmp_path: Path) -> None:
    """Would catch an import or a doctor that only knows files, and a password on a screen or in a log."""
    terminal = Terminal(tmp_path)
    with_password = postgres_url.replace("postgresql+psycopg://embarque@", f"postgres://embarque:{SECRET}@")
    there = {"EMBARQUE_DATABASE_URL": with_password}
    imported = terminal.imports(PEOPLE, **there)
    assert imported.exit_code == 0, imported.output
    ticked = terminal.types("tick", "--at", "2026-11-23T09:00:00-05:00", "--dry-run", **there)
    assert ticked.exit_code == 0, ticked.output
    checked = terminal.types("doctor", **there)
    away = {"EMBARQUE_DATABASE_URL": f"postgresql://embarque:{SECRET}@127.0.0.1:1/embarque"}
    refused = [terminal.types("run", "--dev", **away), terminal.types("doctor", **away)]
    assert "does not answer" in refused[0].output
    assert refused[0].exit_code == 1
    for done in (imported, ticked, checked, *refused):
        assert "canari" not in done.output


async def test_a_database_that_is_not_there_is_said_to_be_away(tmp_path: Path) -> None:
    """Would catch a traceback of a hundred lines for a typing mistake in the address."""
    database = open_database(f"postgresql+psycopg://embarque:{SECRET}@127.0.0.1:1/embarque")
    with pytest.raises(UnusableDatabaseError) as error:
        await prepare(database)
    assert error.value.kind == "away"
    assert "canari" not in error.value.reason
    assert "canari" not in repr(database.engine)
