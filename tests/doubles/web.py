"""A person in front of the browser chat: sends what the page would send, reads what the page would show."""

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from typing import Any
from uuid import uuid4

import aiohttp

from tests.doubles.chat import alike


async def _at_once() -> None:
    return None


class WebPerson:
    """One person's talk with the bot over HTTP; `settle` waits until the bot's own messages are out.

    conversation: a channel that the person reads, such as channel:direction; by default their own talk.
    """

    def __init__(
        self,
        session: aiohttp.ClientSession,
        address: str,
        user: str,
        settle: Callable[[], Awaitable[None]] = _at_once,
        conversation: str = "",
    ) -> None:
        self._session = session
        self._address = address
        self._user = user
        self._settle = settle
        self._conversation = conversation or f"dm:{user}"
        self._messages: list[dict[str, Any]] = []
        self._modal: dict[str, Any] | None = None
        self._errors: dict[str, str] = {}
        self._opener = ""
        self._last: dict[str, Any] = {}
        self.toast = ""

    async def looks(self) -> None:
        """Read the conversation again, as the event stream would bring it."""
        await self._settle()
        query = {"as": self._user, "lang": "en"}
        async with self._session.get(f"{self._address}/web/state", params=query) as answer:
            assert answer.status == 200, f"the state was refused with {answer.status}"
            state = await answer.json()
        found = {one["id"]: one["messages"] for one in state["conversations"]}
        self._messages = found[self._conversation]

    async def says(self, text: str) -> None:
        await self._act({"kind": "message", "text": text})

    async def commands(self, words: str) -> None:
        await self.says(f"/embarque {words}")

    async def redeliver(self) -> int:
        """Send the last act once more, as a page does that never saw the answer; gives the status."""
        async with self._session.post(f"{self._address}/web/act", json=self._last) as response:
            await self.looks()
            return response.status

    async def clicks(self, label: str) -> None:
        await self.looks()
        for message, card in self._cards():
            for option in options(card):
                if alike(option["label"], label):
                    await self._submit(message, {"ref": option["ref"], "label": option["label"]})
                    return
        raise AssertionError(f"no button {label!r} among: {self.screen()}")

    async def fills(self, values: Mapping[str, str | Sequence[str]], submit: str) -> None:
        await self.looks()
        message, form = self._form()
        assert form["submit"]["label"] == submit, f"the form is sent with {form['submit']['label']!r}"
        wanted = dict(values)
        carried = {one["id"]: _carried(one, wanted.pop(one["label"], None)) for one in form["fields"]}
        assert not wanted, f"no such fields: {sorted(wanted)}"
        what = {"ref": form["submit"]["ref"], "label": submit, "values": carried}
        answer = await self._submit(message, what)
        labels = {one["id"]: one["label"] for one in form["fields"]}
        self._errors = {labels[name]: sentence for name, sentence in answer["errors"].items()}

    def screen(self) -> list[str]:
        shown = [message["text"] for message in self._messages]
        return [*shown, _words(self._modal)] if self._modal else shown

    def heard(self) -> list[str]:
        shown = [message["text"] for message in self._messages if message["author"] == "bot"]
        return [*shown, _words(self._modal)] if self._modal else shown

    def newest(self, count: int = 3) -> str:
        return "\n".join(self.screen()[-count:])

    def errors(self) -> Mapping[str, str]:
        return self._errors

    async def _submit(self, message: dict[str, Any] | None, what: dict[str, Any]) -> dict[str, Any]:
        # A form that was opened over the conversation belongs to the message whose button opened it.
        opener = self._opener if message is None else str(message["id"])
        reference = {"message": opener} if opener else {}
        answer = await self._act({"kind": "submit", **reference, **what})
        if answer["open"]:
            self._opener = opener
        if message is None and not answer["errors"] and not answer["open"]:
            self._modal = None
        return answer

    async def _act(self, what: dict[str, Any]) -> dict[str, Any]:
        body = {"id": str(uuid4()), "as": self._user, "conversation": self._conversation, **what}
        self._last = body
        async with self._session.post(f"{self._address}/web/act", json=body) as response:
            assert response.status == 200, f"the act was refused with {response.status}"
            answer: dict[str, Any] = await response.json()
        assert set(answer) == {"open", "errors", "toast"}
        self.toast = answer["toast"]
        self._errors = {}
        self._modal = answer["open"] or self._modal
        await self.looks()
        return answer

    def _cards(self) -> Iterator[tuple[dict[str, Any] | None, dict[str, Any]]]:
        if self._modal:
            yield None, self._modal
        for message in reversed(self._messages):
            if message["card"]:
                yield message, message["card"]

    def _form(self) -> tuple[dict[str, Any] | None, dict[str, Any]]:
        for message, card in self._cards():
            for block in card["blocks"]:
                if block["kind"] == "form":
                    return message, block
        raise AssertionError(f"no form among: {self.screen()}")


def options(card: dict[str, Any]) -> Iterator[dict[str, str]]:
    """The buttons of a card, in reading order."""
    for block in card["blocks"]:
        yield from block.get("options", ())


def _carried(field: dict[str, Any], given: str | Sequence[str] | None) -> str | list[str]:
    if field["kind"] != "select":
        return str(field["value"] if given is None else given)
    if given is None:
        return list(field["value"])
    values = {pick["label"]: pick["value"] for pick in field["options"]}
    return [values[label] for label in ([given] if isinstance(given, str) else given)]


def _words(card: dict[str, Any]) -> str:
    lines = [card["title"]]
    for block in card["blocks"]:
        match block["kind"]:
            case "text":
                lines.append("".join(span["text"] for span in block["spans"]))
            case "form":
                fields = (word for one in block["fields"] for word in (one["label"], one["hint"]) if word)
                lines += [*fields, f"[{block['submit']['label']}]"]
            case _:
                lines += [f"[{one['label']}]" for one in block.get("options", ())]
    return "\n".join(lines)
