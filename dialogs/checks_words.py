"""Checks every text of the content: same placeholders in each language, none unknown, short enough."""

import re
from collections.abc import Iterator, Mapping

from dialogs.checks import Findings, Source, choose
from dialogs.checks_salvage import parts
from dialogs.checks_shape_words import LANGUAGES
from dialogs.mistakes import Said
from dialogs.schema import Choosable, Function, QuizOption, Slot
from dialogs.text import PLACEHOLDER, Phrase, Plural, Wording, placeholders
from dialogs.yaml_reader import Path

PLACEHOLDERS: Mapping[str, frozenset[str]] = {
    "pack": frozenset(),
    "functions": frozenset({"project", "lead", "function", "n", "date", "when", "hello", "first"}),
    "dialogs": frozenset({"project", "lead", "function", "n", "date", "when", "hello", "first"}),
    "checklists": frozenset({"project"}),
    "gates": frozenset({"project"}),
    "quizzes": frozenset({"project"}),
    "nudges": frozenset({"first", "hello", "item", "gate", "due", "n", "done", "total", "project"}),
    "campaigns": frozenset({"project", "hello", "first", "lead", "function", "n", "date"}),
    "digests": frozenset(
        {
            "project",
            "week",
            "gate",
            "days",
            "weakest",
            "value",
            "done",
            "total",
            "n",
            "metric",
            "before",
            "after",
        }
        | {"function", "asked", "answered", "version", "level", "k", "date"}
    ),
}
"""What may stand in braces in each folder; the bot's own words (ui, page) fill theirs key by key."""

LONGEST = 500
LONGEST_LABEL = 75
_LABELLED = (Choosable, QuizOption, Slot, Function)
_FREE = {"digests", "ui"}


def check_words(source: Source) -> None:
    """Note what is wrong with any text of a file."""
    labels = {(*path, "label") for path, value in parts(source.model) if isinstance(value, _LABELLED)}
    for path, value in parts(source.model):
        if isinstance(value, Wording):
            _names(source, path, value)
            _marks(source.found, path, value)
            _length(source, path, value, LONGEST_LABEL if path in labels else LONGEST)


def each(wording: Wording) -> Iterator[tuple[str, str]]:
    """Language and text of every form of a wording."""
    for language, phrase in _languages(wording):
        match phrase:
            case Plural(one=one, other=other):
                yield from ((language, one), (language, other))
            case str():
                yield language, phrase


def differing(wording: Wording) -> tuple[Said, Said]:
    """The words for placeholders that are not the same in each language."""
    used = {language: placeholders(phrase) for language, phrase in _languages(wording)}
    every = frozenset[str]().union(*used.values())
    lacking = [(name, language) for language, names in used.items() for name in sorted(every - names)]
    fr = ", ".join(f"{{{name}}} manque en {LANGUAGES[language].fr}" for name, language in lacking)
    en = ", ".join(f"{{{name}}} is missing in {LANGUAGES[language].en}" for name, language in lacking)
    return (
        Said(
            f"Les langues n'ont pas les mêmes accolades: {fr}.",
            f"The languages do not have the same braces: {en}.",
        ),
        Said(
            "Utilisez les mêmes noms entre accolades dans chaque langue.",
            "Use the same names in braces in each language.",
        ),
    )


def _languages(wording: Wording) -> Iterator[tuple[str, Phrase]]:
    for language, phrase in (("fr-CA", wording.fr_ca), ("en", wording.en), ("fr-FR", wording.fr_fr)):
        if phrase is not None:
            yield language, phrase


def _names(source: Source, path: Path, wording: Wording) -> None:
    allowed = PLACEHOLDERS.get(source.kind)
    if allowed is None:
        return
    used = frozenset[str]().union(*(placeholders(phrase) for _, phrase in _languages(wording)))
    if any(isinstance(phrase, Plural) for _, phrase in _languages(wording)):
        used |= {"n"}
    for name in sorted(used - allowed):
        source.found.add(
            path,
            Said(
                f"Rien ne peut remplir {{{name}}} à cet endroit.",
                f"Nothing can fill {{{name}}} in this place.",
            ),
            choose(name, allowed),
        )


def _marks(found: Findings, path: Path, wording: Wording) -> None:
    for language, text in each(wording):
        rest = PLACEHOLDER.sub("", text)
        if "{" in rest or "}" in rest:
            found.add(
                (*path, language),
                Said("Une accolade n'entoure pas un nom connu.", "A brace does not surround a known name."),
                Said(
                    "Écrivez {nom} en minuscules, sans espace, ou retirez l'accolade.",
                    "Write {name} in small letters, without spaces, or remove the brace.",
                ),
            )
        if text.count("**") % 2:
            found.add(
                (*path, language),
                Said(
                    "Les deux astérisques du gras ne sont pas refermés.",
                    "The two asterisks for bold are not closed.",
                ),
                Said("Mettez ** avant et après les mots en gras.", "Put ** before and after the bold words."),
            )


def _length(source: Source, path: Path, wording: Wording, longest: int) -> None:
    if source.kind in _FREE:
        return
    for language, text in each(wording):
        if len(text) > longest:
            source.found.add(
                (*path, language),
                Said(f"Le texte compte {len(text)} caractères.", f"The text has {len(text)} characters."),
                Said(f"Raccourcissez-le: {longest} au plus.", f"Shorten it: {longest} at most."),
            )


def count_words(text: str) -> int:
    """Words of a text; what stands in braces counts as one, a sign by itself as none."""
    return sum(1 for part in PLACEHOLDER.sub("x", text).split() if re.search(r"\w", part))
