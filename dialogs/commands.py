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
    """What was asked for. command: None when no word of ours was said. first: the first word, folded.

    rest: the words after it, folded.
    """

    command: Command | None
    rest: str = ""
    first: str = ""

    @property
    def near(self) -> str | None:
        """The word of ours that looks most like the first one; looked for only where it is told."""
        return None if self.command is not None else nearest(self.first, [word for word in WORDS if word])


def understand(text: str) -> Said:
    """Read the words after `/embarque`, or a typed message."""
    words = folded(text).strip("!.? ").removeprefix("/embarque").split()
    first, rest = (words[0], " ".join(words[1:])) if words else ("", "")
    return Said(WORDS.get(first), rest, first)
