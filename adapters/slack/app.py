"""Slack's requests: let in by our own rules, dispatched by Bolt, acknowledged after the turn commits."""

import json
import logging
import os
import re
from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltContext
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.error import BoltUnhandledRequestError
from slack_bolt.middleware.async_middleware import AsyncMiddleware
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse
from slack_sdk.web.async_client import AsyncWebClient

from adapters.base import Refused, Response, Turn
from adapters.slack.answers import Answers
from adapters.slack.envelope import ContentKind, Envelope, check_ours, content_kind, envelope
from adapters.slack.inbound import activity
from adapters.slack.limits import SlackRates
from adapters.slack.outbound import QUIET, SLACK_API, SlackOutbound
from adapters.slack.signature import Claim, claim, prove
from dialogs.activity import Platform

ANYTHING = re.compile(".*", re.DOTALL)
SERVER_ERROR = 500

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Admitted:
    """What the headers promise."""

    claimed: Claim
    content: ContentKind


@dataclass(frozen=True, slots=True)
class Trusted:
    """A proven payload, and the same as Bolt's request."""

    letter: Envelope
    request: AsyncBoltRequest


@dataclass(slots=True)
class _Passage:
    """One request on its way through Bolt, and what went wrong with it."""

    letter: Envelope
    turn: Turn
    now: datetime
    is_in_turn: bool = False
    failure: Exception | None = None


class SlackEdge:
    """The inbound half of the Slack adapter; see adapters.base.Edge."""

    platform = Platform.SLACK
    path = "/slack/events"
    max_body = 256 * 1024

    def __init__(
        self,
        signing_secrets: Sequence[str],
        bot_token: str,
        api_url: str = SLACK_API,
        team_ids: Collection[str] = (),
        app_ids: Collection[str] = (),
        rates: SlackRates | None = None,
        *,
        signed: bool = True,
    ) -> None:
        """Take one signing secret, or two while one replaces the other; raise ValueError when there is none.

        signed: whether requests come over HTTP; over Socket Mode alone nothing is signed and no secret is needed.
        team_ids: workspaces or organisations that are served; app_ids: the app's own id. Empty allows any.
        rates: what Slack allows, instead of the usual.
        """
        self._secrets = tuple(secret for secret in signing_secrets if secret.strip())
        if signed and not self._secrets:
            raise ValueError(
                "SLACK_SIGNING_SECRET is empty: copy it from Basic Information > App Credentials"
            )
        self.outbound = SlackOutbound(bot_token, api_url, rates)
        self._team_ids = frozenset(team_ids)
        self._app_ids = frozenset(app_ids)
        self._answers = Answers(self.outbound)
        self._bolt = _bolt_app(bot_token, self.outbound)
        self._listen()

    def comes_again(self, headers: Mapping[str, str]) -> bool:
        """Events do, which come as JSON; who clicks or sends a command is answered at once or not at all."""
        return headers.get("Content-Type", "").startswith("application/json")

    async def admit(self, headers: Mapping[str, str], now: datetime) -> Admitted:
        """Check the shape and age of the signature, and the content type; raise Refused(401 or 400)."""
        return Admitted(claim(headers, now), content_kind(headers))

    async def verify(
        self, admitted: object, headers: Mapping[str, str], raw: bytes, now: datetime
    ) -> Trusted:
        """Prove the signature, then parse, then check workspace and app; raise Refused(401, 400 or 403)."""
        _ = headers, now
        if not isinstance(admitted, Admitted):
            raise Refused(401, "slack-not-admitted")
        prove(admitted.claimed, raw, self._secrets)
        return self.trusted(envelope(admitted.content, raw))

    def trusted(self, letter: Envelope) -> Trusted:
        """Check workspace and app of what certainly comes from Slack; raise Refused(403 or 400)."""
        check_ours(letter, self._team_ids, self._app_ids)
        try:
            # The parsed payload goes in, so that Bolt does not read the bytes again by other rules; no header
            # does: the signature covers none, and X-Slack-Bolt-* would choose which function of ours runs.
            request = AsyncBoltRequest(body=dict(letter.body), mode="socket_mode")
        except (AttributeError, TypeError, KeyError, IndexError, ValueError):
            raise Refused(400, "slack-payload-malformed") from None
        return Trusted(letter, request)

    async def dispatch(self, payload: object, turn: Turn, now: datetime) -> Response:
        """Run the turn and answer with its result; 503 when it failed, so that Slack delivers again."""
        if not isinstance(payload, Trusted):
            raise TypeError("dispatch takes what verify returned")
        letter = payload.letter
        if letter.kind == "url_verification":
            return Response(body=json.dumps({"challenge": letter.body["challenge"]}).encode())
        if letter.kind in ("ssl_check", "notice"):
            return Response()
        passage = _Passage(letter, turn, now)
        payload.request.context["passage"] = passage
        try:
            answer = await self._bolt.async_dispatch(payload.request)
        except Exception as error:  # noqa: BLE001 - whatever breaks inside Bolt, Slack is to deliver again
            passage.failure = error
            answer = None
        if isinstance(passage.failure, BoltUnhandledRequestError):
            return Response()  # a kind of payload that nobody asked for
        if isinstance(passage.failure, Refused):
            raise passage.failure
        if passage.failure is not None or answer is None or answer.status >= SERVER_ERROR:
            _report(passage.failure)
            if passage.is_in_turn:
                return Response(503)
            raise Refused(400, "slack-payload-malformed")
        return Response(body=(answer.body or "").encode(), content_type=_content_type(answer.headers))

    async def close(self) -> None:
        """Give back connections."""
        await self.outbound.close()

    def _listen(self) -> None:
        """Hear what people do, and register one catch-all for what else there is: Bolt answers 404 to the rest."""
        bolt = self._bolt
        bolt.use(_Ear(self._hear))
        bolt.action(ANYTHING)(_nod)
        bolt.view_closed(ANYTHING)(_nod)
        bolt.shortcut(ANYTHING)(_nod)
        bolt.options(ANYTHING)(_no_options)
        bolt.error(_keep_failure)

    async def _hear(self, passage: _Passage, ack: AsyncAck) -> BoltResponse:
        asked = activity(passage.letter, passage.now)
        if asked is None:
            return await ack()
        passage.is_in_turn = True
        reply = await passage.turn(asked)
        return await ack(**await self._answers.give(asked, passage.letter.body, reply))


