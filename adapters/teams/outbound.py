"""Sending to Teams: the Bot Framework's connector, with messages that botbuilder makes."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from adapters.base import (
    Budget,
    Destination,
    RefusedForGoodError,
    SendError,
    Sent,
    TryLaterError,
    UnknownOutcomeError,
)
from adapters.teams import messages
from adapters.teams.connector import Connector
from adapters.teams.credentials import Credentials, NoTokenError
from adapters.teams.failures import UNREACHABLE_PAUSE
from adapters.teams.hosts import SERVICE_HOSTS, allowed
from adapters.teams.limits import TeamsRates
from dialogs.activity import Platform
from dialogs.card import Card

DEFAULT_SERVICE_URL = "https://smba.trafficmanager.net/teams/"
"""Where a person is reached who has never written to the bot; later their own service URL is known."""

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
        self._connector = Connector()

    async def send(self, to: Destination, card: Card, key: str) -> Sent:  # noqa: ARG002 - Teams keeps no key of ours
        """Post a card to a conversation, to a person (user: their id), or as a new thread of a channel."""
        if _is_channel(to):
            return await self._start_thread(to, card)
        conversation = _kept(to) or await self._conversation_with(to)
        message = messages.addressed(messages.message(card), to, conversation)
        made = await self._call(to, "POST", f"/{_quoted(conversation)}/activities", message)
        return self._sent(to, made.get("id"), conversation)

    async def update(self, to: Destination, message: str, card: Card) -> None:
        """Put the card in the place of a message of ours."""
        changed = messages.addressed(messages.message(card), to, to.conversation)
        changed.id = message
        await self._call(to, "PUT", f"/{_quoted(to.conversation)}/activities/{_quoted(message)}", changed)

    def budgets(self, to: Destination, operation: str) -> tuple[Budget, ...]:
        """The limits that a post or an update counts against; a look-up asks nobody."""
        return () if operation == "find" else self._rates.budgets(to)

    async def find(self, to: Destination, key: str) -> Sent | None:  # noqa: ARG002
        """Return None: Teams gives a bot no history to look in."""
        return None

    async def close(self) -> None:
        """Give back connections."""
        await self._connector.close()

    async def _conversation_with(self, to: Destination) -> str:
        """Return the person's one-to-one conversation; asking twice gives the same one."""
        person = to.route.get("user_id") or to.user
        if not person:
            raise RefusedForGoodError("no_conversation")
        try:
            made = await self._call(to, "POST", "", messages.alone_with(person, to, self._bot(to)))
        except UnknownOutcomeError as error:
            raise TryLaterError(error.reason, UNREACHABLE_PAUSE) from error
        if not made.get("id"):
            raise TryLaterError("no_conversation_id", UNREACHABLE_PAUSE)
        return str(made["id"])

    async def _start_thread(self, to: Destination, card: Card) -> Sent:
        thread = messages.new_thread(messages.message(card), to, self._bot(to))
        made = await self._call(to, "POST", "", thread)
        return self._sent(to, made.get("activityId"), made.get("id"))

    async def _call(self, to: Destination, method: str, path: str, content: object) -> dict[str, Any]:
        """Make one call below the connector's conversations; say in the words of the house how it failed."""
        service_url = to.route.get("service_url") or self._service_url
        if not allowed(service_url, self._hosts, dev=self._dev):
            raise RefusedForGoodError("service_url_not_allowed")
        url = f"{service_url.rstrip('/')}/v3/conversations{path}"
        try:
            token = await self._credentials.token()
        except NoTokenError as error:
            raise TryLaterError(f"no_token {error.reason}", _NO_TOKEN_PAUSE) from error
        try:
            return await self._connector.call(method, url, messages.written(content), token)
        except SendError as error:
            if error.reason.startswith("401"):
                self._credentials.forget()
            if isinstance(error, TryLaterError) and error.reason.startswith("429"):
                error.gate = self._rates.used_up(to)
            raise

    def _bot(self, to: Destination) -> str:
        return to.route.get("bot_id") or f"28:{self._credentials.app_id}"

    def _sent(self, to: Destination, message: object, conversation: object) -> Sent:
        if not message:
            raise UnknownOutcomeError("no_message_id")
        route = {"service_url": self._service_url, "tenant_id": to.tenant, **to.route}
        if to.user:  # the answer to a mention in a channel carries the channel's route
            route["conversation_type"] = "personal"
        return Sent(str(message), str(conversation or to.conversation), route)


def _is_channel(to: Destination) -> bool:
    """Tell a channel as such from a thread in it, and from a person: a message to it begins a new thread."""
    if to.user:
        return False
    channel = to.route.get("conversation_type") == "channel" or to.conversation.endswith("@thread.tacv2")
    return bool(to.conversation) and channel and ";messageid=" not in to.conversation


def _kept(to: Destination) -> str:
    """Return the conversation that is kept, unless it is one of several people and the message is for one."""
    return "" if to.user and "@thread." in to.conversation else to.conversation


def _quoted(identity: str) -> str:
    return quote(identity, safe="")
