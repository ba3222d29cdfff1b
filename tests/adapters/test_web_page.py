"""The page's files keep their promises: no markup out of text, no foreign resource, every word in place."""

import re
from importlib.resources import files

import pytest

from adapters.web.page import flat_words, page_locale
from dialogs.text import LOCALES
from tests.doubles.web_company import page_ui

ROOT = files("adapters.web")
STATIC = {entry.name: entry.read_text("utf-8") for entry in (ROOT / "static").iterdir()}
SCRIPTS = {name: text for name, text in STATIC.items() if name.endswith(".js")}
TEMPLATE = (ROOT / "templates" / "page.html").read_text("utf-8")


@pytest.mark.parametrize("name", sorted(SCRIPTS))
def test_no_script_makes_markup_out_of_text(name: str) -> None:
    """Would have caught the one innerHTML through which a colleague's words become a script."""
    sinks = (
        "innerHTML",
        "outerHTML",
        "insertAdjacentHTML",
        "document.write",
        "DOMParser",
        "createContextualFragment",
    )
    dangerous = (*sinks, "srcdoc", "eval(", "new Function", "setHTML", "javascript:")
    assert [sink for sink in dangerous if sink in SCRIPTS[name]] == []


def test_nothing_is_loaded_from_elsewhere_and_nothing_is_inline() -> None:
    assert not re.search(r"https?://(?!www\.w3\.org)", TEMPLATE)
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|<script(?![^>]*\ssrc=)", TEMPLATE)
    assert "|safe" not in TEMPLATE
    for name, text in STATIC.items():
        if name.endswith(".css"):
            assert "@import" not in text
            assert "url(" not in text


@pytest.mark.parametrize("name", sorted(STATIC))
def test_every_file_can_be_read_in_one_sitting(name: str) -> None:
    assert STATIC[name].count("\n") < 300


def used_words() -> set[str]:
    used = set(re.findall(r'words\["([a-z0-9_.]+)"\]', TEMPLATE))
    for text in SCRIPTS.values():
        used |= set(re.findall(r'"((?:[a-z]+)\.[a-z_]+)"', "".join(re.findall(r"say\([^\n]*", text))))
        used |= set(re.findall(r'count\("([a-z_.]+)"', text))
    for command in ("impact", "ready", "quiz", "digest", "pause", "lang", "help"):
        used |= {f"command.{command}.word", f"command.{command}.text"}
    for scene in ("impact", "item", "quiz", "digest"):
        used |= {f"tour.{scene}.title", f"tour.{scene}.text", f"tour.{scene}.button"}
    return used


def test_every_word_that_the_page_uses_is_written_and_none_is_left_over() -> None:
    """Would have caught a raw key such as talk.empty in the middle of the page."""
    assert used_words() == set(page_ui().words)


@pytest.mark.parametrize("locale", LOCALES)
def test_plurals_reach_the_script_in_two_forms(locale: str) -> None:
    words = flat_words(page_ui(), locale)
    assert {"clock.sent.one", "clock.sent.other"} <= set(words)
    assert "{n}" in words["clock.sent.other"]


@pytest.mark.parametrize(
    ("asked", "accepted", "locale"),
    [
        (None, "", "fr-CA"),
        (None, "en-GB,en;q=0.9,fr;q=0.8", "en"),
        (None, "de-DE,de;q=0.9,fr-FR;q=0.8,en;q=0.7", "fr-FR"),
        (None, "en;q=0.5, fr-CA;q=0.9", "fr-CA"),
        (None, "de", "fr-CA"),
        (None, "en;q=nan,;q=,", "en"),
        ("en", "fr-CA", "en"),
        ("fr", "en", "fr-CA"),
    ],
)
def test_the_page_speaks_the_visitors_language(asked: str | None, accepted: str, locale: str) -> None:
    assert page_locale(asked, accepted) == locale
