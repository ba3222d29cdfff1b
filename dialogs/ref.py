"""What a control says of itself when it comes back: a hint that grants nothing."""

import re
from dataclasses import dataclass
from typing import Self

_PART = re.compile(r"[A-Za-z0-9_.:-]{0,80}")


@dataclass(frozen=True, slots=True)
class Ref:
    """Which run, step and choice a control belongs to.

    It travels through the platform and back, so it is a hint, never a right: who may do what is decided
    from the authenticated actor. `revision` is the number of answers the question had when it was asked;
    a different number on return means that the control is stale.
    """

    topic: str
    subject: str = ""
    step: str = ""
    choice: str = ""
    revision: int = 0

    def encode(self) -> str:
        """Write the reference as one string of at most 330 ASCII characters."""
        return "|".join((self.topic, self.subject, self.step, self.choice, str(self.revision)))

    @classmethod
    def decode(cls, text: object) -> Self | None:
        """Read a reference; None when the text is not one (it may be forged or of an older release)."""
        if not isinstance(text, str):
            return None
        parts = text.split("|")
        if len(parts) != 5 or not all(_PART.fullmatch(part) for part in parts[:4]):  # noqa: PLR2004
            return None
        if not re.fullmatch(r"[0-9]{1,6}", parts[4]):
            return None
        return cls(parts[0], parts[1], parts[2], parts[3], int(parts[4]))
