"""What must not be drawn is left out, whatever stands around it."""

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from adapters.markup import visible

KEPT = "\u200c\u200d"
"""Joiners: without them some scripts and some emoji fall apart."""
DIRECTIONS = "\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"


def test_of_all_characters_none_is_drawn_that_turns_or_hides_the_others() -> None:
    """Would catch: a quick way past the filter by which a direction mark or half a character comes through."""
    left = {one for one in map(chr, range(0x110000)) if visible(one)}
    assert not left & set(DIRECTIONS)
    assert not {one for one in left if unicodedata.category(one) == "Cs"}
    assert {one for one in left if unicodedata.category(one) == "Cc"} == {"\t", "\n", "\r"}
    assert set(KEPT) <= left


@given(st.text(), st.sampled_from(DIRECTIONS))
def test_a_direction_mark_is_left_out_and_nothing_else(text: str, mark: str) -> None:
    """Would catch: words changed by the filter, or a mark that passes among words."""
    assert visible(text + mark + text) == visible(text) * 2
