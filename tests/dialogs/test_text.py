"""Texts as each language sets them, with what people typed left as they typed it."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from dialogs.card import Span
from dialogs.text import LOCALES, Locale, Wording, best_locale, percent, typeset, written

NB, NARROW = "\u00a0", "\u202f"


@pytest.mark.parametrize(
    ("text", "canada", "france"),
    [
        ("On commence ?", "On commence ?", f"On commence{NARROW}?"),
        ("On commence?", "On commence?", f"On commence{NARROW}?"),
        ("Merci!", "Merci!", f"Merci{NARROW}!"),
        ("Oui; non", "Oui; non", f"Oui{NARROW}; non"),
        ("Note : 3", f"Note{NB}: 3", f"Note{NB}: 3"),
        ("Note: 3", f"Note{NB}: 3", f"Note{NB}: 3"),
        ("12 %", f"12{NB}%", f"12{NB}%"),
        ("« Oui »", f"«{NB}Oui{NB}»", f"«{NB}Oui{NB}»"),
        ("«Oui»?", f"«{NB}Oui{NB}»?", f"«{NB}Oui{NB}»{NARROW}?"),
        ("à 14:30", "à 14:30", "à 14:30"),
        ("https://example.com/a?b=c", "https://example.com/a?b=c", "https://example.com/a?b=c"),
    ],
)
def test_french_spaces(text: str, canada: str, france: str) -> None:
    """Would have caught: a question mark alone on its line, and a link or an hour cut in two."""
    assert typeset(text, "fr-CA") == canada
    assert typeset(text, "fr-FR") == france
    assert typeset(text, "en") == text


@given(st.text(max_size=60), st.sampled_from(LOCALES))
def test_setting_a_text_twice_changes_nothing_more(text: str, locale: Locale) -> None:
    """Would have caught: spaces that pile up each time a text passes through."""
    once = typeset(text, locale)
    assert typeset(once, locale) == once


def said(french: object, english: object, **more: object) -> Wording:
    return Wording.model_validate({"fr-CA": french, "en": english, **more})


PLURAL = said({"one": "{n} réponse", "other": "{n} réponses"}, {"one": "{n} answer", "other": "{n} answers"})


@pytest.mark.parametrize(
    ("n", "french", "english"),
    [
        (0, "0 réponse", "0 answers"),
        (1, "1 réponse", "1 answer"),
        (1.5, "1,5 réponse", "1.5 answers"),
        (2, "2 réponses", "2 answers"),
        (1234, f"1{NB}234 réponses", "1,234 answers"),
    ],
)
def test_plurals_follow_the_language(n: float, french: str, english: str) -> None:
    """Would have caught: "0 réponses" in French and "0 answer" in English."""
    assert PLURAL.say("fr-CA", n=n) == french
    assert PLURAL.say("en", n=n) == english
    assert PLURAL.say("fr-FR", n=n) == french.replace(NB, NARROW)


@given(st.text(max_size=80), st.sampled_from(LOCALES))
def test_what_a_person_typed_stays_as_typed(typed: str, locale: Locale) -> None:
    """Would have caught: {braces}, **stars** or French spacing of an answer treated as if they were content."""
    wording = said("Vous : **{answer}** !", "You: **{answer}**!")
    spans = wording.spans(locale, answer=typed, first="SECRET")
    assert [span.text for span in spans if span.bold] == [typed]


@pytest.mark.parametrize("typed", ["{first}", "**gras**", "« a » ?", "{", "}", "{n}", "****"])
def test_braces_and_stars_of_a_person_are_letters(typed: str) -> None:
    """Would have caught: a person who reads another's name by typing a placeholder."""
    wording = said("Réponse : {answer}", "Answer: {answer}")
    assert wording.spans("en", answer=typed) == (Span(f"Answer: {typed}"),)


def test_a_placeholder_without_a_value_is_an_error_and_never_a_blank() -> None:
    """Would have caught: "Bonjour ," in front of everybody."""
    with pytest.raises(KeyError):
        said("Bonjour {first}", "Hello {first}").say("en")


def test_languages_must_name_the_same_placeholders() -> None:
    """Would have caught: an English text that lost its date in translation."""
    with pytest.raises(ValidationError, match="placeholders differ"):
        said("Le {date}", "On that day")
    with pytest.raises(ValidationError):
        said(" ", "blank")


def test_france_has_its_own_text_or_that_of_canada_with_its_own_spaces() -> None:
    """Would have caught: a fr-FR text that is ignored."""
    assert said("Courriel?", "E-mail?").say("fr-FR") == f"Courriel{NARROW}?"
    assert said("Courriel?", "E-mail?", **{"fr-FR": "E-mail?"}).say("fr-FR") == f"E-mail{NARROW}?"


DAY = date(2026, 12, 3)
MOMENT = datetime(2026, 12, 3, 15, 30, tzinfo=UTC).astimezone(ZoneInfo("America/Toronto"))


def test_dates_hours_and_numbers_are_written_as_the_reader_writes_them() -> None:
    """Would have caught: 12/03 read as the twelfth of March."""
    assert written(DAY, "fr-CA") == "3 décembre 2026"
    assert written(DAY, "en") == "3 December 2026"
    assert written(MOMENT, "fr-CA") == "jeudi 3 décembre, 10 h 30"
    assert written(MOMENT.replace(minute=0), "fr-FR") == "jeudi 3 décembre, 10 h"
    assert written(MOMENT, "en") == "Thursday 3 December, 10:30"
    assert written(1234.5, "fr-CA") == f"1{NB}234,5"
    assert written(1234.5, "fr-FR") == f"1{NARROW}234,5"
    assert written(1234.5, "en") == "1,234.5"
    assert percent(0.625, "fr-CA") == f"62{NB}%"
    assert percent(0.625, "en") == "62%"
    with pytest.raises(TypeError):
        written(value=True, locale="en")


@pytest.mark.parametrize(
    ("tag", "locale"),
    [
        (None, "fr-CA"),
        ("", "fr-CA"),
        ("fr-CA", "fr-CA"),
        ("fr_FR", "fr-FR"),
        ("fr-be", "fr-FR"),
        ("fr", "fr-CA"),
        ("fr-SN", "fr-CA"),
        ("en-GB", "en"),
        ("de-DE", "en"),
        ("frr", "en"),
    ],
)
def test_the_nearest_language(tag: str | None, locale: str) -> None:
    """Would have caught: a French reader greeted in English because the tag had an underscore."""
    assert best_locale(tag) == locale


@given(st.text(max_size=30))
def test_a_percent_sign_beside_a_placeholder_is_only_a_sign(name: str) -> None:
    """Would catch: "100 %" of the content, or of what a person typed, taken for a mark to fill."""
    wording = Wording(
        **{"fr-CA": "**100 %s de {name}**, 5 %d, {n} %", "en": "**100%s of {name}**, 5%d, {n}%"}
    )
    assert wording.say("en", name=name, n=7) == f"100%s of {name}, 5%d, 7%"
    assert wording.spans("fr-CA", name=name, n=7) == (
        Span(f"100{NB}%s de {name}", bold=True),
        Span(f", 5{NB}%d, 7{NB}%"),
    )
