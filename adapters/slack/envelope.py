"""A signed request's outer shape: parsed within limits, from one of our workspaces and our app."""

import json
import re
from binascii import a2b_qp
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import unquote

import orjson

from adapters.base import Refused
from adapters.slack.signature import header

MAX_DEPTH = 32
MAX_ITEMS = 1000
MAX_FORM_FIELDS = 100

ContentKind = Literal["json", "form"]
EnvelopeKind = Literal["event", "command", "interaction", "url_verification", "ssl_check", "notice"]

_STRING = re.compile(
    r'"(?:[^"\\]|\\.)*+(?:"|\\?\Z)', re.DOTALL
)  # always matches from a quote on: no backtracking
_BRACKET = re.compile(r"[\[\]{}]")
_NO_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
_CHARSET = re.compile(r'\s*(?:charset="?utf-8"?)?\s*', re.IGNORECASE)
_CONTENT_KINDS: Mapping[str, ContentKind] = {
    "application/json": "json",
    "application/x-www-form-urlencoded": "form",
}


@dataclass(frozen=True, slots=True)
class Envelope:
    """A payload whose signature is proven and whose workspace and app are ours. body: the payload itself."""

    kind: EnvelopeKind
    body: Mapping[str, Any] = field(default_factory=dict)


def content_kind(headers: Mapping[str, str]) -> ContentKind:
    """Which of Slack's two encodings the body has; raise Refused(400) for any other, or another charset."""
    media, _, parameters = header(headers, "content-type").partition(";")
    charset = _CHARSET.fullmatch(parameters)
    kind = _CONTENT_KINDS.get(media.strip().lower())
    if kind is None or charset is None:
        raise Refused(400, "slack-content-type")
    return kind


def envelope(kind: ContentKind, raw: bytes) -> Envelope:
    """Parse a proven body; raise Refused(400) for whatever is not a payload of Slack."""
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        raise Refused(400, "slack-body-not-utf8") from None
    return _from_json(text) if kind == "json" else _from_form(text)


def _from_json(text: str) -> Envelope:
    body = bounded_object(text)
    if body.get("type") != "url_verification":
        return event_letter(body)
    if not isinstance(body.get("challenge"), str):
        raise Refused(400, "slack-challenge-missing")
    return Envelope("url_verification", body)


def event_letter(body: Mapping[str, Any]) -> Envelope:
    """Take a parsed event, or a notice such as app_rate_limited; raise Refused(400) when it is neither."""
    match body.get("type"):
        case "event_callback":
            event = body.get("event")
            if not isinstance(event, dict) or not isinstance(event.get("type"), str):
                raise Refused(400, "slack-event-missing")
            return Envelope("event", body)
        case str():
            return Envelope("notice", body)
        case _:
            raise Refused(400, "slack-type-missing")


def _from_form(text: str) -> Envelope:
    fields = text.split("&")
    if len(fields) > MAX_FORM_FIELDS:
        raise Refused(400, "slack-form-malformed")
    try:
        pairs = (field.partition("=") for field in fields if field)
        form = {_unquoted(name): _unquoted(value) for name, _, value in pairs}
    except ValueError:
        raise Refused(400, "slack-form-malformed") from None
    if "payload" in form:
        return interaction_letter(bounded_object(form["payload"]))
    if form.get("command"):
        return Envelope("command", form)
    if form.get("ssl_check"):
        return Envelope("ssl_check", form)
    raise Refused(400, "slack-form-unknown")


def _unquoted(text: str) -> str:
    text = text.replace("+", " ")
    if _NO_ESCAPE.search(text):
        return unquote(text, errors="strict")
    # Quoted-printable has the same escapes under another sign, and is read in C: a tenth of the time.
    return a2b_qp(text.replace("=", "=3D").replace("%", "=").encode()).decode()


def interaction_letter(body: Mapping[str, Any]) -> Envelope:
    """Take a parsed click, form or shortcut; raise Refused(400) when it lacks what makes it one."""
    kind, view, actions = body.get("type"), body.get("view"), body.get("actions")
    if not isinstance(kind, str):
        raise Refused(400, "slack-type-missing")
    if kind in ("view_submission", "view_closed") and not _has_texts(view, "callback_id"):
        raise Refused(400, "slack-view-missing")
    is_click = isinstance(actions, list) and bool(actions) and _has_texts(actions[0], "type", "action_id")
    if kind == "block_actions" and not is_click:
        raise Refused(400, "slack-action-missing")
    return Envelope("interaction", body)


