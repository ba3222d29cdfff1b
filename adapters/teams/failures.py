"""What a failed call of the connector means for the message: again later, never, or nobody knows."""

import math
import re
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Any

from adapters.base import RefusedForGoodError, SendError, TryLaterError, UnknownOutcomeError

_AGAIN = {412: 2.0, 429: 10.0, 502: 5.0, 503: 5.0, 504: 5.0}
"""Statuses that Microsoft allows to try again, with the pause in seconds where it names none."""

_UNAUTHORISED = 401
_UNAUTHORISED_PAUSE = 60.0
UNREACHABLE_PAUSE = 15.0
"""How long to wait, in seconds, when the platform could not be reached at all."""

_LONGEST_PAUSE = 3600.0
_WORD = re.compile(r"[A-Za-z0-9_.-]{1,60}")
_NEVER_REACHED = {
    "ConnectTimeout",
    "ConnectTimeoutError",
    "NewConnectionError",
    "NameResolutionError",
    "SSLError",
    "ProxyError",
}


def failure(error: Exception) -> SendError:
    """Return the error of the house for an exception of the connector, told by its shape alone."""
    response = getattr(error, "response", None)
    status = getattr(response, "status_code", None)
    if not isinstance(status, int):
        return _without_answer(error)
    reason = f"{status} {_code(response)}".strip()
    if status in _AGAIN:
        return TryLaterError(reason, retry_after(getattr(response, "headers", {}), _AGAIN[status]))
    if status == _UNAUTHORISED:
        return TryLaterError(reason, _UNAUTHORISED_PAUSE)
    if status >= 500 or status < 300 or status == 408:  # noqa: PLR2004 - 2xx: taken, but the answer is unreadable
        return UnknownOutcomeError(reason)
    return RefusedForGoodError(reason)


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


def _without_answer(error: Exception) -> SendError:
    names = {type(one).__name__ for one in _causes(error)}
    if names & _NEVER_REACHED:
        return TryLaterError("unreachable", UNREACHABLE_PAUSE)
    return UnknownOutcomeError("no_answer")


def _causes(error: BaseException) -> list[BaseException]:
    """List the exception with all that it wraps, which two libraries do in three different ways."""
    found: list[BaseException] = []
    waiting: list[Any] = [error]
    while waiting:
        one = waiting.pop()
        if isinstance(one, BaseException) and one not in found:
            found.append(one)
            waiting += [
                getattr(one, "inner_exception", None),
                getattr(one, "reason", None),
                one.__cause__,
                *one.args,
            ]
    return found


def _code(response: Any) -> str:
    try:
        code = response.json()["error"]["code"]
    except (ValueError, TypeError, KeyError, AttributeError):
        return ""
    return code if isinstance(code, str) and _WORD.fullmatch(code) else ""
