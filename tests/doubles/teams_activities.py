"""Activities as Teams sends them: the shapes that a bot receives over HTTP."""

from typing import Any

from tests.doubles.teams import APP_ID, TENANT

Json = dict[str, Any]


def activity(kind: str, service_url: str, **changes: Any) -> Json:
    """An activity from an adviser in their one-to-one conversation; None takes a field away."""
    body: Json = {
        "type": kind,
        "id": "1700000000001",
        "timestamp": "2026-11-23T13:30:00.123Z",
        "localTimestamp": "2026-11-23T08:30:00.123-05:00",
        "localTimezone": "America/Toronto",
        "serviceUrl": service_url,
        "channelId": "msteams",
        "from": {"id": "29:adviser", "name": "Conseil en magasin", "aadObjectId": "aad-adviser"},
        "conversation": {"conversationType": "personal", "tenantId": TENANT, "id": "a:29:adviser"},
        "recipient": {"id": f"28:{APP_ID}", "name": "Embarque"},
        "entities": [
            {
                "type": "clientInfo",
                "locale": "fr-CA",
                "country": "CA",
                "timezone": "America/Toronto",
                "platform": "Web",
            }
        ],
        "channelData": {"tenant": {"id": TENANT}},
        "locale": "fr-CA",
    }
    return {name: value for name, value in (body | changes).items() if value is not None}


def message(service_url: str, text: str, **changes: Any) -> Json:
    """A typed message."""
    return activity("message", service_url, text=text, textFormat="plain", **changes)


def tap(service_url: str, action: Json, values: Json, message_id: str, **changes: Any) -> Json:
    """A button of a card: Action.Execute is an invoke, Action.Submit a message with a value."""
    data = {**action.get("data", {}), **values}
    if action["type"] == "Action.Submit":
        return activity("message", service_url, value=data, replyToId=message_id, **changes)
    value = {
        "action": {"type": "Action.Execute", "id": "", "verb": action["verb"], "data": data},
        "trigger": "manual",
    }
    return activity(
        "invoke", service_url, name="adaptiveCard/action", value=value, replyToId=message_id, **changes
    )
