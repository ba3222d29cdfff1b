"""Who gets through the door of Teams: every row of the authentication table."""

import asyncio
import base64
import json
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import jwt
import pytest
from cryptography.hazmat.primitives import serialization

from adapters.base import Refused
from adapters.teams.app import TeamsEdge
from adapters.teams.keys import SigningKeys
from dialogs.activity import Activity, Reply
from tests.doubles.issuer import Issuer, Key, private_key, signed, with_algorithm
from tests.doubles.teams import APP_ID, TENANT
from tests.doubles.teams_activities import activity, message
from tests.doubles.teams_door import door

SERVICE = "https://smba.trafficmanager.net/amer/"
NOW = datetime(2026, 11, 23, 13, 30, tzinfo=UTC)


class Bot:
    """The edge behind HTTP, and the activities that came through it."""

    def __init__(self, url: str, issuer: Issuer, seen: list[Activity]) -> None:
        self.url, self.issuer, self.seen = url, issuer, seen

    def token(self, **changes: Any) -> str:
        return self.issuer.token(APP_ID, SERVICE, **changes)

    async def post(
        self,
        token: str | None,
        body: Any = None,
        *,
        scheme: str = "Bearer",
        raw: bytes | None = None,
        content_type: str = "application/json",
    ) -> tuple[int, bytes]:
        head = {"Content-Type": content_type}
        if token is not None:
            head["Authorization"] = f"{scheme} {token}"
        data = raw if raw is not None else json.dumps(body or message(SERVICE, "Bonjour")).encode()
        async with (
            aiohttp.ClientSession() as http,
            http.post(f"{self.url}api/messages", data=data, headers=head) as got,
        ):
            return got.status, await got.read()


@pytest.fixture
async def bot() -> AsyncIterator[Bot]:
    seen: list[Activity] = []

    async def turn(one: Activity) -> Reply:
        seen.append(one)
        return Reply()

    async with Issuer() as issuer:
        edge = TeamsEdge(APP_ID, [TENANT], keys=SigningKeys(issuer.metadata_url))
        async with door(edge, turn) as url:
            yield Bot(url, issuer, seen)


async def test_a_message_of_microsoft_comes_through(bot: Bot) -> None:
    assert await bot.post(bot.token()) == (200, b"")
    assert [one.text for one in bot.seen] == ["Bonjour"]


def _hs256(bot: Bot) -> str:
    pem = (
        private_key(1)
        .public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    )
    good = bot.token()
    text = with_algorithm(good, "HS256", b"").rsplit(".", 1)[0]
    return with_algorithm(good, "HS256", jwt.get_algorithm_by_name("HS256").sign(text.encode(), pem))


def _hour(offset: float) -> int:
    return int(time.time() + offset)


BAD_TOKENS: dict[str, Callable[[Bot], str]] = {
    "garbage": lambda bot: "garbage",
    "three empty parts": lambda bot: "..",
    "deeply nested header": lambda bot: base64.urlsafe_b64encode(b"[" * 3000).decode() + ".e30.AA",
    "deeply nested claims": lambda bot: _nested(),
    "wrong audience": lambda bot: bot.issuer.token("another-app", SERVICE),
    "audience as a list": lambda bot: bot.token(aud=[APP_ID]),
    "no audience": lambda bot: bot.token(drop=("aud",)),
    "wrong issuer": lambda bot: bot.token(iss="https://sts.windows.net/x/"),
    "issuer of the emulator": lambda bot: bot.token(
        iss="https://login.microsoftonline.com/botframework.com/v2.0"
    ),
    "issuer as a list": lambda bot: bot.token(iss=["https://api.botframework.com"]),
    "no issuer": lambda bot: bot.token(drop=("iss",)),
    "service URL differs": lambda bot: bot.issuer.token(APP_ID, "https://smba.trafficmanager.net/emea/"),
    "no service URL": lambda bot: bot.token(drop=("serviceurl",)),
    "expired": lambda bot: bot.token(exp=_hour(-120)),
    "no expiry": lambda bot: bot.token(drop=("exp",)),
    "expiry as text": lambda bot: bot.token(exp="9999999999"),
    "expiry true": lambda bot: bot.token(exp=True),
    "expiry infinite": lambda bot: bot.token(exp=float("inf")),
    "not yet valid": lambda bot: bot.token(nbf=_hour(600)),
    "no begin": lambda bot: bot.token(drop=("nbf",)),
    "unknown key": lambda bot: bot.token(key=Key("key-9", 1)),
    "no key id": lambda bot: bot.token(headers={"kid": None}),
    "key id as a number": lambda bot: bot.token(headers={"kid": 1}),
    "another signer": lambda bot: bot.token(key=Key("key-1", 7)),
    "bad signature": lambda bot: bot.token()[:-6] + "AAAAAA",
    "no signature": lambda bot: bot.token().rsplit(".", 1)[0] + ".",
    "algorithm none": lambda bot: with_algorithm(bot.token(), "none", b""),
    "HS256 with the public key": _hs256,
    "claims that are a list": lambda bot: signed([1], private_key(1), {"kid": "key-1"}),
}


