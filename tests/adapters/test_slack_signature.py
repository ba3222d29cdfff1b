"""Who is let in at Slack's door."""

import json
import logging
from collections.abc import Mapping
from datetime import UTC, datetime
from urllib.parse import urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from slack_sdk.signature import Clock, SignatureVerifier

from adapters.base import Refused
from adapters.slack.app import SlackEdge
from adapters.slack.signature import sign

SECRET = "signing-secret"
NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
STAMP = str(int(NOW.timestamp()))
FORM = "application/x-www-form-urlencoded"
CANARY = "my private words"
EVENT = {
    "type": "event_callback",
    "team_id": "T1",
    "api_app_id": "A1",
    "event_id": "Ev1",
    "event": {"type": "message", "channel": "D1", "user": "U1", "text": CANARY, "ts": "1784700000.000100"},
}
RAW = json.dumps(EVENT).encode()


def edge(secrets: tuple[str, ...] = (SECRET,)) -> SlackEdge:
    return SlackEdge(secrets, "xoxb-1", "http://127.0.0.1:1/api/", team_ids={"T1"}, app_ids={"A1"})


def signed(
    raw: bytes, *, secret: str = SECRET, stamp: str = STAMP, content: str = "application/json"
) -> dict[str, str]:
    return {
        "X-Slack-Request-Timestamp": stamp,
        "X-Slack-Signature": sign(raw, stamp, secret).decode(),
        "Content-Type": content,
    }


async def status(headers: Mapping[str, str], raw: bytes, door: SlackEdge | None = None) -> int:
    """200 when the request would reach the bot, else the status it is refused with."""
    door = door or edge()
    try:
        admitted = await door.admit(headers, NOW)
        await door.verify(admitted, headers, raw, NOW)
    except Refused as refused:
        return refused.status
    return 200


def at(seconds: int) -> str:
    return str(int(NOW.timestamp()) + seconds)


GOOD = signed(RAW)


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        (GOOD, 200),
        (signed(RAW, stamp=at(-300)), 200),
        (signed(RAW, stamp=at(60)), 200),
        (signed(RAW, stamp=at(-301)), 401),
        (signed(RAW, stamp=at(-400)), 401),
        (signed(RAW, stamp=at(61)), 401),
        (signed(RAW, stamp=at(290)), 401),
        (signed(RAW, secret="another"), 401),
        ({**GOOD, "X-Slack-Request-Timestamp": "abc"}, 401),
        ({**GOOD, "X-Slack-Request-Timestamp": ""}, 401),
        ({**GOOD, "X-Slack-Request-Timestamp": "9" * 5000}, 401),
        ({**GOOD, "X-Slack-Request-Timestamp": f" {STAMP}"}, 401),
        ({**GOOD, "X-Slack-Request-Timestamp": f"{STAMP}\n"}, 401),
        ({**GOOD, "X-Slack-Request-Timestamp": "١" * 10}, 401),
        ({**GOOD, "X-Slack-Signature": "v0=é"}, 401),
        ({**GOOD, "X-Slack-Signature": ""}, 401),
        ({**GOOD, "X-Slack-Signature": "v0="}, 401),
        ({**GOOD, "X-Slack-Signature": GOOD["X-Slack-Signature"].upper()}, 401),
        ({**GOOD, "X-Slack-Signature": GOOD["X-Slack-Signature"] + "\n"}, 401),
        ({**GOOD, "X-Slack-Signature": "v0=" + "0" * 64}, 401),
        ({name: value for name, value in GOOD.items() if "Signature" not in name}, 401),
        ({name: value for name, value in GOOD.items() if "Timestamp" not in name}, 401),
        ({**GOOD, "Content-Type": "application/json; charset=nope"}, 400),
        ({**GOOD, "Content-Type": "application/json; charset=utf-16"}, 400),
        ({**GOOD, "Content-Type": "text/xml"}, 400),
        ({**GOOD, "Content-Type": "application/json; charset=UTF-8"}, 200),
        ({name.lower(): value for name, value in GOOD.items()}, 200),
    ],
)
async def test_only_a_fresh_and_well_formed_signature_opens_the_door(
    headers: dict[str, str], expected: int
) -> None:
    """Bolt answered 500 to seven of these and let in one signed 290 seconds in the future."""
    assert await status(headers, RAW) == expected


@pytest.mark.parametrize("changed", [RAW + b" ", RAW[:-1], RAW.replace(b"D1", b"D2"), b""])
async def test_one_changed_byte_closes_the_door(changed: bytes) -> None:
    assert await status(GOOD, changed) == 401


