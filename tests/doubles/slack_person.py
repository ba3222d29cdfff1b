"""A person in front of Slack: reads, types, taps, fills in; every action is a signed request of Slack's."""

import asyncio
import hashlib
import hmac
import json
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import aiohttp

from tests.doubles.chat import alike
from tests.doubles.slack import SlackDouble
from tests.doubles.slack_blocks import view_faults
from tests.doubles.slack_screen import buttons, inputs, missing, shown_words, state

Json = dict[str, Any]
FORM = "application/x-www-form-urlencoded"
ACK_SECONDS = 3.0


@dataclass(frozen=True, slots=True)
class Delivery:
    """One request of Slack: its content type and body; the signature is made anew at each try."""

    content_type: str
    body: bytes


@dataclass(slots=True)
class SlackPerson:
    """One person's conversation with the bot at `bot_url` (the address of its server, without a path).

    settle: waits until the bot's own messages are out; by default, until Slack has been quiet for a moment.
    """

    slack: SlackDouble
    bot_url: str
    user: str = "U0ADVISER"
    team: str = ""
    name: str = "Conseil en magasin"
    locale: str = "fr-CA"
    zone: str = "America/Toronto"
    settle: Callable[[], Awaitable[None]] | None = None
    channel: str = ""
    _last: Delivery | None = None
    _errors: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.team = self.team or self.slack.team
        self.channel = self.channel or self.slack.direct(self.user)
        profile = {"real_name": self.name, "email": f"{self.user.lower()}@example.com"}
        person: Json = {"id": self.user, "team_id": self.team, "name": self.name, "real_name": self.name}
        person |= {"tz": self.zone, "locale": self.locale, "deleted": False, "is_bot": False}
        self.slack.people[self.user] = {**person, "profile": profile}

    async def arrives(self) -> None:
        """Open the bot's Home tab for the first time."""
        opened = {"type": "app_home_opened", "tab": "messages", "channel": self.channel}
        await self._event({**opened, "event_ts": self.slack.stamp()})

    async def says(self, text: str) -> None:
        """Type a message to the bot."""
        written = self.slack.write(self.channel, {"user": self.user, "text": _escaped(text)})
        message = {"type": "message", "channel_type": "im", "text": written["text"], "ts": written["ts"]}
        await self._event({**message, "channel": self.channel, "event_ts": written["ts"], "team": self.team})

    async def calls(self, text: str, channel: str) -> None:
        """Mention the bot in a channel of several people."""
        written = self.slack.write(
            channel, {"user": self.user, "text": f"<@{self.slack.bot_user}> {_escaped(text)}"}
        )
        called = {"type": "app_mention", "text": written["text"], "ts": written["ts"], "team": self.team}
        await self._event({**called, "channel": channel, "event_ts": written["ts"]})

    async def commands(self, words: str) -> None:
        """Use the slash command."""
        place = {"channel_id": self.channel, "channel_name": "directmessage"}
        who = {
            "user_id": self.user,
            "user_name": self.name,
            "team_id": self.team,
            "api_app_id": self.slack.app_id,
        }
        form = {
            "command": "/embarque",
            "text": words,
            "trigger_id": self.slack.trigger(self.user),
            **who,
            **place,
        }
        answer = await self._deliver(Delivery(FORM, urlencode(form).encode()))
        if answer:
            assert answer.get("response_type", "ephemeral") == "ephemeral"
            kept: Json = {name: answer[name] for name in ("text", "blocks") if name in answer}
            self.slack.write(self.channel, {**kept, "user": self.slack.bot_user, "for": self.user})
        await self._settled()

    async def clicks(self, label: str) -> None:
        """Tap the newest button with this label that is still shown; an open modal comes first."""
        modal = self._modal()
        if modal is not None:
            if modal.get("submit", {}).get("text") == label:
                await self.fills({}, label)
                return
            if modal["close"]["text"] == label:
                self.slack.views[self.user].pop()
                return
        for holder in [*([modal] if modal else []), *reversed(self._shown())]:
            for button in buttons(holder):
                if alike(button["text"]["text"], label):
                    await self._tap(holder, button, {})
                    return
        raise AssertionError(f"no button {label!r} among:\n{self.newest(5)}")

    async def fills(self, values: Mapping[str, str | Sequence[str]], submit: str) -> None:
        """Fill the newest form (an open modal first) and send it."""
        modal = self._modal()
        holders = [modal] if modal else [one for one in self._shown() if inputs(one)]
        assert holders, f"no form among:\n{self.newest(5)}"
        form = holders[-1]
        labels = [block["label"]["text"] for block in inputs(form)]
        assert set(values) <= set(labels), f"no fields {sorted(set(values) - set(labels))}, only {labels}"
        if modal is not None and form.get("submit", {}).get("text") == submit:
            await self._submit(form, dict(values))
            return
        for button in buttons(form):
            if button["text"]["text"] == submit:
                await self._tap(form, button, dict(values))
                return
        raise AssertionError(f"no button {submit!r} in:\n{shown_words(form)}")

    async def looks(self) -> None:
        """Read the conversation as it stands now: this screen changes by itself."""
        await self._settled()

    def screen(self) -> list[str]:
        """The words of every message as shown now, oldest first; an open modal is the last one."""
        modal = self._modal()
        return [shown_words(one) for one in [*self._shown(), *([modal] if modal else [])]]

    def heard(self) -> list[str]:
        """The same without what the person typed."""
        modal = self._modal()
        said = [one for one in self._shown() if one.get("user") != self.user]
        return [shown_words(one) for one in [*said, *([modal] if modal else [])]]

    def newest(self, count: int = 3) -> str:
        """The words of the last messages."""
        return "\n".join(self.screen()[-count:])

    def errors(self) -> Mapping[str, str]:
        """Field label to sentence of the last form: under a modal's inputs, or whispered for a message's."""
        return self._errors

    async def redeliver(self, reason: str = "http_error") -> int:
        """Send the last request once more, as Slack does after no 2xx in time; gives the status."""
        assert self._last is not None
        status, _ = await self._post(self._last, {"X-Slack-Retry-Num": "1", "X-Slack-Retry-Reason": reason})
        await self._settled()
        return status

    def _shown(self) -> list[Json]:
        return [one for one in self.slack.channels[self.channel] if one.get("for", self.user) == self.user]

    def _modal(self) -> Json | None:
        stack = self.slack.views[self.user]
        return stack[-1] if stack else None

    async def _event(self, event: Json) -> None:
        outer = {"type": "event_callback", "team_id": self.team, "api_app_id": self.slack.app_id}
        identity = {"event_id": f"Ev{self.slack.stamp()}", "event_time": 1784700000, "token": "unused"}
        body = {**outer, **identity, "event": {"user": self.user, **event}}
        answer = await self._deliver(Delivery("application/json", json.dumps(body).encode()))
        assert not answer, "Slack ignores what an event is answered with"
        await self._settled()

    async def _tap(self, holder: Json, button: Json, values: dict[str, str | Sequence[str]]) -> None:
        held = state(holder, values)
        before = len(self._shown())
        action = {**button, "action_ts": self.slack.stamp()}
        payload: Json = {**self._interaction("block_actions"), "actions": [action]}
        if "ts" in holder:
            where = {"channel_id": holder["channel"], "message_ts": holder["ts"], "type": "message"}
            payload["container"] = {**where, "is_ephemeral": "for" in holder}
            payload["channel"] = {"id": holder["channel"], "name": "directmessage"}
            payload |= {"state": held} if "for" in holder else {"state": held, "message": holder}
        else:
            payload["container"] = {"type": "view", "view_id": holder["id"]}
            payload["view"] = {**holder, "state": held}
        assert not await self._interact(payload), "Slack ignores what a click is answered with"
        await self._settled()
        whispers = [shown_words(one) for one in self._shown()[before:] if "for" in one]
        self._errors = _whispered(whispers)

    async def _submit(self, view: Json, values: dict[str, str | Sequence[str]]) -> None:
        held = state(view, values)
        self._errors = missing(view, held)
        if self._errors:
            return
        payload = {
            **self._interaction("view_submission"),
            "view": {**view, "state": held},
            "response_urls": [],
        }
        answer = await self._interact(payload)
        stack = self.slack.views[self.user]
        match answer.get("response_action"):
            case "errors":
                labels = {block["block_id"]: block["label"]["text"] for block in inputs(view)}
                assert set(answer["errors"]) <= set(labels), "Slack takes errors for inputs of the view only"
                self._errors = {labels[name]: text for name, text in answer["errors"].items()}
            case "update":
                assert not view_faults(answer["view"]), view_faults(answer["view"])
                stack[-1] = self.slack.made_view(answer["view"])
            case None:
                stack.pop()
            case other:
                raise AssertionError(f"unexpected {other!r}")
        await self._settled()

    def _interaction(self, kind: str) -> Json:
        user = {"id": self.user, "username": self.name, "name": self.name, "team_id": self.team}
        here = {"team": {"id": self.team, "domain": "example"}, "api_app_id": self.slack.app_id}
        return {"type": kind, "user": user, "trigger_id": self.slack.trigger(self.user), **here}

    async def _interact(self, payload: Json) -> Json:
        return await self._deliver(Delivery(FORM, urlencode({"payload": json.dumps(payload)}).encode()))

    async def _deliver(self, delivery: Delivery) -> Json:
        self._last = delivery
        status, raw = await self._post(delivery, {})
        assert status == 200, f"the bot answered {status}"
        return dict(json.loads(raw)) if raw else {}

    async def _post(self, delivery: Delivery, extra: Mapping[str, str]) -> tuple[int, bytes]:
        timestamp = str(int(time.time()))
        base = b"v0:%s:%s" % (timestamp.encode(), delivery.body)
        digest = hmac.new(self.slack.signing_secret.encode(), base, hashlib.sha256).hexdigest()
        headers = {"X-Slack-Request-Timestamp": timestamp, "X-Slack-Signature": f"v0={digest}"}
        headers |= {"Content-Type": delivery.content_type, **extra}
        limit = aiohttp.ClientTimeout(total=ACK_SECONDS)
        async with (
            aiohttp.ClientSession(timeout=limit) as http,
            http.post(f"{self.bot_url.rstrip('/')}/slack/events", data=delivery.body, headers=headers) as got,
        ):
            return got.status, await got.read()

    async def _settled(self) -> None:
        if self.settle is not None:
            await self.settle()
            return
        seen = -1
        while seen != len(self.slack.journal) or self.slack.in_flight:
            seen = len(self.slack.journal)
            await asyncio.sleep(0.05)


def _whispered(texts: Sequence[str]) -> dict[str, str]:
    lines = (line for text in texts for line in text.splitlines() if line.startswith("• ") and " — " in line)
    pairs = (line[2:].split(" — ", 1) for line in lines)
    return {label: sentence for label, sentence in pairs}  # noqa: C416 - lists of two, not pairs


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
