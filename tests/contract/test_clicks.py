"""Clicks that come twice, late, at once or again: each question takes one answer, and the person is told so."""

import asyncio

from tests.contract.hand import hold
from tests.world import World

STALE = "C'est déjà noté; voici où vous en êtes."


async def test_a_double_click_counts_once_and_the_second_one_is_told_so(world: World) -> None:
    """Would have caught: a question answered twice, or one skipped, by an impatient finger."""
    advisor = world.person("advisor")
    await advisor.commands("impact")
    yes = hold(advisor, "Oui")
    await yes.tap()
    told = await yes.tap()
    assert STALE in told
    assert [row["step"] for row in await world.rows("answer")] == ["I0"]
    assert "\n".join(advisor.heard()).count("Pour quel service répondez-vous?") == 1


async def test_the_button_of_a_message_long_answered_changes_nothing(world: World) -> None:
    """Would have caught: a tap far up in the conversation that throws the person back."""
    advisor = world.person("advisor")
    await advisor.commands("impact")
    later = hold(advisor, "Plus tard")
    await advisor.clicks("Oui")
    await advisor.fills({}, "Continuer")
    assert STALE in await later.tap()
    assert [(row["step"], row["value"]) for row in await world.rows("answer")] == [
        ("I0", {"is": "start"}),
        ("I1", {"is": "STO"}),
    ]
    assert "Où cela se fera-t-il le plus sentir?" in advisor.heard()[-1] + advisor.heard()[-2]


async def test_an_old_button_of_an_item_says_where_the_item_stands(world: World) -> None:
    """Would have caught: an item blocked in the morning and reopened by an old reminder in the evening."""
    finance = world.person("finance")
    await world.at(world.clock.moment)
    await finance.looks()
    done = hold(finance, "C'est fait")
    await finance.clicks("En cours")
    await finance.clicks("mardi 24 novembre, 9 h")
    before = await world.rows("item")
    assert "Ce point a changé entre-temps. Voici où il en est." in await done.tap()
    assert await world.rows("item") == before


async def test_two_different_answers_at_once_count_as_one(world: World) -> None:
    """Would have caught: both buttons of one question taken, or a fault shown to the slower finger."""
    advisor = world.person("advisor")
    await advisor.commands("impact")
    yes, later = hold(advisor, "Oui"), hold(advisor, "Plus tard")
    await asyncio.gather(yes.tap(), later.tap())
    assert len([row for row in await world.rows("answer") if row["step"] == "I0"]) == 1
    [run] = await world.rows("run")
    assert run["status"] == "open"


async def test_an_event_delivered_again_has_no_second_effect(world: World) -> None:
    """Would have caught: two questions, two answers or two messages after a slow acknowledgement."""
    advisor = world.person("advisor")
    for act in (
        advisor.commands("impact"),
        advisor.clicks("Oui"),
        advisor.says("13"),
        advisor.clicks("Passer"),
    ):
        await act
        shown, kept = advisor.heard(), await _everything(world)
        assert await advisor.redeliver() == 200
        await advisor.looks()
        assert advisor.heard() == shown
        assert await _everything(world) == kept


async def _everything(world: World) -> dict[str, int]:
    return {
        name: len(await world.rows(name)) for name in ("answer", "run", "delivery", "inbound_event", "impact")
    }
