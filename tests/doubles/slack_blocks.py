"""What Slack accepts: Block Kit's rules as its documentation gives them, apart from the renderer."""

import json
from collections.abc import Callable, Iterator
from typing import Any

from tests.doubles.slack_rules import address, input_faults, keys, plain, size, text_faults, unique

Json = Any
Path = str

BLOCK_LIMITS = {"message": 50, "modal": 100, "home": 100}
MESSAGE_LETTERS = 13_200
VIEW_BYTES = 250_000
SURFACES = {
    "header": ("message", "modal", "home"),
    "section": ("message", "modal", "home"),
    "context": ("message", "modal", "home"),
    "divider": ("message", "modal", "home"),
    "image": ("message", "modal", "home"),
    "actions": ("message", "modal", "home"),
    "input": ("message", "modal", "home"),
    "rich_text": ("message", "modal", "home"),
    "table": ("message",),
    "data_visualization": ("message", "home"),
}


def block_faults(blocks: Json, surface: str) -> list[str]:
    """Everything that makes Slack answer `invalid_blocks`, each as `path: what`."""
    if not isinstance(blocks, list):
        return ["blocks: not a list"]
    return [
        *size("blocks", blocks, 0, BLOCK_LIMITS[surface]),
        *unique("block_id", [one.get("block_id") for one in blocks if isinstance(one, dict)]),
        *(fault for number, one in enumerate(blocks) for fault in _block(f"blocks[{number}]", one, surface)),
        *_together(blocks, surface),
    ]


def view_faults(view: Json) -> list[str]:
    """Everything that makes Slack refuse a view."""
    if not isinstance(view, dict) or view.get("type") not in ("modal", "home"):
        return ["view: not a modal and not a home tab"]
    large = (
        ["view: view_too_large"] if len(json.dumps(view, ensure_ascii=False).encode()) > VIEW_BYTES else []
    )
    if view["type"] == "home":
        return [
            *large,
            *keys("view", view, {"type", "blocks"}, set()),
            *block_faults(view.get("blocks"), "home"),
        ]
    optional = {"submit", "close", "private_metadata", "callback_id", "notify_on_close", "clear_on_close"}
    has_inputs = any(one.get("type") == "input" for one in view.get("blocks", []) if isinstance(one, dict))
    return [
        *large,
        *keys("view", view, {"type", "title", "blocks"}, optional),
        *(
            fault
            for word in ("title", "submit", "close")
            if word in view
            for fault in plain(word, view[word], 24)
        ),
        *size("private_metadata", view.get("private_metadata", ""), 0, 3000),
        *size("callback_id", view.get("callback_id", ""), 0, 255),
        *(["view: inputs without submit"] if has_inputs and "submit" not in view else []),
        *block_faults(view["blocks"], "modal"),
    ]


def _together(blocks: list[Json], surface: str) -> Iterator[str]:
    kinds = [one.get("type") for one in blocks if isinstance(one, dict)]
    if kinds.count("table") > 1:
        yield "blocks: more than one table"
    if kinds.count("data_visualization") > 2:
        yield "blocks: more than two charts"
    if surface == "message" and letters(blocks) > MESSAGE_LETTERS:
        yield "blocks: msg_blocks_too_long"


def letters(value: Json) -> int:
    """The characters of all strings that are words, addresses or values."""
    if isinstance(value, dict):
        return sum(letters(one) for key, one in value.items() if key not in ("type", "block_id", "action_id"))
    if isinstance(value, list):
        return sum(map(letters, value))
    return len(value) if isinstance(value, str) else 0


def _block(path: Path, block: Json, surface: str) -> Iterator[str]:
    kind = block.get("type") if isinstance(block, dict) else None
    if kind not in SURFACES:
        yield f"{path}: unknown block {kind!r}"
        return
    if surface not in SURFACES[kind]:
        yield f"{path}: {kind} is not for a {surface}"
    if kind == "input" and block.get("element", {}).get("type") == "number_input" and surface != "modal":
        yield f"{path}: number_input is for modals only"
    if "block_id" in block:
        yield from size(f"{path}.block_id", block["block_id"], 1, 255)
    yield from _BLOCKS[kind](path, {key: value for key, value in block.items() if key != "block_id"})


def _header(path: Path, block: Json) -> Iterator[str]:
    yield from keys(path, block, {"type", "text"}, set())
    yield from plain(path, block.get("text"), 150)


def _section(path: Path, block: Json) -> Iterator[str]:
    yield from keys(path, block, {"type"}, {"text", "fields", "accessory", "expand"})
    if "text" not in block and "fields" not in block:
        yield f"{path}: neither text nor fields"
    if "text" in block:
        yield from text_faults(path, block["text"], 3000)
    for one in block.get("fields", []):
        yield from text_faults(path, one, 2000)


