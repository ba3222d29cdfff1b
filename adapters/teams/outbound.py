"""Sending to Teams: the Bot Framework's connector, run where its blocking calls hold up nobody."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from botbuilder.core import CardFactory, MessageFactory, TurnContext
from botbuilder.schema import (
    Activity,
    ChannelAccount,
    ConversationAccount,
    ConversationParameters,
    ConversationReference,
)
from botframework.connector import ConnectorClient
from msrest.authentication import Authentication

from adapters.base import (
    Budget,
    Destination,
    RefusedForGoodError,
    SendError,
    Sent,
    TryLaterError,
    UnknownOutcomeError,
)
from adapters.teams.credentials import Credentials, NoTokenError
from adapters.teams.failures import UNREACHABLE_PAUSE, failure
from adapters.teams.hosts import SERVICE_HOSTS, allowed, leads_inside
from adapters.teams.limits import TeamsRates
from adapters.teams.render import render
from dialogs.activity import Platform
from dialogs.card import Card

DEFAULT_SERVICE_URL = "https://smba.trafficmanager.net/teams/"
"""Where a person is reached who has never written to the bot; later their own service URL is known."""

_THREADS = 32
_TIMEOUT = (3.05, 10.0)
_NO_TOKEN_PAUSE = 30.0


class TeamsOutbound:
    """Messages to Teams. Nothing is retried here and no redirect is followed."""

    platform = Platform.TEAMS
    can_find = False

    def __init__(
        self,
        credentials: Credentials,
        *,
        hosts: Sequence[str] = SERVICE_HOSTS,
        service_url: str = DEFAULT_SERVICE_URL,
        dev: bool = False,
        rates: TeamsRates | None = None,
    ) -> None:
        self._credentials = credentials
        self._hosts = tuple(hosts)
        self._service_url = service_url
        self._dev = dev
        self._rates = rates or TeamsRates()
        self._clients: dict[str, ConnectorClient] = {}
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="teams")

    async def send(self, to: Destination, card: Card, key: str) -> Sent:  # noqa: ARG002 - Teams keeps no key of ours
        """Post a card to a conversation, to a person (user: their id), or as a new thread of a channel."""
        activity = _message(card)
        if _is_channel(to):
            return await self._start_thread(to, activity)
        conversation = _kept(to) or await self._conversation_with(to)
        made = await self._run(
            to,
            lambda client, **more: client.conversations.send_to_conversation(
                conversation, _addressed(activity, to, conversation), **more
            ),
        )
        return self._sent(to, getattr(made, "id", None), conversation)

    async def update(self, to: Destination, message: str, card: Card) -> None:
        """Put the card in the place of a message of ours."""
        activity = _addressed(_message(card), to, to.conversation)
        activity.id = message
        await self._run(
            to,
            lambda client, **more: client.conversations.update_activity(
                to.conversation, message, activity, **more
            ),
        )

    def budgets(self, to: Destination, operation: str) -> tuple[Budget, ...]:
        """The limits that a post or an update counts against; a look-up asks nobody."""
        return () if operation == "find" else self._rates.budgets(to)

    async def find(self, to: Destination, key: str) -> Sent | None:  # noqa: ARG002
        """Return None: Teams gives a bot no history to look in."""
        return None

    async def close(self) -> None:
        """Give back threads and connections."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        for client in self._clients.values():
            client.close()

    async def _conversation_with(self, to: Destination) -> str:
        """Return the person's one-to-one conversation; asking twice gives the same one."""
        person = to.route.get("user_id") or to.user
        if not person:
            raise RefusedForGoodError("no_conversation")
        parameters = ConversationParameters(
            is_group=False,
            bot=self._bot(to),
            members=[ChannelAccount(id=person)],
            tenant_id=to.tenant,
            channel_data={"tenant": {"id": to.tenant}},
        )
        try:
            made = await self._run(
                to, lambda client, **more: client.conversations.create_conversation(parameters, **more)
            )
        except UnknownOutcomeError as error:
            raise TryLaterError(error.reason, UNREACHABLE_PAUSE) from error
        if not getattr(made, "id", None):
            raise TryLaterError("no_conversation_id", UNREACHABLE_PAUSE)
        return str(made.id)

    async def _start_thread(self, to: Destination, activity: Activity) -> Sent:
        parameters = ConversationParameters(
            is_group=True,
            bot=self._bot(to),
            tenant_id=to.tenant,
            channel_data={"channel": {"id": to.conversation}, "tenant": {"id": to.tenant}},
            activity=activity,
        )
        made = await self._run(
            to, lambda client, **more: client.conversations.create_conversation(parameters, **more)
        )
        return self._sent(to, getattr(made, "activity_id", None), getattr(made, "id", None))

    async def _run(self, to: Destination, call: Callable[..., Any]) -> Any:
        """Make one call of the connector in a thread of ours; say in the words of the house how it failed."""
        service_url = to.route.get("service_url") or self._service_url
        client = self._client(service_url)
        try:
            token = await self._credentials.token()
        except NoTokenError as error:
            raise TryLaterError(f"no_token {error.reason}", _NO_TOKEN_PAUSE) from error
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        more = {"custom_headers": headers, "timeout": _TIMEOUT, "allow_redirects": False}
        try:
            loop = asyncio.get_running_loop()
            made = await loop.run_in_executor(self._threads, _made, service_url, call, client, more)
        except SendError:
            raise
        except Exception as error:
            told = failure(error)
            if told.reason.startswith("401"):
                self._credentials.forget()
            if isinstance(told, TryLaterError) and told.reason.startswith("429"):
                told.gate = self._rates.used_up(to)
            raise told from error
        return made

    def _client(self, service_url: str) -> ConnectorClient:
        if not allowed(service_url, self._hosts, dev=self._dev):
            raise RefusedForGoodError("service_url_not_allowed")
        if service_url not in self._clients:
            client = ConnectorClient(Authentication(), base_url=service_url)
            # The library's own retries and redirects are off: a post that is tried twice may be read twice.
            client.config.retry_policy.retries = 0
            client.config.retry_policy.policy.status_forcelist = ()
            client.config.retry_policy.policy.respect_retry_after_header = False
            client.config.redirect_policy.allow = False
            self._clients[service_url] = client
        return self._clients[service_url]

    def _bot(self, to: Destination) -> ChannelAccount:
        return ChannelAccount(id=to.route.get("bot_id") or f"28:{self._credentials.app_id}")

    def _sent(self, to: Destination, message: object, conversation: object) -> Sent:
        if not message:
            raise UnknownOutcomeError("no_message_id")
        route = {"service_url": self._service_url, "tenant_id": to.tenant, **to.route}
        if to.user:  # the answer to a mention in a channel carries the channel's route
            route["conversation_type"] = "personal"
        return Sent(str(message), str(conversation or to.conversation), route)


