"""The guided visit of the demo, played through the page's own requests."""

import asyncio
import shutil
from datetime import datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

from bot import calendars
from bot.library import BUILT_IN
from bot.store import rows as r
from bot.store import tables as t
from tests.bot.demo_visit import Visitor, fresh, visiting

ZONE = ZoneInfo("America/Toronto")
IMPACT = (
    *("oui", "magasins", "clientèle", "une difficulté", "cueillette en magasin"),
    "Une cliente veut rendre ici un article vu sur le site.",
    *("3", "4", "de 1 à 3 h", "oui", "mon équipe", "de la formation", "passer", "terminer"),
)


async def test_the_whole_story_can_be_played_in_french(tmp_path: Path) -> None:
    """Would have caught a scene that never counts as done, and a summary without what the visitor did."""
    async with visiting(await fresh(tmp_path)) as visitor:
        assert not any((await visitor.done()).values())
        await _tells_an_impact(visitor)
        assert await visitor.done() == {"impact": True, "item": False, "quiz": False, "digest": False}

        await visitor.moves("next_morning")
        finance = visitor.is_("fin-01")
        await finance.looks()
        assert "Marge positive par commande" in finance.newest(1)
        await finance.clicks("C'est fait")
        await finance.fills({"La preuve": "marge-novembre.xlsx"}, submit="Envoyer")
        assert "« Modèle d'affaires » avance : 2 sur 4" in finance.newest(1).replace("\u00a0", " ")

        shift = visitor.is_("shp-02")
        await shift.commands("quiz")
        for _ in range(4):
            if "Réponses justes" in shift.newest(1):
                break
            await shift.says("a")
            await shift.clicks("C'était sûr")
        assert "Réponses justes" in shift.newest(1)

        before = await visitor.state("dg")
        await visitor.moves("next_thursday")
        assert (await visitor.done())["digest"] is False, "posted, but nobody has looked at it"
        await visitor.reads("dg")
        assert all((await visitor.done()).values())

        summary = _channel(await visitor.state("dg"))[-1].replace("\u00a0", " ")
        assert len(_channel(before)) == 2
        assert "Magasins" in summary, "the visitor's answer makes the stores count as covered"
        assert "2 sur 4" in summary, "the item that the visitor closed counts for its gate"


async def test_every_move_tells_what_was_sent_and_why_others_got_nothing(tmp_path: Path) -> None:
    """Would have caught a clock that moves silently, or reasons that show as keys."""
    async with visiting(await fresh(tmp_path)) as visitor:
        morning = await visitor.moves("next_morning")
        told = "\n".join(morning["lines"]).replace("\u00a0", " ")
        assert morning["sent"] >= 3
        assert "Responsable des finances : un rappel sur ses points à préparer" in told
        assert "pas d'invitation, invitation déjà envoyée" in told
        assert "tick.reason" not in told
        hour = await visitor.moves("hour", "en")
        assert hour["sent"] == 0
        assert any("no nudge" in line for line in hour["lines"])


async def test_nothing_is_sent_outside_working_hours_however_the_clock_is_moved(tmp_path: Path) -> None:
    """Would have caught a jump over the night that delivers at the hour of arrival."""
    async with visiting(await fresh(tmp_path)) as visitor:
        began = visitor.app.clock.now()
        for to in ("hour",) * 16 + ("next_morning", "next_thursday", "hour", "next_morning", "next_thursday"):
            await visitor.moves(to)
        async with visitor.app.database.transaction() as connection:
            rows = await r.rows(connection, t.delivery.select().where(t.delivery.c.started_by_bot))
    sent = [row for row in rows if row["sent_at"] >= began]
    assert len(sent) > 150
    for row in sent:
        local = row["sent_at"].astimezone(ZONE)
        assert time(8, 30) <= local.time() < time(17, 30), row["id"]
        assert calendars.workdays("CA-QC", local.year).works(local.date()), row["id"]


async def test_a_restart_keeps_the_clock_the_messages_and_the_story(tmp_path: Path) -> None:
    """Would have caught a second history on top of the first, and a company that goes back in time."""
    file = await fresh(tmp_path)
    async with visiting(file) as visitor:
        await _tells_an_impact(visitor)
        await visitor.moves("next_morning")
        before = await visitor.state("fin-01")
    async with visiting(file) as visitor:
        after = await visitor.state("fin-01")
    assert datetime.fromisoformat(after["now"]) >= datetime.fromisoformat(before["now"])
    for same in ("conversations", "story", "personas"):
        assert after[same] == before[same]


async def test_what_waits_is_counted_until_somebody_looks(tmp_path: Path) -> None:
    """Would have caught a badge that never goes away, or an invitation without its first question."""
    async with visiting(await fresh(tmp_path)) as visitor:
        waiting = {one["user"]: one["waiting"] for one in (await visitor.state())["personas"]}
        assert waiting["sto-06"] == waiting["shp-02"] == waiting["csv-03"] == 1
        shown = await visitor.reads("csv-03")
        assert "Shall we start?" in shown
        waiting = {one["user"]: one["waiting"] for one in (await visitor.state())["personas"]}
        assert waiting["csv-03"] == 0
        assert waiting["sto-06"] == 1


async def test_a_faulty_text_is_told_at_once_and_the_old_one_stays(tmp_path: Path) -> None:
    """Would have caught a page that shows an edit only after the next message."""
    content = Path(shutil.copytree(BUILT_IN, tmp_path / "content"))
    async with visiting(await fresh(tmp_path), content) as visitor:
        waiting = asyncio.create_task(visitor.reads("csv-03", until=b"event: content\n"))
        words = content / "ui.yaml"
        words.write_text(words.read_text("utf-8").replace('en: "Yes"', "en: [", 1), "utf-8")
        async with asyncio.timeout(60):
            await waiting
        assert "ui.yaml" in (await visitor.state())["mistakes"][0]
        await visitor.is_("csv-03").commands("help")


async def _tells_an_impact(visitor: Visitor) -> None:
    adviser = visitor.is_("sto-06")
    await adviser.commands("impact")
    for words in IMPACT:
        await adviser.says(words)
    assert "Votre service compte dans le bilan" in adviser.newest(1)


def _channel(state: dict[str, list[dict[str, object]]]) -> list[str]:
    found = next(one for one in state["conversations"] if one["id"] == "channel:direction")
    return [str(message["text"]) for message in found["messages"]]  # type: ignore[attr-defined]
