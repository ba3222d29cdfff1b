"""What the doctor says of Slack: which scope, token or event is wrong, and on which page it is put right."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from adapters.slack.manifest import EVENTS, SCOPES
from tests.bot.cli_runner import PEOPLE, Terminal
from tests.doubles.slack_tokens import APP_TOKEN, BOT_TOKEN, TokenDouble

SECRET = "0123456789abcdef" * 2
GIVEN = {"SLACK_BOT_TOKEN": BOT_TOKEN, "SLACK_SIGNING_SECRET": SECRET, "SLACK_APP_TOKEN": APP_TOKEN}
CHANNEL = ("people", "channel", "direction", "--platform", "slack", "--team", "T1", "--conversation", "C1")


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    return Terminal(tmp_path)


async def asked(terminal: Terminal, slack: TokenDouble, lang: str = "en", **given: str) -> str:
    """What the doctor says; no secret may be in it."""
    whole = {**GIVEN, "SLACK_API_URL": slack.url, **given}
    done = await asyncio.to_thread(terminal.types, "doctor", "--lang", lang, **whole)
    for secret in (BOT_TOKEN, APP_TOKEN, SECRET, "canary"):
        assert secret not in done.output
    return done.output.replace("\u00a0", " ").replace("\u202f", " ")


def advice(said: str, subject: str) -> str:
    """The finding of a subject that is to fix, with what to do about it."""
    lines = said.splitlines()
    places = [
        at for at, line in enumerate(lines) if line.startswith(("TO FIX", "CORRIGER")) and subject in line
    ]
    assert places, said
    return "\n".join(f"{lines[at]}\n{lines[at + 1]}" for at in places)


async def test_an_app_that_is_set_up_well_is_found_well(terminal: Terminal) -> None:
    """Would catch a doctor that finds fault with what the manifest makes."""
    async with TokenDouble().running() as slack:
        said = await asked(terminal, slack, SLACK_TEAM_ID="T1")
        assert ("apps.connections.open", APP_TOKEN) in slack.asked
    for line in (
        "OK       Slack: token accepted, workspace Example Co (T1)",
        "OK       Slack scopes: complete",
        "OK       Socket Mode: app-level token accepted",
        "OK       clock: right",
    ):
        assert line in said, said


async def test_without_an_app_level_token_socket_mode_is_not_spoken_of(terminal: Terminal) -> None:
    """Would catch an operator of signed requests who is sent to make a token that nobody needs."""
    async with TokenDouble().running() as slack:
        given = {**GIVEN, "SLACK_API_URL": slack.url}
        del given["SLACK_APP_TOKEN"]
        done = await asyncio.to_thread(terminal.types, "doctor", "--lang", "en", **given)
    assert "Socket Mode:" not in done.output
    assert [method for method, _ in slack.asked] == ["auth.test"]


@pytest.mark.parametrize("scope", SCOPES)
async def test_each_missing_scope_is_named_with_the_events_that_it_costs(
    scope: str, terminal: Terminal
) -> None:
    """Would catch a bot that hears nothing, or cannot write first, while all is said to be in order."""
    granted = ",".join(one for one in SCOPES if one != scope)
    async with TokenDouble(headers={"X-OAuth-Scopes": granted}).running() as slack:
        said = await asked(terminal, slack)
    told = advice(said, "Slack scopes")
    assert f"missing: {scope}\n" in told
    assert "Bot Token Scopes" in told
    assert "Install App" in told
    for event, needed in EVENTS.items():
        if needed == scope:
            assert event in advice(said, "Slack events")


@pytest.mark.parametrize(
    ("word", "english", "french"),
    [
        ("invalid_auth", "page OAuth & Permissions", "page OAuth & Permissions"),
        ("not_authed", "page OAuth & Permissions", "page OAuth & Permissions"),
        ("account_inactive", "page Install App", "page Install App"),
        ("token_revoked", "page Install App", "page Install App"),
        ("token_expired", "token rotation is on", "rotation des jetons est active"),
        ("not_allowed_token_type", "this is no bot token", "ce n'est pas un jeton de robot"),
        ("ratelimited", "in a minute", "dans une minute"),
        ("ekm_access_denied", "page OAuth & Permissions", "page OAuth & Permissions"),
    ],
)
async def test_a_bot_token_that_is_refused_is_told_with_its_page(
    word: str, english: str, french: str, terminal: Terminal
) -> None:
    """Would catch an operator left with Slack's word alone."""
    async with TokenDouble({"auth.test": word}).running() as slack:
        for lang, told in (("en", english), ("fr", french)):
            line = advice(await asked(terminal, slack, lang), "SLACK_BOT_TOKEN")
            assert word in line
            assert told in line


