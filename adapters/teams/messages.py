"""What is sent to Teams, as botbuilder makes it: messages that hold a card, and the start of conversations."""

from typing import Any

import orjson
from botbuilder.core import CardFactory, MessageFactory, TurnContext
from botbuilder.schema import (
    Activity,
    ChannelAccount,
    ConversationAccount,
    ConversationParameters,
    ConversationReference,
)

from adapters.base import Destination
from adapters.teams.render import render
from dialogs.card import Card


def message(card: Card) -> Activity:
    """A message that holds a card, without an address."""
    drawn = render(card, "message")
    activity = MessageFactory.attachment(CardFactory.adaptive_card(drawn.payload))
    activity.summary = drawn.text
    return activity


def addressed(activity: Activity, to: Destination, conversation: str) -> Activity:
    """The same message, from the bot to a conversation."""
    reference = ConversationReference(
        channel_id="msteams",
        service_url=to.route.get("service_url"),
        conversation=ConversationAccount(id=conversation),
        bot=ChannelAccount(id=to.route.get("bot_id")),
        user=ChannelAccount(id=to.route.get("user_id")),
    )
    return TurnContext.apply_conversation_reference(activity, reference)


def alone_with(person: str, to: Destination, bot: str) -> ConversationParameters:
    """What opens the one-to-one conversation with a person."""
    return ConversationParameters(
        is_group=False,
        bot=ChannelAccount(id=bot),
        members=[ChannelAccount(id=person)],
        tenant_id=to.tenant,
        channel_data={"tenant": {"id": to.tenant}},
    )


def new_thread(activity: Activity, to: Destination, bot: str) -> ConversationParameters:
    """What begins a thread in a channel with this message."""
    return ConversationParameters(
        is_group=True,
        bot=ChannelAccount(id=bot),
        tenant_id=to.tenant,
        channel_data={"channel": {"id": to.conversation}, "tenant": {"id": to.tenant}},
        activity=activity,
    )


def written(model: Any) -> bytes:
    """Write one of botbuilder's models as JSON; by its own map, since its serializer takes a hundred times as long."""
    return orjson.dumps(model, default=_fields)


def _fields(model: Any) -> dict[str, Any]:
    described = model._attribute_map.items()  # noqa: SLF001 - where every model says how it is written
    return {one["key"]: held for name, one in described if (held := getattr(model, name)) is not None}
