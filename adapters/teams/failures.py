"""What a failed call of the connector means for the message: again later, never, or nobody knows."""

import math
import re
from collections.abc import Mapping
from email.utils import parsedate_to_datetime

import aiohttp
import orjson

from adapters.base import RefusedForGoodError, SendError, TryLaterError, UnknownOutcomeError

_AGAIN = {412: 2.0, 429: 10.0, 502: 5.0, 503: 5.0, 504: 5.0}
"""Statuses that Microsoft allows to try again, with the pause in seconds where it names none."""

_UNAUTHORISED = 401
_UNAUTHORISED_PAUSE = 60.0
UNREACHABLE_PAUSE = 15.0
"""How long to wait, in seconds, when the platform could not be reached at all."""

_LONGEST_PAUSE = 3600.0
_WORD = re.compile(r"[A-Za-z0-9_.-]{1,60}")
_NEVER_REACHED = (
    aiohttp.ClientConnectorError,
    aiohttp.ClientHttpProxyError,
    aiohttp.ConnectionTimeoutError,
    aiohttp.InvalidURL,
)


def answered(status: int, headers: Mapping[str, str], raw: bytes) -> SendError:
    """Return the error of the house for an answer that does not say that the message was taken."""
    reason = f"{status} {_code(raw)}".strip()
    if status in _AGAIN:
        return TryLaterError(reason, retry_after(headers, _AGAIN[status]))
    if status == _UNAUTHORISED:
        return TryLaterError(reason, _UNAUTHORISED_PAUSE)
    if status >= 500 or status < 300 or status == 408:  # noqa: PLR2004 - 2xx: taken, but nobody knows as what
        return UnknownOutcomeError(reason)
    return RefusedForGoodError(reason)


def unanswered(error: Exception) -> SendError:
    """Return the error of the house for a call without an answer, told by its kind alone."""
    if isinstance(error, _NEVER_REACHED):
        return TryLaterError("unreachable", UNREACHABLE_PAUSE)
    return UnknownOutcomeError("no_answer")


def retry_after(headers: Mapping[str, str], default: float) -> float:
    """Return the pause asked for, in seconds; a date is counted from the date of the answer itself."""
    text = str(headers.get("Retry-After", ""))
    try:
        seconds = float(text)
    except ValueError:
        try:
            seconds = (
                parsedate_to_datetime(text) - parsedate_to_datetime(str(headers["Date"]))
            ).total_seconds()
        except (ValueError, TypeError, KeyError):
            seconds = default
    return min(max(seconds, 0.0), _LONGEST_PAUSE) if math.isfinite(seconds) else default


def _code(raw: bytes) -> str:
    try:
        code = orjson.loads(raw)["error"]["code"]
    except (ValueError, TypeError, KeyError):
        return ""
    return code if isinstance(code, str) and _WORD.fullmatch(code) else ""
