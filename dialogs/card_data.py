"""Cards as plain data and back, for rows of the store."""

from collections.abc import Callable
from dataclasses import fields, is_dataclass
from datetime import date
from functools import cache
from operator import attrgetter
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
    data: dict[str, Any] = _writer(c.Card)(card)
    return data


def card_of(data: dict[str, Any]) -> c.Card:
    """The card that this data was made of. Raises KeyError or TypeError for data of another shape."""
    card: c.Card = _reader(c.Card)(data)
    return card


@cache
def _writer(given: Any) -> Callable[[Any], Any]:
    """What makes data of a value of this type: worked out once, since every message on its way is written."""
    if given is Ref:
        return Ref.encode
    if get_origin(given) is tuple:
        return _tuple_writer(get_args(given))
    if isinstance(given, UnionType) and date in get_args(given):
        return lambda value: None if value is None else value.isoformat()
    if isinstance(given, UnionType) and any(is_dataclass(one) for one in get_args(given)):
        writers = {one: _writer(one) for one in get_args(given)}
        return lambda value: writers[type(value)](value)
    if not (is_dataclass(given) and isinstance(given, type)):
        return _as_it_is
    hints, names = get_type_hints(given), [field.name for field in fields(given)]
    values = attrgetter(*names) if len(names) > 1 else _alone(names[0])
    tag = {"is": given.__name__} if given.__name__ in _TAGGED else {}
    changed = [(name, _writer(hints[name])) for name in names if _writer(hints[name]) is not _as_it_is]

    def data(value: Any) -> dict[str, Any]:
        made = tag.copy()
        made.update(zip(names, values(value), strict=True))
        for name, write in changed:
            made[name] = write(made[name])
        return made

    return data


def _alone(name: str) -> Callable[[Any], tuple[Any]]:
    value = attrgetter(name)
    return lambda one: (value(one),)


def _tuple_writer(inner: tuple[Any, ...]) -> Callable[[Any], Any]:
    if len(inner) != 2 or inner[1] is not Ellipsis:  # noqa: PLR2004
        writers = [_writer(one) for one in inner]
        return lambda value: [write(one) for one, write in zip(value, writers, strict=True)]
    write = _writer(inner[0])
    if write is _as_it_is:
        return list
    return lambda value: [write(one) for one in value]


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
    readers = [(field.name, _reader(hints[field.name])) for field in fields(wanted)]
    return lambda data: wanted(
        *[data[name] if read is _as_it_is else read(data[name]) for name, read in readers]
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