def _context(path: Path, block: Json) -> Iterator[str]:
    yield from keys(path, block, {"type", "elements"}, set())
    yield from size(path, block.get("elements", []), 1, 10)
    for one in block.get("elements", []):
        yield from text_faults(path, one, 2000)


def _divider(path: Path, block: Json) -> Iterator[str]:
    yield from keys(path, block, {"type"}, set())


def _image(path: Path, block: Json) -> Iterator[str]:
    yield from keys(path, block, {"type", "image_url", "alt_text"}, {"title"})
    yield from address(path, block.get("image_url"))
    yield from size(f"{path}.alt_text", block.get("alt_text"), 1, 2000)


def _actions(path: Path, block: Json) -> Iterator[str]:
    yield from keys(path, block, {"type", "elements"}, set())
    elements = block.get("elements", [])
    yield from size(path, elements, 1, 25)
    yield from unique(f"{path}.action_id", [one.get("action_id") for one in elements])
    for one in elements:
        yield from keys(path, one, {"type", "text", "action_id"}, {"value", "style", "url", "confirm"})
        yield from size(f"{path}.action_id", one.get("action_id"), 1, 255)
        yield from plain(path, one.get("text"), 75)
        yield from size(f"{path}.value", one.get("value", ""), 0, 2000)
        if one.get("type") != "button" or one.get("style", "primary") not in ("primary", "danger"):
            yield f"{path}: not a button in one of its styles"


def _rich_text(path: Path, block: Json) -> Iterator[str]:
    yield from keys(path, block, {"type", "elements"}, set())
    yield from size(path, block.get("elements", []), 1, 100)
    for part in block.get("elements", []):
        yield from keys(path, part, {"type", "elements"}, {"border"})
        if part.get("type") not in ("rich_text_section", "rich_text_quote", "rich_text_preformatted"):
            yield f"{path}: unknown rich text {part.get('type')!r}"
        yield from size(path, part.get("elements", []), 1, 1000)
        for one in part.get("elements", []):
            yield from _rich_element(path, one)


def _rich_element(path: Path, element: Json) -> Iterator[str]:
    match element.get("type"):
        case "text":
            yield from keys(path, element, {"type", "text"}, {"style"})
            yield from size(path, element.get("text"), 1, 3000)
        case "link":
            yield from keys(path, element, {"type", "url"}, {"text", "style"})
            yield from address(path, element.get("url"))
            yield from size(path, element.get("text", "x"), 1, 3000)
        case "emoji":
            yield from keys(path, element, {"type", "name"}, set())
        case other:
            yield f"{path}: a live element {other!r}"


def _table(path: Path, block: Json) -> Iterator[str]:
    yield from keys(path, block, {"type", "rows"}, {"column_settings"})
    rows = block.get("rows", [])
    yield from size(f"{path}.rows", rows, 1, 100)
    yield from size(f"{path}.column_settings", block.get("column_settings", []), 0, 20)
    for row in rows:
        yield from size(f"{path}.row", row, 1, 20)
        for cell in row:
            yield from keys(path, cell, {"type", "text"}, set())
            if cell.get("type") != "raw_text":
                yield f"{path}: cell {cell.get('type')!r}"
            yield from size(f"{path}.cell", cell.get("text"), 1, 10_000)
    if letters(rows) > 10_000:
        yield f"{path}: more than 10,000 characters in the cells"


def _chart(path: Path, block: Json) -> Iterator[str]:
    yield from keys(path, block, {"type", "title", "chart"}, set())
    yield from size(f"{path}.title", block.get("title"), 1, 50)
    chart = block.get("chart", {})
    yield from keys(path, chart, {"type", "series", "axis_config"}, set())
    labels = chart.get("axis_config", {}).get("categories", [])
    if chart.get("type") not in ("bar", "line", "area"):
        yield f"{path}: chart {chart.get('type')!r}"
    yield from size(f"{path}.categories", labels, 1, 20)
    yield from size(f"{path}.series", chart.get("series", []), 1, 6)
    yield from unique(f"{path}.series", [one.get("name") for one in chart.get("series", [])])
    for words in [*labels, *(one.get("name") for one in chart.get("series", []))]:
        yield from size(f"{path}.label", words, 1, 20)
    for one in chart.get("series", []):
        if [point.get("label") for point in one.get("data", [])] != labels:
            yield f"{path}: the points are not the categories"
        if not all(isinstance(point.get("value"), int | float) for point in one.get("data", [])):
            yield f"{path}: a point is no number"


_BLOCKS: dict[str, Callable[[Path, Json], Iterator[str]]] = {
    "header": _header,
    "section": _section,
    "context": _context,
    "divider": _divider,
    "image": _image,
    "actions": _actions,
    "input": input_faults,
    "rich_text": _rich_text,
    "table": _table,
    "data_visualization": _chart,
}