def _made(
    service_url: str, call: Callable[..., Any], client: ConnectorClient, more: Mapping[str, Any]
) -> Any:
    """Make the call; this runs in a thread, so it may wait for the name server and for the connector."""
    try:
        inside = leads_inside(service_url)
    except OSError as error:
        raise TryLaterError("unreachable", UNREACHABLE_PAUSE) from error
    if inside:
        raise RefusedForGoodError("service_url_leads_inside")
    return call(client, **more)


def _is_channel(to: Destination) -> bool:
    """Tell a channel as such from a thread in it, and from a person: a message to it begins a new thread."""
    if to.user:
        return False
    channel = to.route.get("conversation_type") == "channel" or to.conversation.endswith("@thread.tacv2")
    return bool(to.conversation) and channel and ";messageid=" not in to.conversation


def _kept(to: Destination) -> str:
    """Return the conversation that is kept, unless it is one of several people and the message is for one."""
    return "" if to.user and "@thread." in to.conversation else to.conversation


def _message(card: Card) -> Activity:
    drawn = render(card, "message")
    activity = MessageFactory.attachment(CardFactory.adaptive_card(drawn.payload))
    activity.summary = drawn.text
    return activity


def _addressed(activity: Activity, to: Destination, conversation: str) -> Activity:
    reference = ConversationReference(
        channel_id="msteams",
        service_url=to.route.get("service_url"),
        conversation=ConversationAccount(id=conversation),
        bot=ChannelAccount(id=to.route.get("bot_id")),
        user=ChannelAccount(id=to.route.get("user_id")),
    )
    return TurnContext.apply_conversation_reference(activity, reference)
