"""Every card has a plain-data form for the page, with nothing lost and nothing that is markup."""

from typing import Any

import orjson
from hypothesis import given
from hypothesis import strategies as st

from adapters.web.render import render
from dialogs.card import (
    Card,
    Chart,
    Choice,
    DateField,
    Facts,
    Form,
    Image,
    Link,
    Meter,
    NumberField,
    Option,
    Pick,
    SelectField,
    Series,
    Span,
    Table,
    Text,
    TextField,
)
from dialogs.ref import Ref

words = st.text(st.characters(), max_size=40)
floats = st.floats(allow_nan=True, allow_infinity=True)
refs = st.builds(Ref, st.from_regex(r"[a-z]{1,8}", fullmatch=True))
options = st.builds(Option, words, refs, st.sampled_from(["normal", "primary", "danger", "quiet"]))
picks = st.builds(Pick, words, words)
fields = st.one_of(
    st.builds(TextField, words, words, hint=words, value=words),
    st.builds(NumberField, words, words, minimum=st.none() | floats, maximum=st.none() | floats, value=words),
    st.builds(DateField, words, words, value=st.none() | st.dates()),
    st.builds(
        SelectField, words, words, st.lists(picks, max_size=5).map(tuple), value=st.lists(words).map(tuple)
    ),
)


@st.composite
def charts(draw: st.DrawFn) -> Chart:
    labels = draw(st.lists(words, max_size=4))
    figures = st.lists(floats, min_size=len(labels), max_size=len(labels)).map(tuple)
    series = st.lists(st.builds(Series, words, figures), max_size=3).map(tuple)
    return Chart(draw(st.sampled_from(["bar", "line"])), draw(words), tuple(labels), draw(series))


row = st.tuples(words, words)
blocks = st.one_of(
    st.builds(
        Text,
        st.lists(st.builds(Span, words, st.booleans()), max_size=3).map(tuple),
        st.sampled_from(["normal", "heading", "quiet", "quote", "warning"]),
    ),
    st.builds(Facts, st.lists(row, max_size=3).map(tuple)),
    st.builds(Meter, words, floats, words),
    st.builds(Table, words, row, st.lists(row, max_size=3).map(tuple)),
    charts(),
    st.builds(Image, words, words),
    st.builds(Link, words, words),
    st.builds(Choice, st.lists(options, min_size=1, max_size=5).map(tuple)),
    st.builds(Form, st.lists(fields, max_size=4).map(tuple), options),
)
cards = st.builds(
    Card, words, st.lists(blocks, max_size=5).map(tuple), st.sampled_from(["fr-CA", "fr-FR", "en"])
)


@given(cards, st.sampled_from(["message", "modal", "home"]))
def test_any_card_can_be_drawn_on_any_surface(card: Card, surface: str) -> None:
    """Would have caught a lone surrogate or a NaN that makes the whole answer fail."""
    drawn = render(card, surface)
    assert drawn.downgrades == ()
    assert orjson.loads(orjson.dumps(drawn.payload))["title"] == drawn.payload["title"]
    assert [block["kind"] for block in drawn.payload["blocks"]] == [
        type(one).__name__.lower() for one in card.blocks
    ]


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_what_a_person_typed_comes_out_letter_by_letter(typed: str) -> None:
    """Would have caught escaping twice, and any trimming of somebody's words."""
    card = Card("t", (Text((Span(typed),), "quote"),), "fr-CA")
    assert render(card, "message").payload["blocks"][0]["spans"] == [{"text": typed, "bold": False}]


def test_a_button_carries_the_reference_that_comes_back() -> None:
    ref = Ref("run", "r1", "I2", "yes", 3)
    payload: dict[str, Any] = render(Card("t", (Choice((Option("Oui", ref),)),), "fr-CA"), "message").payload
    assert Ref.decode(payload["blocks"][0]["options"][0]["ref"]) == ref
