"""Request of the page -> Activity; pure, and suspicious of every part of it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from adapters.base import Refused
from adapters.markup import clean
from adapters.web.mailbox import direct
from dialogs.activity import Activity, FieldValue, Kind, Place, Platform, Submission
from dialogs.ref import Ref

COMMAND = "/embarque"
MAX_TEXT = 3000
MAX_LABEL = 75
MAX_FIELDS = 40
MAX_PICKS = 100
MAX_DIGITS = 18

_USER = re.compile(r"[A-Za-z0-9_.@:-]{1,80}")
_CHANNEL = re.compile(r"channel:[A-Za-z0-9_.-]{1,80}")


@dataclass(frozen=True, slots=True)
class Act:
    """What a person did, and the words that their own bubble shows: none for a form."""

    activity: Activity
    said: str


def read_act(body: object, tenant: str, now: datetime) -> Act:
    """Read one request of the page; raises Refused 400 when it is not one."""
    if not isinstance(body, dict):
        raise Refused(400, "not_an_object")
    user = read_user(body.get("as"))
    place = _place(body.get("conversation"), user)
    text = clean(_string(body.get("text", "")), MAX_TEXT)
    kind, submission, said = _what(body, text)
    if kind is Kind.COMMAND:
        text = text[len(COMMAND) :].strip()
    elif kind is Kind.SUBMIT:
        text = ""
    activity = Activity(
        platform=Platform.WEB,
        tenant=tenant,
        actor=user,
        kind=kind,
        event_id=_event_id(body.get("id")),
        place=place,
        at=now,
        text=text,
        submission=submission,
        message=_message(body.get("message")),
        can_open=True,
    )
    return Act(activity, "" if place.shared else said)


def read_user(value: object) -> str:
    """The id of a person; raises Refused 400 when it cannot be one."""
    if not isinstance(value, str) or not _USER.fullmatch(value):
        raise Refused(400, "no_user")
    return value


def _place(value: object, user: str) -> Place:
    if value in (None, direct(user)):
        return Place(direct(user))
    if not isinstance(value, str) or not _CHANNEL.fullmatch(value):
        raise Refused(400, "no_conversation")
    return Place(value, shared=True)


def _what(body: Mapping[str, Any], text: str) -> tuple[Kind, Submission | None, str]:
    match body.get("kind"):
        case "submit":
            values = body.get("values")
            label = clean(_string(body.get("label", "")), MAX_LABEL)
            submission = Submission(Ref.decode(body.get("ref")), {} if values is None else _values(values))
            return Kind.SUBMIT, submission, label if values is None else ""
        case "message" if text:
            is_command = text == COMMAND or text.startswith(f"{COMMAND} ")
            return Kind.COMMAND if is_command else Kind.MESSAGE, None, text
        case _:
            raise Refused(400, "no_kind")


def _values(values: object) -> dict[str, FieldValue]:
    if not isinstance(values, dict) or len(values) > MAX_FIELDS:
        raise Refused(400, "bad_values")
    return {clean(_string(name), 80): _value(value) for name, value in values.items()}


def _value(value: object) -> FieldValue:
    if isinstance(value, list):
        if len(value) > MAX_PICKS:
            raise Refused(400, "too_many_picks")
        return tuple(clean(_string(one), MAX_LABEL) for one in value)
    return clean(_string(value), MAX_TEXT)


def _string(value: object) -> str:
    if not isinstance(value, str):
        raise Refused(400, "not_text")
    return value


def _event_id(value: object) -> str:
    try:
        return str(UUID(_string(value)))
    except ValueError:
        raise Refused(400, "no_event_id") from None


def _message(value: object) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str) or not value.isascii() or not value.isdigit() or len(value) > MAX_DIGITS:
        raise Refused(400, "bad_message")
    return value
