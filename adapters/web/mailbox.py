"""The conversations of the browser chat, as the application keeps them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from dialogs.card import Card

Author = Literal["bot", "person"]


@dataclass(frozen=True, slots=True)
class WebMessage:
    """One message as it stands now.

    id: grows with every message of the tenant, whatever the conversation. revision: how often the card was
    replaced. card: None for the words of a person, which are in `text`.
    """

    id: int
    conversation: str
    author: Author
    card: Card | None
    text: str
    at: datetime
    revision: int = 0


class Mailbox(Protocol):
    """Where the messages are. Conversations are called `dm:<user>` and `channel:<name>`."""

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
        """Keep a message and return its id; the same key again changes nothing and returns the same id."""
        ...

    async def replace(self, message: int, card: Card, at: datetime) -> None:
        """Put a card in the place of another; raises KeyError when there is no such message."""
        ...

    async def read(self, tenant: str, conversation: str, after: int = 0) -> list[WebMessage]:
        """The messages of a conversation with an id above `after`, oldest first."""
        ...

    async def find(self, key: str) -> int | None:
        """The message that was posted with this key."""
        ...


def direct(user: str) -> str:
    """The conversation of one person with the bot."""
    return f"dm:{user}"


def channel(name: str) -> str:
    """The conversation that everybody with access to the channel reads."""
    return f"channel:{name}"
