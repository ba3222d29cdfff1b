"""The hand of somebody who keeps old buttons, or makes up what a button says: real requests of each platform."""

import copy
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import aiohttp

from tests.doubles.chat import Chat, alike
from tests.doubles.slack_person import Delivery, SlackPerson
from tests.doubles.slack_screen import buttons
from tests.doubles.teams import Message
from tests.doubles.teams_cards import actions
from tests.doubles.teams_person import TeamsPerson
from tests.doubles.web import WebPerson, options
from tests.world import World

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Held:
    """A button as it was once shown: it can be tapped at any later time, as on a screen that was left open."""

    chat: Chat
    message: Any
    control: Json

    @property
    def ref(self) -> str:
        """What the button says of itself to the bot."""
        match self.chat:
            case SlackPerson():
                return str(self.control["value"])
            case TeamsPerson():
                return str(self.control["data"]["ref"])
            case _:
                return str(self.control["ref"])

    async def tap(self, ref: str | None = None) -> str:
        """Tap it, with what it says replaced when `ref` is given; what the person is then told."""
        said = self.ref if ref is None else ref
        chat, before = self.chat, len(self.chat.heard())
        match chat:
            case SlackPerson():
                await chat._tap(copy.deepcopy(self.message), {**self.control, "value": said}, {})
            case TeamsPerson():
                action = {**self.control, "data": {**self.control["data"], "ref": said}}
                then = Message(self.message.id, card=copy.deepcopy(self.message.card))
                drawn = then.card
                await chat._tap(then, action, {})
                if then.card is not drawn:
                    now = next(one for one in chat._messages() if one.id == then.id)
                    now.card = then.card
            case WebPerson():
                await chat._submit(self.message, {"ref": said, "label": self.control["label"]})
        news = [*chat.heard()[before:], getattr(chat, "toast", "")]
        return "\n".join(filter(None, news)) or "\n".join(chat.heard())


def hold(chat: Chat, label: str) -> Held:
    """The newest button with this label, as it is now."""
    for message, control, words in _controls(chat):
        if alike(words, label):
            return Held(chat, copy.deepcopy(message), copy.deepcopy(control))
    raise AssertionError(f"no button {label!r} among:\n{chat.newest(5)}")


def _controls(chat: Chat) -> list[tuple[Any, Json, str]]:
    match chat:
        case SlackPerson():
            return [
                (one, button, button["text"]["text"])
                for one in reversed(chat._shown())
                for button in buttons(one)
            ]
        case TeamsPerson():
            shown = [one for one in reversed(chat._messages()) if one.card]
            return [(one, action, action["title"]) for one in shown for action in actions(one.card or {})]
        case WebPerson():
            return [(one, option, option["label"]) for one, card in chat._cards() for option in options(card)]
        case _:
            raise AssertionError("a platform without a hand")


async def without_proof(world: World, chat: Chat) -> tuple[int, bytes]:
    """The last request of this person again, by somebody who cannot prove to be the platform; the answer."""
    match chat:
        case SlackPerson(_last=Delivery() as last):
            url, body, kind = f"{world.url}/slack/events", last.body, last.content_type
            headers: Mapping[str, str] = {"Content-Type": kind}
        case TeamsPerson():
            url, body = f"{world.url}/api/messages", json.dumps(chat._last).encode()
            headers = {"Content-Type": "application/json"}
        case WebPerson():
            url, body = f"{world.url}/web/act", json.dumps(chat._last).encode()
            headers = {"Content-Type": "application/json", "Origin": "https://elsewhere.example"}
        case _:
            raise AssertionError("a platform without a door")
    async with aiohttp.ClientSession() as http, http.post(url, data=body, headers=headers) as got:
        return got.status, await got.read()
