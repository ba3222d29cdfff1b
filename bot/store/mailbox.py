"""The browser chat's messages as rows."""

from datetime import datetime

import sqlalchemy as sa

from adapters.web.mailbox import Author, WebMessage
from bot.store import rows as r
from bot.store import tables as t
from bot.store.database import Database
from bot.store.locks import hold
from dialogs.card import Card
from dialogs.card_data import card_data, card_of


class StoredMailbox:
    """`adapters.web.mailbox.Mailbox` on the store."""

    def __init__(self, database: Database, tenant: str) -> None:
        self._database = database
        self._tenant = tenant

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
        """Keep a message; the same key again changes nothing and returns the same id."""
        async with self._database.transaction() as connection:
            known = await r.row(
                connection,
                sa.select(t.web_message.c.id).where(
                    t.web_message.c.tenant == tenant, t.web_message.c.key == key
                ),
            )
            if known is not None:
                return int(known["id"])
            await hold(connection, f"web_message:{tenant}")
            last = await r.row(
                connection,
                sa.select(sa.func.max(t.web_message.c.id).label("id")).where(
                    t.web_message.c.tenant == tenant
                ),
            )
            number = int(last["id"] or 0) + 1 if last else 1
            await connection.execute(
                t.web_message.insert().values(
                    tenant=tenant,
                    id=number,
                    conversation=conversation,
                    key=key,
                    author=author,
                    card=card_data(card) if card else None,
                    text=text,
                    at=at,
                )
            )
            return number

    async def replace(self, message: int, card: Card, at: datetime) -> None:
        """Put a card in the place of another; the message keeps its time. Raises KeyError when there is none."""
        del at
        mine = (t.web_message.c.tenant == self._tenant, t.web_message.c.id == message)
        async with self._database.transaction() as connection:
            changed = await connection.execute(
                t.web_message.update()
                .where(*mine)
                .values(card=card_data(card), revision=t.web_message.c.revision + 1)
            )
            if changed.rowcount != 1:
                raise KeyError(message)

    async def read(self, tenant: str, conversation: str, after: int = 0) -> list[WebMessage]:
        """The messages of a conversation with an id above `after`, oldest first."""
        wanted = (
            t.web_message.c.tenant == tenant,
            t.web_message.c.conversation == conversation,
            t.web_message.c.id > after,
        )
        async with self._database.transaction() as connection:
            found = await r.rows(
                connection, sa.select(t.web_message).where(*wanted).order_by(t.web_message.c.id)
            )
        return [
            WebMessage(
                one["id"],
                one["conversation"],
                one["author"],
                card_of(one["card"]) if one["card"] else None,
                one["text"],
                one["at"],
                one["revision"],
            )
            for one in found
        ]

    async def find(self, key: str) -> int | None:
        """The message that was posted with this key."""
        wanted = (t.web_message.c.tenant == self._tenant, t.web_message.c.key == key)
        async with self._database.transaction() as connection:
            found = await r.row(connection, sa.select(t.web_message.c.id).where(*wanted))
        return None if found is None else int(found["id"])
