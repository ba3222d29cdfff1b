"""From an activity of Teams to an activity of the house; pure."""

import hashlib
import html
from datetime import datetime
from typing import Any

import orjson

from adapters.markup import clean
from adapters.teams.body import Body, object_at, objects_at, text_at
from adapters.teams.fields import FIELD, unescaped_pick
from dialogs.activity import Activity, FieldValue, Kind, Place, Platform, Submission
from dialogs.ref import Ref

MAX_TEXT = 4000

_MAX_FIELDS = 100
_MAX_PICKS_TEXT = 20_000
_LONGEST_ID = 300


def tenant_of(body: Body) -> str:
    """Return the directory that the activity comes from; empty when it is missing or contradicts itself."""
    named = {text_at(body, "channelData", "tenant", "id"), text_at(body, "conversation", "tenantId")} - {""}
    return named.pop() if len(named) == 1 else ""


def read(body: Body, now: datetime) -> Activity | None:
    """Return what happened, or None when it is nothing that the house cares about.

    body: a parsed activity whose caller, tenant and service URL have been checked. now: when it was received.
    """
    if (
        text_at(body, "from", "id") == text_at(body, "recipient", "id")
        or text_at(body, "from", "role") == "bot"
    ):
        return None
    match text_at(body, "type"):
        case "message" if isinstance(body.get("value"), dict):
            return _activity(body, now, Kind.SUBMIT, submission=_submission(body["value"]))
        case "message":
            return _activity(body, now, Kind.MESSAGE, text=_words(body))
        case "invoke" if text_at(body, "name") == "adaptiveCard/action":
            action = object_at(body, "value", "action")
            # An automatic refresh is the client's doing; only a person's tap is a submission.
            if not action or text_at(body, "value", "trigger") == "automatic":
                return None
            return _activity(
                body, now, Kind.SUBMIT, submission=_submission(object_at(action, "data")), inline=True
            )
        case "conversationUpdate" if _met(body):
            return _activity(body, now, Kind.ARRIVED)
        case "installationUpdate" if text_at(body, "action") in {"add", "add-upgrade"}:
            return _activity(body, now, Kind.ARRIVED)
        case _:
            return None


def _activity(
    body: Body,
    now: datetime,
    kind: Kind,
    *,
    text: str = "",
    submission: Submission | None = None,
    inline: bool = False,
) -> Activity:
    client = next((one for one in objects_at(body, "entities") if one.get("type") == "clientInfo"), {})
    return Activity(
        platform=Platform.TEAMS,
        tenant=tenant_of(body),
        actor=text_at(body, "from", "aadObjectId") or text_at(body, "from", "id"),
        kind=kind,
        event_id=event_id(body),
        place=_place(body),
        at=now,
        text=text,
        submission=submission,
        message=text_at(body, "replyToId") or None,
        inline=inline,
        locale_hint=text_at(body, "locale") or text_at(client, "locale") or None,
        zone_hint=text_at(body, "localTimezone") or text_at(client, "timezone") or None,
        name_hint=clean(text_at(body, "from", "name"), 100) or None,
    )


def event_id(body: Body) -> str:
    """Return what stays the same when Teams delivers this activity again."""
    known = text_at(body, "id")
    joined = f"{text_at(body, 'conversation', 'id')}|{known}"
    if known and len(joined) <= _LONGEST_ID:
        return joined
    return "sha256:" + hashlib.sha256(orjson.dumps(body, option=orjson.OPT_SORT_KEYS)).hexdigest()


def _place(body: Body) -> Place:
    kind = text_at(body, "conversation", "conversationType")
    route = {
        "service_url": text_at(body, "serviceUrl"),
        "tenant_id": tenant_of(body),
        "conversation_type": kind,
        "user_id": text_at(body, "from", "id"),
        "bot_id": text_at(body, "recipient", "id"),
    }
    known = {name: value for name, value in route.items() if value}
    return Place(text_at(body, "conversation", "id"), shared=kind != "personal", route=known)


def _words(body: Body) -> str:
    """Return what the person typed, without the bot's own name and without the markup of other mentions."""
    text = text_at(body, "text")
    for entity in objects_at(body, "entities"):
        mention = text_at(entity, "text")
        if entity.get("type") == "mention" and mention:
            ours = text_at(entity, "mentioned", "id") == text_at(body, "recipient", "id")
            text = text.replace(mention, "" if ours else text_at(entity, "mentioned", "name"), 1)
    return clean(html.unescape(text).replace("\u00a0", " "), MAX_TEXT)


def _met(body: Body) -> bool:
    added = {text_at(one, "id") for one in objects_at(body, "membersAdded")} - {""}
    alone = text_at(body, "conversation", "conversationType") == "personal"
    return text_at(body, "recipient", "id") in added or (alone and bool(added))


def _submission(data: Body) -> Submission:
    """Read the data of a control: our reference, and the values of the inputs beside it."""
    listed = data.get("many")
    many = {one for one in listed if isinstance(one, str)} if isinstance(listed, list) else set()
    values: dict[str, FieldValue] = {}
    for name, raw in list(data.items())[:_MAX_FIELDS]:
        field = name.removeprefix(FIELD)
        text = _typed(raw, _MAX_PICKS_TEXT if field in many else MAX_TEXT)
        if field == name or text is None:
            continue
        values[field] = tuple(filter(None, map(unescaped_pick, text.split(",")))) if field in many else text
    return Submission(Ref.decode(data.get("ref")), values)


def _typed(raw: Any, limit: int) -> str | None:
    match raw:
        case str():
            return clean(raw, limit)
        case bool():
            return str(raw).lower()
        case int() | float():
            return str(raw)
        case _:
            return None
