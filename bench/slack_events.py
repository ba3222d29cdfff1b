"""Signed events of Slack as large as real ones: what employees type in their direct message with the bot."""

import hashlib
import hmac
import json
import time
from typing import Any

from bench.client import post
from bench.company import employee
from bench.servers import PATH, SECRET

SAID = (
    "impact", "oui", "magasins", "processus", "une difficulté", "1", "exemple", "3", "2", "1", "1", "1", "1",
    "quelqu'un", "terminer",
)  # fmt: skip
SIZE = 2600
"""Bytes of an event with its blocks and authorizations, as Slack sends them."""


def event(client: int, number: int) -> bytes:
    """The whole HTTP request of what employee `client` types as message `number`."""
    return said(employee(client), SAID[number % len(SAID)])


def said(user: str, text: str) -> bytes:
    """The whole HTTP request of what somebody types."""
    body = _body(user, text)
    timestamp = str(int(time.time()))
    digest = hmac.new(SECRET.encode(), b"v0:%s:%s" % (timestamp.encode(), body), hashlib.sha256)
    headers = {
        "X-Slack-Request-Timestamp": timestamp,
        "X-Slack-Signature": f"v0={digest.hexdigest()}",
        "Content-Type": "application/json",
    }
    return post(PATH, headers, body)


def _body(user: str, text: str) -> bytes:
    stamp = f"{time.time_ns() / 1e9:.6f}"
    written = {"type": "rich_text_section", "elements": [{"type": "text", "text": text}]}
    message: dict[str, Any] = {
        "type": "message",
        "channel_type": "im",
        "user": user,
        "text": text,
        "ts": stamp,
        "event_ts": stamp,
        "channel": f"D{user[1:]}",
        "team": "T0TEAM",
        "client_msg_id": f"{time.monotonic_ns()}",
        "blocks": [{"type": "rich_text", "block_id": "b", "elements": [written]}],
    }
    outer: dict[str, Any] = {
        "type": "event_callback",
        "team_id": "T0TEAM",
        "api_app_id": "A0APP",
        "event_id": f"Ev{user}{time.monotonic_ns()}",
        "event_time": int(time.time()),
        "token": "unused",
        "authorizations": [{"team_id": "T0TEAM", "user_id": "U0BOT", "is_bot": True}],
        "event": message,
    }
    outer["event_context"] = "x" * (SIZE - len(json.dumps(outer)) - 22)
    return json.dumps(outer).encode()
