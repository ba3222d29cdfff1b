"""What Slack is told after a turn: the answer in the acknowledgement, a modal, or a whisper to the person."""

import asyncio
import logging
from collections.abc import Mapping
from typing import Any

from adapters.base import Destination, SendError
from adapters.markup import shortened, slack_text
from adapters.slack.origin import Origin
from adapters.slack.outbound import MAX_WHISPER, SlackOutbound, whisper
from adapters.slack.render import render
from dialogs.activity import Activity, Kind, Reply
from dialogs.card import Card

OPEN_SECONDS = 1.2
"""For each call: Slack waits 3 s for the acknowledgement, so two must fit; a trigger lives as long."""

_log = logging.getLogger(__name__)


class Answers:
    """Carries out a turn's Reply. The turn has committed, so nothing here may fail the request."""

    def __init__(self, outbound: SlackOutbound) -> None:
        self._outbound = outbound

    async def give(self, asked: Activity, body: Mapping[str, Any], reply: Reply) -> dict[str, Any]:
        """Do what comes before the acknowledgement and return what that carries (empty for a bare one)."""
        if body.get("type") == "view_submission":
            return await self._after_form(asked, body, reply)
        if reply.open is not None:
            await self._open(asked, body, reply.open)
        words = _words(body, reply)
        if not words:
            return {}
        if asked.kind is Kind.COMMAND:
            words = shortened(words, MAX_WHISPER)
            return {"response_type": "ephemeral", "text": slack_text(words), "blocks": whisper(words)}
        await self._whisper(asked, words)
        return {}

    async def _after_form(self, asked: Activity, body: Mapping[str, Any], reply: Reply) -> dict[str, Any]:
        if reply.errors and (sentences := _on_inputs(body["view"], reply.errors)):
            return {"response_action": "errors", "errors": sentences}
        words = _words(body, reply)
        if words:
            await self._whisper(asked, words)
        if reply.open is not None:
            return {"response_action": "update", "view": _view(asked, reply.open)}
        return {}

    async def _open(self, asked: Activity, body: Mapping[str, Any], card: Card) -> None:
        """Open the form as a modal, or post it as a message when the trigger is gone."""
        trigger = body.get("trigger_id")
        if isinstance(trigger, str) and trigger:
            opening = self._outbound.open_view(trigger, _view(asked, card), on_top="view" in body)
            if await self._done(opening, "views.open"):
                return
        private = "" if asked.place.shared else asked.place.conversation
        to = Destination(asked.tenant, user=asked.actor, conversation=private)
        await self._done(self._outbound.send(to, card, f"form-{asked.event_id}"), "chat.postMessage")

    async def _whisper(self, asked: Activity, words: str) -> None:
        sending = self._outbound.ephemeral(asked.place.conversation, asked.actor, words)
        await self._done(sending, "chat.postEphemeral")

    async def _done(self, call: Any, method: str) -> bool:
        try:
            await asyncio.wait_for(call, OPEN_SECONDS)
        except SendError as error:
            _log.warning("Slack did not do %s: %s", method, error.reason)
            return False
        except TimeoutError:
            _log.warning("Slack did not do %s in time", method)
            return False
        return True


def _view(asked: Activity, card: Card) -> dict[str, Any]:
    view = render(card, "modal").payload
    ref = Origin.of_view(view).ref
    return {**view, "private_metadata": Origin(asked.place.conversation, asked.message or "", ref).metadata()}


def _words(body: Mapping[str, Any], reply: Reply) -> str:
    """Put the toast and the error sentences, each with the name of its field, into one text."""
    labels = {one["block_id"]: _label(one) for one in _inputs(body.get("view") or body.get("message"))}
    errors = (f"• {labels.get(name) or name} — {sentence}" for name, sentence in reply.errors.items())
    return "\n".join(filter(None, (reply.toast, *errors)))


def _on_inputs(view: object, errors: Mapping[str, str]) -> dict[str, str]:
    """Sentences by block id; those for no input of the view join the first one's, as Slack takes no other."""
    names = [one["block_id"] for one in _inputs(view)]
    placed = {name: errors[name] for name in names if name in errors}
    rest = [sentence for name, sentence in errors.items() if name not in placed]
    if names and rest:
        placed[names[0]] = " ".join(filter(None, (placed.get(names[0], ""), *rest)))
    return placed


def _inputs(holder: object) -> list[Mapping[str, Any]]:
    blocks = holder.get("blocks") if isinstance(holder, Mapping) else None
    found = (one for one in blocks if isinstance(one, Mapping)) if isinstance(blocks, list) else ()
    return [one for one in found if one.get("type") == "input" and isinstance(one.get("block_id"), str)]


def _label(block: Mapping[str, Any]) -> str:
    label = block.get("label")
    return str(label.get("text", "")) if isinstance(label, Mapping) else ""
