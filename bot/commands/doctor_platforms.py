"""What the platforms themselves say of the credentials; no secret is ever part of a line."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import aiohttp
import orjson

from bot.config import Settings
from dialogs.speech import Speech

TIMEOUT = aiohttp.ClientTimeout(total=8)
CLOCK_SECONDS = 60
"""Slack turns away signatures that are five minutes old; a clock that is off by one is worth a word."""
SCOPES = ("app_mentions:read", "chat:write", "commands", "im:history", "im:write", "users:read")
Line = tuple[str, str, str]
"""What, what was found, and what to do (empty when it is right)."""


async def checks(settings: Settings, say: Speech) -> list[Line]:
    """Ask Slack and Teams, as far as they are set up."""
    lines: list[Line] = []
    if settings.slack_bot_token is not None:
        lines += await _slack(settings, say)
    if settings.teams_app_id and settings.teams_app_password and settings.teams_tenant_id:
        lines.append(await _teams(settings, say))
    return lines


async def _slack(settings: Settings, say: Speech) -> list[Line]:
    token = settings.slack_bot_token.get_secret_value() if settings.slack_bot_token else ""
    local = settings.slack_api_url.startswith("http://127.0.0.1")
    try:
        async with (
            aiohttp.ClientSession(timeout=TIMEOUT, trust_env=not local) as http,
            http.post(
                f"{settings.slack_api_url}auth.test", headers={"Authorization": f"Bearer {token}"}
            ) as answer,
        ):
            found = orjson.loads(await answer.read())
            headers = answer.headers
    except (aiohttp.ClientError, OSError, ValueError) as error:
        return [("slack", type(error).__name__, say("cli.doctor.slack_unreachable"))]
    if not isinstance(found, dict) or not found.get("ok"):
        error_word = str(found.get("error", "?")) if isinstance(found, dict) else "?"
        return [("slack", error_word[:60], say("cli.doctor.slack_token"))]
    lines: list[Line] = [
        ("slack", say("cli.doctor.slack_team", team=str(found.get("team") or found.get("team_id"))), "")
    ]
    team = str(found.get("team_id") or "")
    if settings.slack_team and team and team != settings.slack_team:
        lines.append(("slack", say("cli.doctor.slack_other", team=team), say("cli.doctor.slack_other_do")))
    granted = {one.strip() for one in headers.get("x-oauth-scopes", "").split(",")} - {""}
    lacking = [one for one in SCOPES if granted and one not in granted]
    if lacking:
        lines.append(("scopes", ", ".join(lacking), say("cli.doctor.scopes_do")))
    elif granted:
        lines.append(("scopes", say("cli.doctor.complete"), ""))
    return [*lines, *_clock(headers.get("Date", ""), say)]


def _clock(date: str, say: Speech) -> list[Line]:
    try:
        theirs = parsedate_to_datetime(date)
    except ValueError:
        return []
    if theirs.tzinfo is None:
        return []
    off = round((datetime.now(UTC) - theirs).total_seconds())
    if abs(off) > CLOCK_SECONDS:
        return [("clock", say("cli.doctor.off", seconds=off), say("cli.doctor.clock_do"))]
    return [("clock", say("cli.doctor.right"), "")]


async def _teams(settings: Settings, say: Speech) -> Line:
    from adapters.teams.credentials import Credentials, NoTokenError  # noqa: PLC0415 - only where Teams is used

    password = settings.teams_app_password
    credentials = Credentials(
        settings.teams_app_id or "",
        password.get_secret_value() if password else "",
        settings.teams_tenant_id or "",
    )
    try:
        await credentials.token()
    except NoTokenError as error:
        return "teams", error.reason, say("cli.doctor.teams_do")
    return "teams", say("cli.doctor.teams_ok"), ""
