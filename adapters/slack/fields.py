"""Forms: each field as an input block whose block id is the field's id."""

import math
import re
from typing import assert_never

from adapters.markup import shortened, visible
from adapters.slack.sheet import MAX_ID, BlockKit, Sheet
from dialogs.card import DateField, Field, NumberField, Pick, SelectField, TextField

MAX_LABEL = 2000
MAX_INPUT = 3000
MAX_OPTION_LABEL = 75
MAX_OPTION_VALUE = 150
MAX_SHORT_LIST = 10
MAX_NUMBER = 40
MAX_LIST = 100
NO_VALUE = "-"

_NUMBER = re.compile(r"-?[0-9]{1,30}(?:\.[0-9]{1,10})?", re.ASCII)


def draw_field(sheet: Sheet, field: Field, action_id: str) -> None:
    """Draw one field. action_id: new for each question, as Slack keeps what was typed under an old one."""
    element = _element(sheet, field)
    if element is None:
        sheet.note(f"the list {field.id!r} has no entries")
        sheet.rich([(field.label, False)])
        return
    block_id = sheet.block_id(field.id)
    if block_id != field.id:
        sheet.note(f"the field id {shortened(field.id, MAX_ID)!r} is empty, too long or used twice")
    block: BlockKit = {
        "type": "input",
        "block_id": block_id,
        "label": sheet.plain(field.label, MAX_LABEL, f"the label of field {field.id!r}"),
        "optional": not field.required,
        "element": {**element, "action_id": action_id},
    }
    if visible(field.hint).strip():
        block["hint"] = sheet.plain(field.hint, MAX_LABEL, f"the hint of field {field.id!r}")
    sheet.blocks.append(block)


def _element(sheet: Sheet, field: Field) -> BlockKit | None:
    match field:
        case TextField():
            return _text(sheet, field)
        case NumberField():
            return _number(sheet, field)
        case DateField():
            initial = {"initial_date": field.value.isoformat()} if field.value else {}
            return {"type": "datepicker", **initial}
        case SelectField():
            return _select(sheet, field)
        case _:
            assert_never(field)


def _text(sheet: Sheet, field: TextField) -> BlockKit:
    # A text that was refused for its length comes back whole, to be shortened: nothing typed is lost.
    most = min(max(field.max_length, len(visible(field.value)), 1), MAX_INPUT)
    if field.max_length > MAX_INPUT:
        sheet.note(f"the field {field.id!r} takes more than {MAX_INPUT} characters")
    value = visible(field.value)
    if len(value) > most:
        sheet.note(f"the field {field.id!r} comes filled with more than it takes")
        value = value[:most]
    initial = {"initial_value": value} if value.strip() else {}
    return {"type": "plain_text_input", "multiline": field.multiline, "max_length": most, **initial}


def _number(sheet: Sheet, field: NumberField) -> BlockKit:
    if sheet.surface != "modal":
        # Slack supports number_input in modals only; elsewhere its mobile apps cannot display the message.
        return _text(sheet, TextField(field.id, field.label, max_length=MAX_NUMBER, value=field.value))
    element: BlockKit = {"type": "number_input", "is_decimal_allowed": True}
    low, high = field.minimum, field.maximum
    if low is not None and high is not None and low > high:
        sheet.note(f"the field {field.id!r} has a minimum above its maximum")
        low = high = None
    for name, limit in (("min_value", low), ("max_value", high)):
        if limit is not None and math.isfinite(limit):
            element[name] = _digits(limit)
    value = field.value.strip().replace(",", ".")
    if not value:
        return element
    fits = _NUMBER.fullmatch(value) is not None
    if fits and (low is None or float(value) >= low) and (high is None or float(value) <= high):
        element["initial_value"] = value
    else:
        sheet.note(f"the field {field.id!r} comes filled with something that is no number within its limits")
    return element


def _digits(value: float) -> str:
    value = round(value, 10)  # so that next to nothing is written as 0, not as "0."
    return f"{value:.0f}" if value == int(value) else f"{value:.10f}".rstrip("0")


def _select(sheet: Sheet, field: SelectField) -> BlockKit | None:
    if len(field.options) > MAX_LIST:
        sheet.note(f"the list {field.id!r} has more than {MAX_LIST} entries")
    picks = field.options[:MAX_LIST]
    options = [_option(sheet, field, pick) for pick in picks]
    chosen = [option for option, pick in zip(options, picks, strict=True) if pick.value in field.value]
    is_short = len(options) <= MAX_SHORT_LIST
    if not options:
        return None
    if not field.many:
        initial = {"initial_option": chosen[0]} if chosen else {}
        return {"type": "radio_buttons" if is_short else "static_select", "options": options, **initial}
    # Checkboxes have no upper limit of their own: the server counts.
    most = {"max_selected_items": field.max_picks} if field.max_picks > 0 and not is_short else {}
    chosen = chosen[: field.max_picks] if most else chosen
    many_initial = {"initial_options": chosen} if chosen else {}
    kind = "checkboxes" if is_short else "multi_static_select"
    return {"type": kind, "options": options, **most, **many_initial}


def _option(sheet: Sheet, field: SelectField, pick: Pick) -> BlockKit:
    label = sheet.plain(pick.label, MAX_OPTION_LABEL, f"an entry of the list {field.id!r}")
    value = visible(pick.value)
    if value != pick.value or not 1 <= len(value) <= MAX_OPTION_VALUE:
        sheet.note(f"the list {field.id!r} has an entry whose value is empty, too long or undrawable")
        value = value[:MAX_OPTION_VALUE] or NO_VALUE
    return {"text": label, "value": value}
