"""What the fields of an activity must hold: botbuilder's own tables, without its objects, which are slow to make."""

import re
from collections.abc import Callable
from datetime import datetime
from functools import cache
from typing import Any

from botbuilder import schema
from msrest import Deserializer
from msrest.exceptions import DeserializationError

from adapters.teams.body import Body

Check = Callable[[Any], bool]
"""Whether a value of parsed JSON, which is not null, may stand in a field."""

_USUAL_MOMENT = re.compile(
    r"(19|20)\d\d-\d\d-\d\dT([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,9})?(Z|[+-](0\d|1[0-4]):[0-5]\d)?",
    re.ASCII,
)


def is_activity(body: Body) -> bool:
    """Tell whether botbuilder's deserializer would make an Activity of this, or stumble over a field."""
    return _model("Activity")(body)


@cache
def _model(name: str) -> Check:
    """The check of one of botbuilder's models, from the map of its fields."""
    fields = getattr(schema, name)._attribute_map.values()  # noqa: SLF001 - the map is what the model publishes
    checks = [(one["key"], check) for one in fields if (check := _check(one["type"])) is not None]

    def fits(value: Any) -> bool:
        if not isinstance(value, dict):
            return False
        for key, check in checks:
            held = value.get(key)
            if held is not None and not check(held):
                return False
        return True

    return fits


def _check(kind: str) -> Check | None:
    """The check of a type as the maps write it; None when anything will do, since all things become texts."""
    match kind[0] + kind[-1]:
        case "[]":
            return _listed(_check(kind[1:-1]))
        case "{}":
            return _named(_check(kind[1:-1]))
    return _BASIC[kind] if kind in _BASIC else _model(kind)


def _listed(check: Check | None) -> Check:
    return lambda value: isinstance(value, list) and _all(value, check)


def _named(check: Check | None) -> Check:
    def fits(value: Any) -> bool:
        if isinstance(value, list):  # the other way to write a map, as pairs
            pairs = all(isinstance(one, dict) and {"key", "value"} <= one.keys() for one in value)
            return pairs and _all([one["value"] for one in value], check)
        return isinstance(value, dict) and _all(value.values(), check)

    return fits


def _all(values: Any, check: Check | None) -> bool:
    return check is None or all(value is None or check(value) for value in values)


def _truth(value: Any) -> bool:
    return value.lower() in {"true", "false", "1", "0"} if isinstance(value, str) else value in (0, 1)


def _whole(value: Any) -> bool:
    try:
        int(value)
    except (ValueError, TypeError, OverflowError):
        return False
    return True


def _moment(value: Any) -> bool:
    try:
        if isinstance(value, str) and _USUAL_MOMENT.fullmatch(value):
            datetime.fromisoformat(value)
        else:
            Deserializer.deserialize_iso(value)
    except (ValueError, DeserializationError):
        return False
    return True


_BASIC: dict[str, Check | None] = {
    "str": None,
    "object": None,
    "bool": _truth,
    "int": _whole,
    "iso-8601": _moment,
}
