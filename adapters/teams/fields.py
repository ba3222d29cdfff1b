"""The fields of a form as inputs of an Adaptive Card."""

from typing import Literal

from adapters.teams.parts import Element, finite, label, line, shown, sound
from adapters.teams.words import figure, word
from dialogs.card import DateField, Field, NumberField, SelectField, TextField

FIELD = "f."
"""Put before every field id, so that no field can take the place of our own data in what comes back."""

_EXPANDED = 10


def escaped_pick(value: str) -> str:
    """Write an entry's value so that it survives the comma-separated list of a multiple choice."""
    return value.replace("%", "%25").replace(",", "%2C")


def unescaped_pick(value: str) -> str:
    """Undo `escaped_pick`."""
    return value.strip().replace("%2C", ",").replace("%25", "%")


def drawn(field: Field, locale: str) -> tuple[list[Element], list[str]]:
    """Draw a field with its hint; the second part says what could not be shown as meant."""
    lost: list[str] = []
    element: Element = {"id": FIELD + sound(field.id), "label": label(field.label) or "…"}
    match field:
        case TextField():
            element |= {
                "type": "Input.Text",
                "maxLength": max(1, field.max_length, len(field.value)),
                **_required(field, "required", locale),
            }
            if field.multiline:
                element["isMultiline"] = True
            if field.value:
                element["value"] = sound(field.value)
        case NumberField():
            element |= _number(field, locale, lost)
        case DateField():
            element |= {"type": "Input.Date", **_required(field, "date", locale)}
            if field.value is not None:
                element["value"] = field.value.isoformat()
        case SelectField():
            element |= _select(field, locale, lost)
    hint = (
        [line(field.hint, isSubtle=True, size="Small") | {"spacing": "Small"}]
        if shown(field.hint).strip()
        else []
    )
    return [element, *hint], lost


def _required(field: Field, name: Literal["required", "date", "pick"], locale: str) -> Element:
    return {"isRequired": True, "errorMessage": word(name, locale)} if field.required else {}


def _number(field: NumberField, locale: str, lost: list[str]) -> Element:
    low, high = field.minimum, field.maximum
    element: Element = {"type": "Input.Number"}
    bounds = {
        "minimum": "" if low is None else figure(finite(low), locale),
        "maximum": "" if high is None else figure(finite(high), locale),
    }
    match low, high:
        case None, None:
            message = word("number", locale)
        case _, None:
            message = word("at_least", locale, **bounds)
        case None, _:
            message = word("at_most", locale, **bounds)
        case _:
            message = word("between", locale, **bounds)
    if low is not None:
        element["min"] = finite(low)
    if high is not None:
        element["max"] = finite(high)
    if field.required:
        element["isRequired"] = True
    if field.value:
        try:
            element["value"] = finite(
                float(field.value.replace(",", ".").replace("\u202f", "").replace("\u00a0", ""))
            )
        except ValueError:
            lost.append(f"the value of field {field.id!r} is not a number and is not shown")
    return element | {"errorMessage": message}


def _select(field: SelectField, locale: str, lost: list[str]) -> Element:
    if not field.options:
        lost.append(f"field {field.id!r} has no entries to pick from")
    write = escaped_pick if field.many else str
    few = len(field.options) <= _EXPANDED
    element: Element = {
        "type": "Input.ChoiceSet",
        "choices": [
            {"title": label(one.label) or "…", "value": write(sound(one.value))} for one in field.options
        ],
        # Type-ahead takes one entry only, so a long multiple choice is a plain list.
        "style": "expanded" if few else "compact" if field.many else "filtered",
        "wrap": True,
        **_required(field, "pick", locale),
    }
    if field.many:
        element["isMultiSelect"] = True
    if field.value:
        element["value"] = ",".join(write(sound(one)) for one in field.value)
    return element
