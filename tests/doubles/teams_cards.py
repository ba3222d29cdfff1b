"""What Teams' client makes of a card: which it refuses, and the words and controls that a person sees."""

import json
from collections.abc import Iterator
from itertools import pairwise
from typing import Any
from urllib.parse import urlsplit

Json = dict[str, Any]

_COMMON = {"id", "spacing", "separator", "isVisible", "height", "fallback", "requires"}
_INPUT = _COMMON | {"label", "isRequired", "errorMessage", "value"}
_ACTION = {"title", "style", "fallback", "tooltip", "isEnabled", "mode", "id", "iconUrl"}
_CHART = _COMMON | {"title", "showTitle", "showLegend", "colorSet", "data", "xAxisTitle", "yAxisTitle"}
_ALLOWED: dict[str, set[str]] = {
    "TextBlock": _COMMON
    | {"text", "size", "weight", "color", "isSubtle", "wrap", "style", "maxLines", "fontType"},
    "RichTextBlock": _COMMON | {"inlines", "horizontalAlignment"},
    "TextRun": {
        "text",
        "size",
        "weight",
        "color",
        "isSubtle",
        "italic",
        "strikethrough",
        "highlight",
        "underline",
    }
    | {"fontType", "selectAction"},
    "Container": _COMMON
    | {"items", "style", "bleed", "minHeight", "verticalContentAlignment", "selectAction"},
    "ColumnSet": _COMMON | {"columns", "style", "bleed", "minHeight", "horizontalAlignment", "selectAction"},
    "Column": _COMMON | {"items", "width", "style", "bleed", "minHeight", "verticalContentAlignment"},
    "Table": _COMMON | {"columns", "rows", "showGridLines", "gridStyle", "horizontalCellContentAlignment"},
    "TableRow": {"cells", "style", "horizontalCellContentAlignment", "verticalCellContentAlignment"},
    "TableCell": {"items", "style", "verticalContentAlignment", "bleed", "minHeight"},
    "Image": _COMMON | {"url", "altText", "size", "width", "style", "horizontalAlignment", "backgroundColor"},
    "ActionSet": _COMMON | {"actions"},
    "Input.Text": _INPUT | {"maxLength", "isMultiline", "placeholder", "regex", "style"},
    "Input.Number": _INPUT | {"min", "max", "placeholder"},
    "Input.Date": _INPUT | {"min", "max", "placeholder"},
    "Input.ChoiceSet": _INPUT | {"choices", "isMultiSelect", "style", "wrap", "placeholder"},
    "Action.Execute": _ACTION | {"verb", "data", "associatedInputs"},
    "Action.Submit": _ACTION | {"data", "associatedInputs"},
    "Action.OpenUrl": _ACTION | {"url"},
    "Chart.VerticalBar": _CHART,
    "Chart.VerticalBar.Grouped": _CHART,
    "Chart.Line": _CHART,
    "AdaptiveCard": {
        "$schema",
        "version",
        "body",
        "actions",
        "fallbackText",
        "speak",
        "lang",
        "refresh",
    },
}
_REQUIRED: dict[str, set[str]] = {
    "TextBlock": {"text"},
    "RichTextBlock": {"inlines"},
    "TextRun": {"text"},
    "Container": {"items"},
    "Table": {"columns", "rows"},
    "TableRow": {"cells"},
    "TableCell": {"items"},
    "Image": {"url", "altText"},
    "ActionSet": {"actions"},
    "Input.Text": {"id", "label"},
    "Input.Number": {"id", "label"},
    "Input.Date": {"id", "label"},
    "Input.ChoiceSet": {"id", "label", "choices"},
    "Action.Execute": {"title", "verb", "fallback"},
    "Action.Submit": {"title"},
    "Action.OpenUrl": {"title", "url"},
    "Chart.VerticalBar": {"data", "fallback"},
    "Chart.VerticalBar.Grouped": {"data", "fallback"},
    "Chart.Line": {"data", "fallback"},
    "AdaptiveCard": {"version", "body", "fallbackText"},
}
_VALUES: dict[str, set[Any]] = {
    "size": {"Small", "Default", "Medium", "Large", "ExtraLarge", "Auto", "Stretch"},
    "weight": {"Lighter", "Default", "Bolder"},
    "color": {"Default", "Dark", "Light", "Accent", "Good", "Warning", "Attention"},
    "spacing": {"None", "Small", "Default", "Medium", "Large", "ExtraLarge", "Padding"},
    "fontType": {"Default", "Monospace"},
    "associatedInputs": {"auto", "none"},
    "version": {"1.5"},
}
_STYLES = {
    "Action": {"default", "positive", "destructive"},
    "Input.ChoiceSet": {"compact", "expanded", "filtered"},
    "box": {"default", "emphasis", "accent", "good", "attention", "warning"},
}
_CHILDREN = ("body", "items", "columns", "rows", "cells", "inlines", "actions")
_KIND_OF_CHILD = {"ColumnSet": "Column", "Table": None, "TableRow": "TableCell", "RichTextBlock": "TextRun"}


def problems(card: Json, *, largest: int = 28_000) -> list[str]:
    """Everything for which a client, or our own promise, would turn this card down."""
    found = list(_problems(card, "card"))
    ids = [one["id"] for one in inputs(card)]
    found += [f"input id {one!r} twice" for one in sorted({one for one in ids if ids.count(one) > 1})]
    size = len(json.dumps(card, ensure_ascii=False, allow_nan=False).encode())
    return [*found, f"{size} bytes"] if size > largest else found


