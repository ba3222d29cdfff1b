"""The parts that every Teams card is made of: text that stays text, tables, buttons."""

import math
import re
from collections.abc import Iterable, Sequence
from typing import Any, Literal
from urllib.parse import urlsplit

from adapters.markup import clean
from dialogs.card import Option, OptionStyle, Span

Element = dict[str, Any]
"""One element of an Adaptive Card, as JSON."""

_BRACES = re.compile(r"(?<=\{)(?=\{)")
_STYLES: dict[OptionStyle, str] = {"primary": "positive", "danger": "destructive"}


def shown(text: str) -> str:
    """Return one line of text without what cannot be seen; a space at either end is kept, spans need it."""
    core = clean(text, 4 * len(text)).replace("\n", " ")  # composing may lengthen it
    return f"{' ' * text[:1].isspace()}{core}{' ' * text[-1:].isspace()}" if core else " " * bool(text)


def sound(text: str) -> str:
    """Return the text without what UTF-8 cannot carry, for values that are sent back as they are."""
    return text.encode("utf-8", "ignore").decode()


def label(text: str) -> str:
    """Return the text of a label or title, without what cannot be seen and without date macros."""
    return shown(text).strip().replace("{{", "{ {").replace("{{", "{ {")


def runs(spans: Iterable[Span], **look: Any) -> list[Element]:
    """Draw spans as text runs, the only element that never reads Markdown.

    Clients still look for {{DATE()}} in one run, so doubled braces are put in two.
    """
    drawn: list[Element] = []
    for span in spans:
        for piece in _BRACES.split(shown(span.text)):
            if piece:
                bold = {"weight": "Bolder"} if span.bold else {}
                drawn.append({"type": "TextRun", "text": piece, **look, **bold})
    return drawn


def lines(spans: Sequence[Span], **look: Any) -> list[Element]:
    """Draw a paragraph as one element a line, because not every client keeps line feeds; none when empty."""
    rows: list[list[Span]] = [[]]
    for span in spans:
        first, *rest = span.text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
        rows[-1].append(Span(first, span.bold))
        rows.extend([Span(part, span.bold)] for part in rest)
    drawn: list[Element] = []
    gap = ""
    for row in rows:
        inlines = runs(row, **look)
        if not "".join(run["text"] for run in inlines).strip():
            gap = "Medium" if drawn else ""
            continue
        block: Element = {"type": "RichTextBlock", "inlines": inlines}
        if drawn:
            block["spacing"] = gap or "None"
        drawn.append(block)
        gap = ""
    return drawn


def line(text: str, **look: Any) -> Element:
    """Draw one line of plain text; an empty one keeps its place."""
    inlines = runs([Span(text)], **look) or [{"type": "TextRun", "text": "\u00a0", **look}]
    return {"type": "RichTextBlock", "inlines": inlines}


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> Element:
    """Draw a table; short rows are filled up. The first row is the header, which is what clients assume."""
    width = max([len(header), *map(len, rows)], default=0) or 1
    return {
        "type": "Table",
        "columns": [{"width": 1} for _ in range(width)],
        "rows": [_row(header, width, weight="Bolder"), *(_row(row, width) for row in rows)],
    }


def _row(cells: Sequence[str], width: int, **look: Any) -> Element:
    filled = [*cells, *[""] * (width - len(cells))]
    drawn = [{"type": "TableCell", "items": [line(text, **look)]} for text in filled]
    return {"type": "TableRow", "cells": drawn}


def button(option: Option, data: dict[str, Any], inputs: Literal["auto", "none"]) -> Element:
    """Draw a button. inputs: "auto" checks and sends the inputs of the card, "none" leaves them alone."""
    title = label(option.label) or "…"
    style = {"style": _STYLES[option.style]} if option.style in _STYLES else {}
    common = {"title": title, "data": data, "associatedInputs": inputs, **style}
    return {
        "type": "Action.Execute",
        "verb": sound(option.ref.topic) or "go",
        **common,
        # Clients that do not know Action.Execute send the same data as a message.
        "fallback": {"type": "Action.Submit", **common},
    }


def buttons(actions: Sequence[Element]) -> Element:
    """Put buttons in one row."""
    return {"type": "ActionSet", "actions": list(actions)}


def finite(value: float) -> float:
    """Return the figure, or 0 for what JSON cannot carry."""
    return value if math.isfinite(value) else 0.0


def web_address(url: str, *schemes: str) -> bool:
    """Tell whether this is an address that a client may open."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in schemes and bool(parts.hostname) and url.isprintable() and " " not in url
