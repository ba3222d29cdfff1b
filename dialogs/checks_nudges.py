"""Checks the reminders: every rung once, in order, short, and without a word of blame."""

import re

from dialogs.checks import Findings, Taken
from dialogs.checks_words import count_words, each
from dialogs.mistakes import Said
from dialogs.schema import Nudges, Rung
from dialogs.yaml_reader import Path

MOST_WORDS = 45
RUNGS = ("K1", "K2", "K3", "K4", "K7")
_BLAME = re.compile(r"\b(retard\w*|late|overdue|faute|fault|négligé\w*|neglected)\b", re.IGNORECASE)


def check_nudges(nudges: Nudges, found: Findings) -> None:
    """Note what is wrong with a ladder."""
    taken, last = Taken(), None
    for index, rung in enumerate(nudges.rungs):
        path: Path = ("rungs", index)
        taken.claim(found, (*path, "id"), "rungs", rung.id)
        _words(rung, path, found)
        _options(rung, path, found)
        if rung.days is not None and last is not None and rung.days <= last:
            found.add((*path, "days"), *_NOT_RISING)
        last = last if rung.days is None else rung.days
    missing = [rung for rung in RUNGS if rung not in {one.id for one in nudges.rungs}]
    if missing and not any(not rung.id for rung in nudges.rungs):
        told = ", ".join(missing)
        found.add(
            ("rungs",),
            Said(f"Il manque un échelon: {told}.", f"A rung is missing: {told}."),
            Said(
                "Ajoutez-le avec son texte, dans l'ordre K1, K2, K3, K4, K7.",
                "Add it with its text, in the order K1, K2, K3, K4, K7.",
            ),
        )
    if nudges.attention.from_time >= nudges.attention.to_time and not found.unsure(("attention",)):
        found.add(("attention", "to_time"), *_NO_HOURS)


def _words(rung: Rung, path: Path, found: Findings) -> None:
    for language, text in each(rung.say):
        count, blame = count_words(text), _BLAME.search(text)
        if count > MOST_WORDS:
            found.add(
                (*path, "say", language),
                Said(f"Le rappel compte {count} mots.", f"The reminder has {count} words."),
                Said(f"Raccourcissez-le: {MOST_WORDS} au plus.", f"Shorten it: {MOST_WORDS} at most."),
            )
        if blame:
            found.add(
                (*path, "say", language),
                Said(f"« {blame[0]} » sonne comme un reproche.", f'"{blame[0]}" sounds like blame.'),
                Said("Dites plutôt que le point attend encore.", "Say instead that the item is still open."),
            )


def _options(rung: Rung, path: Path, found: Findings) -> None:
    taken = Taken()
    for index, option in enumerate(rung.options):
        taken.claim(found, (*path, "options", index, "id"), "options", option.id)


_NOT_RISING = (
    Said("Cet échelon ne vient pas après le précédent.", "This rung does not come after the one before it."),
    Said(
        "Donnez à chaque échelon plus de jours qu'au précédent.",
        "Give each rung more days than the one before it.",
    ),
)
_NO_HOURS = (
    Said("Les heures d'envoi se terminent avant de commencer.", "The sending hours end before they begin."),
    Said("Mettez une heure plus tardive dans « to_time ».", 'Put a later time in "to_time".'),
)
