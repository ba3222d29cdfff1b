"""What one writes with microsoft-agents dialogs on SQLite: a waterfall of questions, its state kept after each."""

import pickle
import sqlite3
from pathlib import Path
from typing import Any

from bench.table import MISSING, NotHereError

try:
    from microsoft_agents.activity import Activity, ChannelAccount, ConversationAccount, ResourceResponse
    from microsoft_agents.hosting.core import (
        ChannelAdapter,
        ConversationState,
        MessageFactory,
        Storage,
        TurnContext,
    )
    from microsoft_agents.hosting.dialogs import (
        ComponentDialog,
        DialogExtensions,
        PromptOptions,
        TextPrompt,
        WaterfallDialog,
    )
except ImportError as error:
    raise NotHereError(MISSING) from error

QUESTIONS = 14


class SqliteStorage(Storage):
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


class Silent(ChannelAdapter):
    """A platform that takes every message at once."""

    async def send_activities(
        self, context: TurnContext, activities: list[Activity]
    ) -> list[ResourceResponse]:
        del context
        return [ResourceResponse(id="1") for _ in activities]

    async def update_activity(self, context: TurnContext, activity: Activity) -> None:
        """Take it."""

    async def delete_activity(self, context: TurnContext, reference: Any) -> None:
        """Take it."""


class Questions(ComponentDialog):
    """Question after question; each answer is kept with the dialog."""

    def __init__(self) -> None:
        super().__init__("Questions")
        self.add_dialog(TextPrompt("text"))
        self.add_dialog(WaterfallDialog("all", [self._step(number) for number in range(QUESTIONS)]))
        self.initial_dialog_id = "all"

    def _step(self, number: int) -> Any:
        async def ask(step: Any) -> Any:
            if number:
                step.values[f"answer{number}"] = step.result
            question = MessageFactory.text(f"Question {number}?")
            return await step.prompt("text", PromptOptions(prompt=question))

        ask.__name__ = f"ask{number}"
        return ask


class Bot:
    """The bot of one database."""

    def __init__(self, file: Path) -> None:
        self._adapter, self._dialog = Silent(), Questions()
        self._conversations = ConversationState(SqliteStorage(file))
        self._property = self._conversations.create_property("DialogState")

    async def hear(self, user: str, text: str) -> None:
        """One turn; its state is on disk when this returns."""
        activity = Activity(
            type="message",
            text=text,
            id="1",
            channel_id="test",
            service_url="http://127.0.0.1:9",
            conversation=ConversationAccount(id=user),
            from_property=ChannelAccount(id=user),
            recipient=ChannelAccount(id="bot"),
        )
        context = TurnContext(self._adapter, activity)
        await DialogExtensions.run_dialog(self._dialog, context, self._property)
        await self._conversations.save(context)