def _nested() -> str:
    head = (
        base64.urlsafe_b64encode(json.dumps({"alg": "RS256", "kid": "key-1"}).encode()).decode().rstrip("=")
    )
    return f"{head}.{base64.urlsafe_b64encode(b'[' * 3000).decode().rstrip('=')}.AA"


@pytest.mark.parametrize("name", BAD_TOKENS)
async def test_a_bad_token_is_turned_away_with_an_empty_401(bot: Bot, name: str) -> None:
    """The library behind the stock adapter answers 500 to half of these, and lets some in."""
    token = BAD_TOKENS[name](bot)
    assert await bot.post(token) == (401, b"")
    assert bot.seen == []


@pytest.mark.parametrize(("token", "scheme"), [(None, ""), ("x", "Basic"), ("", "Bearer"), ("x", "")])
async def test_without_a_bearer_token_the_body_is_not_looked_at(
    bot: Bot, token: str | None, scheme: str
) -> None:
    """Catches parsing before authentication, which let one stranger stop the loop for seconds."""
    started = time.process_time()
    assert await bot.post(token, raw=b'{"membersAdded":[' + b"{}," * 80000 + b"{}]}", scheme=scheme) == (
        401,
        b"",
    )
    assert time.process_time() - started < 1
    assert bot.issuer.fetches == 0


async def test_a_key_that_may_not_speak_for_teams_is_refused(bot: Bot) -> None:
    for number, endorsements in enumerate((None, (), ("webchat",)), 2):
        key = Key(f"key-{number}", number, endorsements)
        bot.issuer.keys = [key]
        edge = TeamsEdge(APP_ID, [TENANT], keys=SigningKeys(bot.issuer.metadata_url))
        headers = {
            "content-type": "application/json",
            "authorization": f"Bearer {bot.token(now=NOW, key=key)}",
        }
        admitted = await edge.admit(headers, NOW)
        with pytest.raises(Refused) as refused:
            await edge.verify(admitted, headers, json.dumps(message(SERVICE, "x")).encode(), NOW)
        assert refused.value.status == 401


async def test_a_token_is_good_within_a_minute_of_clock_difference(bot: Bot) -> None:
    assert (await bot.post(bot.token(exp=_hour(-40))))[0] == 200
    assert (await bot.post(bot.token(nbf=_hour(40))))[0] == 200


BAD_BODIES: dict[str, tuple[int, Callable[[], bytes]]] = {
    "no service URL": (400, lambda: _body(serviceUrl=None)),
    "no channel": (400, lambda: _body(channelId=None)),
    "no conversation": (400, lambda: _body(conversation=None)),
    "no type": (400, lambda: _body(type=None)),
    "no sender": (400, lambda: _body(**{"from": None})),
    "sender as text": (400, lambda: _body(**{"from": "29:adviser"})),
    "conversation id as a number": (400, lambda: _body(conversation={"id": 5})),
    "bad timestamp": (400, lambda: _body(timestamp="yesterday")),
    "members as an object": (400, lambda: _body(membersAdded={"id": "x"})),
    "malformed": (400, lambda: b'{"type":'),
    "empty": (400, lambda: b""),
    "a list": (400, lambda: b"[]"),
    "not UTF-8": (400, lambda: b'{"type":"\xff"}'),
    "too deep": (400, lambda: _body(value=_deep(40))),
    "far too deep": (400, lambda: b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}"),
    "too many items": (400, lambda: _body(membersAdded=[{}] * 1001)),
    "another channel": (401, lambda: _body(channelId="emulator")),
    "another service URL": (401, lambda: _body(serviceUrl="https://smba.trafficmanager.net/emea/")),
    "a host that is not Microsoft's": (401, lambda: _body(serviceUrl="https://evil.example/")),
    "a foreign tenant": (403, lambda: _tenant("foreign", "foreign")),
    "two tenants": (403, lambda: _tenant(TENANT, "foreign")),
    "no tenant": (403, lambda: _body(conversation={"id": "a:1"}, channelData={})),
    "too large": (413, lambda: _body(text="x" * 300_000)),
}


