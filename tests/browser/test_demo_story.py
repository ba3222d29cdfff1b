"""The guided visit of the demo in a real browser, by somebody who reads nothing but the page."""

import asyncio
import os
import struct
from pathlib import Path

import pytest
from playwright.async_api import Route, expect

from tests.browser.conftest import PHONE, WIDE, Opens
from tests.browser.screen import Screen

pytestmark = pytest.mark.asyncio(loop_scope="session")

PICTURE = Path(__file__).with_name("picture.png")
PICTURE_SIZE = (1280, 800)
FRENCH = (
    *("Oui", "Magasins", "Clientèle", "Une difficulté", "Cueillette en magasin"),
    "Une cliente veut rendre ici un article vu sur le site.",
    *("3", "4", "De 1 à 3 h", "Oui", "Mon équipe", "De la formation", "Passer", "Terminer"),
)
ENGLISH = ("Yes", "Customer service", "Customers", "A gain")


async def test_the_whole_visit_in_french_on_a_wide_screen(demo: str, opens: Opens) -> None:
    """Would catch any step at which a newcomer stands still, and a figure that is not the week's own."""
    screen = await opens(demo)
    await screen.opens("fr")
    await screen.page.get_by_role("button", name="Commencer la visite").click()
    await screen.sees("On commence?")
    await expect(screen.log.get_by_text("On commence?")).to_have_count(1)
    await screen.answers(*FRENCH)
    await screen.sees("Votre service compte dans le bilan")
    await screen.shows_end()
    await screen.toured("1 sur 4")

    await screen.takes_step("Attendre le matin")
    await _proves(screen, "C'est fait", "Donnez un lien https", "Envoyer")
    await screen.sees("« Modèle d'affaires » avance : 2 sur 4")
    await screen.shows_end()
    await screen.toured("2 sur 4")

    await screen.takes_step("Faire le quiz")
    await _learns(screen, "Réponse juste", "C'était sûr", "Réponses justes")
    await screen.toured("3 sur 4")

    await screen.takes_step("Aller à jeudi")
    await screen.sees("Points prêts pour « Modèle d'affaires » : 2 sur 4")
    await screen.sees("Participation")
    await screen.shows_end()
    await screen.toured("4 sur 4")
    assert screen.complaints == [], "the console of a page that breaks no rule of its own is empty"


async def test_the_whole_visit_in_english_on_a_phone(demo: str, opens: Opens) -> None:
    """Would catch a visitor who asked for English and meets French, or a drawer that stays in the way."""
    screen = await opens(demo, PHONE)
    await screen.opens("en")
    await screen.page.get_by_role("button", name="Start the tour").click()
    await screen.sees("Shall we start?")
    await screen.answers(*ENGLISH)
    while not await screen.newest.get_by_role("button", name="Finish", exact=True).count():
        await screen.answers("Skip")
    await screen.answers("Finish")
    await screen.sees("Your department counts in")
    await screen.shows_end()
    await screen.toured("1 of 4")

    await screen.takes_step("Wait for the morning")
    await _proves(screen, "Done", "https", "Send")
    await screen.sees("moves forward: 2 of 4")
    await screen.shows_end()

    await screen.takes_step("Take the quiz")
    await _learns(screen, "Right answer", "I was sure", "Right answers")

    await screen.takes_step("Go to Thursday")
    await screen.sees("2 of 4")
    await screen.shows_end()
    await screen.toured("4 of 4")
    assert screen.complaints == []


@pytest.mark.parametrize(("lang", "size"), [("fr", PHONE), ("en", WIDE)])
async def test_the_words_and_the_drawers_fit_the_other_way_round(
    demo: str, opens: Opens, lang: str, size: tuple[int, int]
) -> None:
    """Would catch what only the longer language on the smaller screen, or the shorter on the larger, breaks."""
    screen = await opens(demo, size)
    await screen.opens(lang)
    start = {"fr": "Commencer la visite", "en": "Start the tour"}[lang]
    await screen.page.get_by_role("button", name=start).click()
    await screen.sees({"fr": "On commence?", "en": "Shall we start?"}[lang])
    await screen.answers({"fr": "Oui", "en": "Yes"}[lang])
    await screen.takes_step({"fr": "Attendre le matin", "en": "Wait for the morning"}[lang])
    await screen.sees({"fr": "C'est fait", "en": "Done"}[lang])
    assert await screen.overflow() <= 0
    assert screen.complaints == []


