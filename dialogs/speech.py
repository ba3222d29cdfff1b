"""The bot's own words in one reader's language."""

from collections.abc import Mapping
from dataclasses import dataclass

from dialogs.card import Option, OptionStyle, Text, TextStyle
from dialogs.ref import Ref
from dialogs.text import Locale, Value, Wording


@dataclass(frozen=True, slots=True)
class Speech:
    """The words of ui.yaml in one language."""

    words: Mapping[str, Wording]
    locale: Locale

    def __call__(self, key: str, /, **values: Value) -> str:
        """The sentence of this key, filled in. KeyError when there is none: a key is never shown."""
        return self.words[key].say(self.locale, **values)

    def text(self, key: str, style: TextStyle = "normal", /, **values: Value) -> Text:
        """The sentence as a paragraph of a card."""
        return Text(self.words[key].spans(self.locale, **values), style)

    def wording(self, wording: Wording, style: TextStyle = "normal", /, **values: Value) -> Text:
        """A wording of the content as a paragraph of a card."""
        return Text(wording.spans(self.locale, **values), style)

    def option(self, key: str, ref: Ref, style: OptionStyle = "normal", /, **values: Value) -> Option:
        """A button labelled with the sentence of this key."""
        return Option(self(key, **values), ref, style)
