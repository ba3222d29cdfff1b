"""Cards as plain data and back, for rows of the store."""

from dataclasses import fields, is_dataclass
from datetime import date
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints

from dialogs import card as c
from dialogs.ref import Ref

_TAGGED: dict[str, type] = {
    one.__name__: one
    for one in (
        c.Text,
        c.Facts,
        c.Meter,
        c.Table,
        c.Chart,
        c.Image,
        c.Link,
        c.Choice,
        c.Form,
        c.TextField,
        c.NumberField,
        c.DateField,
        c.SelectField,
    )
}


def card_data(card: c.Card) -> dict[str, Any]:
    """The card as JSON-ready data."""
    data: dict[str, Any] = _data(card)
    return data


def card_of(data: dict[str, Any]) -> c.Card:
    """The card that this data was made of. Raises KeyError or TypeError for data of another shape."""
    card: c.Card = _value(data, c.Card)
    return card


def _data(value: object) -> Any:
    if isinstance(value, Ref):
        return value.encode()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple):
        return [_data(one) for one in value]
    if is_dataclass(value):
        named = {field.name: _data(getattr(value, field.name)) for field in fields(value)}
        return {"is": type(value).__name__, **named} if type(value).__name__ in _TAGGED else named
    return value


def _value(data: Any, wanted: Any) -> Any:
    if isinstance(data, dict) and "is" in data:
        wanted = _TAGGED[data["is"]]
    if wanted is Ref:
        return Ref.decode(data)
    if isinstance(wanted, UnionType) and date in get_args(wanted):
        return None if data is None else date.fromisoformat(data)
    if get_origin(wanted) is tuple:
        inner = get_args(wanted)
        if len(inner) == 2 and inner[1] is Ellipsis:  # noqa: PLR2004
            return tuple(_value(one, inner[0]) for one in data)
        return tuple(_value(one, kind) for one, kind in zip(data, inner, strict=True))
    if is_dataclass(wanted) and isinstance(wanted, type):
        return wanted(**{name: _value(data[name], hint) for name, hint in _hints(wanted).items()})
    return data


def _hints(kind: type) -> dict[str, Any]:
    if kind not in _HINTS:
        _HINTS[kind] = get_type_hints(kind)
    return _HINTS[kind]


_HINTS: dict[type, dict[str, Any]] = {}
