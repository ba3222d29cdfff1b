"""Row 12: a question of the impact dialog drawn for Slack, beside the models of slack_sdk."""

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from adapters.slack.render import render
from bench.interviews import one_impact
from bench.table import Figures, Part, Row, Size
from dialogs.card import Card


def question() -> Card:
    """The question of the dialog with the most to tap."""
    return max((step.card for step in one_impact()), key=lambda card: sum(1 for _ in card.options()))


def ours(folder: Path, size: Size) -> Figures:
    """One round: µs of processor time a card."""
    del folder
    card = question()
    return {"us": _each(lambda: render(card, "message"), size)}


def sdk(folder: Path, size: Size) -> Figures:
    """One round: the very same blocks from the models of slack_sdk, which check them."""
    from slack_sdk.models import blocks as m  # noqa: PLC0415 - nothing of ours needs the models

    del folder
    wanted = render(question(), "message").payload["blocks"]

    def plain(given: dict[str, Any]) -> m.PlainTextObject:
        return m.PlainTextObject(text=given["text"], emoji=given["emoji"])

    def drawn(block: dict[str, Any]) -> m.Block:
        match block["type"]:
            case "rich_text":
                texts = [one["text"] for each in block["elements"] for one in each["elements"]]
                parts = [m.RichTextElementParts.Text(text=text) for text in texts]
                return m.RichTextBlock(elements=[m.RichTextSectionElement(elements=list(parts))])
            case "context":
                return m.ContextBlock(elements=[plain(one) for one in block["elements"]])
            case _:
                buttons = [
                    m.ButtonElement(text=plain(one["text"]), action_id=one["action_id"], value=one["value"])
                    for one in block["elements"]
                ]
                return m.ActionsBlock(block_id=block["block_id"], elements=list(buttons))

    def draw() -> list[dict[str, Any]]:
        return [drawn(block).to_dict() for block in wanted]

    if _sorted(draw()) != _sorted(wanted):
        raise AssertionError("the two do not draw the same card")
    return {"us": _each(draw, size)}


def _sorted(blocks: list[dict[str, Any]]) -> str:
    return json.dumps(blocks, sort_keys=True)


def _each(draw: Callable[[], object], size: Size) -> float:
    repeats = size.of(2000, 500, 20)
    draw()
    began = time.process_time()
    for _ in range(repeats):
        draw()
    return (time.process_time() - began) / repeats * 1e6


PART = Part(
    (
        Row("12", "render a card", "ours.us", 50, 10, "µs"),
        Row("12", "the same ÷ slack_sdk models", "ours.us", 0.1, 0.02, "µs", "slack_sdk.us"),
    ),
    {"ours": ours, "slack_sdk": sdk},
)
