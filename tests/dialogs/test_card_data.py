"""Cards survive the way through a row of the store."""

import json
from dataclasses import is_dataclass
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialogs import card as c
from dialogs.card_data import card_data, card_of
from dialogs.ref import Ref

WORD = st.text(max_size=12)
PART = st.from_regex(r"[A-Za-z0-9_.:-]{0,8}", fullmatch=True)
NUMBER = st.floats(allow_nan=False, allow_infinity=False)
REFS = st.builds(Ref, PART, PART, PART, PART, st.integers(0, 999_999))
OPTIONS = st.builds(c.Option, WORD, REFS, st.sampled_from(get_args(c.OptionStyle)))
TEXTS = st.builds(
    c.Text,
    st.lists(st.builds(c.Span, WORD, st.booleans()), max_size=3).map(tuple),
    st.sampled_from(get_args(c.TextStyle)),
)
LIMIT = st.none() | NUMBER
WORDS = st.lists(WORD, max_size=3).map(tuple)
FIELDS = st.one_of(
    st.builds(c.TextField, WORD, WORD, WORD, st.booleans(), st.booleans(), st.integers(1, 300), WORD),
    st.builds(c.NumberField, WORD, WORD, WORD, st.booleans(), LIMIT, LIMIT, WORD),
    st.builds(c.DateField, WORD, WORD, WORD, st.booleans(), st.none() | st.dates()),
    st.builds(
        c.SelectField,
        WORD,
        WORD,
        st.lists(st.builds(c.Pick, WORD, WORD), max_size=3).map(tuple),
        WORD,
        st.booleans(),
        st.booleans(),
        st.integers(0, 5),
        WORDS,
    ),
)
BLOCKS = st.one_of(
    TEXTS,
    st.builds(c.Facts, st.lists(st.tuples(WORD, WORD), max_size=3).map(tuple)),
    st.builds(c.Meter, WORD, st.floats(0, 1), WORD),
    st.builds(c.Table, WORD, WORDS, st.lists(WORDS, max_size=3).map(tuple)),
    st.builds(
        c.Chart,
        st.sampled_from(("bar", "line")),
        WORD,
        WORDS,
        st.lists(st.builds(c.Series, WORD, st.lists(NUMBER, max_size=3).map(tuple)), max_size=2).map(tuple),
    ),
    st.builds(c.Image, WORD, WORD),
    st.builds(c.Link, WORD, WORD),
    st.builds(c.Choice, st.lists(OPTIONS, max_size=5).map(tuple)),
    st.builds(c.Form, st.lists(FIELDS, max_size=3).map(tuple), OPTIONS),
)
CARDS = st.builds(
    c.Card, WORD, st.lists(BLOCKS, max_size=4).map(tuple), st.sampled_from(("fr-CA", "fr-FR", "en"))
)


@given(CARDS)
def test_a_card_comes_back_as_it_was(card: c.Card) -> None:
    """Would have caught: a date that comes back as text, a list for a tuple, a control without its reference."""
    assert card_of(json.loads(json.dumps(card_data(card)))) == card


def test_every_block_and_field_is_drawn_above() -> None:
    """Would have caught: a new block that no test sends through the store."""
    drawn = {c.Text, c.Facts, c.Meter, c.Table, c.Chart, c.Image, c.Link, c.Choice, c.Form}
    assert set(get_args(c.Block)) == drawn
    assert set(get_args(c.Field)) == {c.TextField, c.NumberField, c.DateField, c.SelectField}
    assert all(is_dataclass(one) for one in drawn)


@pytest.mark.parametrize(
    "data", [{}, {"title": "x"}, {"title": "x", "blocks": [{"is": "Bomb"}], "locale": "en"}]
)
def test_data_of_another_shape_is_refused(data: dict[str, object]) -> None:
    """Would have caught: half a card shown after a faulty row."""
    with pytest.raises((KeyError, TypeError)):
        card_of(data)
