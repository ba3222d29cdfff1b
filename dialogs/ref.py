"""What a control says of itself when it comes back: a hint that grants nothing."""

import re
from dataclasses import dataclass
from typing import Self

_PART = "([A-Za-z0-9_.:-]{0,80})"
_REF = re.compile(rf"{_PART}\|{_PART}\|{_PART}\|{_PART}\|([0-9]{{1,6}})")


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
        return f"{self.topic}|{self.subject}|{self.step}|{self.choice}|{self.revision}"

    @classmethod
    def decode(cls, text: object) -> Self | None:
        """Read a reference; None when the text is not one (it may be forged or of an older release)."""
        found = _REF.fullmatch(text) if isinstance(text, str) else None
        if found is None:
            return None
        topic, subject, step, choice, revision = found.groups()
        return cls(topic, subject, step, choice, int(revision))
