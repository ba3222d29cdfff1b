"""What a person entered: Slack's `state.values` as field id to value."""

from collections.abc import Mapping
from typing import Any

from adapters.markup import clean
from dialogs.activity import FieldValue

MAX_VALUE = 3000
MAX_CHOICE = 150


def field_values(state: object) -> dict[str, FieldValue]:
    """Read the state of a message or a view; a field left empty is "" (or () where several may be picked).

    The block id of an input is the field's id, and each of our inputs holds one element.
    """
    blocks = state.get("values") if isinstance(state, Mapping) else None
    if not isinstance(blocks, Mapping):
        return {}
    found: dict[str, FieldValue] = {}
    for field_id, elements in blocks.items():
        element = next(iter(elements.values()), None) if isinstance(elements, Mapping) else None
        value = _value(element) if isinstance(element, Mapping) else None
        if isinstance(field_id, str) and value is not None:
            found[field_id] = value
    return found


def _value(element: Mapping[str, Any]) -> FieldValue | None:
    match element.get("type"):
        case "plain_text_input" | "number_input":
            return _cleaned(element.get("value"), MAX_VALUE)
        case "datepicker":
            return _cleaned(element.get("selected_date"), MAX_CHOICE)
        case "radio_buttons" | "static_select":
            return _picked(element.get("selected_option"))
        case "checkboxes" | "multi_static_select":
            options = element.get("selected_options")
            return tuple(map(_picked, options)) if isinstance(options, list) else ()
        case _:
            return None


def _picked(option: object) -> str:
    return _cleaned(option.get("value"), MAX_CHOICE) if isinstance(option, Mapping) else ""


def _cleaned(value: object, limit: int) -> str:
    return clean(value, limit) if isinstance(value, str) else ""
