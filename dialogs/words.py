"""Typed words: folded for comparison, and the nearest one known."""

import difflib
import unicodedata
from collections.abc import Iterable


def folded(text: str) -> str:
    """Lower case without accents, with plain apostrophes and single spaces, to compare what people type."""
    if text.isascii():  # nothing in it has an accent, and most of what is typed is so
        return " ".join(text.lower().split())
    plain = unicodedata.normalize("NFD", text.replace("\u2019", "'").casefold())
    return " ".join("".join(c for c in plain if not unicodedata.combining(c)).split())


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that looks most like this one; None when none does."""
    return next(iter(difflib.get_close_matches(folded(word), list(known), n=1, cutoff=0.6)), None)
