"""The commands for whoever writes the content: check, render, play."""

import asyncio
import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from adapters.base import Sent
from bot.commands import gallery_turns
from bot.commands.check import schema_text
from bot.commands.gallery_scenes import SCENES
from bot.library import Library
from tests.bot.cli_runner import CONTENT, Terminal

DIALOG = "packs/ecommerce/dialogs/impact.yaml"


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    return Terminal(tmp_path)


@pytest.fixture
def content(tmp_path: Path) -> Path:
    copy = tmp_path / "content"
    shutil.copytree(CONTENT, copy)
    return copy


def test_the_content_as_it_is_passes_and_says_what_was_looked_at(terminal: Terminal) -> None:
    """Would catch content with a mistake, or a card that some platform cannot show as meant."""
    done = terminal.types("check")
    assert done.exit_code == 0, done.output
    assert "cards drawn (fr-CA, fr-FR, en) on slack, teams, web" in done.output


async def test_a_card_is_on_show_however_long_its_sending_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Would catch sound content that the check refuses on a busy machine, since it looked before a card was there."""
    at_once = gallery_turns._Screen.send

    async def after_a_while(*given: Any) -> Sent:
        await asyncio.sleep(0.01)
        return await at_once(*given)

    monkeypatch.setattr(gallery_turns._Screen, "send", after_a_while)
    shown = await gallery_turns.turn_cards(Library.open(CONTENT).catalog, "ecommerce", "fr-CA")
    assert {one.id for one in shown} >= {scene.name for scene in SCENES if scene.name != "stop"}


def test_a_mistake_is_told_with_file_line_cause_and_fix_in_the_language_of_the_terminal(
    content: Path, terminal: Terminal
) -> None:
    """Would catch an editor left with a stack trace, or with English only."""
    file = content / DIALOG
    lines = file.read_text("utf-8").splitlines()
    at = next(number for number, line in enumerate(lines) if "type: scale5" in line)
    lines[at] = lines[at].replace("scale5", "scale6")
    file.write_text("\n".join(lines), "utf-8")
    terminal.lang = "fr_CA.UTF-8"
    french = terminal.types("check", str(content))
    assert french.exit_code == 1
    assert f"{DIALOG}:{at + 1}:" in french.output
    assert "Quoi faire" in french.output
    english = terminal.types("check", str(file), "--lang", "en")
    assert english.exit_code == 1
    assert "What to do" in english.output


def test_a_text_too_long_for_a_platform_fails_the_check_with_its_card(
    content: Path, terminal: Terminal
) -> None:
    """Would catch a card that Slack refuses or cuts once it is too late."""
    file = next(one for one in content.glob("ui*.yaml") if "  item.mine:" in one.read_text("utf-8"))
    words = file.read_text("utf-8").splitlines()
    at = next(number for number, line in enumerate(words) if line.startswith("  item.mine:"))
    words[at] = f'  item.mine: {{fr-CA: "{"Mes points " * 20}", en: "{"My items " * 20}"}}'
    file.write_text("\n".join(words), "utf-8")
    done = terminal.types("check", str(content))
    assert done.exit_code == 1
    assert "checklist readiness mine-all (fr-CA, slack message): a heading longer than" in done.output


def test_a_folder_that_is_not_there_is_said_so(terminal: Terminal) -> None:
    """Would catch "all is well" about nothing at all."""
    done = terminal.types("check", str(terminal.folder / "nowhere"))
    assert done.exit_code == 1
    assert "ui.yaml" in done.output


def test_the_schema_for_editors_is_that_of_the_program() -> None:
    """Would catch a content/schema.json left behind by a change: run `embarque check --write-schema`."""
    assert (CONTENT / "schema.json").read_text("utf-8") == schema_text()


@pytest.mark.parametrize("platform", ["slack", "teams", "web"])
def test_every_card_is_written_as_the_platform_takes_it(platform: str, terminal: Terminal) -> None:
    """Would catch a kind of card that nobody sees before it goes out."""
    out = terminal.folder / "out"
    done = terminal.types("render", "--platform", platform, "--lang", "fr-FR", "--out", str(out))
    assert done.exit_code == 0, done.output
    names = {file.name for file in out.iterdir()}
    assert all(len(name.split(".")) == 5 for name in names)
    kinds = {name.split(".")[0] for name in names}
    assert kinds == {"bot", "campaign", "checklist", "dialog", "digest", "item", "nudge", "quiz", "reminder"}
    for wanted in (
        "dialog.impact.I0.message.json", "dialog.impact.I4c.message.json", "dialog.impact.I5c.message.json",
        "dialog.impact.I10u.message.json", "dialog.impact.I4-SHP.message.json", "dialog.impact.later.message.json",
        "item.CAT1.done.modal.json", "nudge.K7.CAT1.message.json", "nudge.K3.several.message.json",
        "bot.champion-accepted.1.message.json", "digest.weekly.quiet.message.json", "bot.refused.1.message.json",
    ):  # fmt: skip
        assert wanted in names, wanted
    sample = json.loads((out / "item.CAT1.done.modal.json").read_text("utf-8"))
    key = {"slack": "blocks", "teams": "body", "web": "blocks"}[platform]
    assert sample[key]
    text = json.dumps([json.loads((out / name).read_text("utf-8")) for name in names], ensure_ascii=False)
    assert "KeyError" not in text


def test_every_question_of_the_interview_is_on_show(terminal: Terminal) -> None:
    """Would catch a step that no answers lead to, or a gallery that leaves it out."""
    out = terminal.folder / "out"
    terminal.types("render", "--platform", "web", "--out", str(out))
    names = {file.name.split(".")[2] for file in out.glob("dialog.impact.*")}
    steps = [
        line.split()[-1]
        for line in (CONTENT / DIALOG).read_text("utf-8").splitlines()
        if line.startswith("  - id: ")
    ]
    for step in steps:
        assert any(name == step or name.startswith(f"{step}-") for name in names), step


def test_a_dialog_is_played_to_its_closing_from_a_pipe(terminal: Terminal) -> None:
    """Would catch a player that waits for a terminal, or ends without the last word."""
    lines = "1|1|processus|Un gain|1,2|Des fiches mieux tenues|4|retour|5|?|1|beaucoup|12|passer|1|?|2|"
    done = terminal.types("play", "impact", "--lang", "fr", stdin=lines.replace("|", "\n"))
    assert done.exit_code == 0, done.output
    assert "Écrivez un nombre" in done.output
    assert "Merci. Votre service compte dans le bilan" in done.output


def test_a_quiz_is_played_by_letters_and_numbers(terminal: Terminal) -> None:
    """Would catch a quiz that cannot be tried without a platform."""
    done = terminal.types("play", "basics", "--lang", "en", stdin="a\n1\nz\nb\nguess\nuseful\n")
    assert done.exit_code == 0, done.output
    assert "Answer with a letter" in done.output
    assert "of 2" in done.output


@pytest.mark.parametrize("said", ["stop\n", "2\n1\n", "1\n", ""])
def test_a_dialog_may_be_stopped_put_off_or_left(said: str, terminal: Terminal) -> None:
    """Would catch a player that hangs or fails when the input ends."""
    done = terminal.types("play", "impact", "--lang", "fr", stdin=said)
    assert done.exit_code == 0, done.output


def test_an_unknown_name_is_answered_with_the_nearest(terminal: Terminal) -> None:
    """Would catch a typing mistake answered with a stack trace."""
    done = terminal.types("play", "impct", "--lang", "en")
    assert done.exit_code == 1
    assert "Did you mean “impact”?" in done.output