HOSTILE = [
    (b"not json", "application/json"),
    (b"[]", "application/json"),
    (b"null", "application/json"),
    (b"{}", "application/json"),
    (b'{"type":5}', "application/json"),
    (b'{"type":"event_callback","team_id":"T1","api_app_id":"A1"}', "application/json"),
    (b'{"type":"url_verification"}', "application/json"),
    (b"[" * 100_000, "application/json"),
    (b'{"a":' * 5000 + b"1" + b"}" * 5000, "application/json"),
    (b'{"type":"event_callback","x":' + b"9" * 5000 + b"}", "application/json"),
    (b'{"type":"x","team_id":"T1","api_app_id":"A1","x":NaN}', "application/json"),
    (json.dumps({**EVENT, "x": [0] * 1001}).encode(), "application/json"),
    (json.dumps({**EVENT, "authorizations": [1]}).encode(), "application/json"),
    (json.dumps({**EVENT, "x": json.loads("[" * 40 + "]" * 40)}).encode(), "application/json"),
    (b'"' + b'\\"' * 100_000, "application/json"),
    (b"\xff\xfe", "application/json"),
    (b"payload=%7B", FORM),
    (b"payload=[1]", FORM),
    (b"payload=%FF", FORM),
    (b"", FORM),
    (b"&" * 1000 + b"a=1", FORM),
    (urlencode({"payload": '{"type":"block_actions","team":{"id":"T1"},"actions":[]}'}).encode(), FORM),
    (urlencode({"payload": '{"type":"block_actions","team":{"id":"T1"},"actions":[1]}'}).encode(), FORM),
    (urlencode({"payload": '{"type":"view_submission","team":{"id":"T1"},"view":[]}'}).encode(), FORM),
]


@pytest.mark.parametrize(("raw", "content"), HOSTILE)
async def test_even_a_signed_body_of_no_sense_is_refused_without_a_crash_or_a_word_in_the_log(
    raw: bytes, content: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Bolt answered 500 with a stack trace, and logged the body of what it refused."""
    caplog.set_level(logging.DEBUG)
    assert await status(signed(raw, content=content), raw) == 400
    unsigned = {**signed(raw, content=content), "X-Slack-Signature": "v0=" + "0" * 64}
    assert await status(unsigned, raw) == 401
    assert caplog.text == ""


@pytest.mark.parametrize(
    "body",
    [
        {**EVENT, "team_id": "T2"},
        {**EVENT, "team_id": None},
        {**EVENT, "api_app_id": "A2"},
        {name: value for name, value in EVENT.items() if name != "api_app_id"},
        {**EVENT, "type": "app_rate_limited", "team_id": "T2"},
    ],
)
async def test_another_workspace_or_app_is_turned_away_though_the_signature_fits(body: object) -> None:
    """Bolt with one token ran the listener for any team_id and any api_app_id."""
    raw = json.dumps(body).encode()
    assert await status(signed(raw), raw) == 403


async def test_ssl_check_is_answered_only_when_it_is_signed() -> None:
    """Bolt answered 200 to it unsigned."""
    raw = b"ssl_check=1&token=x"
    assert await status({"Content-Type": FORM}, raw) == 401
    assert await status(signed(raw, content=FORM), raw) == 200


async def test_two_secrets_are_good_while_one_replaces_the_other() -> None:
    both = edge(("old", SECRET))
    assert await status(GOOD, RAW, both) == 200
    assert await status(signed(RAW, secret="old"), RAW, both) == 200
    assert await status(signed(RAW, secret=""), RAW, both) == 401


@settings(max_examples=200, deadline=None)
@given(
    stamp=st.one_of(st.text(max_size=12), st.integers(-400, 100).map(at)),
    signature=st.one_of(st.none(), st.text(max_size=80)),
    words=st.text(max_size=60),
)
async def test_whatever_we_accept_slacks_own_verifier_accepts(
    stamp: str, signature: str | None, words: str
) -> None:
    """A verifier of our own must never be looser than the SDK's."""
    raw = words.encode("utf-8", "replace")
    made = sign(raw, stamp, SECRET).decode() if stamp.isascii() else "v0="
    headers = {**signed(raw, content=FORM), "X-Slack-Request-Timestamp": stamp}
    headers["X-Slack-Signature"] = made if signature is None else signature
    if await status(headers, raw) == 401:
        return
    clock = Clock()
    clock.now = NOW.timestamp  # type: ignore[method-assign]
    assert SignatureVerifier(SECRET, clock).is_valid(raw, stamp, headers["X-Slack-Signature"])


def test_the_door_is_not_built_without_a_secret() -> None:
    """An empty secret would let anyone sign."""
    with pytest.raises(ValueError, match="SLACK_SIGNING_SECRET"):
        SlackEdge(["", " "], "xoxb-1")