def _body(**changes: Any) -> bytes:
    return json.dumps(activity("message", SERVICE, **({"text": "Bonjour"} | changes))).encode()


def _tenant(data: str, conversation: str) -> bytes:
    return _body(channelData={"tenant": {"id": data}}, conversation={"id": "a:1", "tenantId": conversation})


def _deep(levels: int) -> Any:
    return {"a": _deep(levels - 1)} if levels else 1


@pytest.mark.parametrize("name", BAD_BODIES)
async def test_a_bad_body_never_reaches_a_turn(bot: Bot, name: str) -> None:
    """The stock adapter answers 500 to malformed bodies and accepts foreign tenants and missing fields."""
    status, make = BAD_BODIES[name]
    got, body = await bot.post(bot.token(), raw=make())
    assert (got, body if status != 413 else b"") == (status, b"")
    assert bot.seen == []


@pytest.mark.parametrize("kind", ["text/plain", "application/jsonp", "multipart/form-data", ""])
async def test_only_json_is_read(bot: Bot, kind: str) -> None:
    assert await bot.post(bot.token(), content_type=kind) == (415, b"")
    assert (await bot.post(bot.token(), content_type="application/json; charset=utf-8"))[0] == 200


async def test_a_new_key_of_microsoft_is_taken_up_at_once(bot: Bot) -> None:
    """The stock adapter answers 500 for up to a day after a key changed."""
    assert (await bot.post(bot.token()))[0] == 200
    keys = SigningKeys(bot.issuer.metadata_url)
    assert await keys.find("key-1", NOW)
    bot.issuer.rotate()
    later = NOW + timedelta(hours=5)
    assert len(await keys.find("key-2", later)) == 1
    assert await keys.find("key-1", later) == ()


async def test_a_slow_issuer_does_not_stop_the_loop(bot: Bot) -> None:
    """The stock adapter fetches keys with a blocking call: two seconds there stopped it for four."""
    tokens = [bot.token() for _ in range(5)]
    bot.issuer.delay = 1.5
    longest = 0.0

    async def probe() -> None:
        nonlocal longest
        while True:
            before = time.perf_counter()
            await asyncio.sleep(0.01)
            longest = max(longest, time.perf_counter() - before)

    watching = asyncio.create_task(probe())
    statuses = [status for status, _ in await asyncio.gather(*map(bot.post, tokens))]
    watching.cancel()
    assert (statuses, bot.issuer.fetches) == ([200] * 5, 1)
    assert longest < 1.2


async def test_two_keys_of_one_id_are_both_tried(bot: Bot) -> None:
    bot.issuer.keys = [Key("key-1", 3), Key("key-1", 1)]
    assert (await bot.post(bot.token(key=replace(Key("key-1", 1)))))[0] == 200


def test_without_an_app_id_or_a_tenant_the_edge_does_not_start() -> None:
    with pytest.raises(ValueError, match="TEAMS_APP_ID"):
        TeamsEdge("", [TENANT])
    with pytest.raises(ValueError, match="TEAMS_TENANT_ID"):
        TeamsEdge(APP_ID, [])


async def test_in_development_only_this_machine_is_answered() -> None:
    """Catches the open relay: without authentication, any service URL would get the bot's posts."""
    edge = TeamsEdge("", [], dev=True)
    headers = {"Content-Type": "application/json"}
    for url, status in (
        ("http://127.0.0.1:3978/", 200),
        ("http://localhost:56150", 200),
        (SERVICE, 401),
        ("http://127.0.0.1@evil.example/", 401),
        ("http://169.254.169.254/", 401),
        ("http://10.0.0.5/", 401),
    ):
        raw = json.dumps(message(url, "x")).encode()
        try:
            await edge.verify(await edge.admit(headers, NOW), headers, raw, NOW)
            got = 200
        except Refused as refused:
            got = refused.status
        assert (url, got) == (url, status)
