"""What is not yours, not allowed or not real: refused alike, so that nobody learns what exists."""

import pytest

from tests.company import ROSTER
from tests.contract.hand import hold, without_proof
from tests.doubles.slack_person import SlackPerson
from tests.world import World

NOT_YOURS = "Cette question n'est pas ouverte pour vous. Écrivez « aide » pour voir ce qui vous attend."
NO_LONGER = "Ce bouton ne sert plus. Écrivez « aide » pour voir ce que je sais faire."

REFUSED = {
    # what a button may claim to be, and what somebody without the right is told
    "do|launch:all|||0": "Seules les personnes qui dirigent le projet peuvent inviter les autres.",
    "do|champion:advisor||accept|0": NOT_YOURS,
    "do|ready|||0": "est réservé aux personnes qui suivent des points.",
    "item||list|blocked|0": NOT_YOURS,
}


def said(text: str) -> str:
    """The words without the spaces of typography."""
    return " ".join(text.split())


async def test_the_button_of_another_is_refused_like_one_that_does_not_exist(world: World) -> None:
    """Would have caught: reading or answering somebody else's interview by forging a reference."""
    advisor, stores = world.person("advisor"), world.person("stores")
    await advisor.commands("impact")
    ref = hold(advisor, "Oui").ref
    await stores.commands("aide")
    mine = hold(stores, "Faire le quiz")
    theirs, nobodys = await mine.tap(ref), await mine.tap(ref.replace(ref.split("|")[1], "no-such-run"))
    assert said(theirs) == said(nobodys) == NOT_YOURS
    assert await world.rows("answer") == []


async def test_the_quiz_of_another_is_refused_too(world: World) -> None:
    """Would have caught: a colleague's quiz answered, or its result shown."""
    advisor, stores = world.person("advisor"), world.person("stores")
    await advisor.commands("quiz")
    ref = hold(advisor, "A").ref
    await stores.commands("aide")
    assert said(await hold(stores, "Faire le quiz").tap(ref)) == NOT_YOURS
    assert await world.rows("answer") == []


async def test_the_item_of_another_is_refused_like_one_that_does_not_exist(world: World) -> None:
    """Would have caught: an employee reading an item's proof, or what its owner is blocked by, off a made-up button."""
    advisor = world.person("advisor")
    await world.at(world.clock.moment)
    await advisor.commands("aide")
    mine = hold(advisor, "Faire le quiz")
    for step in ("show", "done", "blocked", "evidence"):
        real, unreal = await mine.tap(f"item|FIN1|{step}||0"), await mine.tap(f"item|FIN99|{step}||0")
        assert said(real) == said(unreal) == NO_LONGER, step
    assert "Marge" not in "\n".join(advisor.heard())


async def test_what_is_no_reference_of_ours_is_told_so_and_kept_out(world: World) -> None:
    """Would have caught: a fault, or a stored row, from a button that nobody drew."""
    advisor = world.person("advisor")
    await advisor.commands("aide")
    mine = hold(advisor, "Faire le quiz")
    for ref in ("||||", "x" * 400, "run|||||", "do|<b>|||0", "run|a|b|c|-1", "do|launch:all|||1e9", "é||||0"):
        assert said(await mine.tap(ref)) == NO_LONGER, ref
    assert await world.rows("run") == []


async def test_a_made_up_button_grants_no_right(world: World) -> None:
    """Would have caught: rights read off the button instead of off the person."""
    advisor = world.person("advisor")
    before = await world.rows("role")
    await advisor.commands("aide")
    mine = hold(advisor, "Faire le quiz")
    for ref, answer in REFUSED.items():
        assert answer in said(await mine.tap(ref)), ref
    assert await world.rows("role") == before
    assert await world.rows("invitation") == []


async def test_somebody_who_left_gets_nothing_and_nothing_is_stored(world: World) -> None:
    """Would have caught: answers of, or messages to, a person whose account was closed."""
    advisor = world.person("advisor")
    await advisor.commands("impact")
    yes = hold(advisor, "Oui")
    heard, kept = advisor.heard(), await world.rows("delivery")
    await world.change("person", {"id": "advisor"}, active=False)
    await advisor.commands("aide")
    await advisor.says("oui")
    await yes.tap()
    await world.passes(days=1)
    # Teams wants a word in answer to every tap; the conversation itself stays as it was.
    assert [one for one in advisor.heard() if one != "OK"] == heard
    assert await world.rows("answer") == []
    assert [row for row in await world.rows("delivery") if row["person"] == "advisor"] == [
        row for row in kept if row["person"] == "advisor"
    ]


async def test_somebody_new_is_welcomed_and_can_tell_an_impact(world: World) -> None:
    """Would have caught: a new hire turned away because no file named them yet; on the demo page, an open door."""
    if world.platform == "web":
        with pytest.raises(AssertionError, match="403"):
            await world.person("newcomer").says("impact")
        assert len(await world.rows("person")) == 6
        return
    newcomer = world.person("newcomer")
    await newcomer.says("impact")
    await newcomer.clicks("Oui")
    await newcomer.fills({"Votre choix": "Expédition"}, "Continuer")
    await newcomer.fills({"Votre choix": "Processus"}, "Continuer")
    assert "C'est plutôt…" in newcomer.newest(1)
    [known] = [row for row in await world.rows("person") if row["id"] not in ROSTER]
    assert (known["name"], known["function"]) == ("newcomer", None)
    assert [row for row in await world.rows("role") if row["person"] == known["id"]] == []


async def test_a_request_that_proves_nothing_gets_an_empty_refusal(world: World) -> None:
    """Would have caught: anybody on the network speaking as the platform."""
    advisor = world.person("advisor")
    await advisor.commands("aide")
    before = await world.rows("inbound_event"), await world.rows("delivery")
    status, body = await without_proof(world, advisor)
    assert 400 <= status < 500
    assert body == b""
    assert (await world.rows("inbound_event"), await world.rows("delivery")) == before


async def test_a_word_said_in_a_channel_is_answered_in_private(world: World) -> None:
    """Would have caught: a person's items or answers read by the whole channel."""
    there, own = world.person("lead", in_channel=True), world.person("lead")
    if isinstance(there, SlackPerson):
        await there.calls("pret", there.channel)
    else:
        await there.says("pret")
    await own.looks()
    await there.looks()
    assert "La préparation, vue d'ensemble" in own.newest(1)
    assert all("préparation" not in one for one in there.heard())
