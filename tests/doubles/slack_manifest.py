"""Slack's rules for an app manifest, as its editor applies them to what this app has in it."""

from typing import Any

from jsonschema import Draft202012Validator

Json = dict[str, Any]
ADDRESS = {"type": "string", "pattern": r"^https://[^\s/?#@]+(/[^\s?#]*)?$"}
FLAG = {"type": "boolean"}


def _text(most: int, least: int = 1, pattern: str = r"\S") -> Json:
    return {"type": "string", "minLength": least, "maxLength": most, "pattern": pattern}


def _group(needed: str = "", **members: Json) -> Json:
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": members,
        "required": needed.split(),
    }


def _list(most: int, of: Json) -> Json:
    return {"type": "array", "maxItems": most, "uniqueItems": True, "items": of}


SCHEMA = _group(
    "display_information",
    _metadata=_group(major_version={"enum": [1, 2]}, minor_version={"type": "integer"}),
    display_information=_group(
        "name",
        name=_text(35),
        description=_text(140),
        long_description=_text(4000, 175),
        background_color=_text(7, 4, r"^#([0-9a-fA-F]{3}){1,2}$"),
    ),
    features=_group(
        app_home=_group(
            home_tab_enabled=FLAG, messages_tab_enabled=FLAG, messages_tab_read_only_enabled=FLAG
        ),
        bot_user=_group("display_name", display_name=_text(80, 1, r"^[a-z0-9._-]+$"), always_online=FLAG),
        slash_commands=_list(
            50,
            _group(
                "command description",
                command=_text(32, 2, r"^/[^\s/]+$"),
                url=ADDRESS,
                description=_text(2000),
                usage_hint=_text(1000),
                should_escape=FLAG,
            ),
        ),
    ),
    oauth_config=_group(
        redirect_urls=_list(1000, ADDRESS),
        scopes=_group(bot=_list(255, _text(60, 1, r"^[a-z_.]+(:[a-z_.]+)*$"))),
    ),
    settings=_group(
        event_subscriptions=_group(
            request_url=ADDRESS, bot_events=_list(100, _text(60, 1, r"^[a-z_]+(\.[a-z]+)?$"))
        ),
        interactivity=_group(
            "is_enabled", is_enabled=FLAG, request_url=ADDRESS, message_menu_options_url=ADDRESS
        ),
        org_deploy_enabled=FLAG,
        socket_mode_enabled=FLAG,
        token_rotation_enabled=FLAG,
    ),
)


def manifest_faults(manifest: Json) -> list[str]:
    """Why Slack would refuse the manifest, each with its place; empty when it makes an app of it."""
    found = [
        f"{'/'.join(map(str, one.path))}: {one.message}"
        for one in Draft202012Validator(SCHEMA).iter_errors(manifest)
    ]
    settings = manifest.get("settings", {})
    heard = [*manifest.get("features", {}).get("slash_commands", ()), settings.get("event_subscriptions", {})]
    addressed = [{"url", "request_url"} & set(one) for one in (*heard, settings.get("interactivity", {}))]
    if not settings.get("socket_mode_enabled") and not all(addressed):
        found.append("without Socket Mode commands, events and interactivity each need an address")
    return found
