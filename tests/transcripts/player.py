"""Plays a golden conversation: who does what, and what they see, the same words on every platform."""

import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml

from tests.doubles.chat import Chat
from tests.world import World

HERE = Path(__file__).parent
LOADER = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
LANGUAGES = {"fr": "fr-CA", "en": "en"}
ACTIONS = frozenset(["says", "commands", "clicks", "picks", "sends"])
KNOWN = ACTIONS | frozenset(
    ["who", "in", "clock", "fills", "sees", "sees_not", "refused", "told", "shows", "once", "last"]
)


@dataclass(frozen=True, slots=True)
class Transcript:
    """One conversation in one language. lines: what happens, in order, as in the YAML files of this folder."""

    name: str
    locale: str
    title: str
    lines: tuple[dict[str, Any], ...]


def transcripts() -> list[Transcript]:
    """Every conversation of the folder, once in each language."""
    found = []
    for path in sorted(HERE.glob("*.yaml")):
        # Everything in these files is words: "Yes" stays "Yes" and 4 stays "4".
        data = yaml.load(path.read_text("utf-8"), LOADER)
        for language, locale in LANGUAGES.items():
            lines = tuple(in_language(line, language) for line in data["lines"])
            for line in lines:
                assert line.keys() <= KNOWN, f"{path.name}: unknown step {line.keys() - KNOWN}"
            found.append(Transcript(path.stem, locale, data["title"], lines))
    return found


def in_language(value: Any, language: str) -> Any:
    """The value with one language chosen wherever both are written side by side."""
    if isinstance(value, dict):
        if value.keys() == LANGUAGES.keys():
            return value[language]
        return {name: in_language(one, language) for name, one in value.items()}
    return [in_language(one, language) for one in value] if isinstance(value, list) else value


async def play(world: World, transcript: Transcript) -> None:
    """Do every line; the first that does not come out as written fails with the screen as it was."""
    who, place = "", "private"
    for number, line in enumerate(transcript.lines, 1):
        if "who" in line:
            who, place = line["who"], line.get("in", "private")
        chat = world.person(who, in_channel=place == "channel") if who else None
        try:
            await _play_line(world, chat, line)
        except AssertionError as error:
            shown = "\n---\n".join(chat.heard()[-4:]) if chat else ""
            where = f"{transcript.name} ({transcript.locale}), line {number}, {who}: {line}"
            raise AssertionError(f"{where}\n{error}\nOn the screen:\n{shown}") from error
    for chat in world.chats.values():
        _well_written("\n".join(chat.heard()), transcript)


def _well_written(shown: str, transcript: Transcript) -> None:
    """No blank that was not filled, no name of the content's, and in French no colon that may begin a line."""
    for fault in (r"\{[a-z_]+\}", r"\b_(dont_know|skipped)\b", r"\bI\d+[a-z]?\.\d"):
        found = re.search(fault, shown)
        assert found is None, f"{transcript.name}: {found}"
    if transcript.locale != "en":
        found = re.search(r".{20} [:»]|« .{20}", shown)
        assert found is None, f"{transcript.name}: a breaking space in French: {found}"


async def _play_line(world: World, chat: Chat | None, line: dict[str, Any]) -> None:
    if "clock" in line:
        await world.at(datetime.fromisoformat(line["clock"]))
    if chat is None:
        return
    if "commands" in line:
        await chat.commands(line["commands"])
    if "says" in line:
        await chat.says(line["says"])
    if "clicks" in line:
        await chat.clicks(line["clicks"])
    if "picks" in line:
        await chat.clicks(_button_of(line["picks"], chat))
    if "sends" in line:
        await chat.fills(line.get("fills", {}), line["sends"])
    if not line.keys() & ACTIONS:
        await chat.looks()
    if "refused" in line:
        # Under the field, or where a platform has no such place over the form or beside it.
        said = plain(" ".join([*chat.errors().values(), *chat.heard()[-3:]]))
        assert plain(line["refused"]) in said, f"is not told: {line['refused']}, but {chat.errors()}"
    if "told" in line:
        # One short line for this person alone: a toast on the web, a whisper on Slack, a bar on Teams.
        said = plain(" ".join(chat.heard()[-3:]) + " " + getattr(chat, "toast", ""))
        assert plain(line["told"]) in said, f"is not told: {line['told']}"
    newest = plain("\n".join(chat.heard()[-int(line.get("last", 3)) :]))
    for text in _several(line.get("sees")):
        assert plain(text) in newest, f"does not see: {text}"
    for text in _several(line.get("sees_not")):
        assert plain(text) not in newest, f"should not see: {text}"
    for text in _several(line.get("shows")):
        assert plain(text) in plain("\n".join(chat.screen())), f"is nowhere on the screen: {text}"
    for text in _several(line.get("once")):
        assert plain("\n".join(chat.screen())).count(plain(text)) == 1, f"is not there once: {text}"


def _button_of(option: str, chat: Chat) -> str:
    """The button of a quiz option: its letter where the options are listed above, else letter and words."""
    lines = plain_lines(chat.heard()[-1])
    letter = next((line[0] for line in lines if line[1:] == f". {plain(option)}"), "")
    if letter:
        return letter
    return next(
        f"{letter}. {option}" for letter in "ABCDE" if f"[{letter}. {plain(option)}]" in "".join(lines)
    )


def plain_lines(text: str) -> list[str]:
    """The lines of a text, each without the kinds of space that typography adds."""
    return [plain(line) for line in text.splitlines()]


def plain(text: str) -> str:
    """Text without the kinds of space that typography adds."""
    return " ".join(text.replace("\u00a0", " ").replace("\u202f", " ").split())


def _several(value: str | list[str] | None) -> list[str]:
    return [value] if isinstance(value, str) else value or []
