"""Sending for the browser chat: a message is a row of the mailbox, and the open pages are woken."""

from collections.abc import Callable
from datetime import datetime

from adapters.base import Budget, Destination, RefusedForGoodError, Sent
from adapters.web.mailbox import Mailbox, direct
from adapters.web.render import render
from adapters.web.streams import Streams
from dialogs.activity import Platform
from dialogs.card import Card


class WebOutbound:
    """Outbound of the page. `now` tells the company's present moment, which stamps the messages."""

    platform = Platform.WEB
    can_find = True

    def __init__(self, mailbox: Mailbox, streams: Streams, now: Callable[[], datetime]) -> None:
        self._mailbox = mailbox
        self._streams = streams
        self._now = now

    async def send(self, to: Destination, card: Card, key: str) -> Sent:
        """Post a card once, however often the same key comes."""
        conversation = _conversation(to)
        text = render(card, "message").text
        message = await self._mailbox.post(to.tenant, conversation, "bot", card, text, key, self._now())
        self._streams.ring(to.tenant)
        return Sent(str(message), conversation)

    async def update(self, to: Destination, message: str, card: Card) -> None:
        """Replace a card where it stands."""
        try:
            await self._mailbox.replace(int(message), card, self._now())
        except (KeyError, ValueError):
            raise RefusedForGoodError("message_not_found") from None
        self._streams.ring(to.tenant)

    def budgets(self, to: Destination, operation: str) -> tuple[Budget, ...]:  # noqa: ARG002
        """None: the chat is ours and takes everything."""
        return ()

    async def find(self, to: Destination, key: str) -> Sent | None:
        """The message of this key, if it was posted."""
        message = await self._mailbox.find(key)
        return None if message is None else Sent(str(message), _conversation(to))

    async def close(self) -> None:
        """End the open streams."""
        self._streams.close()


def _conversation(to: Destination) -> str:
    if to.conversation:
        return to.conversation
    if to.user:
        return direct(to.user)
    raise RefusedForGoodError("no_conversation")
