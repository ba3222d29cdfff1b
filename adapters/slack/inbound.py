"""Slack's payloads in the words of the house: each becomes an Activity, or None when nobody asked."""

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from adapters.slack.envelope import Envelope, identity, tenant
from adapters.slack.origin import Origin
from adapters.slack.values import field_values
from adapters.slack.words import typed, without_mention
from dialogs.activity import Activity, Kind, Place, Platform, Submission
from dialogs.ref import Ref

MAX_TEXT = 3000
MAX_NAME = 80
_TYPED_SUBTYPES = (None, "file_share", "thread_broadcast")


def activity(letter: Envelope, now: datetime) -> Activity | None:
    """Read one payload; None for what no person of ours asked for (echoes, edits, other workspaces).

    now: aware; used where Slack gives no time of its own.
    """
    body = letter.body
    match letter.kind, body.get("type"):
        case "command", _:
            return _command(body, now)
        case "event", _:
            return _event(body, body["event"], now)
        case "interaction", "block_actions":
            return _click(body, now)
        case "interaction", "view_submission":
            return _sent_form(body, now)
        case _:
            return None


def _command(body: Mapping[str, Any], now: datetime) -> Activity | None:
    actor, channel = _text(body, "user_id"), _text(body, "channel_id")
    if not actor:
        return None
    trigger = _text(body, "trigger_id")
    shared = _is_shared(channel)
    return Activity(
        platform=Platform.SLACK,
        tenant=tenant(body),
        actor=actor,
        kind=Kind.COMMAND,
        event_id=_fingerprint("command", trigger or (channel, actor, _text(body, "text"), now.isoformat())),
        # A command can be typed in a conversation of two other people: only shared places are known by it.
        place=Place(channel if shared else "", shared=shared),
        at=now,
        text=typed(body.get("text"), MAX_TEXT),
        can_open=bool(trigger),
        name_hint=typed(body.get("user_name"), MAX_NAME) or None,
    )


def _event(body: Mapping[str, Any], event: Mapping[str, Any], now: datetime) -> Activity | None:
    match event["type"]:
        case "message":
            return _message(body, event, now) if _text(event, "channel").startswith("D") else None
        case "app_mention":
            return _message(body, event, now)
        case "app_home_opened":
            return _arrival(body, event, {"id": event.get("user")}, now)
        case "team_join":
            person = event.get("user")
            return _arrival(body, event, person, now) if isinstance(person, Mapping) else None
        case _:
            return None


def _message(body: Mapping[str, Any], event: Mapping[str, Any], now: datetime) -> Activity | None:
    # The bot's own posts come back as events: they carry a bot_id, whoever the bot's user is.
    actor, channel = _text(event, "user"), _text(event, "channel")
    echo = "bot_id" in event or "bot_profile" in event or actor == "USLACKBOT"
    if not actor or echo or event.get("subtype") not in _TYPED_SUBTYPES or _is_stranger(body, event):
        return None
    called = event["type"] == "app_mention"
    said = without_mention(event.get("text")) if called else event.get("text")
    return Activity(
        platform=Platform.SLACK,
        tenant=tenant(body),
        actor=actor,
        kind=Kind.MESSAGE,
        event_id=_event_id(body, event),
        place=Place(channel, shared=_is_shared(channel)),
        at=_moment(event.get("ts"), now),
        text=typed(said, MAX_TEXT),
    )


def _arrival(
    body: Mapping[str, Any], event: Mapping[str, Any], person: Mapping[str, Any], now: datetime
) -> Activity | None:
    actor = _text(person, "id")
    profile = person.get("profile")
    if not actor or person.get("is_bot") or person.get("deleted") or _is_stranger(body, person):
        return None
    name = person.get("real_name") or (profile.get("real_name") if isinstance(profile, Mapping) else None)
    return Activity(
        platform=Platform.SLACK,
        tenant=tenant(body),
        actor=actor,
        kind=Kind.ARRIVED,
        event_id=_event_id(body, event),
        place=Place(_text(event, "channel")),
        at=_moment(event.get("event_ts"), now),
        locale_hint=_text(person, "locale") or None,
        zone_hint=_text(person, "tz") or None,
        name_hint=typed(name, MAX_NAME) or None,
    )


