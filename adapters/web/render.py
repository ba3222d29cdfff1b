"""Card -> the plain data from which the page's script builds its elements; no markup is ever made of text."""

import math
from typing import Any, assert_never

from adapters.base import Rendered
from dialogs.card import (
    Block,
    Card,
    Chart,
    Choice,
    DateField,
    Facts,
    Field,
    Form,
    Image,
    Link,
    Meter,
    NumberField,
    Option,
    SelectField,
    Table,
    Text,
    TextField,
)


def render(card: Card, surface: str) -> Rendered:
    """Draw a card for the page, which shows everything: surfaces differ only in where the page puts them."""
    payload = {
        "surface": surface,
        "title": _safe(card.title),
        "locale": card.locale,
        "blocks": [_block(block) for block in card.blocks],
    }
    return Rendered(payload, _safe(card.plain()) or _safe(card.title))


def _safe(text: str) -> str:
    # A lone surrogate has no UTF-8 form: it would break the whole answer for the sake of one bad character.
    return text.encode("utf-8", "replace").decode("utf-8")


def _block(block: Block) -> dict[str, Any]:
    match block:
        case Text(spans, style):
            texts = [{"text": _safe(span.text), "bold": span.bold} for span in spans]
            return {"kind": "text", "style": style, "spans": texts}
        case Facts(pairs):
            return {"kind": "facts", "pairs": [[_safe(label), _safe(value)] for label, value in pairs]}
        case Meter(label, value, caption):
            share = min(1.0, max(0.0, value)) if math.isfinite(value) else 0.0
            return {"kind": "meter", "label": _safe(label), "value": share, "caption": _safe(caption)}
        case Table(caption, header, rows):
            cells = [[_safe(cell) for cell in row] for row in rows]
            head = [_safe(cell) for cell in header]
            return {"kind": "table", "caption": _safe(caption), "header": head, "rows": cells}
        case Chart():
            return _chart(block)
        case Image(url, alt):
            return {"kind": "image", "url": _safe(url), "alt": _safe(alt)}
        case Link(label, url):
            return {"kind": "link", "label": _safe(label), "url": _safe(url)}
        case Choice(options):
            return {"kind": "choice", "options": [_option(option) for option in options]}
        case Form(fields, submit):
            return {"kind": "form", "fields": [_field(field) for field in fields], "submit": _option(submit)}
    assert_never(block)


def _chart(chart: Chart) -> dict[str, Any]:
    return {
        "kind": "chart",
        "form": chart.kind,
        "title": _safe(chart.title),
        "labels": [_safe(label) for label in chart.labels],
        "series": [
            {
                "name": _safe(one.name),
                "values": [value if math.isfinite(value) else None for value in one.values],
            }
            for one in chart.series
        ],
    }


def _option(option: Option) -> dict[str, str]:
    return {"label": _safe(option.label), "ref": option.ref.encode(), "style": option.style}


def _field(field: Field) -> dict[str, Any]:
    common = {
        "id": field.id,
        "label": _safe(field.label),
        "hint": _safe(field.hint),
        "required": field.required,
    }
    match field:
        case TextField():
            typed = {
                "multiline": field.multiline,
                "max_length": field.max_length,
                "value": _safe(field.value),
            }
            return {"kind": "text", **common, **typed}
        case NumberField():
            limits = {"minimum": _finite(field.minimum), "maximum": _finite(field.maximum)}
            return {"kind": "number", **common, **limits, "value": _safe(field.value)}
        case DateField():
            return {"kind": "date", **common, "value": field.value.isoformat() if field.value else ""}
        case SelectField():
            picks = [{"value": _safe(pick.value), "label": _safe(pick.label)} for pick in field.options]
            most = {"many": field.many, "max_picks": field.max_picks}
            return {"kind": "select", **common, **most, "options": picks, "value": [*map(_safe, field.value)]}
    assert_never(field)


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None
