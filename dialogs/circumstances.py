"""What the rules of a dialog need to know besides the answers."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from dialogs.text import Value


@dataclass(frozen=True, slots=True)
class Echo:
    """What colleagues of a function have already reported, and how many of them."""

    function: str
    dimension: str
    polarity: str
    picks: tuple[str, ...]
    people: int


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What the rules need to know besides the answers.

    seconds: active time spent so far. headcounts: people of each function. placeholders: project, lead, date.
    """

    seconds: float = 0
    function: str | None = None
    headcounts: Mapping[str, int] = field(default_factory=dict)
    echoes: tuple[Echo, ...] = ()
    placeholders: Mapping[str, Value] = field(default_factory=dict)
