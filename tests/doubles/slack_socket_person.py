"""A person in front of the same Slack, whose bot has no public address: what they do comes over its sockets."""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from tests.doubles.slack_person import Delivery, SlackPerson

Json = dict[str, Any]


class SocketPerson(SlackPerson):
    """Somebody in front of the same Slack, whose bot is reached over its sockets."""

    __slots__ = ()

    async def _post(self, delivery: Delivery, extra: Mapping[str, str]) -> tuple[int, bytes]:
        answer = await self.slack.sockets.deliver(*pushed(delivery))
        if answer is None:
            return 503, b""
        return 200, json.dumps(answer).encode() if answer else b""


def pushed(delivery: Delivery) -> tuple[str, Json]:
    """What HTTP would bring, as the type and the payload of an envelope."""
    if delivery.content_type == "application/json":
        return "events_api", json.loads(delivery.body)
    form = dict(parse_qsl(delivery.body.decode(), keep_blank_values=True))
    return ("interactive", json.loads(form["payload"])) if "payload" in form else ("slash_commands", form)
