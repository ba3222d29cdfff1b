"""A person in front of Teams: reads, taps, fills in; every action is the request that Teams would send."""

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

import aiohttp

from tests.doubles.chat import alike
from tests.doubles.issuer import Issuer
from tests.doubles.teams import TENANT, Message, Teams
from tests.doubles.teams_activities import activity, message, tap
from tests.doubles.teams_cards import actions, error_lines, inputs, problems, words

Json = dict[str, Any]


class TeamsPerson:
    """One person's conversation with the bot at `bot_url` (the address of its server, without a path).

    settle: waits until the bot's own messages are out; by default, until the platform has been quiet for a
    moment. old_client: taps Action.Submit, the fallback of clients that do not know Action.Execute.
    channel: a channel that the person reads; by default their one-to-one conversation.
    """

    def __init__(
        self,
        teams: Teams,
        bot_url: str,
        *,
        issuer: Issuer | None = None,
        name: str = "Conseil en magasin",
        user_id: str = "29:adviser",
        aad: str = "aad-adviser",
        tenant: str = TENANT,
        locale: str = "fr-CA",
        zone: str = "America/Toronto",
        settle: Callable[[], Awaitable[None]] | None = None,
        old_client: bool = False,
        channel: str = "",
    ) -> None:
        self._teams, self._issuer, self._old = teams, issuer, old_client
        self._url = bot_url.rstrip("/") + "/api/messages"
        self._settle = settle or teams.quiet
        teams.users[aad] = user_id
        self._channel, own = channel, teams.personal(user_id)
        self._own = own
        kind = "channel" if channel else "personal"
        self._who: Json = {
            "from": {"id": user_id, "name": name, "aadObjectId": aad},
            "conversation": {"conversationType": kind, "tenantId": tenant},
            "channelData": {"tenant": {"id": tenant}},
            "recipient": {"id": f"28:{teams.app_id or 'dev'}", "name": "Embarque"},
            "locale": locale,
            "localTimezone": zone,
            "entities": [{"type": "clientInfo", "locale": locale, "timezone": zone, "platform": "Web"}],
        }
        self._errors: dict[str, str] = {}
        self._last: Json = {}
        self.opened: list[str] = []

    @property
    def conversation(self) -> str:
        """Where the person is: in a channel, the thread that was begun last."""
        threads = [
            one for one in self._teams.conversations if self._channel and one.startswith(self._channel)
        ]
        if self._channel and not threads:
            self._teams.conversations[f"{self._channel};messageid=1"] = []
            return f"{self._channel};messageid=1"
        return threads[-1] if threads else self._own

    async def arrives(self) -> None:
        """Install the bot, which Teams tells twice, in two kinds of activity."""
        here = self._teams.service_url
        await self._deliver(activity("installationUpdate", here, action="add", **self._new()))
        added = [self._who["recipient"], self._who["from"]]
        await self._deliver(activity("conversationUpdate", here, membersAdded=added, **self._new()))
        await self._settle()

    async def says(self, text: str) -> None:
        """Type a message."""
        body = message(self._teams.service_url, text, **self._new())
        self._messages().append(Message(body["id"], text, mine=True))
        await self._deliver(body)
        await self._settle()

    async def commands(self, words: str) -> None:
        """Use a command, which on Teams is a message."""
        await self.says(words)

    async def clicks(self, label: str) -> None:
        """Tap the newest button with this label."""
        for shown in reversed(self._messages()):
            for action in actions(shown.card or {"type": "AdaptiveCard"}):
                if alike(action["title"], label):
                    await self._tap(shown, action, {})
                    return
        raise AssertionError(f"no button {label!r} among:\n{self.newest(5)}")

    async def fills(self, values: Mapping[str, str | Sequence[str]], submit: str) -> None:
        """Fill the newest form and send it."""
        shown = self._form()
        assert shown is not None, f"no form among:\n{self.newest(5)}"
        assert shown.card is not None
        labels = {one["label"]: one for one in inputs(shown.card)}
        missing = values.keys() - labels.keys()
        assert not missing, f"no fields {sorted(missing)}, only {sorted(labels)}"
        typed = {labels[label]["id"]: _typed(labels[label], value) for label, value in values.items()}
        action = next((one for one in actions(shown.card) if one["title"] == submit), None)
        assert action is not None, f"no button {submit!r} in:\n{words(shown.card)}"
        await self._tap(shown, action, typed)

    async def looks(self) -> None:
        """Read the conversation as it stands now: this screen changes by itself."""
        await self._settle()

    def screen(self) -> list[str]:
        """The words of every message, oldest first."""
        return [words(one.card) if one.card else one.text for one in self._messages()]

    def heard(self) -> list[str]:
        """The same without what the person typed."""
        return [words(one.card) if one.card else one.text for one in self._messages() if not one.mine]

    def newest(self, count: int = 3) -> str:
        """The words of the last messages."""
        return "\n".join(self.screen()[-count:])

    def errors(self) -> Mapping[str, str]:
        """Field label to sentence: what the client found, else what the bot wrote under the fields."""
        form = self._form()
        return self._errors or (error_lines(form.card) if form and form.card else {})

    async def invokes(self, name: str, value: Json) -> Json:
        """Use a control of a kind that no card of the house has; gives the bot's answer."""
        answer = await self._deliver(
            activity("invoke", self._teams.service_url, name=name, value=value, **self._new())
        )
        assert answer is not None
        return answer

    async def redeliver(self) -> int:
        """Send the last activity once more, as Teams does after a late answer; gives the status."""
        status, _ = await self._post(self._last)
        await self._settle()
        return status

    async def _tap(self, shown: Message, action: Json, typed: dict[str, str]) -> None:
        if action["type"] == "Action.OpenUrl":
            self.opened.append(action["url"])
            return
        values: dict[str, str] = {}
        self._errors = {}
        assert shown.card is not None
        if action.get("associatedInputs", "auto") == "auto":
            for one in inputs(shown.card):
                value = typed.get(one["id"], _initial(one))
                if _invalid(one, value):
                    self._errors[one["label"]] = one["errorMessage"]
                elif value:
                    values[one["id"]] = value
        if self._errors:
            return
        chosen = action["fallback"] if self._old and action["type"] == "Action.Execute" else action
        body = tap(self._teams.service_url, chosen, values, shown.id, **self._new())
        answer = await self._deliver(body)
        if answer is not None:
            self._take(shown, answer)
        await self._settle()

    def _take(self, shown: Message, answer: Json) -> None:
        assert answer["statusCode"] == 200 or answer["type"] == "application/vnd.microsoft.error", answer
        match answer["type"]:
            case "application/vnd.microsoft.card.adaptive":
                wrong = problems(answer["value"])
                assert not wrong, wrong
                shown.card = answer["value"]
            case "application/vnd.microsoft.activity.message":
                assert isinstance(answer["value"], str)
                assert answer["value"]
                self._messages().append(Message(self._teams.next_id(), answer["value"]))
            case "application/vnd.microsoft.error":
                self._messages().append(Message(self._teams.next_id(), answer["value"]["message"]))
            case other:
                raise AssertionError(f"Teams knows no answer {other!r}")

    async def _deliver(self, body: Json) -> Json | None:
        status, raw = await self._post(body)
        assert status == 200, f"the bot answered {status} to {body['type']}"
        if body["type"] == "invoke":
            answer: Json = json.loads(raw)
            return answer
        assert raw == b"", "only an invoke may be answered with a body"
        return None

    async def _post(self, body: Json) -> tuple[int, bytes]:
        self._last = body
        headers = {}
        if self._issuer is not None:
            token = self._issuer.token(self._teams.app_id, self._teams.service_url)
            headers["Authorization"] = f"Bearer {token}"
        # Teams gives up on a bot that has not answered after 15 seconds.
        timeout = aiohttp.ClientTimeout(total=15)
        async with (
            aiohttp.ClientSession(timeout=timeout) as http,
            http.post(self._url, json=body, headers=headers) as got,
        ):
            return got.status, await got.read()

    def _new(self) -> Json:
        where = {**self._who["conversation"], "id": self.conversation}
        return {"id": self._teams.next_id(), **self._who, "conversation": where}

    def _messages(self) -> list[Message]:
        return self._teams.conversations[self.conversation]

    def _form(self) -> Message | None:
        return next((one for one in reversed(self._messages()) if one.card and inputs(one.card)), None)


def _typed(element: Json, value: str | Sequence[str]) -> str:
    """What the client sends for what a person typed or picked."""
    if element["type"] == "Input.ChoiceSet":
        titles = [value] if isinstance(value, str) else list(value)
        known = {choice["title"]: choice["value"] for choice in element["choices"]}
        assert set(titles) <= known.keys(), f"{titles} not all in {sorted(known)}"
        assert element.get("isMultiSelect") or len(titles) <= 1, f"{element['label']!r} takes one entry"
        return ",".join(known[title] for title in titles)
    assert isinstance(value, str), f"{element['label']!r} is no list"
    if element["type"] == "Input.Number":
        return value.replace(",", ".")
    return value[: element.get("maxLength", len(value))]


def _initial(element: Json) -> str:
    value = element.get("value", "")
    return f"{value:g}" if isinstance(value, float) else str(value)


def _invalid(element: Json, value: str) -> bool:
    if not value.strip():
        return bool(element.get("isRequired"))
    if element["type"] != "Input.Number":
        return False
    try:
        number = float(value)
    except ValueError:
        return True
    return not element.get("min", number) <= number <= element.get("max", number)
