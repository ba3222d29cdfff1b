"""What the page sends becomes an Activity, whatever else it may contain."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.base import Refused
from adapters.web.inbound import Act, read_act
from dialogs.activity import Kind
from dialogs.ref import Ref

NOW = datetime(2026, 11, 23, 13, 30, tzinfo=UTC)
ID = "6a1f9d52-6f0c-4ad5-8a52-3f0a5f0d3c11"


def act(**what: Any) -> Act:
    return read_act({"id": ID, "as": "u-log", **what}, "demo", NOW)


def test_a_text_after_the_command_word_is_a_command() -> None:
    did = act(kind="message", text="/embarque  impact ")
    assert (did.activity.kind, did.activity.text) == (Kind.COMMAND, "impact")
    assert did.said == "/embarque  impact", "the bubble shows what was typed"


def test_a_word_that_only_begins_like_the_command_is_a_message() -> None:
    assert act(kind="message", text="/embarquement").activity.kind is Kind.MESSAGE
    assert act(kind="message", text="/embarque").activity.kind is Kind.COMMAND


def test_a_click_carries_its_reference_message_and_label() -> None:
    ref = Ref("run", "r1", "I2", "yes", 3)
    did = act(kind="submit", ref=ref.encode(), label="Oui", message="12")
    assert did.activity.submission is not None
    assert did.activity.submission.ref == ref
    assert did.activity.message == "12"
    assert did.said == "Oui"
    assert did.activity.can_open
    assert not did.activity.inline


def test_the_answers_of_a_form_are_not_repeated_as_a_bubble() -> None:
    """Would have caught answers kept a second time, in the conversation, out of reach of their own rules."""
    did = act(
        kind="submit", ref="run||||0", label="Envoyer", values={"why": "Secret\u202e", "who": ["a", "b"]}
    )
    assert did.said == ""
    assert did.activity.submission is not None
    assert did.activity.submission.values == {"why": "Secret", "who": ("a", "b")}


def test_a_forged_reference_says_nothing() -> None:
    did = act(kind="submit", ref="<script>|x", label="Oui")
    assert did.activity.submission is not None
    assert did.activity.submission.ref is None


def test_nobody_can_write_in_the_direct_conversation_of_another() -> None:
    with pytest.raises(Refused):
        act(kind="message", text="Bonjour", conversation="dm:u-dir")


def test_a_click_in_a_channel_is_told_apart_and_leaves_no_words_there() -> None:
    did = act(kind="submit", ref="digest||||0", label="Utile", conversation="channel:direction")
    assert did.activity.place.shared
    assert did.said == ""


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
KEYS = st.sampled_from(["id", "as", "kind", "text", "ref", "values", "message", "conversation", "label"])
GOOD = {
    "id": ID,
    "as": "u-log",
    "kind": "submit",
    "ref": "run||||0",
    "values": {},
    "message": "1",
    "label": "x",
}


@given(st.one_of(JSON, st.dictionaries(KEYS, JSON).map(lambda broken: {**GOOD, **broken})))
def test_any_json_is_an_activity_or_a_refusal(body: object) -> None:
    """Would have caught a type confusion that ends in a 500 and a stack trace."""
    status = 200
    try:
        did = read_act(body, "demo", NOW)
        assert did.activity.tenant == "demo"
        assert len(did.said) <= 3000
    except Refused as refused:
        status = refused.status
    assert status in {200, 400}
