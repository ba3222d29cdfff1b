"""Whether two databases hold the same: every row of every table is read, and told by a number."""

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import blake2b

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store import tables as t
from bot.store.copying import Told, chunks, counts, tables
from bot.store.standing import MOVED

BYTES = 32
_ALL = 1 << 8 * BYTES


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """Of one table. rows: how many. total: the sum of their hashes, whatever order a database gives them in."""

    rows: int = 0
    total: int = 0


async def same(ours: AsyncConnection, theirs: AsyncConnection, told: Told) -> bool:
    """Whether both hold the same rows in every table that is copied; read until the first table that differs.

    The note that a database was moved is none of its rows.
    """
    done, total = 0, sum((await counts(ours)).values())

    def read(rows: int) -> None:
        nonlocal done
        told(done := done + rows, total)

    for table in tables():
        if await fingerprint(ours, table, read) != await fingerprint(theirs, table, lambda _: None):
            return False
    return True


async def fingerprint(
    connection: AsyncConnection, table: sa.Table, read: Callable[[int], None]
) -> Fingerprint:
    """Of the rows as the program reads them, which are the same from any database. read: hears how many were read."""
    rows = total = 0
    async for chunk in chunks(connection, table):
        kept = [one for one in chunk if not _is_note(table, one)]
        total = (total + sum(map(_hash, kept))) % _ALL
        rows += len(kept)
        read(len(chunk))
    return Fingerprint(rows, total)


def _is_note(table: sa.Table, row: dict[str, object]) -> bool:
    return table is t.setting and (row["tenant"], row["name"]) == ("", MOVED)


def _hash(row: dict[str, object]) -> int:
    told = repr(list(row.values())).encode("utf-8", "backslashreplace")
    return int.from_bytes(blake2b(told, digest_size=BYTES).digest(), "big")
