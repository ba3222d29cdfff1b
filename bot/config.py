"""Settings from the environment; everything that is missing or wrong is named at once."""

import ipaddress
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_serializer, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

SQLITE, POSTGRES = "sqlite+aiosqlite:///", "postgresql+psycopg://"


class Settings(BaseSettings):
    """What the environment says. Secrets show as stars wherever they are printed."""

    model_config = SettingsConfigDict(extra="ignore")

    database_url: str = Field(
        "sqlite+aiosqlite:///var/embarque.db", validation_alias="EMBARQUE_DATABASE_URL", repr=False
    )
    content: Path | None = Field(None, validation_alias="EMBARQUE_CONTENT")
    host: str = Field("127.0.0.1", validation_alias="EMBARQUE_HOST")
    port: int = Field(8080, ge=1, le=65535, validation_alias="EMBARQUE_PORT")
    tenant: str = Field("main", validation_alias="EMBARQUE_TENANT", pattern=r"^[A-Za-z0-9_-]{1,40}$")

    drain_seconds: float = Field(0.0, ge=0, le=120, validation_alias="EMBARQUE_DRAIN_SECONDS")
    """How long a stop waits, not ready but serving, for load balancers to notice."""

    slack_bot_token: SecretStr | None = Field(None, validation_alias="SLACK_BOT_TOKEN")
    slack_signing_secret: SecretStr | None = Field(None, validation_alias="SLACK_SIGNING_SECRET")
    slack_app_token: SecretStr | None = Field(None, validation_alias="SLACK_APP_TOKEN")
    slack_api_url: str = Field("https://slack.com/api/", validation_alias="SLACK_API_URL")
    slack_team: str | None = Field(None, validation_alias="SLACK_TEAM_ID")
    slack_rate: float = Field(5.0, gt=0, le=1000, validation_alias="SLACK_MESSAGES_PER_SECOND")

    teams_app_id: str | None = Field(None, validation_alias="TEAMS_APP_ID")
    teams_app_password: SecretStr | None = Field(None, validation_alias="TEAMS_APP_PASSWORD")
    teams_tenant_id: str | None = Field(None, validation_alias="TEAMS_TENANT_ID")
    teams_service_hosts: str = Field("smba.trafficmanager.net", validation_alias="TEAMS_SERVICE_HOSTS")
    teams_rate: float = Field(20.0, gt=0, le=1000, validation_alias="TEAMS_REQUESTS_PER_SECOND")

    @field_validator("database_url")
    @classmethod
    def _named_in_full(cls, given: str) -> str:
        """Hosts and panels give postgres:// or postgresql://."""
        scheme, mark, rest = given.strip().partition("://")
        return f"{POSTGRES}{rest}" if mark and scheme in {"postgres", "postgresql"} else given.strip()

    @field_serializer("database_url")
    def _without_password(self, given: str) -> str:
        scheme, mark, rest = given.partition("://")
        return f"{scheme}{mark}{rest.rpartition('@')[2].partition('?')[0]}"

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
    if not _database_address(settings.database_url):
        found.append(
            Missing(
                "EMBARQUE_DATABASE_URL",
                "must be sqlite+aiosqlite:///path/to/file.db or postgresql://user:password@host:5432/name "
                "(with %XX for the signs / @ : # ? % of a password)",
            )
        )
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
        found.extend(_missing_for_slack(settings))
    if settings.teams and not dev:
        found.extend(_missing_for_teams(settings))
    if (dev or web) and not loopback:
        found.append(
            Missing("EMBARQUE_HOST", "--dev and the browser chat have no login: they run on 127.0.0.1 only")
        )
    return tuple(found)


def _missing_for_slack(settings: Settings) -> Iterator[Missing]:
    if settings.slack_bot_token is None:
        yield Missing("SLACK_BOT_TOKEN", "the bot token xoxb-…, from OAuth & Permissions of your Slack app")
    elif not settings.slack_bot_token.get_secret_value().startswith("xoxb-"):
        yield Missing("SLACK_BOT_TOKEN", "must begin with xoxb-; a user or app token does not work here")
    if settings.slack_app_token is None:
        if settings.slack_signing_secret is None:
            yield Missing(
                "SLACK_SIGNING_SECRET",
                "the signing secret, from Basic Information of your Slack app; or, without a public address, "
                "SLACK_APP_TOKEN for Socket Mode",
            )
    elif not settings.slack_app_token.get_secret_value().startswith("xapp-"):
        yield Missing(
            "SLACK_APP_TOKEN",
            "must begin with xapp-: an app-level token with connections:write, "
            "from Basic Information of your Slack app",
        )
    if not settings.slack_api_url.endswith("/"):
        yield Missing("SLACK_API_URL", "must end with a slash")


def _missing_for_teams(settings: Settings) -> Iterator[Missing]:
    for name, value, why in (
        ("TEAMS_APP_ID", settings.teams_app_id, "the application (client) id of the bot's registration"),
        ("TEAMS_APP_PASSWORD", settings.teams_app_password, "a client secret of that registration"),
        ("TEAMS_TENANT_ID", settings.teams_tenant_id, "the directory (tenant) id that may use the bot"),
    ):
        if not value:
            yield Missing(name, why)


def _database_address(url: str) -> bool:
    if url.startswith(SQLITE):
        return len(url) > len(SQLITE)
    if not url.startswith(POSTGRES):
        return False
    try:
        parts = urlsplit(url)
        named = parts.hostname or "host=" in parts.query
        return bool(named) and parts.port != 0 and len(parts.path) > 1 and "/" not in parts.path[1:]
    except ValueError:  # a port that is no number, or half of an IPv6 address
        return False


def _loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
