"""What the platforms themselves say of the credentials; no secret is ever part of a line."""

from datetime import datetime

from bot.config import Settings
from dialogs.speech import Speech

Line = tuple[str, str, str]
"""What, what was found, and what to do (empty when it is right)."""


async def checks(settings: Settings, say: Speech) -> list[Line]:
    """Ask Slack and Teams, as far as they are set up."""
    lines: list[Line] = []
    if settings.slack:
        lines += await _slack(settings, say)
    if settings.teams_app_id and settings.teams_app_password and settings.teams_tenant_id:
        lines.append(await _teams(settings, say))
    return lines


def slack_events(last: datetime | None, say: Speech) -> Line:
    """When Slack was last heard; what to look at when it never was."""
    from bot.commands import doctor_slack  # noqa: PLC0415 - only where Slack is used

    return doctor_slack.events(last, say)


async def _slack(settings: Settings, say: Speech) -> list[Line]:
    from bot.commands import doctor_slack  # noqa: PLC0415 - only where Slack is used

    return await doctor_slack.lines(settings, say)


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
