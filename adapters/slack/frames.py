"""Socket Mode's frames: what Slack pushes, read within the same limits as a request, and what it is answered."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from adapters.base import Refused, Response
from adapters.slack.envelope import MAX_DEPTH, Envelope, bounded_object, event_letter, interaction_letter

MAX_FRAME = 512 * 1024
"""Characters: the body of a request may have half as many bytes, and here it is wrapped and its quotes are escaped."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One message of Slack's. kind: hello, disconnect, or what the payload is.

    envelope_id: what it is acknowledged by, new for each delivery; empty when it needs no acknowledgement. answerable:
    whether the acknowledgement may carry an answer. reason: why Slack wants to disconnect. payload: what HTTP would
    have brought.
    """

    kind: str
    envelope_id: str = ""
    answerable: bool = False
    reason: str = ""
    payload: object = None

    @property
    def comes_again(self) -> bool:
        """Whether Slack certainly delivers it again when it is not acknowledged: nobody waits for an event's answer."""
        return self.kind == "events_api"


def frame(text: str) -> Frame:
    """Read one text frame; raise Refused(400 or 413) for what is none of Slack's."""
    if len(text) > MAX_FRAME:
        raise Refused(413, "slack-frame-too-large")
    body = bounded_object(text, MAX_DEPTH + 1)  # the payload may go as deep as over HTTP
    kind, envelope_id, reason = (body.get(name) for name in ("type", "envelope_id", "reason"))
    if not isinstance(kind, str):
        raise Refused(400, "slack-frame-without-type")
    return Frame(
        kind,
        envelope_id if isinstance(envelope_id, str) else "",
        body.get("accepts_response_payload") is True,
        reason if isinstance(reason, str) else "",
        body.get("payload"),
    )


def letter(frame: Frame) -> Envelope:
    """Take the payload out, as it would have come over HTTP; raise Refused(400) when it is not what the frame says."""
    payload = frame.payload
    if not isinstance(payload, dict):
        raise Refused(400, "slack-payload-missing")
    match frame.kind:
        case "events_api":
            return event_letter(payload)
        case "interactive":
            return interaction_letter(payload)
        case "slash_commands":
            return _command(payload)
        case _:
            raise Refused(400, "slack-frame-unknown")


def acknowledgement(frame: Frame, response: Response) -> str:
    """Write what tells Slack that all is well, with the answer where it takes one."""
    told: dict[str, Any] = {"envelope_id": frame.envelope_id}
    if frame.answerable and response.body:
        is_json = response.content_type.startswith("application/json")
        told["payload"] = orjson.loads(response.body) if is_json else {"text": response.body.decode()}
    return orjson.dumps(told).decode()


def _command(payload: Mapping[str, Any]) -> Envelope:
    form = {name: value for name, value in payload.items() if isinstance(value, str)}
    if not form.get("command"):
        raise Refused(400, "slack-command-missing")
    return Envelope("command", form)
