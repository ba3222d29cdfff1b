"""The bot's own words and the pack's, for tests, read from the files that people edit."""

from functools import lru_cache
from pathlib import Path

from dialogs.schema import Digest, Quiz, UiWords
from dialogs.speech import Speech
from dialogs.text import Locale, Wording
from dialogs.yaml_reader import Data, Document, read

CONTENT = Path(__file__).parents[2] / "content"
PACK = CONTENT / "packs" / "ecommerce"


@lru_cache
def words() -> dict[str, Wording]:
    """Every key of the bot's own words, whichever ui file holds it."""
    found: dict[str, Wording] = {}
    for path in sorted(CONTENT.glob("ui*.yaml")):
        found |= UiWords.model_validate(data(path)).words
    return found


def speech(locale: Locale = "fr-CA") -> Speech:
    return Speech(words(), locale)


def weekly() -> Digest:
    return Digest.model_validate(data(PACK / "digests" / "weekly.yaml"))


def quizzes() -> list[Quiz]:
    return [Quiz.model_validate(data(path)) for path in sorted((PACK / "quizzes").glob("*.yaml"))]


def said(french: str, english: str | None = None) -> Wording:
    return Wording.model_validate({"fr-CA": french, "en": english or french})


def data(path: Path) -> Data:
    document = read(path.read_bytes(), path.name)
    assert isinstance(document, Document), document
    return document.data
