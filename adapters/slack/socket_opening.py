"""How a WebSocket to Slack is opened: an address for one use, asked for with the app-level token."""

import asyncio
import logging
import secrets
from collections.abc import Callable
from urllib.parse import urlsplit

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient

from adapters.base import RefusedForGoodError, SendError, TryLaterError
from adapters.slack.frames import Frame
from adapters.slack.outbound import QUIET, on_this_machine
from adapters.slack.outcome import outcome
from adapters.slack.socket_line import Line, Times

SLACK_HOSTS = ("slack.com", "slack-gov.com")
MAX_MESSAGE = 4 * 1024 * 1024
"""Bytes of a WebSocket message; longer ones end the connection."""
CLOSE_SECONDS = 1.0
WHERE = "Basic Information > App-Level Tokens of your Slack app"
ADVICE = {
    "invalid_auth": f"SLACK_APP_TOKEN is wrong or was revoked: copy the token (xapp-…) from {WHERE}",
    "not_allowed_token_type": f"SLACK_APP_TOKEN is not an app-level token: generate one (xapp-…) under {WHERE}, "
    "with the scope connections:write",
    "missing_scope": f"SLACK_APP_TOKEN lacks the scope connections:write: generate a token with it under {WHERE}",
    "link_disabled": "Socket Mode was switched off: switch it on under Settings > Socket Mode of your Slack app",
    "too_many_websockets": "the app has 10 connections already, two for each replica: run fewer of them",
    "foreign_host": "the address for the connection is not one of Slack's: check SLACK_API_URL and your proxy",
}
"""What to do, by Slack's word."""
ALIKE = {
    **dict.fromkeys(("not_authed", "token_revoked", "token_expired", "account_inactive"), "invalid_auth"),
    "no_permission": "missing_scope",
}
ANY = "check that Socket Mode is on (Settings > Socket Mode) and that SLACK_APP_TOKEN is a token of this app"
BROKEN = (SendError, aiohttp.ClientError, OSError, ValueError)

_chance = secrets.SystemRandom()
_log = logging.getLogger(__name__)
_log.setLevel(logging.INFO)  # whether the bot hears anything is worth a line


class Opening:
    """Opens lines, over one HTTP session."""

    def __init__(
        self, app_token: str, api_url: str, take: Callable[[Line, Frame], None], times: Times
    ) -> None:
        """Needs a running loop, for its HTTP session. take: where the lines bring their envelopes."""
        traces = aiohttp.TraceConfig()
        traces.on_request_redirect.append(_no_redirect)
        self._session = aiohttp.ClientSession(trace_configs=[traces])
        self._client = AsyncWebClient(
            token=app_token, base_url=api_url, session=self._session, logger=QUIET, retry_handlers=[]
        )
        self._is_local = on_this_machine(api_url)
        if self._is_local:
            self._client.proxy = None
        self._take = take
        self._times = times
        self._connected = False

    async def line(self) -> Line:
        """Open a line that Slack has greeted; tries until it succeeds, more and more slowly."""
        failed = 0
        while True:
            line_or_seconds = await self._attempt(failed)
            if isinstance(line_or_seconds, Line):
                return line_or_seconds
            failed += 1
            await asyncio.sleep(line_or_seconds)

    async def close(self) -> None:
        """Give back connections."""
        await self._session.close()

    async def _attempt(self, failed: int) -> Line | float:
        """Give a line, or the seconds until another attempt is worth it."""
        times = self._times
        seconds = pause(times.first_pause, times.longest_pause, failed)
        reason = ""
        try:
            async with asyncio.timeout(times.connect):
                line = await self._dialled()
        except RefusedForGoodError as refused:
            self._connected = False
            _log.error("Slack refuses Socket Mode (%s): %s", refused.reason[:60], advice(refused.reason))
            return pause(times.refused_pause, times.longest_refused, failed)
        except TryLaterError as later:
            reason, seconds = later.reason, max(seconds, later.seconds)
        except BROKEN as error:
            # The type only: the message of an error may hold the address, which is a key for one connection.
            reason = error.reason if isinstance(error, SendError) else type(error).__name__
        else:
            if not self._connected:
                _log.info("Socket Mode is connected")
            self._connected = True
            return line
        self._connected = False
        _log.warning("Socket Mode does not connect, trying again: %s", reason[:60])
        return seconds

    async def _dialled(self) -> Line:
        answer = await outcome(self._client.api_call("apps.connections.open"))
        socket = await self._session.ws_connect(
            address(answer.get("url"), is_local=self._is_local),
            autoping=False,  # pings and pongs are signs of life, which the line wants to see
            max_msg_size=MAX_MESSAGE,
            proxy=self._client.proxy,
            timeout=aiohttp.ClientWSTimeout(ws_close=CLOSE_SECONDS),
        )
        # Lines that were opened together are not renewed together.
        line = Line(socket, self._take, self._times, self._times.renew * _chance.uniform(0.8, 1.2))
        try:
            await line.greeted()
        except BaseException:
            await line.hang_up()
            raise
        return line


def advice(word: str) -> str:
    """What to do about Slack's word."""
    return ADVICE.get(ALIKE.get(word, word), ANY)


def pause(first: float, longest: float, failed: int) -> float:
    """Seconds until the next attempt, after so many that failed before the last one; never the same for all."""
    return min(first * 2.0 ** min(failed, 20), longest) * _chance.uniform(0.8, 1.2)


def address(given: object, *, is_local: bool) -> str:
    """Give the address back when it is Slack's; raise RefusedForGoodError otherwise.

    is_local: whether Slack's API stands on this machine, in a test; then its sockets may stand here too.
    """
    try:
        parts = urlsplit(given if isinstance(given, str) else "")
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise RefusedForGoodError("foreign_host") from None
    of_slack = any(host == one or host.endswith(f".{one}") for one in SLACK_HOSTS)
    is_slack = parts.scheme == "wss" and of_slack and port in (None, 443) and "@" not in parts.netloc
    is_here = is_local and parts.scheme in ("ws", "wss") and on_this_machine(f"http://{parts.netloc}")
    if not (is_slack or is_here):
        raise RefusedForGoodError("foreign_host")
    return str(given)


async def _no_redirect(*_: object) -> None:
    raise aiohttp.ClientError("redirected")