def _has_texts(value: object, *names: str) -> bool:
    return isinstance(value, Mapping) and all(isinstance(value.get(name), str) for name in names)


def bounded_object(text: str, depth: int = MAX_DEPTH) -> dict[str, Any]:
    """Parse a JSON object within limits; raise Refused(400). depth: how deep its brackets may go."""
    try:
        body = _parsed(text, depth)
    except (ValueError, RecursionError):
        raise Refused(400, "slack-json-malformed") from None
    if not isinstance(body, dict):
        raise Refused(400, "slack-json-not-object")
    return body


def _parsed(text: str, depth: int) -> object:
    may_be_deep = text.count("[") + text.count("{") > depth
    # So few commas make no list and no object that is too long; nearly all payloads are such.
    is_short = text.count(",") < MAX_ITEMS
    body: object
    if is_short:
        try:
            body = orjson.loads(text)  # it has a limit of its own and does not recurse
        except ValueError:
            pass  # half a character, which only the standard library takes, or no JSON at all
        else:
            if may_be_deep and _is_deep(body, depth):
                raise Refused(400, "slack-json-too-deep")
            return body
    if may_be_deep and _depth(text) > depth:
        raise Refused(400, "slack-json-too-deep")
    body = (_PLAIN if is_short else _BOUNDED).decode(text)
    if not is_short:
        _check_lists(body)
    return body


def _is_deep(body: object, depth: int) -> bool:
    level = [body]
    for _ in range(depth + 1):
        held = [
            one.values() if isinstance(one, dict) else one for one in level if isinstance(one, dict | list)
        ]
        if not held:
            return False
        level = [one for ones in held for one in ones]
    return True


def _depth(text: str) -> int:
    """How deep the brackets go, counted before the parser runs, where the parser itself recurses on nesting."""
    depth = deepest = 0
    for bracket in _BRACKET.findall(_STRING.sub("", text)):
        depth += 1 if bracket in "[{" else -1
        deepest = max(deepest, depth)
    return deepest


def _no_constant(name: str) -> float:
    raise ValueError(name)


def _bounded(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(pairs) > MAX_ITEMS:
        raise ValueError("too many members")
    return dict(pairs)


_PLAIN = json.JSONDecoder(parse_constant=_no_constant)
_BOUNDED = json.JSONDecoder(parse_constant=_no_constant, object_pairs_hook=_bounded)


def _check_lists(value: object) -> None:
    match value:
        case dict():
            for one in value.values():
                _check_lists(one)
        case list():
            if len(value) > MAX_ITEMS:
                raise Refused(400, "slack-json-too-long")
            for one in value:
                _check_lists(one)
        case _:
            pass


def identity(body: Mapping[str, Any], name: str) -> str:
    """Read an id (`team`, `user`, `channel`…) in any of Slack's spellings; empty when there is none."""
    spellings = (body.get(name), body.get(f"{name}_id"))
    for found in spellings:
        if isinstance(found, Mapping) and isinstance(found.get("id"), str):
            return str(found["id"])
        if isinstance(found, str):
            return found
    return ""


def tenant(body: Mapping[str, Any]) -> str:
    """Name the workspace that the request is for, or the organisation when the app serves all of it."""
    return identity(body, "team") or identity(body, "enterprise")


def check_ours(letter: Envelope, teams: Collection[str], apps: Collection[str]) -> None:
    """Raise Refused(403) when the workspace or the app is not one of ours; an empty collection allows any.

    The signature proves that Slack sent it for this app's secret, not for which workspace: a distributed app
    has one secret for all of them.
    """
    if letter.kind in ("url_verification", "ssl_check"):
        return
    found = {identity(letter.body, "team"), identity(letter.body, "enterprise")} - {""}
    if not found or (teams and not found & set(teams)):
        raise Refused(403, "slack-foreign-team")
    if apps and str(letter.body.get("api_app_id")) not in apps:
        raise Refused(403, "slack-foreign-app")
