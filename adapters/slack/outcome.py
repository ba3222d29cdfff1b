"""What became of a call to Slack: done, to be tried later, refused for good, or unknown."""

import re
from collections.abc import Awaitable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from adapters.base import RefusedForGoodError, SendError, TryLaterError, UnknownOutcomeError

UNREACHABLE_SECONDS = 5.0
BUSY_SECONDS = 30.0
DEFAULT_WAIT_SECONDS = 30.0
LONGEST_WAIT_SECONDS = 3600.0
TOO_MANY = 429
RATE_LIMITED = "ratelimited"

_BUSY = frozenset(
    {"ratelimited", "rate_limited", "request_timeout", "service_unavailable", "team_added_to_org"}
)
_HALF_DONE = frozenset({"internal_error", "fatal_error"})
"""Slack says of these that part of the work may have been done."""


async def outcome(call: Awaitable[AsyncSlackResponse]) -> AsyncSlackResponse:
    """Wait for a call; raise TryLaterError, RefusedForGoodError or UnknownOutcomeError when it failed.

    The error carries Slack's own word and never the content of the message.
    """
    try:
        return await call
    except SlackApiError as error:
        raise _refusal(error.response) from None
    except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError):
        raise TryLaterError("unreachable", UNREACHABLE_SECONDS) from None
    except (aiohttp.ClientError, OSError, ValueError, AttributeError, TypeError) as error:
        # Timeouts, dropped connections, half bodies and answers in no shape of Slack's.
        raise UnknownOutcomeError(f"no-answer-{type(error).__name__}") from None


def retry_seconds(header: str | None, now: datetime) -> float:
    """Seconds to wait after a 429, whose Retry-After is a number, a date, absent or nonsense.

    The result is between 1 second and one hour.
    """
    text = (header or "").strip()
    if re.fullmatch(r"[0-9]{1,9}(?:\.[0-9]+)?", text, re.ASCII):
        seconds = float(text)
    else:
        try:
            then = parsedate_to_datetime(text)
        except (ValueError, TypeError, IndexError):
            seconds = DEFAULT_WAIT_SECONDS
        else:
            seconds = (then.replace(tzinfo=then.tzinfo or UTC) - now).total_seconds()
    return min(max(seconds, 1.0), LONGEST_WAIT_SECONDS)


def _refusal(response: Any) -> SendError:
    # The SDK hands over its own response, or the raw one of aiohttp when the body was not JSON.
    status = getattr(response, "status_code", None) or getattr(response, "status", 0)
    data = getattr(response, "data", None)
    code = data.get("error") if isinstance(data, dict) else None
    if status == TOO_MANY or code in ("ratelimited", "rate_limited"):
        headers = getattr(response, "headers", None) or {}
        return TryLaterError(RATE_LIMITED, retry_seconds(headers.get("Retry-After"), datetime.now(UTC)))
    if code in _BUSY:
        return TryLaterError(str(code), BUSY_SECONDS)
    if not isinstance(code, str) or code in _HALF_DONE:
        return UnknownOutcomeError(code or f"http-{status}")
    return RefusedForGoodError(code)
