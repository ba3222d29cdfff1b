"""The page while its content is being edited badly, and while its server is away."""

import shutil
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.async_api import expect

from bot.library import BUILT_IN
from tests.bot.demo_visit import fresh
from tests.browser.conftest import Opens, served

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest.mark.parametrize(
    ("lang", "said"), [("fr", "erreur dans le contenu"), ("en", "mistake in the content")]
)
async def test_a_mistake_in_the_content_is_told_on_the_page_until_it_is_repaired(
    tmp_path: Path, opens: Opens, lang: str, said: str
) -> None:
    """Would catch an author who looks for a mistake that the page knows, or reads of it in another language."""
    content = Path(shutil.copytree(BUILT_IN, tmp_path / "content"))
    words = content / "ui.yaml"
    sound = words.read_text("utf-8")
    async with served(await fresh(tmp_path), content) as address:
        screen = await opens(address)
        await screen.opens(lang, "csv-03")
        banner = screen.page.locator("#mistakes")
        await expect(banner).to_be_hidden()
        lines = sound.splitlines()
        at = next(n for n, line in enumerate(lines) if 'en: "Yes"' in line)
        lines[at] = lines[at].replace('en: "Yes"', "en: [", 1)
        words.write_text("\n".join(lines), "utf-8")
        await expect(banner).to_contain_text(said)
        await expect(banner).to_contain_text("ui.yaml")
        assert await banner.locator("li").count() >= 1
        told = await banner.locator("li").first.inner_text()
        assert any(f"{n}" in told for n in (at + 1, at + 2)), told
        other = {"fr": " line ", "en": " ligne "}[lang]
        assert other not in f" {told} "
        words.write_text(sound, "utf-8")
        await expect(banner).to_be_hidden()


async def test_the_page_comes_back_by_itself_when_its_server_does(tmp_path: Path, opens: Opens) -> None:
    """Would catch a conversation that is lost, or doubled, by a restart of the server."""
    file = await fresh(tmp_path)
    async with served(file) as address:
        screen = await opens(address)
        await screen.opens("fr", "sto-06")
        await screen.answers("Oui")
        kept = await screen.log.locator("article").count()
    await screen.page.locator("#offline").wait_for()
    async with served(file, port=urlsplit(address).port or 0):
        await screen.page.locator("#offline").wait_for(state="hidden")
        await expect(screen.log.locator("article")).to_have_count(kept)
        await screen.answers("Magasins")
        await screen.sees("Où cela se fera-t-il le plus sentir?")
