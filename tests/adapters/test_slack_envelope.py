"""Bodies as Slack writes them, read quickly and no differently from the standard library."""

import json
from typing import Any
from urllib.parse import parse_qsl, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.base import Refused
from adapters.slack.envelope import MAX_DEPTH, MAX_ITEMS, envelope

ODD = st.text(alphabet='%2BbC3cé9+&=;"{}[]:,\\/ \n\U0001f642aZ0', max_size=40)
LONG = ",".join("1" * MAX_ITEMS)
MEMBERS = ",".join(['"a":1'] * (MAX_ITEMS + 1))


def interaction(**more: Any) -> dict[str, Any]:
    action = {"type": "button", "action_id": "a", "value": "run|1|I3.1|both|0"}
    return {"type": "block_actions", "actions": [action], **more}


def form(text: str) -> bytes:
    return b"payload=" + quote_plus(text).encode()


def nested(levels: int) -> str:
    """A payload with so many levels of brackets, its own included, and many more within a text."""
    inner = "[" * (levels - 1) + "]" * (levels - 1)
    return json.dumps(interaction(text="[{" * 50)).removesuffix("}") + f', "more": {inner}}}'


@given(ODD, st.lists(ODD, max_size=4))
def test_a_form_is_read_as_the_standard_library_reads_it(first: str, others: list[str]) -> None:
    """Would catch: an escape undone twice ("%2522"), a plus sign lost, half a character let in."""
    raw = "&".join((f"command={first}", *others)).encode()
    try:
        expected = dict(parse_qsl(raw.decode(), keep_blank_values=True, errors="strict"))
    except ValueError:
        with pytest.raises(Refused, match="slack-form-malformed"):
            envelope("form", raw)
        return
    if expected.get("command") and "payload" not in expected:
        assert envelope("form", raw).body == expected


def test_a_form_of_too_many_fields_is_refused() -> None:
    """Would catch: a request that keeps the bot busy with a hundred thousand fields."""
    with pytest.raises(Refused, match="slack-form-malformed"):
        envelope("form", b"command=/x" + b"&a=b" * 100)


@given(st.text())
def test_what_a_person_wrote_comes_through_a_payload_unchanged(said: str) -> None:
    """Would catch: quotes, backslashes, percent signs or emoji damaged on the way."""
    for ascii_only in (True, False):
        payload = json.dumps(interaction(text=said), ensure_ascii=ascii_only)
        assert envelope("form", form(payload)).body["text"] == said


def test_half_a_character_is_no_reason_to_refuse() -> None:
    """Would catch: a message that Slack cut in the middle of an emoji, delivered again and again for nothing."""
    payload = '{"type": "event_callback", "event": {"type": "message", "text": "a\\ud83d"}}'
    assert envelope("json", payload.encode()).body["event"]["text"] == "a\ud83d"


@pytest.mark.parametrize("more", ["", ', "half": "\\ud83d"', f', "long": [{LONG}]'])
def test_brackets_may_be_so_deep_and_no_deeper(more: str) -> None:
    """Would catch: a limit that counts brackets within what people type, or that one way of reading leaves out."""
    fits = nested(MAX_DEPTH).removesuffix("}") + more + "}"
    assert envelope("form", form(fits)).kind == "interaction"
    with pytest.raises(Refused, match="slack-json-too-deep"):
        envelope("form", form(nested(MAX_DEPTH + 1).removesuffix("}") + more + "}"))


@pytest.mark.parametrize("levels", [2_000, 100_000])
def test_brackets_without_end_are_refused(levels: int) -> None:
    """Would catch: a body of brackets that ends the process."""
    with pytest.raises(Refused, match="slack-json-too-deep"):
        envelope("json", b"[" * levels)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (f'{{"type": "x", "a": [1,{LONG}]}}', "slack-json-too-long"),
        (f"{{{MEMBERS}}}", "slack-json-malformed"),
        ('{"type": NaN}', "slack-json-malformed"),
        ('{"type": "x"', "slack-json-malformed"),
        ("7", "slack-json-not-object"),
    ],
)
def test_what_is_no_payload_is_refused_by_its_reason(body: str, reason: str) -> None:
    """Would catch: an endless list, or numbers that are none, read as if Slack had sent them."""
    with pytest.raises(Refused, match=reason):
        envelope("json", body.encode())
