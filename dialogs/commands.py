"""The words that people may say to the bot, in both languages."""

from dataclasses import dataclass
from enum import StrEnum

from dialogs.words import folded, nearest


class Command(StrEnum):
    """A sub-command, by its English word."""

    IMPACT = "impact"
    READY = "ready"
    QUIZ = "quiz"
    DIGEST = "digest"
    HELP = "help"
    PAUSE = "pause"
    LANG = "lang"


ALIASES: dict[Command, tuple[str, str]] = {
    # command: the words shown in help, French then English
    Command.IMPACT: ("impact", "impact"),
    Command.READY: ("pret", "ready"),
    Command.QUIZ: ("quiz", "quiz"),
    Command.DIGEST: ("bilan", "digest"),
    Command.HELP: ("aide", "help"),
    Command.PAUSE: ("pause", "pause"),
    Command.LANG: ("langue", "lang"),
}
OTHERS = {
    "hi": Command.HELP,
    "hello": Command.HELP,
    "bonjour": Command.HELP,
    "allo": Command.HELP,
    "salut": Command.HELP,
    "language": Command.LANG,
    "": Command.HELP,
}
WORDS: dict[str, Command] = {
    **{word: command for command, words in ALIASES.items() for word in (*words, command.value)},
    **OTHERS,
}


@dataclass(frozen=True, slots=True)
class Said:
    """What was asked for. command: None when no word of ours was said. near: the nearest word, if any.

    rest: the words after the command, folded.
    """

    command: Command | None
    rest: str = ""
    near: str | None = None


def understand(text: str) -> Said:
    """Read the words after `/embarque`, or a typed message."""
    words = folded(text).strip("!.? ").removeprefix("/embarque").split()
    first, rest = (words[0], " ".join(words[1:])) if words else ("", "")
    if first in WORDS:
        return Said(WORDS[first], rest)
    return Said(None, rest, nearest(first, [word for word in WORDS if word]))
