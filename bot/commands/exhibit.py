"""One card on show: what it belongs to, what it is called, and where it is drawn."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from dialogs.card import Card, Choice, Form, Option
from dialogs.ref import Ref

MESSAGE = ("message",)
ON_THE_SPOT = ("message", "modal")
"""A form about an item opens as a modal where the platform can, and stands in the conversation elsewhere."""
_NOT_A_NAME = re.compile(r"[^A-Za-z0-9_-]+")


@dataclass(frozen=True, slots=True)
class Exhibit:
    """One card. kind, id and step name its file; surfaces are where it is shown."""

    kind: str
    id: str
    step: str
    card: Card
    surfaces: tuple[str, ...] = MESSAGE

    def names(self) -> Iterator[tuple[str, str]]:
        """(surface, file name) for each place."""
        for surface in self.surfaces:
            yield surface, f"{self.kind}.{plain(self.id)}.{plain(self.step)}.{surface}.json"


def plain(text: str) -> str:
    """A part of a file name: letters, figures, dash and underscore."""
    return _NOT_A_NAME.sub("-", text) or "-"


def each_once(exhibits: Iterable[Exhibit]) -> Iterator[Exhibit]:
    """Leave out a card that was on show under the same name; number different ones under one name."""
    seen: dict[tuple[str, str, str], list[Card]] = {}
    for one in exhibits:
        known = seen.setdefault((one.kind, one.id, one.step), [])
        looks = _without_revisions(one.card)
        if looks in known:
            continue
        known.append(looks)
        yield one if len(known) == 1 else replace(one, step=f"{one.step}-{len(known)}")


def _without_revisions(card: Card) -> Card:
    """The card as readers see it: the number of answers behind its buttons does not make it another one."""

    def same(option: Option) -> Option:
        ref = option.ref
        return replace(option, ref=Ref(ref.topic, ref.subject, "", ref.choice))

    blocks = tuple(
        replace(block, options=tuple(map(same, block.options)))
        if isinstance(block, Choice)
        else replace(block, submit=same(block.submit))
        if isinstance(block, Form)
        else block
        for block in card.blocks
    )
    return replace(card, blocks=blocks)
