"""The rules of Block Kit that blocks share, and those of its inputs."""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Any

Json = Any
Path = str


def plain(path: Path, words: Json, most: int) -> Iterator[str]:
    if not isinstance(words, dict) or words.get("type") != "plain_text":
        yield f"{path}: not plain_text"
        return
    yield from text_faults(path, words, most)


def text_faults(path: Path, words: Json, most: int) -> Iterator[str]:
    yield from keys(path, words, {"type", "text"}, {"emoji", "verbatim"})
    text = words.get("text", "")
    yield from size(path, text, 1, most)
    if isinstance(text, str) and not text.strip():
        yield f"{path}: blank text"


def address(path: Path, url: Json) -> Iterator[str]:
    if not isinstance(url, str) or not re.match(r"https?://[^\s/]", url) or len(url) > 3000:
        yield f"{path}: invalid url"


def keys(path: Path, value: Mapping[str, Json], required: set[str], optional: set[str]) -> Iterator[str]:
    if missing := required - set(value):
        yield f"{path}: missing {sorted(missing)}"
    if unknown := set(value) - required - optional:
        yield f"{path}: unknown {sorted(unknown)}"


def size(path: Path, value: Json, least: int, most: int) -> Iterator[str]:
    length = len(value) if isinstance(value, str | list) else -1
    if not least <= length <= most:
        yield f"{path}: size {length}, not {least} to {most}"


def unique(path: Path, values: list[Json]) -> Iterator[str]:
    given = [one for one in values if one is not None]
    if len(given) != len(set(given)):
        yield f"{path}: not unique"


def input_faults(path: Path, block: Json) -> Iterator[str]:
    yield from keys(path, block, {"type", "label", "element"}, {"hint", "optional", "dispatch_action"})
    yield from plain(path, block.get("label"), 2000)
    if "hint" in block:
        yield from plain(path, block["hint"], 2000)
    element = block.get("element", {})
    yield from size(f"{path}.action_id", element.get("action_id"), 1, 255)
    rules = _INPUTS.get(element.get("type"))
    if rules is None:
        yield f"{path}: no input of type {element.get('type')!r}"
        return
    required, optional, check = rules
    yield from keys(
        path, element, {"type", "action_id", *required}, {"focus_on_load", "placeholder", *optional}
    )
    yield from check(path, element)


def _text_input(path: Path, element: Json) -> Iterator[str]:
    most = element.get("max_length", 3000)
    if not 1 <= most <= 3000:
        yield f"{path}: max_length {most}"
    yield from size(f"{path}.initial_value", element.get("initial_value", "x"), 1, most)


def _number_input(path: Path, element: Json) -> Iterator[str]:
    given = [element.get(name) for name in ("min_value", "initial_value", "max_value")]
    numbers = [float(one) for one in given if one is not None]
    if any(one is not None and not re.fullmatch(r"-?\d+(\.\d+)?", one) for one in given):
        yield f"{path}: not numbers {given}"
    elif numbers != sorted(numbers):
        yield f"{path}: initial value outside its limits"


def _date_input(path: Path, element: Json) -> Iterator[str]:
    if "initial_date" in element:
        date.fromisoformat(element["initial_date"])
    yield from ()


def _choice(most: int) -> Callable[[Path, Json], Iterator[str]]:
    def check(path: Path, element: Json) -> Iterator[str]:
        options = element.get("options", [])
        yield from size(f"{path}.options", options, 1, most)
        for one in options:
            yield from keys(path, one, {"text", "value"}, {"description"})
            yield from plain(path, one.get("text"), 75)
            yield from size(f"{path}.value", one.get("value"), 1, 150)
        chosen = element.get(
            "initial_options", [element["initial_option"]] if "initial_option" in element else None
        )
        if chosen is not None and (not chosen or any(one not in options for one in chosen)):
            yield f"{path}: initial options are not among the options"
        if len(chosen or ()) > element.get("max_selected_items", most):
            yield f"{path}: more initial options than may be selected"

    return check


_INPUTS: dict[Any, tuple[set[str], set[str], Callable[[Path, Json], Iterator[str]]]] = {
    "plain_text_input": (set(), {"initial_value", "multiline", "min_length", "max_length"}, _text_input),
    "number_input": ({"is_decimal_allowed"}, {"initial_value", "min_value", "max_value"}, _number_input),
    "datepicker": (set(), {"initial_date"}, _date_input),
    "radio_buttons": ({"options"}, {"initial_option"}, _choice(10)),
    "checkboxes": ({"options"}, {"initial_options"}, _choice(10)),
    "static_select": ({"options"}, {"initial_option"}, _choice(100)),
    "multi_static_select": ({"options"}, {"initial_options", "max_selected_items"}, _choice(100)),
}
