"""Messages on their way to Slack: post, update, look up, open a form, whisper to one person."""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import orjson
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from adapters.base import Budget, Destination, RefusedForGoodError, Sent, TryLaterError, UnknownOutcomeError
from adapters.markup import shortened, slack_text
from adapters.slack.limits import SlackLimits, SlackRates, method
from adapters.slack.outcome import BUSY_SECONDS, RATE_LIMITED, outcome
from adapters.slack.render import render
from adapters.slack.sheet import Sheet
from dialogs.activity import Platform
from dialogs.card import Card

SLACK_API = "https://slack.com/api/"
EVENT_TYPE = "embarque_delivery"
TIMEOUT_SECONDS = 10
HISTORY_LENGTH = 200
MAX_WHISPER = 2000

_NOT_OURS = frozenset({"channel_not_found", "not_in_channel"})

# At DEBUG the SDK writes the text of messages to its log; this logger of ours never goes that far.
QUIET = logging.getLogger("adapters.slack.sdk")
QUIET.setLevel(logging.WARNING)


def on_this_machine(url: str) -> bool:
    """Whether it is an http address of this machine, as tests have one; raise ValueError for what is no address."""
    where = urlsplit(url)
    return where.scheme == "http" and where.hostname in ("127.0.0.1", "localhost", "::1")


