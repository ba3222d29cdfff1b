"""Cards as plain data and back, for rows of the store."""

from collections.abc import Callable
from dataclasses import fields, is_dataclass
from datetime import date
from functools import cache
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
    card: c.Card = _reader(c.Card)(data)
    return card


def _data(value: object) -> Any:
    kind = type(value)
    if kind is str or value is None:  # most of a card, and hot where a card goes out to a whole company
        return value
    if isinstance(value, tuple):
        return [_data(one) for one in value]
    if isinstance(value, Ref):
        return value.encode()
    if isinstance(value, date):
        return value.isoformat()
    names = _names(kind)
    if not names:
        return value
    data: dict[str, Any] = {"is": kind.__name__} if kind.__name__ in _TAGGED else {}
    for name in names:
        data[name] = _data(getattr(value, name))
    return data


def _names(kind: type) -> tuple[str, ...]:
    if kind not in _NAMES:
        _NAMES[kind] = tuple(field.name for field in fields(kind)) if is_dataclass(kind) else ()
    return _NAMES[kind]


_NAMES: dict[type, tuple[str, ...]] = {}


@cache
def _reader(wanted: Any) -> Callable[[Any], Any]:
    """What makes a value of this type of its data: worked out once, since every message on its way is read."""
    if wanted is Ref:
        return Ref.decode
    if get_origin(wanted) is tuple:
        return _tuple_reader(get_args(wanted))
    if isinstance(wanted, UnionType) and date in get_args(wanted):
        return lambda data: None if data is None else date.fromisoformat(data)
    if isinstance(wanted, UnionType) and any(is_dataclass(one) for one in get_args(wanted)):
        return lambda data: _reader(_TAGGED[data["is"]])(data)
    if not (is_dataclass(wanted) and isinstance(wanted, type)):
        return _as_it_is
    hints = get_type_hints(wanted)
    readers = [(name, _reader(hints[name])) for name in _names(wanted)]
    return lambda data: wanted(
        *(data[name] if read is _as_it_is else read(data[name]) for name, read in readers)
    )


def _tuple_reader(inner: tuple[Any, ...]) -> Callable[[Any], Any]:
    if len(inner) != 2 or inner[1] is not Ellipsis:  # noqa: PLR2004
        readers = [_reader(one) for one in inner]
        return lambda data: tuple(read(one) for one, read in zip(data, readers, strict=True))
    read = _reader(inner[0])
    if read is _as_it_is:
        return tuple
    return lambda data: tuple([read(one) for one in data])


def _as_it_is(data: Any) -> Any:
    return data
