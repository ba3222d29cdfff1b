"""Settings from the environment; everything that is missing or wrong is named at once."""

import ipaddress
from dataclasses import dataclass
from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """What the environment says. Secrets show as stars wherever they are printed."""

    model_config = SettingsConfigDict(extra="ignore")

    database_url: str = Field("sqlite+aiosqlite:///var/embarque.db", validation_alias="EMBARQUE_DATABASE_URL")
    content: Path | None = Field(None, validation_alias="EMBARQUE_CONTENT")
    host: str = Field("127.0.0.1", validation_alias="EMBARQUE_HOST")
    port: int = Field(8080, ge=1, le=65535, validation_alias="EMBARQUE_PORT")
    tenant: str = Field("main", validation_alias="EMBARQUE_TENANT", pattern=r"^[A-Za-z0-9_-]{1,40}$")

    slack_bot_token: SecretStr | None = Field(None, validation_alias="SLACK_BOT_TOKEN")
    slack_signing_secret: SecretStr | None = Field(None, validation_alias="SLACK_SIGNING_SECRET")
    slack_app_token: SecretStr | None = Field(None, validation_alias="SLACK_APP_TOKEN")
    slack_api_url: str = Field("https://slack.com/api/", validation_alias="SLACK_API_URL")
    slack_team: str | None = Field(None, validation_alias="SLACK_TEAM_ID")

    teams_app_id: str | None = Field(None, validation_alias="TEAMS_APP_ID")
    teams_app_password: SecretStr | None = Field(None, validation_alias="TEAMS_APP_PASSWORD")
    teams_tenant_id: str | None = Field(None, validation_alias="TEAMS_TENANT_ID")
    teams_service_hosts: str = Field("smba.trafficmanager.net", validation_alias="TEAMS_SERVICE_HOSTS")

    @property
    def slack(self) -> bool:
        """Whether anything of Slack is set."""
        return any((self.slack_bot_token, self.slack_signing_secret, self.slack_app_token))

    @property
    def teams(self) -> bool:
        """Whether anything of Teams is set."""
        return any((self.teams_app_id, self.teams_app_password, self.teams_tenant_id))


@dataclass(frozen=True, slots=True)
class Missing:
    """A setting that is missing or wrong. name: the variable. why: what to do about it."""

    name: str
    why: str


def missing(settings: Settings, *, dev: bool = False, web: bool = False) -> tuple[Missing, ...]:
    """Everything that keeps the bot from starting; empty when it can start."""
    found: list[Missing] = []
    loopback = _loopback(settings.host)
    if not settings.database_url.startswith("sqlite+aiosqlite:///"):
        found.append(Missing("EMBARQUE_DATABASE_URL", "must be sqlite+aiosqlite:///path/to/file.db"))
    if settings.content is not None and not settings.content.is_dir():
        found.append(Missing("EMBARQUE_CONTENT", f"there is no folder {settings.content}"))
    if not (settings.slack or settings.teams or web):
        found.append(
            Missing(
                "SLACK_BOT_TOKEN or TEAMS_APP_ID",
                "no platform is set up; see README, Connect Slack and Connect Teams",
            )
        )
    if settings.slack:
        if settings.slack_bot_token is None:
            found.append(
                Missing("SLACK_BOT_TOKEN", "the bot token xoxb-…, from OAuth & Permissions of your Slack app")
            )
        elif not settings.slack_bot_token.get_secret_value().startswith("xoxb-"):
            found.append(
                Missing("SLACK_BOT_TOKEN", "must begin with xoxb-; a user or app token does not work here")
            )
        if settings.slack_signing_secret is None:
            found.append(
                Missing(
                    "SLACK_SIGNING_SECRET", "the signing secret, from Basic Information of your Slack app"
                )
            )
        if not settings.slack_api_url.endswith("/"):
            found.append(Missing("SLACK_API_URL", "must end with a slash"))
    if settings.teams and not dev:
        for name, value, why in (
            ("TEAMS_APP_ID", settings.teams_app_id, "the application (client) id of the bot's registration"),
            ("TEAMS_APP_PASSWORD", settings.teams_app_password, "a client secret of that registration"),
            ("TEAMS_TENANT_ID", settings.teams_tenant_id, "the directory (tenant) id that may use the bot"),
        ):
            if not value:
                found.append(Missing(name, why))
    if (dev or web) and not loopback:
        found.append(
            Missing("EMBARQUE_HOST", "--dev and the browser chat have no login: they run on 127.0.0.1 only")
        )
    return tuple(found)


def _loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
