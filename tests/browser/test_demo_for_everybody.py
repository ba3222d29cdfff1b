"""The page without a mouse, for a screen reader, in both colour schemes and on the narrowest phones."""

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from axe_playwright_python.async_playwright import Axe

from tests.browser.conftest import NARROW, WIDE, Opens
from tests.browser.screen import Screen

pytestmark = pytest.mark.asyncio(loop_scope="session")

SERIOUS = {"serious", "critical"}
RING = """() => {
  const seen = document.activeElement, at = seen.getBoundingClientRect();
  const style = getComputedStyle(seen.closest('.pick') ?? seen);
  const ringed = parseFloat(style.outlineWidth) >= 2 && style.outlineStyle !== 'none';
  return ringed && at.bottom > 0 && at.top < innerHeight;
}"""


async def test_the_tour_and_the_first_answers_need_no_mouse(demo: str, opens: Opens) -> None:
    """Would catch a focus that is lost, unseen or far from what has just been asked."""
    screen = await opens(demo)
    keyboard = screen.page.keyboard
    await screen.opens("fr")
    await _tabs_to(screen, "Commencer la visite")
    await keyboard.press("Enter")
    await screen.sees("On commence?")
    for words, follows in (("Oui", "Pour quel service"), ("Continuer", "Où cela se fera-t-il")):
        if words == "Continuer":
            await _tabs_to(screen, "Choisir…")
            await keyboard.type("Magasins")
        await _tabs_to(screen, words, most=6)
        await keyboard.press("Enter")
        await screen.sees(follows)


async def test_escape_closes_a_form_and_gives_the_focus_back(demo: str, opens: Opens) -> None:
    """Would catch a form that holds a person without a mouse."""
    screen = await opens(demo)
    await _form(screen)
    assert await screen.page.evaluate("() => document.activeElement.closest('#modal') !== null")
    await screen.page.keyboard.press("Escape")
    await screen.modal.wait_for(state="hidden")
    assert await screen.page.evaluate("() => document.activeElement.closest('#log') !== null")


async def _start(screen: Screen) -> None:
    await screen.opens("fr")


async def _question(screen: Screen) -> None:
    await screen.opens("fr", "sto-06")
    await screen.answers("Oui")


async def _form(screen: Screen) -> None:
    """A nudge that came in the morning, and the form behind it with a refused value."""
    await screen.opens("fr", "fin-01")
    before = await screen.place()
    if not await screen.newest.get_by_role("button", name="C'est fait", exact=True).count():
        await screen.page.get_by_role("button", name="Prochain matin").click()
        await screen.moved_on(before)
    await screen.newest.get_by_role("button", name="C'est fait", exact=True).click()
    await screen.modal.wait_for()
    await screen.modal.get_by_role("button", name="Envoyer").click()
    await screen.modal.locator(".field.wrong").wait_for()


async def _channel(screen: Screen) -> None:
    await screen.opens("en", "vp-ops", "channel:direction")


SHOWN: dict[str, Callable[[Screen], Awaitable[None]]] = {
    "start": _start,
    "question": _question,
    "form": _form,
    "channel": _channel,
}


@pytest.fixture
def shows(demo: str, opens: Opens) -> Callable[..., AsyncIterator[tuple[str, Screen]]]:
    """Each screen of the page in turn, in a window of this size."""

    async def each(**context: object) -> AsyncIterator[tuple[str, Screen]]:
        screen = await opens(demo, **context)
        for name, show in SHOWN.items():
            await show(screen)
            await screen.stands_still()
            yield name, screen

    return each


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_a_screen_reader_finds_nothing_serious_in_its_way(
    shows: Callable[..., AsyncIterator[tuple[str, Screen]]], scheme: str
) -> None:
    """Would catch words too faint to read, fields without a name, and roles that promise what is not there."""
    async for name, screen in shows(size=WIDE, color_scheme=scheme, reduced_motion="reduce", bypass_csp=True):
        found = (await Axe().run(screen.page)).response["violations"]
        wrong = [
            (one["id"], node["html"][:200], node["failureSummary"][:300])
            for one in found
            if one["impact"] in SERIOUS
            for node in one["nodes"]
        ]
        assert not wrong, (name, wrong)


async def test_nothing_is_wider_than_the_narrowest_phone(
    shows: Callable[..., AsyncIterator[tuple[str, Screen]]],
) -> None:
    """Would catch a table, a long word or a row of buttons that pushes the page sideways."""
    async for name, screen in shows(size=NARROW):
        assert await screen.overflow() <= 0, name


async def _tabs_to(screen: Screen, words: str, most: int = 40) -> None:
    """Press Tab until the focus is on the control with these words, and can be seen there."""
    for _ in range(most):
        await screen.page.keyboard.press("Tab")
        if words in await screen.page.evaluate("() => document.activeElement.innerText ?? ''"):
            assert await screen.page.evaluate(RING), f"the focus on {words} cannot be seen"
            return
    pytest.fail(f"{words} is not within {most} presses of Tab")
