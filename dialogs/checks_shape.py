"""Checks the shape of one content file against its model and tells every misfit in plain words."""

from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from dialogs.checks import Findings, M
from dialogs.checks_salvage import keys_of, salvaged, shape_at
from dialogs.checks_shape_words import misfit, missing_key, missing_language, unknown_key
from dialogs.checks_words import differing
from dialogs.text import Plural, Wording
from dialogs.yaml_reader import Data, Path

_LANGUAGES = {"fr-CA", "en"}


def shaped(model: type[M], found: Findings) -> M:
    """The file as its model; mistakes are noted, and broken entries replaced by something harmless."""
    data = found.document.data
    found.broken |= found.document.refused
    try:
        return model.model_validate(data)
    except ValidationError as error:
        for path, details in _grouped(error.errors(include_url=False), data):
            _tell(model, path, details, found)
    whole: M = salvaged(model, data)
    return whole


def _grouped(errors: Iterable[ErrorDetails], data: Data) -> Iterable[tuple[Path, ErrorDetails]]:
    """One misfit for each entry: a value that may be of several types is refused once by each of them."""
    seen: set[tuple[Path, str]] = set()
    for details in errors:
        loc = details["loc"]
        missing = details["type"] == "missing"
        path, value = _resolved(loc[:-1] if missing else loc, data)
        if _echo(details, value):
            continue
        key = (path, str(loc[-1]) if missing else "")
        if key not in seen:
            seen.add(key)
            yield path, details


def _resolved(loc: Path, data: Data) -> tuple[Path, Data]:
    """The part of a location that exists in the file; names of types in between are left out."""
    path: Path = ()
    for part in loc:
        match data, part:
            case dict(), str() if part in data:
                path, data = (*path, part), data[part]
            case list(), int() if part < len(data):
                path, data = (*path, part), data[part]
            case _:
                pass
    return path, data


def _echo(details: ErrorDetails, value: Data) -> bool:
    """Whether a misfit only repeats another: "text" of a plural, "too short" of a list with broken parts."""
    context = details.get("ctx", {})
    if details["type"] == "too_short" and isinstance(value, list):
        return len(value) >= int(context.get("min_length", 0))
    return details["type"] == "string_type" and isinstance(value, dict) and details["loc"][-1:] == ("str",)


def _tell(model: type[M], path: Path, details: ErrorDetails, found: Findings) -> None:
    where, kind, last = (
        shape_at(model, path),
        details["type"],
        str(details["loc"][-1]) if details["loc"] else "",
    )
    if path in found.document.refused:
        return
    match kind:
        case "missing" if where is Wording and last in _LANGUAGES:
            found.add(path, *missing_language(last))
        case "missing":
            near = [key for key in _written(details) if key not in keys_of(where)]
            found.broken.add((*path, last))
            found.add(path, *missing_key(last, near))
        case "extra_forbidden":
            known = keys_of(shape_at(model, path[:-1]))
            found.add(path, *unknown_key(last, known))
        case "value_error" if where is Wording:
            found.add(path, *_placeholders(found.document.data, path))
        case _:
            found.broken.add(path)
            found.add(
                path, *misfit(details, str(path[-1]) if path else "", wanted_text=where in (Wording, Plural))
            )


def _written(details: ErrorDetails) -> tuple[str, ...]:
    around = details.get("input")
    return tuple(around) if isinstance(around, Mapping) else ()


def _placeholders(data: Any, path: Path) -> Any:
    for part in path:
        data = data[part]
    return differing(salvaged(Wording, data))
