"""From a card of the house to an Adaptive Card for Teams; pure, and total: every card has a drawing."""

import math
from typing import Any, assert_never
from xml.sax.saxutils import escape

import orjson

from adapters.base import Rendered
from adapters.markup import shortened
from adapters.teams.fields import drawn
from adapters.teams.parts import (
    Element,
    button,
    buttons,
    finite,
    label,
    line,
    lines,
    runs,
    shown,
    sound,
    table,
    web_address,
)
from dialogs.card import (
    Block,
    Card,
    Chart,
    Choice,
    Facts,
    Form,
    Image,
    Link,
    Meter,
    SelectField,
    Span,
    Table,
    Text,
)

MAX_BYTES = 28_000
CONTENT_TYPE = "application/vnd.microsoft.card.adaptive"

_BAR = 10
_LOOKS: dict[str, dict[str, Any]] = {
    "normal": {},
    "heading": {"size": "Large", "weight": "Bolder"},
    "quiet": {"isSubtle": True, "size": "Small"},
    "quote": {"italic": True},
    "warning": {},
}
_BOXES = {"quote": "emphasis", "warning": "warning"}
_PLAIN = str.maketrans({"[": "(", "]": ")", "<": "‹", ">": "›", "`": "’", "*": "·", "_": "\u00a0"})
"""For the one place where a client may read Markdown and no text run can stand."""


def render(card: Card, surface: str) -> Rendered:  # noqa: ARG001 - Teams draws the same card on every surface
    """Draw a card; the payload is an Adaptive Card 1.5 as JSON."""
    lost: list[str] = []
    ids: set[str] = set()
    body = [element for block in card.blocks for element in _block(block, card.locale, ids, lost)]
    title = shortened(shown(card.title).strip() or "…", 250)
    payload: dict[str, Any] = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.5",
        "lang": sound(card.locale) or "fr-CA",
        "body": body or [line(title)],
        "fallbackText": title.translate(_PLAIN),
        "speak": escape(title),
    }
    size = len(orjson.dumps(payload))
    if size > MAX_BYTES:
        lost.append(f"the card takes {size} bytes on Teams, more than {MAX_BYTES}: split it")
    return Rendered(payload, title, tuple(lost))


def _block(block: Block, locale: str, ids: set[str], lost: list[str]) -> list[Element]:
    match block:
        case Text(spans, style):
            return _text(spans, style)
        case Facts(pairs):
            return [_fact(name, value) for name, value in pairs]
        case Meter():
            return [_meter(block, lost)]
        case Table(caption, header, rows):
            return [*lines([Span(caption, bold=True)]), table(header, rows)]
        case Chart():
            return [*lines([Span(block.title, bold=True)]), _chart(block, lost)]
        case Image():
            return [_image(block, lost)]
        case Link():
            return [_link(block, lost)]
        case Choice(options):
            return (
                [buttons([button(one, {"ref": sound(one.ref.encode())}, "none") for one in options])]
                if options
                else []
            )
        case Form():
            return _form(block, locale, ids, lost)
    assert_never(block)


def _text(spans: tuple[Span, ...], style: str) -> list[Element]:
    drawn_lines = lines(spans, **_LOOKS[style])
    if style in _BOXES and drawn_lines:
        return [{"type": "Container", "style": _BOXES[style], "items": drawn_lines}]
    return drawn_lines


def _fact(name: str, value: str) -> Element:
    return {
        "type": "ColumnSet",
        "spacing": "Small",
        "columns": [
            {"type": "Column", "width": 2, "items": [line(name, weight="Bolder")]},
            {"type": "Column", "width": 3, "items": lines([Span(value)]) or [line("")]},
        ],
    }


def _meter(meter: Meter, lost: list[str]) -> Element:
    if not math.isfinite(meter.value):
        lost.append("a meter has no figure and is shown empty")
    done = round(min(1.0, max(0.0, finite(meter.value))) * _BAR)
    bar = {"type": "TextRun", "text": f"{'█' * done}{'░' * (_BAR - done)} ", "fontType": "Monospace"}
    name = runs([Span(f"{meter.label} ", bold=True)])
    return {"type": "RichTextBlock", "inlines": [*name, bar, *runs([Span(meter.caption)])]}


def _chart(chart: Chart, lost: list[str]) -> Element:
    figures = [(one.name, [finite(value) for value in one.values]) for one in chart.series]
    if any(not math.isfinite(value) for one in chart.series for value in one.values):
        lost.append("a chart holds a figure that is not a number and shows it as 0")
    rows = [
        [name, *(f"{values[at]:.10g}" if at < len(values) else "" for _, values in figures)]
        for at, name in enumerate(chart.labels)
    ]
    drawing: Element = {
        "showLegend": len(figures) > 1,
        "fallback": table(["", *(name for name, _ in figures)], rows),
    }
    points = [
        (name, [{"x": label(at), "y": value} for at, value in zip(chart.labels, values, strict=False)])
        for name, values in figures
    ]
    if chart.kind == "bar" and len(points) == 1:
        return drawing | {"type": "Chart.VerticalBar", "data": points[0][1]}
    kind = "Chart.Line" if chart.kind == "line" else "Chart.VerticalBar.Grouped"
    return drawing | {
        "type": kind,
        "data": [{"legend": label(name), "values": values} for name, values in points],
    }


def _image(image: Image, lost: list[str]) -> Element:
    if not web_address(image.url, "https"):
        lost.append("an image has no https address; its description stands in its place")
        return line(image.alt, isSubtle=True)
    return {"type": "Image", "url": image.url, "altText": label(image.alt), "size": "Auto"}


def _link(link: Link, lost: list[str]) -> Element:
    if not web_address(link.url, "https", "http"):
        lost.append("a link has no web address; only its words are shown")
        return line(link.label)
    return buttons([{"type": "Action.OpenUrl", "title": label(link.label) or "…", "url": link.url}])


def _form(form: Form, locale: str, ids: set[str], lost: list[str]) -> list[Element]:
    elements: list[Element] = []
    for field in form.fields:
        if sound(field.id) in ids:
            lost.append(f"field id {field.id!r} stands twice in the card; the second one is left out")
            continue
        ids.add(sound(field.id))
        shape, gone = drawn(field, locale)
        elements += shape
        lost += gone
    many = [sound(field.id) for field in form.fields if isinstance(field, SelectField) and field.many]
    data = {"ref": sound(form.submit.ref.encode()), **({"many": many} if many else {})}
    return [*elements, buttons([button(form.submit, data, "auto")])]
