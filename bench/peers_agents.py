"""What one writes with microsoft-agents dialogs on SQLite: a waterfall of questions, its state kept after each."""

import pickle
import sqlite3
from pathlib import Path
from typing import Any

from bench.peers_waterfall import Bot, Library
from bench.table import MISSING, NotHereError

try:
    from microsoft_agents import activity
    from microsoft_agents.hosting import core, dialogs
except ImportError as error:
    raise NotHereError(MISSING) from error

LIBRARY = Library(core, dialogs, activity, core.ChannelAdapter, core.ConversationState.save)


class SqliteStorage(core.Storage):
    """State on SQLite, on disk before it is acknowledged; pickled, since the state of dialogs is not plain data."""

    def __init__(self, file: Path) -> None:
        self._database = sqlite3.connect(file, isolation_level=None)
        for pragma in ("journal_mode=WAL", "synchronous=FULL"):
            self._database.execute(f"PRAGMA {pragma}")
        self._database.execute("CREATE TABLE state (key TEXT PRIMARY KEY, value BLOB NOT NULL)")

    async def read(self, keys: list[str], *, target_cls: Any, **_: Any) -> dict[str, Any]:
        marks = ",".join("?" * len(keys))
        rows = self._database.execute(f"SELECT key, value FROM state WHERE key IN ({marks})", keys)
        return {key: target_cls.from_json_to_store_item(pickle.loads(value)) for key, value in rows}

    async def write(self, changes: dict[str, Any]) -> None:
        rows = [(key, pickle.dumps(item.store_item_to_json())) for key, item in changes.items()]
        self._database.execute("BEGIN IMMEDIATE")
        self._database.executemany("INSERT OR REPLACE INTO state VALUES (?, ?)", rows)
        self._database.execute("COMMIT")

    async def delete(self, keys: list[str]) -> None:
        self._database.executemany("DELETE FROM state WHERE key = ?", [(key,) for key in keys])


def bot(file: Path) -> Bot:
    """A bot whose turns are on disk when they are over."""
    return Bot(LIBRARY, SqliteStorage(file))
