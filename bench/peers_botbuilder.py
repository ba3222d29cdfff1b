"""What one writes with botbuilder-dialogs: a waterfall of questions with its state in memory."""

from typing import Any

from bench.table import NotHereError

try:
    from botbuilder.core import BotAdapter, ConversationState, MemoryStorage, MessageFactory, TurnContext
    from botbuilder.dialogs import ComponentDialog, DialogExtensions, WaterfallDialog
    from botbuilder.dialogs.prompts import PromptOptions, TextPrompt
    from botbuilder.schema import Activity, ChannelAccount, ConversationAccount, ResourceResponse
except ImportError as error:
    raise NotHereError("peer not installed: pip install --no-deps botbuilder-dialogs==4.17.1") from error

QUESTIONS = 14


class Silent(BotAdapter):
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
    """Question after question."""

    def __init__(self) -> None:
        super().__init__("Questions")
        self.add_dialog(TextPrompt("text"))
        self.add_dialog(WaterfallDialog("all", [self._step(number) for number in range(QUESTIONS)]))
        self.initial_dialog_id = "all"

    def _step(self, number: int) -> Any:
        async def ask(step: Any) -> Any:
            step.values[f"answer{number}"] = step.result
            question = MessageFactory.text(f"Question {number}?")
            return await step.prompt("text", PromptOptions(prompt=question))

        ask.__name__ = f"ask{number}"
        return ask


class Bot:
    """The bot."""

    def __init__(self) -> None:
        self._adapter, self._dialog = Silent(), Questions()
        self._conversations = ConversationState(MemoryStorage())
        self._property = self._conversations.create_property("DialogState")

    async def hear(self, user: str, text: str) -> None:
        """One turn."""
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
        await self._conversations.save_changes(context)
