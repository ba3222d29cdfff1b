"""Cards that differ only in who reads them are drawn once: the name and the run are filled in afterwards."""

from dataclasses import dataclass

import orjson

from dialogs.card import Card
from dialogs.card_data import card_data

RUN = "run-of-the-reader"
"""Stands for the run's id in a pattern."""
HELLO = "\ue000hello\ue001"
"""Stands for the greeting in a pattern: no content and no name has these characters of private use."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """A card with the marks RUN and HELLO in it. written: as JSON, in which a mark is easily found."""

    card: Card
    written: bytes

    @classmethod
    def of(cls, card: Card) -> "Pattern":
        """The pattern of a card that was drawn for nobody."""
        return cls(card, orjson.dumps(card_data(card)))

    def filled(self, run: str, hello: str) -> orjson.Fragment:
        """The card of one reader, as JSON. run: id of their run. hello: how they are greeted, literally.

        A hundredth of the time that drawing it takes: it counts when a whole company is written to within one hour.
        """
        text = self.written.replace(RUN.encode(), run.encode())
        return orjson.Fragment(text.replace(HELLO.encode(), orjson.dumps(hello)[1:-1]))
