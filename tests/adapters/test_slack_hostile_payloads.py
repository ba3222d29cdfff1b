"""Signed payloads of any shape: the door never breaks, whatever Slack may send one day."""

import json
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.base import Refused
from adapters.slack.app import SlackEdge
from adapters.slack.signature import sign
from dialogs.activity import Activity, Reply
from dialogs.ref import Ref

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
STAMP = str(int(NOW.timestamp()))
HERE = {"api_app_id": "A1"}
BUTTON = {
    "type": "button",
    "value": Ref("run").encode(),
    "action_id": "a",
    "block_id": "b",
    "action_ts": "1.5",
}
VIEW = {
    "id": "V1",
    "hash": "h",
    "callback_id": "c",
    "private_metadata": "{}",
    "state": {"values": {}},
    "blocks": [],
}
SHAPES: list[dict[str, Any]] = [
    {
        **HERE,
        "type": "event_callback",
        "team_id": "T1",
        "event_id": "Ev1",
        "event": {"type": "message", "channel": "D1", "user": "U1", "text": "x", "ts": "1.5", "team": "T1"},
        "authorizations": [{"team_id": "T1", "user_id": "U0BOT", "is_bot": True}],
    },
    {
        **HERE,
        "type": "event_callback",
        "team_id": "T1",
        "event": {"type": "team_join", "user": {"id": "U1", "profile": {}, "real_name": "x", "tz": "x"}},
    },
    {
        **HERE,
        "type": "block_actions",
        "team": {"id": "T1"},
        "user": {"id": "U1", "team_id": "T1", "name": "x"},
        "container": {"message_ts": "1.5", "channel_id": "D1"},
        "channel": {"id": "D1"},
        "actions": [BUTTON],
        "state": {"values": {"why": {"a": {"type": "plain_text_input", "value": "x"}}}},
        "message": {"blocks": [{"type": "input", "block_id": "why", "label": {"text": "x"}}]},
    },
    {**HERE, "type": "view_submission", "team": {"id": "T1"}, "user": {"id": "U1"}, "view": VIEW},
]
JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=8), st.floats(allow_nan=False)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=2), st.dictionaries(st.text(max_size=5), inner, max_size=2)
    ),
    max_leaves=4,
)


def paths(value: Any, start: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    keys = list(value) if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else []
    return [start, *(path for key in keys for path in paths(value[key], (*start, key)))]


@st.composite
def bent(draw: st.DrawFn) -> dict[str, Any]:
    """One of the shapes with some of its parts replaced by anything."""
    body = json.loads(json.dumps(draw(st.sampled_from(SHAPES))))
    for _ in range(draw(st.integers(1, 3))):
        *way, last = draw(st.sampled_from(paths(body)[1:]))
        holder = body
        for key in way:
            holder = holder[key]
        holder[last] = draw(JSON)
    return dict(body)


async def thanks(asked: Activity) -> Reply:
    assert asked.actor
    return Reply(errors={"why": "non"})


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(bent())
async def test_a_signed_payload_of_any_shape_is_answered_or_refused_but_breaks_nothing(
    body: dict[str, Any],
) -> None:
    """Bolt answered 500 to `{"authorizations":[1]}` and `{"team":5,"user":5}`."""
    edge = SlackEdge(["secret"], "xoxb-1", "http://127.0.0.1:1/api/", app_ids={"A1"})
    text = json.dumps(body)
    is_event = body.get("type") == "event_callback"
    raw = text.encode() if is_event else urlencode({"payload": text}).encode()
    content = "application/json" if is_event else "application/x-www-form-urlencoded"
    headers = {"X-Slack-Request-Timestamp": STAMP, "Content-Type": content}
    headers["X-Slack-Signature"] = sign(raw, STAMP, "secret").decode()
    try:
        payload = await edge.verify(await edge.admit(headers, NOW), headers, raw, NOW)
        status = (await edge.dispatch(payload, thanks, NOW)).status
    except Refused as refused:
        status = refused.status
    finally:
        await edge.close()
    assert status in (200, 400, 403)