def _problems(node: Json, where: str) -> Iterator[str]:
    kind = node.get("type")
    if kind not in _ALLOWED:
        yield f"{where}: type {kind!r}"
        return
    for name in node.keys() - _ALLOWED[kind] - {"type"}:
        yield f"{where}: {kind} has no property {name!r}"
    for name in _REQUIRED.get(kind, set()) - node.keys():
        yield f"{where}: {kind} needs {name!r}"
    for name, value in node.items():
        if name in _VALUES and value not in _VALUES[name]:
            yield f"{where}: {name}={value!r}"
    styles = _STYLES["Action"] if kind.startswith("Action.") else _STYLES.get(kind, _STYLES["box"])
    if "style" in node and kind != "TextBlock" and node["style"] not in styles:
        yield f"{where}: style {node['style']!r}"
    yield from _kind_problems(node, where)
    for name in _CHILDREN:
        if kind == "Table" and name == "columns":
            continue
        for at, child in enumerate(node.get(name, ())):
            wanted = _KIND_OF_CHILD.get(kind)
            if wanted and child.get("type") != wanted:
                yield f"{where}.{name}[{at}]: {child.get('type')} in {kind}"
            yield from _problems(child, f"{where}.{name}[{at}]")
    if isinstance(node.get("fallback"), dict):
        yield from _problems(node["fallback"], f"{where}.fallback")


def _kind_problems(node: Json, where: str) -> Iterator[str]:
    kind = node["type"]
    if kind in {"RichTextBlock", "ActionSet", "Container"} and not node.get(
        {"RichTextBlock": "inlines", "ActionSet": "actions"}.get(kind, "items")
    ):
        yield f"{where}: empty {kind}"
    if kind == "ActionSet" and len(node.get("actions", [])) > 6:
        yield f"{where}: more than 6 actions"
    if kind == "TextRun" and (not node.get("text") or "\n" in node["text"] or "{{" in node["text"]):
        yield f"{where}: text {node.get('text')!r}"
    if kind.startswith("Action.") and not str(node.get("title", "")).strip():
        yield f"{where}: no title"
    if kind.startswith("Input."):
        if not str(node.get("label", "")).strip():
            yield f"{where}: no label"
        if node.get("isRequired") and not node.get("errorMessage"):
            yield f"{where}: required without errorMessage"
    if kind == "Input.Number":
        for name in ("value", "min", "max"):
            if name in node and not isinstance(node[name], int | float):
                yield f"{where}: {name} is no number"
    if kind == "Input.ChoiceSet":
        known = {choice.get("value") for choice in node.get("choices", [])}
        chosen = (
            str(node.get("value", "")).split(",") if node.get("isMultiSelect") else [node.get("value", "")]
        )
        if len(node.get("choices", [])) > 10 and node.get("style") == "expanded":
            yield f"{where}: a long list that is expanded"
        if any(
            not isinstance(choice.get(part), str)
            for choice in node.get("choices", [])
            for part in ("title", "value")
        ):
            yield f"{where}: choices"
        if "value" in node and set(chosen) - known - {""}:
            yield f"{where}: value not among the choices"
    if kind == "Image" and urlsplit(node.get("url", "")).scheme != "https":
        yield f"{where}: image not https"
    if kind == "Action.OpenUrl" and urlsplit(node.get("url", "")).scheme not in {"http", "https"}:
        yield f"{where}: link {node.get('url')!r}"
    if kind == "Table" and any(
        len(row.get("cells", [])) != len(node["columns"]) for row in node.get("rows", [])
    ):
        yield f"{where}: ragged table"
    if kind == "Action.Execute" and node.get("fallback", {}).get("data") != node.get("data"):
        yield f"{where}: the fallback sends other data"


def walk(node: Json) -> Iterator[Json]:
    """Every element as drawn, in reading order; fallbacks are not drawn."""
    yield node
    for name in _CHILDREN:
        for child in node.get(name, ()):
            if isinstance(child, dict) and "type" in child:
                yield from walk(child)


def inputs(card: Json) -> list[Json]:
    """The inputs of a card."""
    return [node for node in walk(card) if str(node["type"]).startswith("Input.")]


def actions(card: Json) -> list[Json]:
    """The buttons of a card."""
    return [node for node in walk(card) if str(node["type"]).startswith("Action.")]


def words(node: Json) -> str:
    """What a person reads, a line an element; buttons stand in brackets."""
    kind = str(node.get("type", ""))
    if kind == "RichTextBlock":
        return "".join(run["text"] for run in node["inlines"])
    if kind == "TextBlock":
        return str(node["text"])
    if kind == "Image":
        return str(node["altText"])
    if kind.startswith("Action."):
        return f"[{node['title']}]"
    if kind.startswith("Chart."):
        return words(node["fallback"])
    if kind.startswith("Input."):
        titles = [f"( ) {choice['title']}" for choice in node.get("choices", [])]
        value = str(node["value"]) if "value" in node and not titles else ""
        return "\n".join([str(node["label"]), *filter(None, [value]), *titles])
    joint = {"ColumnSet": " ", "TableRow": " | ", "ActionSet": " "}.get(kind, "\n")
    return joint.join(
        filter(None, (words(child) for name in _CHILDREN for child in node.get(name, ()) if "type" in child))
    )


def error_lines(card: Json) -> dict[str, str]:
    """Label of an input to the red line right below it."""
    found: dict[str, str] = {}
    elements = card["body"]
    for element, below in pairwise(elements):
        runs = below.get("inlines", [])
        if (
            str(element["type"]).startswith("Input.")
            and runs
            and all(run.get("color") == "Attention" for run in runs)
        ):
            found[element["label"]] = words(below)
    return found
