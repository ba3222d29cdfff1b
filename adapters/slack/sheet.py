"""The sheet that a card is drawn on: blocks, what could not be shown, and Slack's limits on the whole."""

import json
from collections.abc import Iterable
from typing import Any, Literal

import orjson

from adapters.markup import shortened, visible
from adapters.slack.words import chunks

Surface = Literal["message", "modal", "home"]
BlockKit = dict[str, Any]

MAX_ID = 255
MAX_RICH_TEXT = 3000
MAX_BLOCKS = {"message": 50, "modal": 100, "home": 100}
MAX_WEIGHT = {"message": 12_500, "modal": 200_000, "home": 200_000}
"""Characters of text in a message (Slack takes about 13,200), bytes of JSON in a view (250 kB)."""

_KEPT_FIRST = ("actions", "input")


class Sheet:
    """Collects the blocks of one card for one surface."""

    def __init__(self, surface: Surface, locale: str) -> None:
        self.surface = surface
        self.locale = locale
        self.blocks: list[BlockKit] = []
        self.downgrades: list[str] = []
        self._ids: set[str] = set()

    @property
    def is_french(self) -> bool:
        """Which of the two languages the few words of Slack's own furniture are in."""
        return self.locale.lower().startswith("fr")

    def note(self, sentence: str) -> None:
        """Report something that the platform could not show as meant."""
        if sentence not in self.downgrades:
            self.downgrades.append(sentence)

    def count(self, kind: str) -> int:
        """How many blocks of this type there are so far."""
        return sum(block["type"] == kind for block in self.blocks)

    def block_id(self, wanted: str) -> str:
        """Give the id asked for, or a free one of the allowed length; ids are unique in a payload."""
        wanted = visible(wanted)
        base = wanted[: MAX_ID - 8] if len(wanted) > MAX_ID else wanted or "block"
        free, number = base, 2
        while free in self._ids:
            free, number = f"{base[: MAX_ID - 8]}-{number}", number + 1
        self._ids.add(free)
        return free

    def plain(self, text: str, limit: int, what: str) -> BlockKit:
        """Make a plain_text object; what: its name in the report when it is too long or empty."""
        text = visible(text)
        if not text.strip():
            self.note(f"{what} is empty")
            text = "–"
        if len(text) > limit:
            self.note(f"{what} is longer than {limit} characters")
            text = shortened(text, limit)
        # Without emoji codes, so that ":tada:" as somebody typed it stays what it is.
        return {"type": "plain_text", "text": text, "emoji": False}

    def rich(
        self,
        pieces: Iterable[tuple[str, bool]],
        kind: str = "rich_text_section",
        lead: BlockKit | None = None,
    ) -> None:
        """Add pieces of (text, bold) as rich text, over as many blocks as needed; lead: an element before."""
        elements: list[BlockKit] = [lead] if lead else []
        room = MAX_RICH_TEXT
        for text, bold in pieces:
            for part in chunks(visible(text), MAX_RICH_TEXT):
                if len(part) > room:
                    self._add_rich(kind, elements)
                    elements, room = [], MAX_RICH_TEXT
                room -= len(part)
                element: BlockKit = {"type": "text", "text": part}
                if bold:
                    element["style"] = {"bold": True}
                elements.append(element)
        self._add_rich(kind, elements)

    def _add_rich(self, kind: str, elements: list[BlockKit]) -> None:
        if any(one["type"] != "text" or one["text"].strip() for one in elements):
            self.blocks.append({"type": "rich_text", "elements": [{"type": kind, "elements": elements}]})

    def fitted(self) -> list[BlockKit]:
        """Give the blocks that Slack takes; of too many the controls stay, and a mark ends the words."""
        most, room = MAX_BLOCKS[self.surface], MAX_WEIGHT[self.surface]
        if len(self.blocks) <= most and (self._is_light(room) or sum(map(self._weight, self.blocks)) <= room):
            return self.blocks
        kept: set[int] = set()
        room -= 200
        for number in sorted(range(len(self.blocks)), key=self._rank):
            weight = self._weight(self.blocks[number])
            if len(kept) < most - 1 and weight <= room:
                kept.add(number)
                room -= weight
        self.note(
            f"{len(self.blocks) - len(kept)} of {len(self.blocks)} blocks do not fit in one {self.surface}"
        )
        mark = {"type": "context", "elements": [{"type": "plain_text", "text": "…", "emoji": False}]}
        return [*(self.blocks[number] for number in sorted(kept)), mark]

    def _is_light(self, room: int) -> bool:
        """Whether a message is far below the limit, as nearly all are: its JSON has no fewer bytes than letters."""
        try:
            return self.surface == "message" and len(orjson.dumps(self.blocks)) <= room
        except TypeError:  # half of a character
            return False

    def _rank(self, number: int) -> int:
        kind = self.blocks[number]["type"]
        return _KEPT_FIRST.index(kind) if kind in _KEPT_FIRST else len(_KEPT_FIRST)

    def _weight(self, block: BlockKit) -> int:
        return _letters(block) if self.surface == "message" else len(json.dumps(block))


def _letters(value: object) -> int:
    match value:
        case dict():
            return sum(
                _letters(one) for key, one in value.items() if key not in ("type", "block_id", "action_id")
            )
        case list():
            return sum(map(_letters, value))
        case str():
            return len(value)
        case _:
            return 0
