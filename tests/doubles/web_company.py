"""A company in memory behind the browser chat, and a server of one edge, for tests of the edge alone."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib.resources import files

import yaml
from aiohttp import web

from adapters.base import Refused, Response, Turn
from adapters.web.app import WebEdge
from adapters.web.company import Channel, Move, Moved, Persona, Scene
from adapters.web.mailbox import Author, WebMessage
from adapters.web.page import Page, flat_words
from adapters.web.streams import Streams
from dialogs.card import Card
from dialogs.schema import UiWords
from dialogs.text import Locale

TENANT = "demo"


@cache
def page_ui() -> UiWords:
    """The page's words as they ship; read once, since every look at the page asks for them."""
    return UiWords.model_validate(yaml.safe_load((files("content") / "page.yaml").read_text("utf-8")))


class MemoryMailbox:
    """Mailbox in a list."""

    def __init__(self) -> None:
        self._rows: list[tuple[str, WebMessage]] = []
        self._keys: dict[str, int] = {}

    async def post(
        self,
        tenant: str,
        conversation: str,
        author: Author,
        card: Card | None,
        text: str,
        key: str,
        at: datetime,
    ) -> int:
        if key not in self._keys:
            self._keys[key] = len(self._rows) + 1
            message = WebMessage(self._keys[key], conversation, author, card, text, at)
            self._rows.append((tenant, message))
        return self._keys[key]

    async def replace(self, message: int, card: Card, at: datetime) -> None:
        if not 0 < message <= len(self._rows):
            raise KeyError(message)
        tenant, old = self._rows[message - 1]
        self._rows[message - 1] = (
            tenant,
            replace(old, card=card, text=card.plain(), revision=old.revision + 1),
        )

    async def read(self, tenant: str, conversation: str, after: int = 0) -> list[WebMessage]:
        mine = (message for owner, message in self._rows if owner == tenant)
        return [one for one in mine if one.conversation == conversation and one.id > after]

    async def find(self, key: str) -> int | None:
        return self._keys.get(key)


@dataclass
class SmallCompany:
    """Two people and one channel; `happens` says what a move of the clock brings about."""

    name: str = "Boréal"
    zone: str = "America/Toronto"
    time: datetime = datetime(2026, 11, 23, 13, 30, tzinfo=UTC)
    wrong: tuple[str, ...] = ()
    seen: list[str] = field(default_factory=list)
    people: tuple[Persona, ...] = (
        Persona("u-log", "Logistique, quart de nuit", "Logistique", "fr-CA", "Québec", waiting=1),
        Persona(
            "u-dir",
            "Direction générale",
            "Direction",
            "fr-CA",
            "Québec",
            ("commanditaire",),
            0,
            ("direction",),
        ),
    )
    scenes: tuple[Scene, ...] = (Scene("impact", "u-log", command="/embarque impact"),)
    happens: Callable[[Move], Moved] | None = None

    async def personas(self, locale: Locale) -> tuple[Persona, ...]:
        return self.people

    async def channels(self, locale: Locale) -> tuple[Channel, ...]:
        return (Channel("direction", "Direction"),)

    async def story(self, locale: Locale) -> tuple[Scene, ...]:
        return self.scenes

    async def looked(self, user: str) -> None:
        self.seen.append(user)

    def now(self) -> datetime:
        return self.time

    async def move(self, to: Move, locale: Locale) -> Moved:
        self.time += timedelta(hours=1)
        return self.happens(to) if self.happens else Moved(self.time, 0, 0, ("Nothing was due.",))

    def mistakes(self, locale: Locale) -> tuple[str, ...]:
        return self.wrong

    def words(self, locale: Locale) -> Mapping[str, str]:
        return flat_words(page_ui(), locale)


def small_edge(company: SmallCompany | None = None, heartbeat: float = 15.0) -> WebEdge:
    """An edge over a company in memory."""
    company = company or SmallCompany()

    async def known(user: str) -> bool:
        return any(one.user == user for one in company.people)

    return WebEdge(TENANT, MemoryMailbox(), company, known, Streams(), Page(), heartbeat=heartbeat)


@asynccontextmanager
async def served(edge: WebEdge, turn: Turn, port: int = 0) -> AsyncIterator[str]:
    """The edge on a loopback port; gives its address."""
    app = web.Application()
    app.add_routes([*edge.routes(), web.post(edge.path, _door(edge, turn))])
    runner = web.AppRunner(app, shutdown_timeout=1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", port)
    await site.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        edge.streams.close()
        await runner.cleanup()


def _door(edge: WebEdge, turn: Turn) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def act(request: web.Request) -> web.Response:
        now = datetime(2026, 11, 23, 13, 0, tzinfo=UTC)
        try:
            admitted = await edge.admit(request.headers, now)
            payload = await edge.verify(admitted, request.headers, await request.read(), now)
            answer = await edge.dispatch(payload, turn, now)
        except Refused as refused:
            answer = Response(refused.status)
        return web.Response(
            status=answer.status, body=answer.body, content_type=answer.content_type, headers=answer.headers
        )

    return act
