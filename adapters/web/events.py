"""The event stream of one screen: what is new, what was replaced, the clock, mistakes in the content."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import orjson

from adapters.web.company import Company
from adapters.web.mailbox import Mailbox
from adapters.web.streams import Streams
from adapters.web.view import conversations, message, people_now
from dialogs.text import Locale

LOOK_BACK = 20
"""Ids are given before commits, so a row may turn up below the cursor; the page ignores what it has."""


class Screen:
    """What one open page has been shown so far. `after`: the highest message id that it already had."""

    def __init__(
        self, mailbox: Mailbox, company: Company, tenant: str, user: str, locale: Locale, after: int
    ) -> None:
        self._mailbox = mailbox
        self._company = company
        self._tenant = tenant
        self._user = user
        self._locale = locale
        self._after = after
        self._shown: dict[int, int] | None = None
        self._people: dict[str, Any] = {}
        self._mistakes: list[str] | None = None

    async def follow(self, streams: Streams, heartbeat: float) -> AsyncIterator[bytes]:
        """Frames for ever, a comment at least every `heartbeat` seconds; ends when the streams are closed."""
        with streams.listen(self._tenant) as bell:
            yield b"retry: 1500\n\n"
            while not streams.closed:
                bell.clear()
                for frame in await self.changes():
                    yield frame
                try:
                    await asyncio.wait_for(bell.wait(), heartbeat)
                except TimeoutError:
                    yield b": still here\n\n"

    async def changes(self) -> list[bytes]:
        """Frames for all that differs from what the page was shown."""
        frames = await self._messages()
        if frames:
            await self._company.looked(self._user)
        people = await people_now(self._company, self._locale)
        if people != self._people:
            self._people = people
            frames.append(_frame("clock", people))
        mistakes = list(self._company.mistakes(self._locale))
        if mistakes != (self._mistakes or []):
            frames.append(_frame("content", mistakes))
        self._mistakes = mistakes
        return frames

    async def _messages(self) -> list[bytes]:
        personas = await self._company.personas(self._locale)
        channels = next((one.channels for one in personas if one.user == self._user), ())
        found = []
        for conversation in conversations(self._user, channels):
            found += await self._mailbox.read(self._tenant, conversation)
        if self._shown is None:
            self._shown = {
                one.id: one.revision
                for one in found
                if one.id <= self._after - LOOK_BACK and one.revision == 0
            }
            await self._company.looked(self._user)
        frames = []
        if self._after > max((one.id for one in found), default=0):
            # The page knows messages that are gone, as after a fresh start: nothing it shows can be trusted.
            self._after = 0
            frames.append(_frame("reload", None))
        for one in sorted(found, key=lambda each: each.id):
            if self._shown.get(one.id) == one.revision:
                continue
            kind = "replaced" if one.id in self._shown or one.id <= self._after else "message"
            self._shown[one.id] = one.revision
            self._after = max(self._after, one.id)
            frames.append(_frame(kind, message(one), self._after))
        return frames


def _frame(event: str, data: object, cursor: int | None = None) -> bytes:
    mark = b"" if cursor is None else f"id: {cursor}\n".encode()
    return mark + f"event: {event}\n".encode() + b"data: " + orjson.dumps(data) + b"\n\n"
