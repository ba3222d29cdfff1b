"""What an unquoted word of YAML means: the core schema of YAML 1.2 (yaml.org/spec/1.2.2, section 10.3)."""

import math
import re

_NULL = frozenset({"", "~", "null", "Null", "NULL"})
_BOOL = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_INT = re.compile(r"[-+]?[0-9]+")
_OCTAL = re.compile(r"0o([0-7]+)")
_HEX = re.compile(r"0x([0-9a-fA-F]+)")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_NOT_FINITE = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_LONGEST = 18


class NumberTooLongError(ValueError):
    """A number that no content needs: over 18 digits, or not finite."""


def resolve(text: str) -> str | int | float | bool | None:
    """The value of an unquoted scalar; whatever is not a core value is text. Raises NumberTooLongError."""
    if text in _NULL:
        return None
    if text in _BOOL:
        return _BOOL[text]
    if text[0] not in "+-.0123456789":
        return text
    for pattern, base in ((_INT, 10), (_OCTAL, 8), (_HEX, 16)):
        match = pattern.fullmatch(text)
        if match:
            return _whole(match[match.lastindex or 0], base)
    if _NOT_FINITE.fullmatch(text):
        raise NumberTooLongError
    return _decimal(text) if _FLOAT.fullmatch(text) else text


def _whole(digits: str, base: int) -> int:
    if len(digits) > _LONGEST:
        raise NumberTooLongError
    return int(digits, base)


def _decimal(text: str) -> float:
    if len(text) > 2 * _LONGEST or not math.isfinite(value := float(text)):
        raise NumberTooLongError
    return value