async def test_an_answer_that_comes_late_takes_nothing_back(demo: str, opens: Opens) -> None:
    """Would catch a tour that stands at "3 of 4" for good, because an older state overtook the newer event."""
    screen = await opens(demo)
    await screen.opens("fr")
    shown = asyncio.Event()

    async def older(route: Route) -> None:
        response = await route.fetch()
        state = await response.json()
        for scene in state["story"]:
            scene["done"] = False
        await shown.wait()
        await route.fulfill(response=response, json=state)

    await screen.opens("fr", "dg", "channel:direction")
    before = await screen.page.locator("#tour-progress").inner_text()
    await screen.page.route("**/web/state*", older)
    await screen.page.get_by_role("button", name="Jeudi 10 h").click()
    await expect(screen.page.locator("#tour-progress")).not_to_have_text(before)
    after = await screen.page.locator("#tour-progress").inner_text()
    async with screen.page.expect_response("**/web/state*"):
        shown.set()
    await screen.stands_still()
    await screen.toured(after)
    assert screen.complaints == []


async def test_what_waits_unread_is_counted_right(demo: str, opens: Opens) -> None:
    """Would catch a badge that counts what was read long ago: two shown when one is new."""
    screen = await opens(demo)
    await screen.opens("fr", "dg")
    tabs = screen.page.locator("#tabs")
    await expect(tabs.locator(".badge")).to_have_count(0)
    await screen.page.get_by_role("button", name="Jeudi 10 h").click()
    await expect(tabs.locator(".badge > [aria-hidden]")).to_have_text("1")
    await tabs.get_by_role("button", name="Direction").click()
    await screen.sees("Semaine 9")
    await expect(tabs.locator('[data-place="channel:direction"] .badge')).to_have_count(0)


async def test_the_picture_of_the_readme_is_of_this_page(demo: str, opens: Opens) -> None:
    """Would catch a README without its picture, or with one that no browser of this size made."""
    if os.environ.get("EMBARQUE_PICTURE") == "1":
        screen = await opens(demo, PICTURE_SIZE)
        await screen.opens("fr", "fin-01")
        await screen.takes_step("Attendre le matin")
        await _proves(screen, "C'est fait", "Donnez un lien https", "Envoyer")
        await screen.sees("2 sur 4")
        await screen.page.locator("#clock-news .close").click()
        await screen.shows_end()
        await screen.stands_still()
        await screen.page.screenshot(path=PICTURE, animations="disabled")
    kept = PICTURE.read_bytes()
    assert kept[:8] == b"\x89PNG\r\n\x1a\n"
    assert struct.unpack(">II", kept[16:24]) == PICTURE_SIZE
    assert len(kept) < 300_000


async def _proves(screen: Screen, done: str, refused: str, send: str) -> None:
    """Close an item: a proof that is none is refused at its field, the second one is taken."""
    await screen.newest.get_by_role("button", name=done, exact=True).click()
    await screen.modal.wait_for()
    title = await screen.modal.locator("h2").inner_text()
    await expect(screen.modal.get_by_text(title, exact=True)).to_have_count(1)
    proof = screen.modal.locator("input[type=text]").first
    await proof.fill("javascript:alert(1)")
    await screen.modal.get_by_role("button", name=send, exact=True).click()
    await screen.sees(refused, screen.modal.locator(".field.wrong .error"))
    await expect(proof).to_be_focused()
    await expect(proof).to_have_attribute("aria-invalid", "true")
    before = await screen.place()
    await proof.fill("https://intranet.example/marge")
    await screen.modal.get_by_role("button", name=send, exact=True).click()
    await screen.modal.wait_for(state="hidden")
    await screen.moved_on(before)


async def _learns(screen: Screen, because: str, sure: str, closing: str) -> None:
    """Answer every question with its first letter, read each explanation, and come to the end."""
    await screen.newest.get_by_role("button", name="A", exact=True).wait_for()
    explained = 0
    while await screen.newest.get_by_role("button", name="A", exact=True).count():
        await screen.answers("A")
        await screen.sees(because)
        explained += 1
        await screen.answers(sure)
    assert explained > 1
    await screen.sees(closing)
    await screen.shows_end()
