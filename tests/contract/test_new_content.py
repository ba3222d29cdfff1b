"""The content changes while people are in the middle of it: nobody is lost and no answer is thrown away."""

import re
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.library import BUILT_IN
from tests.contract.hand import hold
from tests.doubles.chat import Chat
from tests.world import World, company_on

DIALOG = Path("packs/ecommerce/dialogs/impact.yaml")


@pytest.fixture(params=["web", "slack", "teams"])
async def edited(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[World]:
    """A company with content of its own, which a test may edit."""
    content = tmp_path / "content"
    shutil.copytree(BUILT_IN, content, ignore=shutil.ignore_patterns("__pycache__"))
    async with company_on(request.param, tmp_path, content=content) as made:
        yield made


async def test_a_renamed_question_keeps_its_answer(edited: World) -> None:
    """Would have caught: a question asked again because somebody gave it a better name."""
    advisor = await _at_probability(edited)
    five = hold(advisor, "5")
    _edit(
        edited,
        lambda text: re.sub(
            r"- id: I6\n", "- id: size\n    was: I6\n", text.replace("step: I6,", "step: size,")
        ),
    )
    await five.tap()
    assert "Pendant la transition" in "\n".join(advisor.heard()[-2:])
    [told] = await edited.rows("impact")
    assert (told["severity"], told["likelihood"]) == (2, 5)


async def test_an_open_question_that_is_renamed_still_takes_its_old_buttons(edited: World) -> None:
    """Would have caught: a button that "no longer works" right after a deployment."""
    advisor = await _at_probability(edited)
    five = hold(advisor, "5")
    _edit(
        edited,
        lambda text: re.sub(
            r"- id: I7\n", "- id: odds\n    was: I7\n", text.replace("step: I7,", "step: odds,")
        ),
    )
    await five.tap()
    assert "Pendant la transition" in "\n".join(advisor.heard()[-2:])


async def test_an_answer_whose_option_is_gone_is_asked_again(edited: World) -> None:
    """Would have caught: an answer nobody can read, kept for ever."""
    advisor = await _at_probability(edited)
    _edit(edited, lambda text: re.sub(r"      - \{id: processes,.*\n", "", text))
    await advisor.clicks("5")
    assert "Où cela se fera-t-il le plus sentir?" in "\n".join(advisor.heard()[-2:])
    await advisor.clicks("Clientèle")
    assert "Pendant la transition" in "\n".join(advisor.heard()[-2:])


async def test_a_question_that_is_gone_says_so_and_shows_the_next_one(edited: World) -> None:
    """Would have caught: a person stuck at a question that no longer exists."""
    advisor = await _at_probability(edited)
    five = hold(advisor, "5")

    def without(text: str) -> str:
        text = re.sub(r"  - id: I7\n(?:    .*\n)+", "", text)
        return text.replace(", {step: I7, at_least: 4}", "")

    _edit(edited, without)
    told = await five.tap()
    assert "C'est déjà noté; voici où vous en êtes." in told + "\n".join(advisor.heard())
    assert "Pendant la transition" in "\n".join(advisor.heard())
    await advisor.clicks("Aucun")
    assert "Le magasin reçoit-il le crédit" in "\n".join(advisor.heard()[-2:])


async def _at_probability(world: World) -> Chat:
    advisor = world.person("advisor")
    await advisor.commands("impact")
    for words in ("oui", "magasins", "2", "2", "3", "-", "2"):
        await advisor.says(words)
    assert "Quelle est la probabilité que cela arrive?" in advisor.newest(1)
    return advisor


def _edit(world: World, change: object) -> None:
    library = world.app.library
    path = library.root / DIALOG
    before = path.read_text("utf-8")
    after = change(before)  # type: ignore[operator]
    assert after != before, "the edit changed nothing"
    path.write_text(after, "utf-8")
    library.refresh()
    assert not library.mistakes, library.mistakes
