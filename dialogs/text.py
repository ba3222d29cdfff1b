"""Words in every language: wordings of the content, their placeholders, plurals and typography."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Annotated, Literal, Self

from babel import Locale as BabelLocale
from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from dialogs.card import Span

Locale = Literal["fr-CA", "fr-FR", "en"]
LOCALES: tuple[Locale, ...] = ("fr-CA", "fr-FR", "en")
DEFAULT_LOCALE: Locale = "fr-CA"

Value = str | int | float | date | datetime
"""What may fill a placeholder. Numbers and dates are written as the reader's language does."""

PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")
_BOLD = re.compile(r"\*\*(.+?)\*\*", re.DOTALL)
_NO_BREAK = "\u00a0"
_NARROW = "\u202f"


class Plural(BaseModel):
    """A wording that depends on a number, the placeholder {n}."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    one: str = Field(min_length=1)
    other: str = Field(min_length=1)


Phrase = str | Plural


def _filled(value: object) -> object:
    if isinstance(value, str) and not value.strip():
        raise ValueError("blank")
    return value


_Phrase = Annotated[Phrase, BeforeValidator(_filled)]


class Wording(BaseModel):
    """One text in every language. fr-FR is optional: without it the fr-CA text is set with French spacing."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)
    fr_ca: _Phrase = Field(alias="fr-CA")
    en: _Phrase
    fr_fr: _Phrase | None = Field(default=None, alias="fr-FR")

    @model_validator(mode="after")
    def _same_placeholders(self) -> Self:
        wanted = placeholders(self.fr_ca)
        for other in (self.en, self.fr_fr):
            if other is not None and placeholders(other) != wanted:
                raise ValueError("placeholders differ between languages")
        return self

    def placeholders(self) -> frozenset[str]:
        """Names that must be filled, the same in every language."""
        return placeholders(self.fr_ca)

    def say(self, locale: Locale, /, **values: Value) -> str:
        """The text in this language, filled in, without marks of emphasis."""
        phrase = self._phrase(locale)
        if not values and isinstance(phrase, str):
            return _filled_whole(phrase, locale)
        pieces = _pieces(_form(phrase, values, locale), locale)
        return "".join([piece.filled(values, locale) for piece in pieces])

    def spans(self, locale: Locale, /, **values: Value) -> tuple[Span, ...]:
        """The text as spans: **bold** of the content is kept, what fills a placeholder stays literal.

        Raises KeyError when a placeholder has no value: a blank is never shown.
        """
        text = _form(self._phrase(locale), values, locale)
        if "{" not in text:
            return _plain_spans(text, locale)
        return tuple([Span(piece.filled(values, locale), piece.bold) for piece in _pieces(text, locale)])

    def _phrase(self, locale: Locale) -> Phrase:
        if locale == "en":
            return self.en
        if locale == "fr-FR" and self.fr_fr is not None:
            return self.fr_fr
        return self.fr_ca


def placeholders(phrase: Phrase) -> frozenset[str]:
    """Names in braces of a phrase, over all its plural forms."""
    if isinstance(phrase, str):
        return _named(phrase)
    return _named(phrase.one) | _named(phrase.other)


def typeset(text: str, locale: Locale) -> str:
    """Set the spaces that French wants: no-break before : % and inside « », in France also before ; ! ?."""
    if locale == "en":
        return text
    text = re.sub(r"«\s*", f"«{_NO_BREAK}", text)
    text = re.sub(r"\s*»", f"{_NO_BREAK}»", text)
    text = re.sub(r"(?<=[\w)»}])[ \u00a0]?:(?=\s|$)", f"{_NO_BREAK}:", text)
    text = re.sub(r"(?<=[\d}])[ \u00a0]?%", f"{_NO_BREAK}%", text)
    if locale == "fr-FR":
        text = re.sub(r"(?<=[\w)»}\u00a0])[ \u00a0\u202f]?([;!?])(?=[\s»)]|$)", rf"{_NARROW}\1", text)
    return text


