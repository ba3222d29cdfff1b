"""What keeps the bot from starting is named all at once, and no secret is ever shown."""

from pathlib import Path

import pytest

from bot.config import Settings, missing

NAMES = [str(one.validation_alias) for one in Settings.model_fields.values()]
SECRETS = {
    "SLACK_BOT_TOKEN": "xoxb-canari-1",
    "SLACK_SIGNING_SECRET": "canari-2",
    "SLACK_APP_TOKEN": "xapp-canari-3",
    "TEAMS_APP_PASSWORD": "canari-4",
    "EMBARQUE_DATABASE_URL": "postgresql://embarque:canari-5@db.example.org/embarque?password=canari-6",
}


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)


def named(environment: dict[str, str], monkeypatch: pytest.MonkeyPatch, **how: bool) -> list[str]:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return [one.name for one in missing(Settings(), **how)]


def test_everything_that_is_wrong_is_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Would have caught: an operator who mends one setting a start, five starts long."""
    wrong = {
        "EMBARQUE_DATABASE_URL": "mysql://x",
        "EMBARQUE_CONTENT": "/there/is/no/such/folder",
        "SLACK_BOT_TOKEN": "xoxp-user-token",
        "SLACK_API_URL": "https://slack.com/api",
        "TEAMS_APP_ID": "1",
    }
    assert named(wrong, monkeypatch) == [
        "EMBARQUE_DATABASE_URL",
        "EMBARQUE_CONTENT",
        "SLACK_BOT_TOKEN",
        "SLACK_SIGNING_SECRET",
        "SLACK_API_URL",
        "TEAMS_APP_PASSWORD",
        "TEAMS_TENANT_ID",
    ]


def test_each_reason_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    """Would have caught: a name without a word on where to find its value."""
    monkeypatch.setenv("SLACK_APP_TOKEN", "xoxb-1")
    monkeypatch.setenv("TEAMS_APP_ID", "1")
    found = missing(Settings())
    assert {one.name for one in found} == {
        "SLACK_BOT_TOKEN",
        "SLACK_APP_TOKEN",
        "TEAMS_APP_PASSWORD",
        "TEAMS_TENANT_ID",
    }
    assert all(len(one.why) > 20 for one in found)


def test_without_any_platform_it_does_not_start_and_with_the_browser_it_does(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Would have caught: a bot that starts and answers nobody."""
    assert named({}, monkeypatch) == ["SLACK_BOT_TOKEN or TEAMS_APP_ID"]
    assert named({}, monkeypatch, web=True) == []


def test_a_complete_slack_starts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Would have caught: a check that asks for more than is needed."""
    whole = {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_SIGNING_SECRET": "s", "EMBARQUE_CONTENT": str(tmp_path)}
    assert named(whole, monkeypatch) == []


@pytest.mark.parametrize("secret", [{}, {"SLACK_SIGNING_SECRET": "s"}])
def test_an_app_token_stands_in_for_the_signing_secret_or_beside_it(
    secret: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Would catch a company without a public address that is asked for a secret which it has no use for."""
    whole = {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_APP_TOKEN": "xapp-1", **secret}
    assert named(whole, monkeypatch) == []


@pytest.mark.parametrize("token", ["xoxb-1", "xoxp-1", "1", ""])
def test_an_app_token_that_is_none_is_named_before_anything_starts(
    token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Would catch the two tokens of Slack taken for one another, noticed only in a log."""
    whole = {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_SIGNING_SECRET": "s", "SLACK_APP_TOKEN": token}
    assert named(whole, monkeypatch) == ["SLACK_APP_TOKEN"]


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.4", "example.com", "::", ""])
@pytest.mark.parametrize("how", [{"dev": True}, {"web": True}])
def test_what_has_no_login_runs_on_loopback_only(
    host: str, how: dict[str, bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Would have caught: the browser chat, or Teams without tokens, open to the network."""
    assert "EMBARQUE_HOST" in named({"EMBARQUE_HOST": host}, monkeypatch, **how)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1", "127.0.0.9"])
def test_loopback_is_accepted(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Would have caught: a demo that refuses its own machine."""
    assert named({"EMBARQUE_HOST": host}, monkeypatch, web=True) == []


def test_teams_without_authentication_needs_the_flag(monkeypatch: pytest.MonkeyPatch) -> None:
    """Would have caught: an empty password that turns authentication off."""
    assert named({"TEAMS_APP_ID": "1", "TEAMS_APP_PASSWORD": ""}, monkeypatch) == [
        "TEAMS_APP_PASSWORD",
        "TEAMS_TENANT_ID",
    ]
    assert missing(Settings(), dev=True) == ()


def test_no_secret_is_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Would have caught: a token in a start-up message, a traceback or a dump of the settings."""
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    settings = Settings()
    told = [
        repr(settings),
        str(settings),
        settings.model_dump_json(),
        str(settings.model_dump()),
        repr(missing(settings)),
    ]
    assert not any("canari" in text for text in told)


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_the_address_of_postgresql_may_be_written_as_hosts_give_it(
    scheme: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Would catch an operator who pastes what the panel shows, and is told that it is wrong."""
    given = f"{scheme}://u:p%40ss@db.example.org:5432/embarque?sslmode=require"
    monkeypatch.setenv("EMBARQUE_DATABASE_URL", f" {given}\n")
    settings = Settings()
    whole = given.replace(f"{scheme}://", "postgresql+psycopg://")
    assert (settings.database_url, missing(settings, web=True)) == (whole, ())


@pytest.mark.parametrize(
    "wrong",
    [
        "postgresql://u:p@host",
        "postgresql://u:p@host/",
        "postgresql://u:p@host:port/name",
        "postgresql://u:p/w@host/name",
        "postgresql:///name",
        "postgresql+asyncpg://u:p@host/name",
        "sqlite+aiosqlite:///",
        "sqlite:///file.db",
        "embarque.db",
        "",
    ],
)
def test_an_address_that_cannot_work_is_named_before_anything_starts(
    wrong: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Would catch a start that fails three layers further down, with a driver's words."""
    assert named({"EMBARQUE_DATABASE_URL": wrong}, monkeypatch, web=True) == ["EMBARQUE_DATABASE_URL"]


def test_a_socket_of_postgresql_is_an_address_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """Would catch a check that knows no database on the same machine."""
    there = {"EMBARQUE_DATABASE_URL": "postgresql://embarque@/embarque?host=/var/run/postgresql"}
    assert named(there, monkeypatch, web=True) == []
