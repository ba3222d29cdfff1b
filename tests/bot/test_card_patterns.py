"""Cards filled in from a pattern: nobody can tell them from those that were drawn one by one."""

from dataclasses import replace
from pathlib import Path

import orjson
from hypothesis import given
from hypothesis import strategies as st

from bot.attention import Planned
from bot.card_patterns import HELLO, RUN, Pattern
from bot.started_cards import Drawing
from bot.store import people
from dialogs.card import Card, Choice, Option, Span, Text
from dialogs.card_data import card_data, card_of
from dialogs.ref import Ref
from tests.bot.crowd import LIBRARY, MORNING, crowd

NAMES = (
    None,
    "Zoë",
    'D"Artagnan \\ "n" \\u0041',
    "{hello} {first} %s",
    "**gras** <b>&amp;</b>",
    "محمد",
    "👩‍🚀\n",
    RUN,
)


def a_card(run: str, hello: str) -> Card:
    words = Text((Span(f"{hello} !"), Span(hello, bold=True)))
    return Card(
        f"{hello}: on commence?", (words, Choice((Option("Oui", Ref("run", run, "I0.0", "yes")),))), "fr-CA"
    )


@given(
    st.text(st.characters(exclude_categories=["Cs", "Co"]), max_size=60),
    st.from_regex(r"[0-9a-f]{32}", fullmatch=True),
)
def test_any_greeting_stays_literal(hello: str, run: str) -> None:
    """Would have caught a name that breaks the JSON of the card, or becomes part of it."""
    pattern = Pattern.of(a_card(RUN, HELLO))
    if RUN not in hello:
        filled = orjson.loads(orjson.dumps(pattern.filled(run, hello)))
        assert filled == card_data(a_card(run, hello))
        assert card_of(filled) == a_card(run, hello)


async def test_an_invitation_from_the_pattern_is_the_one_that_would_be_drawn(tmp_path: Path) -> None:
    """Would have caught somebody greeted as another, or buttons that answer in another's run."""
    catalog = LIBRARY.catalog
    pack = catalog.packs["ecommerce"]
    async with crowd(tmp_path, 1) as database, database.reading() as connection:
        company = await people.company(connection, "main")
        known = await people.person(connection, "main", "U000000")
        assert company is not None
        assert known is not None
        drawing = Drawing("main", catalog, pack, company, MORNING)
        for campaign in pack.campaigns.values():
            planned = Planned("key", known.id, campaign.kind, campaign.campaign, MORNING)
            table = await drawing.table(connection, [planned])
            for locale in ("fr-CA", "fr-FR", "en"):
                for name in NAMES:
                    person = replace(known, first_name=name, locale=locale)  # type: ignore[arg-type]
                    drawn = await table.card(planned, person)
                    assert drawn is not None
                    assert drawn.data is not None
                    run = drawn.offered[0] if drawn.offered else ""
                    values = drawing.values(person, person.function)
                    wanted = card_data(table._invitation(planned, person, run, values, ()))
                    assert orjson.loads(orjson.dumps(drawn.data)) == wanted
        assert len(drawing.patterns) == 3 * len(pack.campaigns)