def _click(body: Mapping[str, Any], now: datetime) -> Activity | None:
    actions = body.get("actions")
    action = actions[0] if isinstance(actions, list) and actions else None
    actor = identity(body, "user")
    if (
        not actor
        or not isinstance(action, Mapping)
        or action.get("type") != "button"
        or _is_foreign_user(body)
    ):
        return None
    view = body.get("view")
    origin = Origin.of_view(view) if isinstance(view, Mapping) else Origin.of_click(body)
    state = view.get("state") if isinstance(view, Mapping) else body.get("state")
    trigger = _text(body, "trigger_id")
    marks = (_text(action, "action_ts"), _text(action, "block_id"), _text(action, "action_id"))
    return Activity(
        platform=Platform.SLACK,
        tenant=tenant(body),
        actor=actor,
        kind=Kind.SUBMIT,
        event_id=_fingerprint("click", trigger, actor, *marks),
        place=Place(origin.channel, shared=_is_shared(origin.channel)),
        at=_moment(action.get("action_ts"), now),
        submission=Submission(Ref.decode(action.get("value")), field_values(state)),
        message=origin.message or None,
        can_open=bool(trigger),
        name_hint=_user_name(body),
    )


def _sent_form(body: Mapping[str, Any], now: datetime) -> Activity | None:
    view, actor = body.get("view"), identity(body, "user")
    if not actor or not isinstance(view, Mapping) or _is_foreign_user(body):
        return None
    origin = Origin.of_view(view)
    # After an error sentence the same view comes again with the same hash: the trigger tells them apart.
    marks = (_text(view, "id"), _text(view, "hash"), _text(body, "trigger_id"))
    return Activity(
        platform=Platform.SLACK,
        tenant=tenant(body),
        actor=actor,
        kind=Kind.SUBMIT,
        event_id=_fingerprint("view", actor, *marks),
        place=Place(origin.channel, shared=_is_shared(origin.channel)),
        at=now,
        submission=Submission(Ref.decode(origin.ref), field_values(view.get("state"))),
        message=origin.message or None,
        can_open=True,
        name_hint=_user_name(body),
    )


def _is_stranger(body: Mapping[str, Any], event: Mapping[str, Any]) -> bool:
    # In a channel shared with another company its people reach us in our own workspace's envelope.
    home = _text(event, "user_team") or _text(event, "team") or _text(event, "team_id")
    return bool(home) and home not in (identity(body, "team"), identity(body, "enterprise"))


def _is_foreign_user(body: Mapping[str, Any]) -> bool:
    user = body.get("user")
    return isinstance(user, Mapping) and _is_stranger(body, {"team_id": user.get("team_id")})


def _is_shared(channel: str) -> bool:
    return bool(channel) and not channel.startswith("D")


def _user_name(body: Mapping[str, Any]) -> str | None:
    user = body.get("user")
    return (
        typed(user.get("name") or user.get("username"), MAX_NAME) or None
        if isinstance(user, Mapping)
        else None
    )


def _event_id(body: Mapping[str, Any], event: Mapping[str, Any]) -> str:
    given = _text(body, "event_id")
    marks = ("type", "channel", "user", "ts", "event_ts")
    return given[:255] or _fingerprint("event", *(str(event.get(mark, "")) for mark in marks))


def _fingerprint(*parts: object) -> str:
    return f"{parts[0]}-{hashlib.sha256(repr(parts).encode()).hexdigest()[:40]}"


def _moment(stamp: object, now: datetime) -> datetime:
    """Slack's own time of the event, such as "1784700000.000200"; ours when it is absent or nonsense."""
    try:
        return datetime.fromtimestamp(float(str(stamp)), UTC)
    except (ValueError, OverflowError, OSError):
        return now


def _text(body: Mapping[str, Any], name: str) -> str:
    value = body.get(name)
    return value if isinstance(value, str) else ""