def written(value: Value, locale: Locale) -> str:
    """A value as the reader's language writes it: 1 234,5 · 3 décembre 2026 · jeudi 3 décembre, 10 h."""
    match value:
        case str():
            return value
        case bool():
            raise TypeError("a yes or no has no written form")
        case int() | float():
            return _number(value, locale)
        case datetime():
            french = "EEEE d MMMM, H 'h'" + (" mm" if value.minute else "")
            pattern = "EEEE d MMMM, HH:mm" if locale == "en" else french
            return format_datetime(value, pattern, tzinfo=value.tzinfo, locale=_babel(locale))
        case date():
            return _day(value, locale)


def percent(share: float, locale: Locale) -> str:
    """A share of 0 to 1 as whole percent."""
    return f"{written(round(share * 100), locale)}{'%' if locale == 'en' else _NO_BREAK + '%'}"


def best_locale(tag: str | None) -> Locale:
    """The language of ours nearest to a platform's tag: fr-FR and its like, other French, else English.

    No tag at all gives the default language.
    """
    if not tag:
        return DEFAULT_LOCALE
    tag = tag.replace("_", "-").lower()
    if tag in {"fr-fr", "fr-be", "fr-ch", "fr-lu", "fr-mc"}:
        return "fr-FR"
    return "fr-CA" if tag.split("-")[0] == "fr" else "en"


def _form(phrase: Phrase, values: Mapping[str, Value], locale: Locale) -> str:
    if isinstance(phrase, str):
        return phrase
    n = values["n"]
    if not isinstance(n, int | float):
        raise TypeError("a plural needs a number {n}")
    return phrase.one if _babel(locale).plural_form(n) == "one" else phrase.other


@lru_cache
def _babel(locale: Locale) -> BabelLocale:
    return BabelLocale.parse(locale.replace("-", "_"))


@dataclass(frozen=True, slots=True)
class _Piece:
    """A piece of a text of the content. names: its placeholders; with any, `text` is a pattern for `%`."""

    text: str
    names: tuple[str, ...]
    bold: bool

    def filled(self, values: Mapping[str, Value], locale: Locale) -> str:
        if not self.names:
            return self.text
        return self.text % tuple([written(values[name], locale) for name in self.names])


@lru_cache(maxsize=8192)
def _pieces(text: str, locale: Locale) -> tuple[_Piece, ...]:
    """A text of the content, set for the language and cut where bold begins and ends."""
    pieces: list[_Piece] = []
    for index, piece in enumerate(_BOLD.split(typeset(text, locale))):
        names = tuple(PLACEHOLDER.findall(piece))
        pattern = PLACEHOLDER.sub("%s", piece.replace("%", "%%")) if names else piece
        if piece:
            pieces.append(_Piece(pattern, names, index % 2 == 1))
    return tuple(pieces)


@lru_cache(maxsize=8192)
def _plain_spans(text: str, locale: Locale) -> tuple[Span, ...]:
    """A text of the content without placeholders."""
    return tuple(Span(piece.filled({}, locale), piece.bold) for piece in _pieces(text, locale))


@lru_cache(maxsize=8192)
def _filled_whole(text: str, locale: Locale) -> str:
    """A text of the content without marks of emphasis; KeyError when it has a placeholder."""
    return "".join(piece.filled({}, locale) for piece in _pieces(text, locale))


@lru_cache(maxsize=8192)
def _named(text: str) -> frozenset[str]:
    return frozenset(PLACEHOLDER.findall(text))


@lru_cache(maxsize=1024)
def _number(value: float, locale: Locale) -> str:
    return format_decimal(value, locale=_babel(locale))


@lru_cache(maxsize=1024)
def _day(value: date, locale: Locale) -> str:
    return format_date(value, "d MMMM y", locale=_babel(locale))
