"""What the manifest asks of a workspace, against what the adapter calls and hears."""

import ast
import inspect
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack import inbound
from adapters.slack.app import SlackEdge
from adapters.slack.envelope import Envelope
from adapters.slack.inbound import activity
from adapters.slack.manifest import (
    APP_SCOPE,
    COMMAND,
    EVENTS,
    REQUEST_PATH,
    SCOPES,
    Words,
    display_name,
    manifest,
)
from dialogs.commands import Command, understand
from tests.doubles.slack_manifest import manifest_faults

ROOT = Path(__file__).parents[2]
CALLERS = (*(ROOT / "adapters/slack").glob("*.py"), ROOT / "bot/commands/doctor_slack.py")
NEEDS = {
    # From Slack's reference: what a bot's token must have for a method. Conversations of every kind that we are in.
    "apps.connections.open": {APP_SCOPE},
    "auth.test": set(),
    "bots.info": {"users:read"},
    "chat.postEphemeral": {"chat:write"},
    "chat.postMessage": {"chat:write"},
    "chat.update": {"chat:write"},
    "conversations.history": {"channels:history", "groups:history", "im:history"},
    "conversations.open": {"im:write"},
    "views.open": set(),
    "views.push": set(),
}
METHODS = {
    name.replace("_", "."): name
    for name, made in inspect.getmembers(AsyncWebClient, inspect.iscoroutinefunction)
    if "_" in name.strip("_") and name != "api_call"
}
WORDS = Words("Embarque", "d", "l" * 175, "c", "[help]")


def called() -> set[str]:
    """Methods of Slack's Web API that stand in our code: as the SDK's function, or by their own name."""
    attributes = {python: name for name, python in METHODS.items()}
    found: set[str] = set()
    for file in CALLERS:
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Attribute) and node.attr in attributes:
                found.add(attributes[node.attr])
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value in METHODS:
                found.add(node.value)
    return found


def test_every_method_that_is_called_has_its_scope_and_no_scope_is_asked_for_nothing() -> None:
    """Would catch a call that fails with missing_scope in every company, and a right that nobody needs."""
    assert called() == set(NEEDS), "a method of the Web API came or went: say here which scopes it needs"
    asked = set().union(*NEEDS.values()) - {APP_SCOPE}
    asked |= {scope for scope in EVENTS.values() if scope} | {"commands"}
    assert set(SCOPES) == asked
    assert list(SCOPES) == sorted(set(SCOPES))


@pytest.mark.parametrize("event", EVENTS)
def test_every_event_that_is_subscribed_to_is_understood(event: str) -> None:
    """Would catch events that Slack sends for nothing, with what people wrote in them."""
    kind, _, where = event.partition(".")
    person = {"id": "U2", "real_name": "First Last"}
    given = {
        "type": kind,
        "user": person if kind == "team_join" else "U2",
        "channel": "D1" if where == "im" else "C1",
        "channel_type": where,
        "text": "help",
        "ts": "1784700000.000100",
    }
    body = {"type": "event_callback", "team_id": "T1", "event_id": "Ev1", "event": given}
    assert activity(Envelope("event", body), datetime(2026, 9, 28, tzinfo=UTC)) is not None


def test_every_event_that_is_understood_is_subscribed_to() -> None:
    """Would catch a feature that works in tests and never in a workspace, which nobody told to send the event."""
    read = inspect.getsource(inbound._event)
    assert set(re.findall(r'case "(\w+)"', read)) == {one.partition(".")[0] for one in EVENTS}


def test_slack_sends_to_the_path_that_is_served_and_the_command_is_ours() -> None:
    """Would catch a manifest of another path or command than those that the bot answers."""
    made = manifest(WORDS, "https://bot.example.com")
    assert SlackEdge.path == REQUEST_PATH
    assert made["settings"]["event_subscriptions"]["request_url"].endswith(SlackEdge.path)
    assert understand(f"{COMMAND} aide").command is Command.HELP


@pytest.mark.parametrize("address", ["https://bot.example.com", None])
def test_the_manifest_keeps_slacks_rules_with_words_of_every_length(address: str | None) -> None:
    """Would catch a manifest that Slack's editor refuses."""
    longest = Words("N" * 35, "d" * 140, "l" * 4000, "c" * 2000, "h" * 1000)
    for words in (WORDS, longest):
        assert manifest_faults(manifest(words, address)) == []


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Embarque", "embarque"),
        ("Équipe Web – Québec", "equipe-web-quebec"),
        ("  ...  ", "embarque"),
        ("電子商取引", "embarque"),
        ("a.b_c-1", "a.b_c-1"),
    ],
)
def test_the_bots_user_has_a_name_that_slack_allows(name: str, shown: str) -> None:
    """Would catch a whole manifest refused because of an accent in the name of the app."""
    assert display_name(name) == shown
