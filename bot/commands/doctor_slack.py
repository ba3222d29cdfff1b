"""What Slack itself says of the credentials of its app; no secret is ever part of a line."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import aiohttp
import orjson
from pydantic import SecretStr

from adapters.slack.manifest import APP_SCOPE, EVENTS, SCOPES
from bot.commands.doctor_platforms import Line
from bot.config import Settings
from dialogs.speech import Speech

TIMEOUT = aiohttp.ClientTimeout(total=8)
CLOCK_SECONDS = 60
"""Slack turns away signatures that are five minutes old; a clock that is off by one is worth a word."""
MOST_SHOWN = 80
_BOT_TOKEN_DO = {
    "account_inactive": "removed",
    "token_revoked": "removed",
    "user_removed_from_team": "removed",
    "token_expired": "rotated",
    "not_allowed_token_type": "no_bot_token",
    "ratelimited": "wait",
}
_APP_TOKEN_DO = {
    "invalid_auth": "app_token_new",
    "not_authed": "app_token_new",
    "token_revoked": "app_token_new",
    "token_expired": "app_token_new",
    "account_inactive": "app_token_new",
    "missing_scope": "app_token_scope",
    "no_permission": "app_token_scope",
    "not_allowed_token_type": "app_token_kind",
    "ratelimited": "wait",
}
"""Slack's word, and the end of the key of what to do. Any other word may mean that Socket Mode is switched off."""


@dataclass(frozen=True, slots=True)
class _Answer:
    """error: Slack's word, empty when it did as asked. is_silent: nothing of Slack's came at all."""

    error: str = ""
    body: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    is_silent: bool = False


async def lines(settings: Settings, say: Speech) -> list[Line]:
    """What is found of the signing secret, the bot token, its scopes, the clock and the app-level token."""
    found = [*_secret(settings.slack_signing_secret, say)]
    url, token = settings.slack_api_url, settings.slack_bot_token
    local = url.startswith("http://127.0.0.1")
    async with aiohttp.ClientSession(timeout=TIMEOUT, trust_env=not local) as http:
        bot = None
        if token is not None:
            bot = await _asked(http, f"{url}auth.test", token)
            found += _bot(bot, settings, say)
        if settings.slack_app_token is None or (bot is not None and bot.is_silent):
            return found
        opened = await _asked(http, f"{url}apps.connections.open", settings.slack_app_token)
        found.append(_app_token(opened, say))
        if token is not None and bot is not None and not (bot.error or opened.error):
            own = await _asked(http, f"{url}bots.info", token, bot=str(bot.body.get("bot_id") or ""))
            found += _another_app(own, settings.slack_app_token, say)
    return found


def events(last: datetime | None, say: Speech) -> Line:
    """When Slack was last heard, as no API tells which events are subscribed to. last: aware, or None."""
    if last is None:
        return "events", say("cli.doctor.no_events", events=", ".join(EVENTS)), ""
    return "events", say("cli.doctor.last_event", at=f"{last:%Y-%m-%d %H:%M} UTC"), ""


def _secret(secret: SecretStr | None, say: Speech) -> Iterator[Line]:
    if secret is not None and not re.fullmatch(r"[0-9a-f]{32}", secret.get_secret_value()):
        yield "slack", say("cli.doctor.slack_secret"), say("cli.doctor.slack_secret_do")


async def _asked(http: aiohttp.ClientSession, url: str, token: SecretStr, **given: str) -> _Answer:
    shown = token.get_secret_value()
    if not re.fullmatch(r"[\x21-\x7e]+", shown):  # no header can hold it
        return _Answer("invalid_auth")
    try:
        async with http.post(url, data=given, headers={"Authorization": f"Bearer {shown}"}) as answer:
            body = orjson.loads(await answer.read())
            headers = dict(answer.headers)
    except (aiohttp.ClientError, OSError, ValueError) as error:
        return _Answer(type(error).__name__, is_silent=True)
    if not isinstance(body, dict):
        return _Answer("?")
    word = body.get("error")
    # Only what looks like a word of Slack's: whatever stands in between might repeat the token.
    known = word if isinstance(word, str) and re.fullmatch(r"[a-z_]{1,60}", word) else "?"
    return _Answer("" if body.get("ok") is True else known, body, {k.lower(): v for k, v in headers.items()})


def _bot(answer: _Answer, settings: Settings, say: Speech) -> Iterator[Line]:
    if answer.is_silent:
        yield "slack", answer.error, say("cli.doctor.slack_unreachable")
        return
    if answer.error:
        do = _BOT_TOKEN_DO.get(answer.error, "token")
        yield "slack", f"SLACK_BOT_TOKEN: {answer.error}", say(f"cli.doctor.slack_{do}")
        return
    team, whole = str(answer.body.get("team_id") or ""), str(answer.body.get("enterprise_id") or "")
    name = f"{str(answer.body.get('team') or '')[:MOST_SHOWN]} ({team[:MOST_SHOWN]})"
    yield "slack", say("cli.doctor.slack_team", team=name.strip()), ""
    if settings.slack_team and team and settings.slack_team not in (team, whole):
        yield "slack", say("cli.doctor.slack_other", team=team[:MOST_SHOWN]), say("cli.doctor.slack_other_do")
    granted = {one.strip() for one in answer.headers.get("x-oauth-scopes", "").split(",")} - {""}
    yield from _scopes(granted, say)
    yield from _clock(answer.headers.get("date", ""), say)


def _scopes(granted: set[str], say: Speech) -> Iterator[Line]:
    lacking = [one for one in SCOPES if one not in granted]
    if not granted:  # Slack always tells; something that stands in for it may not
        return
    if not lacking:
        yield "scopes", say("cli.doctor.complete"), ""
        return
    yield "scopes", say("cli.doctor.lacking", names=", ".join(lacking)), say("cli.doctor.scopes_do")
    deaf = [event for event, scope in EVENTS.items() if scope in lacking]
    if deaf:
        yield "events", say("cli.doctor.deaf", events=", ".join(deaf)), say("cli.doctor.deaf_do")


def _app_token(answer: _Answer, say: Speech) -> Line:
    if answer.is_silent:
        return "socket", answer.error, say("cli.doctor.slack_unreachable")
    if answer.error:
        do = _APP_TOKEN_DO.get(answer.error, "socket_off")
        return "socket", f"SLACK_APP_TOKEN: {answer.error}", say(f"cli.doctor.slack_{do}", scope=APP_SCOPE)
    return "socket", say("cli.doctor.socket_ok"), ""


def _another_app(own: _Answer, token: SecretStr, say: Speech) -> Iterator[Line]:
    """An app-level token names its app, as in xapp-1-A012345-…: two apps are easily mixed up."""
    about = own.body.get("bot")
    mine = about.get("app_id") if isinstance(about, dict) else None
    parts = token.get_secret_value().split("-")
    theirs = parts[2] if len(parts) > 3 else ""  # noqa: PLR2004 - the four parts of such a token
    if isinstance(mine, str) and mine and re.fullmatch(r"A[A-Z0-9]+", theirs) and mine != theirs:
        yield "socket", say("cli.doctor.two_apps"), say("cli.doctor.two_apps_do")


def _clock(date: str, say: Speech) -> Iterator[Line]:
    try:
        theirs = parsedate_to_datetime(date)
    except ValueError:
        return
    if theirs.tzinfo is None:
        return
    off = round((datetime.now(UTC) - theirs).total_seconds())
    if abs(off) > CLOCK_SECONDS:
        yield "clock", say("cli.doctor.off", seconds=off), say("cli.doctor.clock_do")
    else:
        yield "clock", say("cli.doctor.right"), ""
