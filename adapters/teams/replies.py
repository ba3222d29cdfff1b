"""What Teams is told at once when a control was used: a new card, a short line or an error bar; pure."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from adapters.teams.fields import FIELD
from adapters.teams.parts import Element, line
from adapters.teams.render import CONTENT_TYPE, render
from adapters.teams.words import word
from dialogs.activity import Reply
from dialogs.card import Card, Span, Text

_MESSAGE = "application/vnd.microsoft.activity.message"
_ERROR = "application/vnd.microsoft.error"

Answer = dict[str, Any]
"""The JSON body of an invoke's answer; the HTTP status beside it is always 200."""


def answer(reply: Reply, locale: str | None) -> Answer:
    """Draw a turn's reply to an invoke.

    A form to open replaces the card, with each error under its field; a toast beside a card becomes the
    first line of it, since only one of the two can be sent.
    """
    card = reply.open or reply.card
    if card is not None:
        if reply.toast:
            card = replace(card, blocks=(Text((Span(reply.toast),), "quiet"), *card.blocks))
        return {"statusCode": 200, "type": CONTENT_TYPE, "value": _with_errors(card, reply.errors)}
    words = "\n".join(filter(None, [reply.toast, *reply.errors.values()]))
    return {"statusCode": 200, "type": _MESSAGE, "value": words or word("done", locale)}


def failure(locale: str | None) -> Answer:
    """Say that the turn failed, without a word about why."""
    return _error(500, "ServiceError", word("failed", locale))


def unknown(locale: str | None) -> Answer:
    """Say that this kind of control means nothing to the house."""
    return _error(400, "BadRequest", word("unknown", locale))


def _error(status: int, code: str, message: str) -> Answer:
    return {"statusCode": status, "type": _ERROR, "value": {"code": code, "message": message}}


def _with_errors(card: Card, errors: Mapping[str, str]) -> dict[str, Any]:
    payload = render(card, "message").payload
    said = _said(payload["body"])
    # A card that already says it keeps its own place for the sentence.
    unsaid = {field: sentence for field, sentence in errors.items() if sentence and sentence not in said}
    body: list[Element] = []
    for element in payload["body"]:
        body.append(element)
        sentence = unsaid.pop(str(element.get("id", "")).removeprefix(FIELD), "")
        if sentence:
            body.append(_warning(sentence) | {"spacing": "None"})
    return payload | {"body": [*map(_warning, unsaid.values()), *body]}


def _said(elements: Sequence[Element]) -> str:
    """Return the words of the paragraphs, those in a box included."""
    words = (
        "".join(run["text"] for run in one.get("inlines", ())) + _said(one.get("items", ()))
        for one in elements
    )
    return "\n".join(words)


def _warning(sentence: str) -> Element:
    return line(sentence, color="Attention", weight="Bolder")
