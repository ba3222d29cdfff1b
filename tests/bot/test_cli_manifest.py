"""embarque manifest: what is pasted into Slack, and what is said when it cannot be made."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.bot.cli_runner import Terminal
from tests.doubles.slack_manifest import manifest_faults

HOST = "https://bot.example.com"
SLACK = ("manifest", "slack")


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    return Terminal(tmp_path)


def made(terminal: Terminal, *words: str) -> dict[str, Any]:
    done = terminal.types(*SLACK, *words)
    assert done.exit_code == 0, done.output
    assert done.stderr == ""
    found = json.loads(done.stdout)
    assert manifest_faults(found) == []
    return dict(found)


@pytest.mark.parametrize("lang", ["fr", "en", "fr-FR"])
def test_a_manifest_is_made_in_the_language_asked_for(lang: str, terminal: Terminal) -> None:
    """Would catch a manifest that cannot be pasted as it is, or a French company with an English command."""
    found = made(terminal, "--url", HOST, "--lang", lang)
    command = found["features"]["slash_commands"][0]
    assert command["command"] == "/embarque"
    assert command["should_escape"] is True
    assert ("bilan" if lang.startswith("fr") else "digest") in command["usage_hint"]
    about = found["display_information"]["description"]
    assert about.startswith("Questions guidées" if lang.startswith("fr") else "Guided questions")
    assert found["features"]["app_home"]["messages_tab_read_only_enabled"] is False
    settings = found["settings"]
    assert settings["event_subscriptions"]["request_url"] == f"{HOST}/slack/events" == command["url"]
    assert settings["interactivity"] == {"is_enabled": True, "request_url": f"{HOST}/slack/events"}
    for later in ("socket_mode_enabled", "org_deploy_enabled", "token_rotation_enabled"):
        assert settings[later] is False


@pytest.mark.parametrize("more", [(), ("--url", HOST)])
def test_socket_mode_needs_and_shows_no_address(more: tuple[str, ...], terminal: Terminal) -> None:
    """Would catch a company without a public address that is asked for one, or events sent to the wrong place."""
    found = made(terminal, "--socket", *more)
    assert found["settings"]["socket_mode_enabled"] is True
    assert "https://" not in json.dumps(found)


def test_the_same_is_had_as_yaml(terminal: Terminal) -> None:
    """Would catch a YAML that says something else, or that loses the accents."""
    done = terminal.types(*SLACK, "--url", HOST, "--lang", "fr", "--yaml", "--name", "Équipe Web")
    assert yaml.safe_load(done.stdout) == made(
        terminal, "--url", HOST, "--lang", "fr", "--name", "Équipe Web"
    )
    assert "Équipe Web accompagne" in done.stdout


@pytest.mark.parametrize("name", ["É" * 35, "A", 'Quote " and \\', "電子商取引"])
def test_any_name_of_the_right_length_makes_a_sound_manifest(name: str, terminal: Terminal) -> None:
    """Would catch a name that breaks the JSON or Slack's rules for the bot's user."""
    assert made(terminal, "--socket", "--name", name)["display_information"]["name"] == name


@pytest.mark.parametrize(
    ("given", "address"),
    [
        ("https://bot.example.com/", "https://bot.example.com"),
        ("HTTPS://Bot.Example.COM:443", "https://bot.example.com"),
        ("https://example.com/bots/embarque/", "https://example.com/bots/embarque"),
        ("https://bot.example.com:8443", "https://bot.example.com:8443"),
        ("https://café.example", "https://xn--caf-dma.example"),
    ],
)
def test_an_address_is_taken_as_people_write_it(given: str, address: str, terminal: Terminal) -> None:
    """Would catch two slashes in a row, or a good address refused."""
    found = made(terminal, "--url", given)
    assert found["settings"]["interactivity"]["request_url"] == f"{address}/slack/events"


@pytest.mark.parametrize(
    ("words", "english", "french"),
    [
        ((), "--socket", "Sans adresse publique"),
        (("--url", ""), "must begin with https://", "doit commencer par https://"),
        (("--url", "bot.example.com"), "must begin with https://", "doit commencer par https://"),
        (("--url", "http://bot.example.com"), "must begin with https://", "doit commencer par https://"),
        (("--url", "https://"), "not a whole address", "pas une adresse complète"),
        (("--url", "https://bot.example.com:many"), "not a whole address", "pas une adresse complète"),
        (("--url", "https://bot.example.com:0"), "not a whole address", "pas une adresse complète"),
        (("--url", "https://[::1"), "not a whole address", "pas une adresse complète"),
        (("--url", "https://bot example.com"), "not a whole address", "pas une adresse complète"),
        (("--url", "https://bot_1.example.com"), "not a whole address", "pas une adresse complète"),
        (("--url", "https://a..example.com"), "not a whole address", "pas une adresse complète"),
        (("--url", f"https://{'a' * 64}.example.com"), "not a whole address", "pas une adresse complète"),
        (("--url", "https://u:canary@bot.example.com"), "no user name", "ni nom d'utilisateur"),
        (("--url", "https://bot.example.com?a=canary"), "no user name", "ni nom d'utilisateur"),
        (("--url", "https://bot.example.com/#"), "no user name", "ni nom d'utilisateur"),
        (("--url", f"{HOST}/slack/events"), "without /slack/events", "sans /slack/events"),
        (("--url", f"{HOST}/a/../b"), "short prefix", "préfixe court"),
        (("--url", f"{HOST}//a"), "short prefix", "préfixe court"),
        (("--url", f"{HOST}/été"), "short prefix", "préfixe court"),
        (("--url", "https://localhost"), "cannot reach “localhost”", "ne peut pas joindre"),
        (("--url", "https://127.0.0.1:8080"), "cannot reach “127.0.0.1”", "ne peut pas joindre"),
        (("--url", "https://[fd00::1]"), "cannot reach “fd00::1”", "ne peut pas joindre"),
        (("--url", "https://bot.internal"), "cannot reach", "ne peut pas joindre"),
        (
            ("--socket", "--url", "http://bot.example.com"),
            "must begin with https://",
            "commencer par https://",
        ),
        (("--socket", "--name", "N" * 36), "1 to 35", "1 à 35"),
        (("--socket", "--name", "  "), "1 to 35", "1 à 35"),
        (("--socket", "--name", "a\u202eb"), "printable", "imprimables"),
    ],
)
def test_what_is_wrong_is_told_with_what_to_do(
    words: tuple[str, ...], english: str, french: str, terminal: Terminal
) -> None:
    """Would catch a manifest that Slack takes and that then never reaches the bot, or a password on a screen."""
    for lang, told in (("en", english), ("fr", french)):
        done = terminal.types(*SLACK, *words, "--lang", lang)
        assert done.exit_code == 1, done.output
        assert told in done.stderr.replace("\u00a0", " ")
        assert done.stdout == ""
        assert "canary" not in done.output
