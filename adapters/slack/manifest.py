"""The Slack app as Embarque needs it: its manifest, and the one list of scopes and events."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

COMMAND = "/embarque"
REQUEST_PATH = "/slack/events"
NAME_LENGTH = 35
DISPLAY_NAME = "embarque"
DISPLAY_NAME_LENGTH = 80
COLOUR = "#0b6e69"
"""That of the browser chat; Slack wants a dark one."""

# What the bot serves, and nothing else. To add: a method of the Web API brings its scope, an event brings its own
# (message.im needs im:history); the Home tab is `home_tab_enabled` below, shortcuts are `features.shortcuts`, and
# several workspaces are `oauth_config.redirect_urls`. The tests compare this with what the adapter calls and hears.
SCOPES = (
    "app_mentions:read",  # app_mention
    "channels:history",  # whether a message in doubt arrived in the channel of the summary…
    "chat:write",  # post, update, whisper
    "commands",
    "groups:history",  # … or in a private one, where the bot was invited
    "im:history",  # message.im, and a message in doubt to one person
    "im:write",  # write to somebody first
    "users:read",  # team_join
)
APP_SCOPE = "connections:write"
"""The scope of the app-level token, which is made by hand: no manifest holds it. Socket Mode only."""
EVENTS: Mapping[str, str] = {
    "app_home_opened": "",
    "app_mention": "app_mentions:read",
    "message.im": "im:history",
    "team_join": "users:read",
}
"""Events that are subscribed to, with the scope without which Slack does not deliver them (empty: none)."""


@dataclass(frozen=True, slots=True)
class Words:
    """What people read of the app. Slack's limits: name 35, description 140, long_description 175 to 4000.

    command: what the slash command is for. hint: the words that may follow it.
    """

    name: str
    description: str
    long_description: str
    command: str
    hint: str


def manifest(words: Words, address: str | None) -> dict[str, Any]:
    """The manifest, in the form that Slack's editor takes.

    address: https://host or https://host/prefix, where Slack finds the bot; None for Socket Mode.
    """
    request = {} if address is None else {"url": f"{address}{REQUEST_PATH}"}
    request_url = {f"request_{key}": value for key, value in request.items()}
    return {
        "_metadata": {"major_version": 2, "minor_version": 1},
        "display_information": {
            "name": words.name,
            "description": words.description,
            "long_description": words.long_description,
            "background_color": COLOUR,
        },
        "features": {
            "app_home": {
                "home_tab_enabled": False,
                "messages_tab_enabled": True,
                "messages_tab_read_only_enabled": False,
            },
            "bot_user": {"display_name": display_name(words.name), "always_online": True},
            "slash_commands": [
                {
                    "command": COMMAND,
                    **request,
                    "description": words.command,
                    "usage_hint": words.hint,
                    "should_escape": True,
                }
            ],
        },
        "oauth_config": {"scopes": {"bot": list(SCOPES)}},
        "settings": {
            "event_subscriptions": {**request_url, "bot_events": list(EVENTS)},
            "interactivity": {"is_enabled": True, **request_url},
            "org_deploy_enabled": False,
            "socket_mode_enabled": address is None,
            "token_rotation_enabled": False,
        },
    }


def display_name(name: str) -> str:
    """The name of the bot's user: Slack allows small plain letters, figures and - _ . only."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9._-]+", "-", plain)[:DISPLAY_NAME_LENGTH].strip("-._") or DISPLAY_NAME
