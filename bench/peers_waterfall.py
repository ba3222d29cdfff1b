"""What both of Microsoft's libraries for dialogs are given, since they use the same names: a waterfall of questions."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

QUESTIONS = 14


@dataclass(frozen=True, slots=True)
class Library:
    """The modules of one library; its adapter, to be derived from; and how a conversation's state is stored."""

    core: Any
    dialogs: Any
    schema: Any
    adapter: type[Any]
    save: Callable[[Any, Any], Awaitable[None]]


class Bot:
    """The bot: question after question; each answer is kept with the dialog, its state in this storage."""

    def __init__(self, library: Library, storage: Any) -> None:
        self._library = library
        self._adapter, self._dialog = _silent(library), _questions(library)
        self._conversations = library.core.ConversationState(storage)
        self._property = self._conversations.create_property("DialogState")

    async def hear(self, user: str, text: str) -> None:
        """One turn; its state is stored when this returns."""
        schema = self._library.schema
        activity = schema.Activity(
            type="message",
            text=text,
            id="1",
            channel_id="test",
            service_url="http://127.0.0.1:9",
            conversation=schema.ConversationAccount(id=user),
            from_property=schema.ChannelAccount(id=user),
            recipient=schema.ChannelAccount(id="bot"),
        )
        context = self._library.core.TurnContext(self._adapter, activity)
        await self._library.dialogs.DialogExtensions.run_dialog(self._dialog, context, self._property)
        await self._library.save(self._conversations, context)


def _silent(library: Library) -> Any:
    response = library.schema.ResourceResponse

    class Silent(library.adapter):  # type: ignore[misc]
        """A platform that takes every message at once."""

        async def send_activities(self, context: Any, activities: list[Any]) -> list[Any]:
            del context
            return [response(id="1") for _ in activities]

        async def update_activity(self, context: Any, activity: Any) -> None:
            """Take it."""

        async def delete_activity(self, context: Any, reference: Any) -> None:
            """Take it."""

    return Silent()


def _questions(library: Library) -> Any:
    dialogs, text = library.dialogs, library.core.MessageFactory.text

    def question(number: int) -> Any:
        async def ask(step: Any) -> Any:
            if number:
                step.values[f"answer{number}"] = step.result
            prompt = dialogs.PromptOptions(prompt=text(f"Question {number}?"))
            return await step.prompt("text", prompt)

        ask.__name__ = f"ask{number}"
        return ask

    made = dialogs.ComponentDialog("Questions")
    made.add_dialog(dialogs.TextPrompt("text"))
    made.add_dialog(dialogs.WaterfallDialog("all", [question(number) for number in range(QUESTIONS)]))
    made.initial_dialog_id = "all"
    return made
