"""The door of Teams: lets requests of Microsoft in, and answers them after the turn."""

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime

import orjson

from adapters.base import Refused, Response, Turn
from adapters.teams import auth, replies
from adapters.teams.body import Body, parse, text_at
from adapters.teams.hosts import SERVICE_HOSTS, allowed
from adapters.teams.inbound import read, tenant_of
from adapters.teams.keys import SigningKeys
from adapters.teams.schema import is_activity
from dialogs.activity import Platform

CHANNEL = "msteams"

_log = logging.getLogger(__name__)


class TeamsEdge:
    """The inbound half for Teams: `bot/ingress` calls admit, verify and dispatch in this order."""

    platform = Platform.TEAMS
    path = "/api/messages"
    max_body = 256 * 1024

    def __init__(
        self,
        app_id: str,
        tenants: Sequence[str],
        *,
        keys: SigningKeys | None = None,
        hosts: Sequence[str] = SERVICE_HOSTS,
        dev: bool = False,
    ) -> None:
        """Raise ValueError when authentication or the tenant check would be off outside development.

        tenants: the directories that may talk to the bot; empty means any, in development only. dev: the
        server is bound to loopback; service URLs on this machine are allowed, and an empty app id as well.
        """
        if not app_id and not dev:
            raise ValueError(
                "TEAMS_APP_ID is empty, so anybody could speak as Teams: set it, or start with --dev."
            )
        if not tenants and not dev:
            raise ValueError(
                "TEAMS_TENANT_ID is empty, so any company could talk to the bot: set it to yours."
            )
        self._app_id = app_id
        self._tenants = frozenset(tenants)
        self._tokens = auth.Tokens(app_id, keys or SigningKeys())
        self._hosts = tuple(hosts) if app_id else ()
        self._dev = dev

    def comes_again(self, headers: Mapping[str, str]) -> bool:
        """Nothing does."""
        del headers
        return False

    async def admit(self, headers: Mapping[str, str], now: datetime) -> auth.Caller | None:
        """Check content type and token; None when authentication is off, in development."""
        media, _, _ = auth.header(headers, "content-type").partition(";")
        if media.strip().lower() != "application/json":
            raise Refused(415, "content_type")
        if not self._app_id:
            return None
        return await self._tokens.check(auth.bearer(headers), now)

    async def verify(self, admitted: object, headers: Mapping[str, str], raw: bytes, now: datetime) -> Body:  # noqa: ARG002
        """Parse the body within limits, then hold it against the token, the hosts and the tenants."""
        if len(raw) > self.max_body:
            raise Refused(413, "body_size")
        body = parse(raw)
        if not is_activity(body):
            raise Refused(400, "not_an_activity")
        service_url = text_at(body, "serviceUrl")
        if not allowed(service_url, self._hosts, dev=self._dev):
            raise Refused(401, "service_url_not_allowed")
        if text_at(body, "channelId") != CHANNEL:
            raise Refused(401, "channel")
        if self._app_id:
            _bound(admitted, service_url)
        tenant = tenant_of(body)
        if not tenant or (self._tenants and tenant not in self._tenants):
            raise Refused(403, "tenant")
        return body

    async def dispatch(self, payload: object, turn: Turn, now: datetime) -> Response:
        """Run the turn and answer: 200 without a body, or what the client has to show when it waits for it.

        A failed turn is a 503 for a message, which Teams delivers again, and an error bar for a button.
        """
        body: Body = payload if isinstance(payload, dict) else {}
        if text_at(body, "type") == "invoke":
            return Response(body=orjson.dumps(await self._invoked(body, turn, now)))
        activity = read(body, now)
        if activity is not None:
            try:
                await turn(activity)
            except Refused:
                raise
            except Exception as error:  # noqa: BLE001 - whatever it was, Teams has to deliver it again
                _log.error("A turn failed, Teams will deliver it again: %s", type(error).__name__)
                return Response(503)
        return Response()

    async def _invoked(self, body: Body, turn: Turn, now: datetime) -> replies.Answer:
        locale = text_at(body, "locale") or None
        activity = read(body, now)
        if activity is None:
            return replies.unknown(locale)
        try:
            return replies.answer(await turn(activity), activity.locale_hint)
        except Exception as error:  # noqa: BLE001 - a client that waits must be told something it can show
            # No traceback: a database error quotes what the person wrote.
            _log.error("A turn failed, the person was told so: %s", type(error).__name__)
            return replies.failure(locale)


def _bound(admitted: object, service_url: str) -> None:
    if not isinstance(admitted, auth.Caller) or admitted.service_url != service_url:
        raise Refused(401, "service_url_differs")
    if CHANNEL not in admitted.endorsements:
        raise Refused(401, "channel_not_endorsed")