@pytest.mark.parametrize(
    ("word", "english", "french"),
    [
        (
            "invalid_auth",
            "App-Level Tokens, with connections:write",
            "App-Level Tokens, avec connections:write",
        ),
        ("token_revoked", "make a token", "créez un jeton"),
        ("missing_scope", "lacks connections:write", "n'a pas connections:write"),
        ("not_allowed_token_type", "begins with xapp-", "commence par xapp-"),
        ("ratelimited", "in a minute", "dans une minute"),
        ("anything_else", "Enable Socket Mode", "Enable Socket Mode"),
    ],
)
async def test_an_app_level_token_that_is_refused_is_told_with_its_page(
    word: str, english: str, french: str, terminal: Terminal
) -> None:
    """Would catch a bot without a connection, and nobody who knows that one of two tokens is to blame."""
    async with TokenDouble({"apps.connections.open": word}).running() as slack:
        for lang, told in (("en", english), ("fr", french)):
            said = await asked(terminal, slack, lang)
            line = advice(said, "SLACK_APP_TOKEN")
            assert word in line
            assert told in line
            assert "Example Co" in said  # the bot token is not blamed


async def test_the_bot_token_in_the_place_of_the_app_level_token_is_recognised(terminal: Terminal) -> None:
    """Would catch the most common mistake of all, told as "invalid"."""
    async with TokenDouble().running() as slack:
        said = await asked(terminal, slack, SLACK_APP_TOKEN=BOT_TOKEN)
    assert "SLACK_APP_TOKEN takes the one that begins with xapp-" in said


async def test_tokens_of_two_apps_are_told_apart(terminal: Terminal) -> None:
    """Would catch a bot that connects, and hears nothing since the events go to another app."""
    async with TokenDouble().running() as slack:
        said = await asked(terminal, slack, SLACK_APP_TOKEN="xapp-1-A0OTHER-1-canary")
    assert "of two different apps" in advice(said, "Socket Mode")


@pytest.mark.parametrize("secret", ["canary", SECRET[:-1], SECRET.upper(), f"{SECRET} ", "v0=" + SECRET])
async def test_a_signing_secret_of_another_form_is_told(secret: str, terminal: Terminal) -> None:
    """Would catch a Client Secret or half of a paste, with which every request of Slack's is turned away."""
    async with TokenDouble().running() as slack:
        said = await asked(terminal, slack, SLACK_SIGNING_SECRET=secret)
    assert "Basic Information, App Credentials" in advice(said, "SLACK_SIGNING_SECRET")


async def test_another_workspace_is_told_and_an_organisation_is_not(terminal: Terminal) -> None:
    """Would catch a test workspace's token in production, of which every event is refused."""
    whole = {"team": "Example Co", "team_id": "T1", "enterprise_id": "E1", "bot_id": "B1"}
    async with TokenDouble({"auth.test": whole}).running() as slack:
        other = await asked(terminal, slack, SLACK_TEAM_ID="T2")
        own = await asked(terminal, slack, SLACK_TEAM_ID="E1")
    assert "correct SLACK_TEAM_ID" in advice(other, "another workspace: T1")
    assert "another workspace" not in own


async def test_a_clock_that_is_off_is_told(terminal: Terminal) -> None:
    """Would catch a machine whose clock makes every signature too old."""
    async with TokenDouble(headers={"Date": "Mon, 28 Sep 2020 10:00:00 GMT"}).running() as slack:
        assert "(NTP)" in advice(await asked(terminal, slack), "clock")


@pytest.mark.parametrize(
    "broken", [TokenDouble(is_html=True), TokenDouble({"auth.test": f"bad {BOT_TOKEN}"})]
)
async def test_what_stands_in_between_is_told_and_its_words_are_not_repeated(
    broken: TokenDouble, terminal: Terminal
) -> None:
    """Would catch a proxy's page taken for Slack's word, or one that brings the token into a ticket."""
    async with broken.running() as slack:
        assert advice(await asked(terminal, slack), "Slack:")


@pytest.mark.parametrize("broken", ["xoxb-1-canary\n", "xoxb-1 canary", "xoxb-…-canary"])
async def test_a_token_that_no_header_can_hold_is_a_wrong_token(broken: str, terminal: Terminal) -> None:
    """Would catch a line break that came with a paste, told as a network that is down."""
    async with TokenDouble().running() as slack:
        said = await asked(terminal, slack, SLACK_BOT_TOKEN=broken)
    assert "page OAuth & Permissions" in advice(said, "SLACK_BOT_TOKEN: invalid_auth")


async def test_the_doctor_says_when_slack_was_last_heard(terminal: Terminal) -> None:
    """Would catch events that go nowhere: no API tells which are subscribed to, but what came in does."""
    await asyncio.to_thread(terminal.imports, PEOPLE)
    await asyncio.to_thread(terminal.types, *CHANNEL)
    async with TokenDouble().running() as slack:
        silent = await asked(terminal, slack)
        with closing(sqlite3.connect(terminal.database)) as connection, connection:
            connection.executemany(
                "insert into inbound_event (platform, team, event, received_at) values (?, 'T1', 'e', ?)",
                [("slack", "2026-01-02 03:04:05.000000"), ("teams", "2026-02-02 03:04:05.000000")],
            )
        heard = await asked(terminal, slack)
    assert "page Event Subscriptions" in silent
    assert all(event in silent for event in EVENTS)
    assert "the last one came on 2026-01-02 03:04 UTC" in heard
