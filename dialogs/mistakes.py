"""What is wrong in a content file, told to its editor in plain French or English."""

from collections.abc import Iterable
from dataclasses import dataclass

from dialogs.text import Locale, typeset


@dataclass(frozen=True, slots=True)
class Said:
    """One sentence in both languages of the editors."""

    fr: str
    en: str

    def tell(self, locale: Locale) -> str:
        """The sentence in this language, with the spaces that French wants."""
        return self.en if locale == "en" else typeset(self.fr, locale)

    def __add__(self, other: "Said") -> "Said":
        return Said(f"{self.fr} {other.fr}", f"{self.en} {other.en}")


NOTHING = Said("", "")
_TO_DO = Said("Quoi faire :", "What to do:")


@dataclass(frozen=True, slots=True)
class Mistake:
    """One mistake. line and column count from 1. where: dotted path of the entry, such as steps[3].ask.en."""

    file: str
    line: int
    column: int
    where: str
    cause: Said
    fix: Said

    def tell(self, locale: Locale) -> str:
        """One line for the editor: file:line: cause. What to do: fix."""
        cause, to_do, fix = (part.tell(locale) for part in (self.cause, _TO_DO, self.fix))
        return f"{self.file}:{self.line}: {cause} {to_do} {fix}"


Mistakes = tuple[Mistake, ...]


class ContentError(Exception):
    """The content cannot be used; `mistakes` holds every reason."""

    def __init__(self, mistakes: Mistakes) -> None:
        super().__init__("\n".join(mistake.tell("en") for mistake in mistakes))
        self.mistakes = mistakes


def in_order(mistakes: Iterable[Mistake]) -> Mistakes:
    """By file, line and column, each once."""
    unique = {(one.file, one.line, one.column, one.where, one.cause.en): one for one in mistakes}
    return tuple(unique[key] for key in sorted(unique))
