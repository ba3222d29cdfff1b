"""A visitor in front of the page: sees and does only what a person with this screen could."""

from dataclasses import dataclass, field

from playwright.async_api import Locator, Page, expect


@dataclass
class Screen:
    """One open page. address: where the demo is served. complaints: what the browser's console told."""

    page: Page
    address: str
    phone: bool = False
    complaints: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("console", lambda said: self.complaints.append(f"{said.type}: {said.text}"))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    @property
    def log(self) -> Locator:
        """The conversation."""
        return self.page.locator("#log")

    @property
    def newest(self) -> Locator:
        """The newest message of the bot."""
        return self.log.locator("article.bot").last

    @property
    def modal(self) -> Locator:
        """The form that the bot opened."""
        return self.page.locator("#modal")

    async def opens(self, lang: str, person: str = "", at: str = "") -> None:
        """Open the page; with a person, in their place; at: one of their channels."""
        place = "&".join(f"{name}={value}" for name, value in (("as", person), ("at", at)) if value)
        await self.page.goto(f"{self.address}/?lang={lang}#{place}")
        await self.page.locator("#people-list button").first.wait_for(state="attached")
        if person:
            await self.log.locator("article, .empty").first.wait_for()

    async def sees(self, words: str, where: Locator | None = None) -> None:
        """Wait until these words stand in the newest message, or elsewhere."""
        await expect(where or self.newest).to_contain_text(words)

    async def takes_step(self, words: str) -> None:
        """Press the button of a step of the tour, in its drawer on a phone, and wait until it has happened."""
        if self.phone:
            await self.page.locator("#tour-toggle").click()
        step = self.page.locator("#tour li").filter(has=self.page.locator("button", has_text=words))
        if await step.locator("details").get_attribute("open") is None:  # it is not the next one
            await step.locator("summary").click()
        await step.locator("button").click()
        await self.page.wait_for_function("() => document.activeElement.closest('#log')")

    async def toured(self, words: str) -> None:
        """Wait until the tour tells how far it has come."""
        await expect(self.page.locator("#tour-progress")).to_have_text(words)

    async def answers(self, *all_words: str) -> None:
        """Answer one question after the other: press the button, pick from a list or boxes, or write."""
        for words in all_words:
            before = await self.place()
            button = self.newest.get_by_role("button", name=words, exact=True)
            if await button.count():
                await button.click()
            else:
                await self._fills(words)
            await self.moved_on(before)

    async def place(self) -> str:
        """Which message is the bot's newest."""
        return str(await self.page.evaluate(NEWEST))

    async def moved_on(self, before: str) -> None:
        """Wait until the bot's newest message is another one."""
        await self.page.wait_for_function(f"before => ({NEWEST})() !== before", arg=before)

    async def _fills(self, words: str) -> None:
        if await self.newest.get_by_label(words, exact=True).count():
            await self.newest.get_by_label(words, exact=True).check()
        elif await self.newest.locator("select").count():
            await self.newest.locator("select").select_option(label=words)
        else:
            await self.newest.locator("textarea, input[type=text]").fill(words)
        await self.newest.locator("button[type=submit]").click()

    async def stands_still(self) -> None:
        """Wait until no movement is under way, so that a picture or a measure is of the end of it."""
        await self.page.wait_for_function(STILL)

    async def overflow(self) -> int:
        """By how many pixels what is shown is wider than the screen."""
        await self.stands_still()
        return int(await self.page.evaluate(OVERFLOW))

    async def shows_end(self) -> None:
        """The newest message is in sight, and the page itself has not moved away under its header."""
        await self.page.wait_for_function(AT_END)
        assert (
            await self.page.evaluate("() => document.querySelector('.top').getBoundingClientRect().top") == 0
        )


NEWEST = "() => [...document.querySelectorAll('#log article.bot')].at(-1)?.id ?? ''"
STILL = (
    "() => document.getAnimations().every(one => one.playState !== 'running' || one.animationName === 'hop')"
)
OVERFLOW = """() => Math.max(document.documentElement.scrollWidth - innerWidth,
  ...['body', '.top', 'main', '#log', '#welcome', '#modal', '#tour', '#people']
    .map(one => document.querySelector(one)).map(one => one.scrollWidth - one.clientWidth))"""
AT_END = """() => {
  const log = document.getElementById('log'), last = [...log.querySelectorAll('article')].at(-1);
  const top = last.getBoundingClientRect().top - log.getBoundingClientRect().top;
  const end = log.scrollHeight - log.scrollTop - log.clientHeight < 3;
  return end || (last.offsetHeight > log.clientHeight - 40 && top >= -3 && top < log.clientHeight / 2);
}"""
