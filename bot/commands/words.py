"""The command line's own words, in the language of the terminal or the one asked for."""

import os
import sys
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import typer
import yaml

from dialogs.schema import UiWords
from dialogs.speech import Speech
from dialogs.text import Locale, Wording, best_locale

if TYPE_CHECKING:
    from rich.console import Console

WORDS = Path(__file__).parents[2] / "content" / "ui.cli.yaml"
WIDE = 160
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""Every command begins by reading its words: in C where PyYAML has it, which takes a twentieth of the time."""
LANGUAGES: dict[str, Locale] = {"fr": "fr-CA", "fr-ca": "fr-CA", "fr-fr": "fr-FR", "en": "en"}


def locale(lang: str | None = None) -> Locale:
    """The language asked for; without one that of the terminal: French if it is set so, else English."""
    if lang is not None:
        found = LANGUAGES.get(lang.strip().lower().replace("_", "-"))
        if found is None:
            raise typer.BadParameter("fr, en, fr-FR", param_hint="--lang")
        return found
    names = (os.environ.get(name, "") for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    tag = next(filter(None, names), "").split(".")[0]
    return best_locale(tag) if tag.lower().startswith("fr") else "en"


def speech(lang: str | None = None) -> Speech:
    """The words in this language, or in that of the terminal."""
    return Speech(_words(), locale(lang))


def helps(key: str) -> str:
    """One line of --help. Empty when the words cannot be read: the command then says why."""
    try:
        return speech()(f"cli.help.{key}")
    except (OSError, ValueError, KeyError, yaml.YAMLError):
        return ""


def console() -> "Console":
    """Where tables go: plain and wide when it is no terminal, so that nothing is cut in a file."""
    from rich.console import Console  # noqa: PLC0415 - only where there are tables

    width = None if sys.stdout.isatty() else WIDE
    return Console(width=width, highlight=False, markup=False, emoji=False)


def refuse(*lines: str) -> NoReturn:
    """Say on standard error what is wrong and what to do, and end with code 1."""
    for line in lines:
        typer.echo(line, err=True)
    raise typer.Exit(1)


@lru_cache(maxsize=1)
def _words() -> Mapping[str, Wording]:
    return UiWords.model_validate(yaml.load(WORDS.read_bytes(), Loader=_Loader)).words  # noqa: S506 - a safe one
