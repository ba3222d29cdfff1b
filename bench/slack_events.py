"""Signed requests of Slack: what employees click and what they type in their direct message with the bot."""

import hashlib
import hmac
import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache
from itertools import cycle
from typing import Any
from urllib.parse import urlencode

from adapters.slack.render import render
from bench.client import post
from bench.company import CODES, employee, function_of, run_of
from bench.interviews import ALIKE, SIDES, VARIANTS, Step, varied
from bench.servers import PATH, SECRET
from tests.doubles import slack_screen

SIZE = 2600
"""Bytes of a request, as performance figures of the field are given for."""
MOST = len(CODES) * ALIKE * VARIANTS
"""How many employees can answer so."""


class Clicks:
    """Employees answer the interview that they were invited to, question by question, each with a click.

    Where one has come to the end, the client goes on as the next employee whom nobody has been, until all MOST have
    answered. They need bench.company.invite.
    """

    def __init__(self) -> None:
        self._waiting = cycle(range(MOST))
        self._now: dict[int, Iterator[bytes]] = {}

    def next_of(self, client: int, _: int = 0) -> bytes:
        """The whole HTTP request of the next click of this client."""
        body = next(self._now[client], None) if client in self._now else None
        while body is None:
            self._now[client] = _interview(next(self._waiting))
            body = next(self._now[client], None)
        return _signed("application/x-www-form-urlencoded", body)


def _interview(number: int) -> Iterator[bytes]:
    user, others = employee(number), number // len(CODES)
    for click in _clicks(function_of(number), others // ALIKE):
        mine = click.replace(b"UEMPLOYEE", user.encode()).replace(b"RUN", run_of(number).encode())
        yield mine.replace(b"MOMENT", b"%.6f" % time.time())


@cache
def _clicks(function: str, variant: int) -> tuple[bytes, ...]:
    steps, place, picked = varied(function, variant)
    same = variant % len(SIDES)
    clicks = tuple(_click(step, step.words) for step in steps) if variant == same else _clicks(function, same)
    return (*clicks[:place], _click(steps[place], picked), *clicks[place + 1 :])


def _click(step: Step, filled: str | Sequence[str]) -> bytes:
    """A block_actions payload of SIZE bytes: of the message that it shows, the last blocks are left out."""
    assert step.submission.ref is not None
    message = render(step.card, "message").payload
    labels = [block["label"]["text"] for block in slack_screen.inputs(message)]
    value = replace(step.submission.ref, subject="RUN").encode()
    text = {"type": "plain_text", "text": step.words[:75], "emoji": False}
    button = {"type": "button", "block_id": "choice-x", "action_id": "option-0", "text": text, "value": value}
    payload: dict[str, Any] = {
        "type": "block_actions",
        "user": {"id": "UEMPLOYEE", "username": "employee", "name": "employee", "team_id": "T0TEAM"},
        "api_app_id": "A0APP",
        "token": "unused",
        "container": {
            "type": "message",
            "message_ts": "MOMENT",
            "channel_id": "DUEMPLOYEE",
            "is_ephemeral": False,
        },
        "trigger_id": "MOMENT.UEMPLOYEE",
        "team": {"id": "T0TEAM", "domain": "example"},
        "channel": {"id": "DUEMPLOYEE", "name": "directmessage"},
        "message": {"type": "message", "ts": "MOMENT", "bot_id": "B0BOT", "text": message["text"]},
        "state": slack_screen.state(message, dict.fromkeys(labels, filled)),
        "response_url": "https://hooks.slack.com/actions/T0TEAM/1/x",
        "actions": [{**button, "action_ts": "MOMENT"}],
    }
    for count in range(len(message["blocks"]), -1, -1):
        payload["message"]["blocks"] = message["blocks"][:count]
        body = urlencode({"payload": json.dumps(payload)}).encode()
        if len(body) <= SIZE:
            break
    payload["response_url"] += "x" * (SIZE - len(body))
    return urlencode({"payload": json.dumps(payload)}).encode()


def said(user: str, text: str) -> bytes:
    """The whole HTTP request of what somebody types."""
    return _signed("application/json", _body(user, text))


def _signed(content_type: str, body: bytes) -> bytes:
    timestamp = str(int(time.time()))
    digest = hmac.new(SECRET.encode(), b"v0:%s:%s" % (timestamp.encode(), body), hashlib.sha256)
    headers = {
        "X-Slack-Request-Timestamp": timestamp,
        "X-Slack-Signature": f"v0={digest.hexdigest()}",
        "Content-Type": content_type,
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