class _Ear(AsyncMiddleware):
    """Hears events, commands, clicks and forms where Bolt passes every request, before it looks for a listener.

    Looking for one and calling it costs Bolt as much as all the rest of its work.
    """

    def __init__(self, hear: Callable[[_Passage, AsyncAck], Awaitable[BoltResponse]]) -> None:
        self._hear = hear

    async def async_process(
        self,
        *,
        req: AsyncBoltRequest,
        resp: BoltResponse,
        next: Callable[[], Awaitable[BoltResponse]],  # noqa: A002 - Bolt's name
    ) -> BoltResponse:
        passage: _Passage = req.context["passage"]
        letter = passage.letter
        if letter.kind in ("event", "command") or letter.body.get("type") in (
            "block_actions",
            "view_submission",
        ):
            return await self._hear(passage, req.context.ack)
        await next()
        return resp


async def _nod(ack: AsyncAck) -> None:
    await ack()


async def _no_options(ack: AsyncAck) -> None:
    await ack(options=[])


async def _keep_failure(error: Exception, context: AsyncBoltContext) -> None:
    context["passage"].failure = error


def _report(failure: Exception | None) -> None:
    # The type and the place only: the message of an exception may hold what a person typed.
    trace = failure.__traceback__ if failure else None
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    where = f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}" if trace else "bolt"
    _log.error("A request failed, Slack will deliver again: %s at %s", type(failure).__name__, where)


def _content_type(headers: Mapping[str, Sequence[str]]) -> str:
    return next(iter(headers.get("content-type", ())), "text/plain;charset=utf-8")


def _bolt_app(bot_token: str, outbound: SlackOutbound) -> AsyncApp:
    """Make a Bolt app that only dispatches.

    Its own checks are off because ours ran before it, over the raw bytes: Bolt parses before it verifies,
    logs the bodies it refuses and answers 500 to malformed ones. Its test for the bot's own events is off
    because it needs the bot's user id from the network; ours goes by the bot_id that every echo carries.
    """

    async def authorize(enterprise_id: str | None, team_id: str | None) -> AuthorizeResult:
        return AuthorizeResult(enterprise_id=enterprise_id, team_id=team_id, bot_token=bot_token)

    client = AsyncWebClient(base_url=outbound.client.base_url, logger=QUIET)
    with _without_slack_environment():
        return AsyncApp(
            name="embarque",
            client=client,
            authorize=authorize,
            process_before_response=True,
            raise_error_for_unhandled_request=True,  # instead of a warning with parts of the body
            request_verification_enabled=False,
            ssl_check_enabled=False,
            url_verification_enabled=False,
            ignoring_self_events_enabled=False,
            ignoring_self_assistant_message_events_enabled=False,
            attaching_function_token_enabled=False,
            attaching_conversation_kwargs_enabled=False,
        )


@contextmanager
def _without_slack_environment() -> Iterator[None]:
    """Hide SLACK_* from Bolt: SLACK_CLIENT_ID and its secret would turn on OAuth with tokens in files."""
    hidden: dict[str, Any] = {
        name: os.environ.pop(name) for name in list(os.environ) if name.startswith("SLACK_")
    }
    try:
        yield
    finally:
        os.environ.update(hidden)
