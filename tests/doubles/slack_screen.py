"""What a person sees of Slack's blocks: their words, their buttons, their fields and what these hold."""

from collections.abc import Iterator, Sequence
from typing import Any

Json = dict[str, Any]


def shown_words(holder: Json) -> str:
    """The words of a message or a view, a line a block; the text alone where there are no blocks."""
    lines = [_block_words(block) for block in holder.get("blocks", [])]
    title = [holder["title"]["text"]] if "title" in holder else []
    submit = [f"[{holder['submit']['text']}]"] if "submit" in holder else []
    return "\n".join(line for line in [*title, *lines, *submit] if line) or _unescaped(holder.get("text", ""))


def buttons(holder: Json) -> Iterator[Json]:
    """The buttons in its blocks, each with the id of its block."""
    for block in holder.get("blocks", []):
        if block["type"] == "actions":
            for element in block["elements"]:
                yield {**element, "block_id": block["block_id"]}


def inputs(holder: Json) -> list[Json]:
    """The input blocks, in order."""
    return [block for block in holder.get("blocks", []) if block["type"] == "input"]


def state(holder: Json, typed: dict[str, str | Sequence[str]]) -> Json:
    """What Slack sends as `state`: every input with what it came filled with or what was typed, by label."""
    values: Json = {}
    for block in inputs(holder):
        element = block["element"]
        label = block["label"]["text"]
        held = _filled(element, typed[label]) if label in typed else _initial(element)
        values[block["block_id"]] = {element["action_id"]: {"type": element["type"], **held}}
    return {"values": values}


def missing(holder: Json, held: Json) -> dict[str, str]:
    """What Slack's own client says of a modal's required fields that were left empty."""
    return {
        block["label"]["text"]: "Please complete this required field."
        for block in inputs(holder)
        if not block.get("optional", False) and not _answered(held["values"][block["block_id"]])
    }


def _answered(elements: Json) -> bool:
    return all(any(value for name, value in one.items() if name != "type") for one in elements.values())


def _filled(element: Json, value: str | Sequence[str]) -> Json:
    match element["type"]:
        case "plain_text_input":
            assert isinstance(value, str)
            assert len(value) <= element.get("max_length", 3000), "Slack's client takes no more characters"
            return {"value": value or None}
        case "number_input":
            assert isinstance(value, str)
            return {"value": value.replace(",", ".") or None}
        case "datepicker":
            return {"selected_date": value or None}
        case "radio_buttons" | "static_select":
            return {"selected_option": _picked(element, value) if value else None}
        case _:
            labels = [value] if isinstance(value, str) else list(value)
            assert len(labels) <= element.get("max_selected_items", len(labels)), "Slack's client stops here"
            return {"selected_options": [_picked(element, label) for label in labels]}


def _picked(element: Json, label: Any) -> Json:
    found = [one for one in element["options"] if one["text"]["text"] == label]
    assert found, f"no entry {label!r} among {[one['text']['text'] for one in element['options']]}"
    return dict(found[0])


def _initial(element: Json) -> Json:
    match element["type"]:
        case "plain_text_input" | "number_input":
            return {"value": element.get("initial_value")}
        case "datepicker":
            return {"selected_date": element.get("initial_date")}
        case "radio_buttons" | "static_select":
            return {"selected_option": element.get("initial_option")}
        case _:
            return {"selected_options": element.get("initial_options", [])}


def _block_words(block: Json) -> str:
    match block["type"]:
        case "header":
            return str(block["text"]["text"])
        case "context":
            return " ".join(one["text"] for one in block["elements"])
        case "rich_text":
            parts = (one for part in block["elements"] for one in part["elements"])
            return "".join(str(one.get("text", "")) for one in parts)
        case "image":
            return str(block["alt_text"])
        case "table":
            return "\n".join(" | ".join(cell["text"] for cell in row) for row in block["rows"])
        case "data_visualization":
            series = "\n".join(
                f"{one['name']}: " + ", ".join(f"{point['label']} {point['value']}" for point in one["data"])
                for one in block["chart"]["series"]
            )
            return f"{block['title']}\n{series}"
        case "input":
            hint = block.get("hint", {}).get("text", "")
            options = [one["text"]["text"] for one in block["element"].get("options", [])]
            return "\n".join(filter(None, [block["label"]["text"], hint, " · ".join(options)]))
        case "actions":
            return " ".join(f"[{one['text']['text']}]" for one in block["elements"])
        case other:
            raise AssertionError(f"nobody draws {other!r}")


def _unescaped(text: str) -> str:
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
