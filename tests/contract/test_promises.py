"""What outlives faults: an answer is acknowledged once it is stored, and words stay words."""

import json

import pytest
import sqlalchemy as sa
from structlog.testing import capture_logs

from tests.world import World

HOSTILE = (
    "<!channel> <@U0LEAD> [prix](javascript:alert(1)) <at>tous</at> *gras* & `x` <https://mal.example|ici>"
)


async def test_an_answer_is_acknowledged_only_once_it_is_stored(world: World) -> None:
    """Would have caught: an answer lost for good because the platform was told "received" too early."""
    advisor = world.person("advisor")
    await advisor.commands("impact")
    await _rename(world, "answer", "answer_away")
    with capture_logs(), pytest.raises(AssertionError, match="503"):
        await advisor.says("oui")
    await _rename(world, "answer_away", "answer")
    assert await advisor.redeliver() == 200
    assert await advisor.redeliver() == 200
    await advisor.looks()
    assert [row["value"] for row in await world.rows("answer")] == [{"is": "start"}]
    assert "\n".join(advisor.heard()).count("Pour quel service répondez-vous?") == 1


async def test_hostile_markup_in_an_example_stays_words(world: World) -> None:
    """Would have caught: a whole channel called, or a link planted, through an example."""
    advisor = world.person("advisor")
    await advisor.commands("impact")
    for words in ("oui", "magasins", "2", "2", "3"):
        await advisor.says(words)
    await advisor.fills({"Votre exemple": HOSTILE}, "Continuer")
    assert any(HOSTILE in one for one in advisor.heard()), advisor.newest()
    [kept] = [row for row in await world.rows("answer") if row["step"] == "I5"]
    assert kept["value"] == {"is": HOSTILE}
    _no_markup(world)


async def test_hostile_markup_reaches_the_lead_as_words(world: World) -> None:
    """Would have caught: the note of a blocked item that comes alive on the lead's screen."""
    finance, lead = world.person("finance"), world.person("lead")
    await world.at(world.clock.moment)
    await finance.clicks("Bloqué")
    await finance.fills({"Ce qui débloquerait": "du temps", "En une phrase": HOSTILE}, "Envoyer")
    await lead.looks()
    assert any(HOSTILE in one for one in lead.heard()), lead.newest()
    _no_markup(world)


def _no_markup(world: World) -> None:
    """Nothing that the platform was sent holds the hostile words where it would parse them."""
    if world.platform == "web":
        return  # the page is given plain words and puts them in as text
    for call in world.double.journal:
        sent = call.arguments if world.platform == "slack" else call.body
        for place, text in _texts(sent if isinstance(sent, dict) else {}):
            # Slack reads markup in mrkdwn and in a message's own text; Teams in a TextBlock and in an activity's text.
            assert place == "literal" or "<!channel>" not in text
            assert place == "literal" or "<at>tous" not in text
            assert place == "literal" or "](javascript:" not in text


def _texts(node: object, place: str = "parsed") -> list[tuple[str, str]]:
    if isinstance(node, str) and node[:1] in "[{" and "blocks" not in place:
        try:
            return _texts(json.loads(node), place)
        except ValueError:
            return [(place, node)]
    if isinstance(node, str):
        return [(place, node)]
    if isinstance(node, dict):
        literal = node.get("type") in {"text", "plain_text", "TextRun", "plain_text_input", "Input.Text"}
        here = "literal" if literal else "parsed"
        return [
            found
            for name, one in node.items()
            for found in _texts(one, "literal" if name == "summary" else here)
        ]
    if isinstance(node, list):
        return [found for one in node for found in _texts(one, place)]
    return []


async def _rename(world: World, table: str, name: str) -> None:
    async with world.database.engine.begin() as connection:
        await connection.execute(sa.text(f"ALTER TABLE {table} RENAME TO {name}"))
