"""Builds what is sound of a content file, so that a broken entry does not hide the mistakes of others."""

from collections.abc import Iterator
from functools import lru_cache
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

from dialogs.text import Plural, Wording
from dialogs.yaml_reader import Path

_EMPTY: dict[Any, Any] = {int: 0, float: 0.0, bool: False}


def salvaged(shape: Any, raw: Any) -> Any:
    """A value of this type with whatever of the raw data is sound, and something harmless for the rest."""
    try:
        return _adapter(shape).validate_python(raw)
    except ValidationError:
        pass
    if get_origin(shape) is Annotated:
        return salvaged(get_args(shape)[0], raw)
    if get_origin(shape) in (Union, UnionType):
        return salvaged(_likely(shape, raw), raw)
    if get_origin(shape) is tuple:
        return tuple(salvaged(get_args(shape)[0], one) for one in raw) if isinstance(raw, list) else ()
    if get_origin(shape) is dict:
        value = get_args(shape)[1]
        return {key: salvaged(value, one) for key, one in raw.items()} if isinstance(raw, dict) else {}
    if shape is Wording:
        return _wording(raw if isinstance(raw, dict) else {})
    if isinstance(shape, type) and issubclass(shape, BaseModel):
        return _model(shape, raw if isinstance(raw, dict) else {})
    return _EMPTY.get(shape, "")


def shape_at(shape: Any, path: Path) -> Any:
    """The type that the content has at a path; None where it has none."""
    for part in path:
        shape = _inside(shape, part)
    return _plain(shape)


def keys_of(shape: Any) -> tuple[str, ...]:
    """The keys that an entry of this type may have."""
    if not (isinstance(shape, type) and issubclass(shape, BaseModel)):
        return ()
    return tuple(info.alias or name for name, info in shape.model_fields.items())


def parts(model: BaseModel, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Every value inside a model with its path, outermost first; a wording is one value."""
    for name, info in type(model).model_fields.items():
        yield from _parts(getattr(model, name), (*path, info.alias or name))


def _parts(value: Any, path: Path) -> Iterator[tuple[Path, Any]]:
    yield path, value
    if isinstance(value, BaseModel) and not isinstance(value, Wording):
        yield from parts(value, path)
    elif isinstance(value, tuple):
        for index, one in enumerate(value):
            yield from _parts(one, (*path, index))
    elif isinstance(value, dict):
        for key, one in value.items():
            yield from _parts(one, (*path, key))


@lru_cache(maxsize=512)
def _adapter(shape: Any) -> TypeAdapter[Any]:
    return TypeAdapter(shape)


def _likely(shape: Any, raw: Any) -> Any:
    """The member of a union that the raw data was meant for."""
    members = [one for one in get_args(shape) if one is not NoneType]
    models = [
        one for one in members if get_origin(one) or (isinstance(one, type) and issubclass(one, BaseModel))
    ]
    return models[0] if models and isinstance(raw, dict | list) else members[0]


def _model(shape: type[BaseModel], raw: dict[str, Any]) -> BaseModel:
    values = {name: _field(info, raw, name) for name, info in shape.model_fields.items()}
    return shape.model_construct(**values)


def _field(info: FieldInfo, raw: dict[str, Any], name: str) -> Any:
    key = info.alias or name
    if key not in raw:
        return (
            salvaged(info.annotation, None)
            if info.is_required()
            else info.get_default(call_default_factory=True)
        )
    try:
        return _adapter(_whole(info)).validate_python(raw[key])
    except ValidationError:
        scalar = not isinstance(raw[key], dict | list)
        if scalar and not info.is_required():
            return info.get_default(call_default_factory=True)
        return salvaged(info.annotation, raw[key])


def _whole(info: FieldInfo) -> Any:
    """The type of a field with its limits."""
    return Annotated[(info.annotation, *info.metadata)] if info.metadata else info.annotation


def _wording(raw: dict[str, Any]) -> Wording:
    """A wording from whichever languages are there; placeholders may differ between them."""
    phrases = {key: _phrase(raw.get(key)) for key in ("fr-CA", "en", "fr-FR")}
    spare = next((phrase for phrase in phrases.values() if phrase is not None), "-")
    return Wording.model_construct(
        fr_ca=phrases["fr-CA"] or spare, en=phrases["en"] or spare, fr_fr=phrases["fr-FR"]
    )


def _phrase(raw: Any) -> str | Plural | None:
    if isinstance(raw, str):
        return raw if raw.strip() else None
    try:
        return Plural.model_validate(raw)
    except ValidationError:
        return None


def _inside(shape: Any, part: str | int) -> Any:
    shape = _plain(shape)
    if get_origin(shape) is tuple:
        return get_args(shape)[0]
    if get_origin(shape) is dict:
        return get_args(shape)[1]
    if isinstance(shape, type) and issubclass(shape, BaseModel):
        fields = {info.alias or name: info.annotation for name, info in shape.model_fields.items()}
        return fields.get(str(part))
    return None


def _plain(shape: Any) -> Any:
    """The type without its limits and without "or nothing"; of a union the part that has entries."""
    if get_origin(shape) is Annotated:
        return _plain(get_args(shape)[0])
    if get_origin(shape) in (Union, UnionType):
        return _plain(_likely(shape, {}))
    return shape