class SlackOutbound:
    """The outbound half of the Slack adapter; one HTTP session for all calls, opened at the first one."""

    platform = Platform.SLACK
    can_find = True

    def __init__(self, bot_token: str, api_url: str = SLACK_API, rates: SlackRates | None = None) -> None:
        """Keep the bot's token and the address of Slack's Web API; raise ValueError when either is unfit."""
        where = urlsplit(api_url)
        is_local = on_this_machine(api_url)
        if not is_local and where.scheme != "https":
            raise ValueError("SLACK_API_URL must be an https address (http is for 127.0.0.1 only)")
        if not bot_token.strip():
            raise ValueError("SLACK_BOT_TOKEN is empty: copy the bot token (xoxb-…) from OAuth & Permissions")
        self._limits = SlackLimits(rates or SlackRates())
        base = api_url if api_url.endswith("/") else f"{api_url}/"
        self.client = AsyncWebClient(
            token=bot_token, base_url=base, timeout=TIMEOUT_SECONDS, logger=QUIET, retry_handlers=[]
        )
        # The SDK takes a proxy from the environment; one before the internet is no way to this machine.
        if is_local:
            self.client.proxy = None

    async def send(self, to: Destination, card: Card, key: str) -> Sent:
        """Post a card, with the key in the message's metadata so that `find` knows it again."""
        drawing = render(card, "message")
        client = await self._connected()
        try:
            channel, answer = await self._in(
                to,
                # As chat_postMessage would send it, without its search for the SDK's own classes in it.
                lambda where: client.api_call(
                    "chat.postMessage",
                    json={
                        "channel": where,
                        **drawing.payload,
                        "parse": "none",
                        "unfurl_links": False,
                        "unfurl_media": False,
                        "metadata": {"event_type": EVENT_TYPE, "event_payload": {"key": key}},
                    },
                ),
            )
        except TryLaterError as error:
            if error.reason == RATE_LIMITED and not error.gate:
                error.gate = self._limits.used_up(to, error.seconds)
            raise
        stamp, where = answer.get("ts"), answer.get("channel")
        if not isinstance(stamp, str):
            raise UnknownOutcomeError("no-timestamp")
        return Sent(stamp, where if isinstance(where, str) else channel)

    async def update(self, to: Destination, message: str, card: Card) -> None:
        """Put the card in the place of a message of ours."""
        channel = await self._conversation(to)
        drawing = render(card, "message")
        client = await self._connected()
        with _closing(method(to.tenant, "chat.update")):
            await outcome(client.chat_update(channel=channel, ts=message, **drawing.payload))

    def budgets(self, to: Destination, operation: str) -> tuple[Budget, ...]:
        """The limits that a post, an update or a look-up counts against."""
        return self._limits.of(to, operation)

    async def find(self, to: Destination, key: str) -> Sent | None:
        """Look for the key among the newest 200 messages of the conversation."""
        client = await self._connected()
        with _closing(method(to.tenant, "conversations.history")):
            channel, answer = await self._in(
                to,
                lambda where: client.conversations_history(
                    channel=where, limit=HISTORY_LENGTH, include_all_metadata=True
                ),
            )
        for message in answer.get("messages") or ():
            metadata = message.get("metadata") or {}
            payload = metadata.get("event_payload") or {}
            if metadata.get("event_type") == EVENT_TYPE and payload.get("key") == key:
                return Sent(str(message["ts"]), channel)
        return None

    async def open_view(self, trigger_id: str, view: dict[str, Any], *, on_top: bool = False) -> None:
        """Open a modal within the 3 seconds that a trigger lives; on_top: over the modal that is open."""
        client = await self._connected()
        call = client.views_push if on_top else client.views_open
        await outcome(call(trigger_id=trigger_id, view=view))

    async def ephemeral(self, channel: str, user: str, text: str) -> None:
        """Show one short text to one person, in a channel or (empty) with the bot; it is gone when they reload."""
        channel = channel or await self._conversation(Destination("", user=user))
        client = await self._connected()
        words = shortened(text, MAX_WHISPER)
        blocks = whisper(words)
        await outcome(
            client.chat_postEphemeral(channel=channel, user=user, text=slack_text(words), blocks=blocks)
        )

    async def close(self) -> None:
        """Give back the HTTP session."""
        if self.client.session is not None:
            await self.client.session.close()
            self.client.session = None

    async def _in(
        self, to: Destination, call: Callable[[str], Awaitable[AsyncSlackResponse]]
    ) -> tuple[str, AsyncSlackResponse]:
        """Make a call in the conversation that is kept; where the bot is not in it, in the person's own."""
        channel = await self._conversation(to)
        try:
            return channel, await outcome(call(channel))
        except RefusedForGoodError as error:
            if not (to.user and to.conversation) or error.reason not in _NOT_OURS:
                raise
        channel = await self._conversation(replace(to, conversation=""))
        return channel, await outcome(call(channel))

    async def _conversation(self, to: Destination) -> str:
        if to.conversation:
            return to.conversation
        if not to.user:
            raise RefusedForGoodError("no-address")
        client = await self._connected()
        try:
            with _closing(method(to.tenant, "conversations.open")):
                answer = await outcome(client.conversations_open(users=to.user))
        except UnknownOutcomeError as error:
            # Opening a conversation twice gives the same one, and nothing has been posted yet.
            raise TryLaterError(error.reason, BUSY_SECONDS) from None
        channel = answer.get("channel") or {}
        if not isinstance(channel.get("id"), str):
            raise TryLaterError("no-conversation", BUSY_SECONDS)
        return str(channel["id"])

    async def _connected(self) -> AsyncWebClient:
        # A session belongs to the loop it was made in, so it cannot be made in the constructor.
        if self.client.session is None or self.client.session.closed:
            limit = aiohttp.ClientTimeout(total=TIMEOUT_SECONDS)
            self.client.session = aiohttp.ClientSession(
                timeout=limit,
                loop=asyncio.get_running_loop(),
                cookie_jar=aiohttp.DummyCookieJar(),
                json_serialize=_json,
            )
        return self.client


def _json(data: object) -> str:
    try:
        return orjson.dumps(data).decode()
    except TypeError:  # half of a character, which only the standard library writes
        return json.dumps(data)


@contextmanager
def _closing(gate: str) -> Iterator[None]:
    """Say which gate it is that a refusal in this block closes."""
    try:
        yield
    except TryLaterError as error:
        if error.reason == RATE_LIMITED and not error.gate:
            error.gate = gate
        raise


def whisper(words: str) -> list[dict[str, Any]]:
    """Draw a short text for one person as blocks, so that nothing in it is parsed as markup."""
    sheet = Sheet("message", "en")
    sheet.rich([(words, False)])
    return sheet.blocks
