"""Where a control was used: the message it stood in, carried through a modal in its private metadata."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from adapters.slack.envelope import identity


@dataclass(frozen=True, slots=True)
class Origin:
    """The channel and the message of a click, and for a modal the Ref of its form; empty when unknown.

    It travels through the person's client and back, so it is a hint that grants nothing.
    """

    channel: str = ""
    message: str = ""
    ref: str = ""

    @classmethod
    def of_click(cls, body: Mapping[str, Any]) -> Self:
        """Read it from a click in a message; an ephemeral one cannot be updated, so it has no reference."""
        held = body.get("container")
        container: Mapping[str, Any] = held if isinstance(held, Mapping) else {}
        message = container.get("message_ts")
        lasting = isinstance(message, str) and container.get("is_ephemeral") is not True
        return cls(
            identity(body, "channel") or identity(container, "channel"), str(message) if lasting else ""
        )

    @classmethod
    def of_view(cls, view: Mapping[str, Any]) -> Self:
        """Read it from a view's private metadata; empty when that is not ours."""
        try:
            found = json.loads(str(view.get("private_metadata") or ""))
        except (ValueError, RecursionError):
            return cls()
        if not isinstance(found, dict):
            return cls()
        parts = (found.get(name) for name in ("channel", "message", "ref"))
        return cls(*(part if isinstance(part, str) else "" for part in parts))

    def metadata(self) -> str:
        """Write it for a view's private metadata."""
        pairs = {"channel": self.channel, "message": self.message, "ref": self.ref}
        return json.dumps({name: value for name, value in pairs.items() if value}, separators=(",", ":"))
