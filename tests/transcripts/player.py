"""Plays a golden conversation: who does what, and what they see, the same words on every platform."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml

from tests.world import World

HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Transcript:
    """One conversation. lines: what happens, in order, as in the YAML files of this folder."""

    name: str
    locale: str
    title: str
    lines: tuple[dict[str, Any], ...]


def transcripts() -> list[Transcript]:
    """Every conversation of the folder."""
    found = []
    for path in sorted(HERE.glob("*.yaml")):
        data = yaml.safe_load(path.read_text("utf-8"))
        found.append(Transcript(path.stem, data["locale"], data["title"], tuple(data["lines"])))
    return found


async def play(world: World, transcript: Transcript) -> None:
    """Do every line; the first that does not come out as written fails with the screen as it was."""
    who = ""
    for number, line in enumerate(transcript.lines, 1):
        who = line.get("who", who)
        where = f"{transcript.name}, line {number} ({who}): {line}"
        try:
            await _play_line(world, who, line)
        except AssertionError as error:
            shown = "\n---\n".join(world.person(who).screen()[-4:]) if who else ""
            raise AssertionError(f"{where}\n{error}\nOn the screen:\n{shown}") from error


async def _play_line(world: World, who: str, line: dict[str, Any]) -> None:
    if "clock" in line:
        await world.at(datetime.fromisoformat(line["clock"]))
    chat = world.person(who) if who else None
    if chat is None:
        return
    if "commands" in line:
        await chat.commands(line["commands"])
    if "says" in line:
        await chat.says(line["says"])
    if "clicks" in line:
        await chat.clicks(line["clicks"])
    if "fills" in line:
        await chat.fills(line["fills"], line["sends"])
    if "looks" in line and hasattr(chat, "looks"):
        await chat.looks()
    newest = plain("\n".join(chat.screen()[-line.get("last", 3) :]))
    for text in _several(line.get("sees")):
        assert plain(text) in newest, f"does not see: {text}"
    for text in _several(line.get("sees_not")):
        assert plain(text) not in newest, f"should not see: {text}"
    for label, text in line.get("errors", {}).items():
        said = plain(" ".join([*chat.errors().values(), newest]))
        assert plain(text) in said, f"no error at {label}: {text}"


def plain(text: str) -> str:
    """Text without the kinds of space that typography adds."""
    return " ".join(text.replace("\u00a0", " ").replace("\u202f", " ").split())


def _several(value: str | list[str] | None) -> list[str]:
    return [value] if isinstance(value, str) else value or []
