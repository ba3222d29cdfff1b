"""A token of Microsoft that was good before: known again, and held against all that may have changed since."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from adapters.base import Refused
from adapters.teams.app import TeamsEdge
from adapters.teams.auth import Tokens
from adapters.teams.keys import SigningKeys
from tests.doubles.issuer import Issuer, Key, with_algorithm
from tests.doubles.teams import APP_ID, TENANT
from tests.doubles.teams_activities import message

SERVICE = "https://smba.trafficmanager.net/amer/"
NOW = datetime(2026, 11, 23, 13, 30, tzinfo=UTC)
LATER = NOW + timedelta(hours=13)
"""When the keys are due to be fetched again."""


@pytest.fixture
async def issuer() -> AsyncIterator[Issuer]:
    async with Issuer() as one:
        yield one


@pytest.fixture
async def tokens(issuer: Issuer) -> Tokens:
    return Tokens(APP_ID, SigningKeys(issuer.metadata_url))


def lasting(issuer: Issuer, days: float = 2, extra: str = "") -> str:
    ends = int((NOW + timedelta(days=days)).timestamp())
    return issuer.token(APP_ID, SERVICE, now=NOW, exp=ends, extra=extra)


async def refused(tokens: Tokens, token: str, now: datetime) -> bool:
    try:
        await tokens.check(token, now)
    except Refused as error:
        return error.status == 401
    return False


async def keys_fetched_again(issuer: Issuer, tokens: Tokens, token: str) -> None:
    """Ask until the keys that were renewed behind the back of a request have come."""
    fetches = issuer.fetches
    await tokens.check(token, LATER)
    for _ in range(500):
        await asyncio.sleep(0.01 if issuer.fetches == fetches else 0)
    await asyncio.sleep(0.1)


async def test_a_known_token_ends_when_it_says_so(issuer: Issuer, tokens: Tokens) -> None:
    """Would catch a token that is good for ever once it was good."""
    token = lasting(issuer, days=1)
    for hours, over in ((0, False), (23, False), (24.01, False), (24.02, True), (23, False), (48, True)):
        assert await refused(tokens, token, NOW + timedelta(hours=hours)) is over


async def test_a_known_token_is_not_good_before_its_time_when_the_clock_is_set_back(
    issuer: Issuer, tokens: Tokens
) -> None:
    """Would catch a begin that is only looked at once."""
    token = lasting(issuer)
    assert not await refused(tokens, token, NOW)
    assert await refused(tokens, token, NOW - timedelta(hours=1))


async def test_a_known_token_falls_with_the_key_that_signed_it(issuer: Issuer, tokens: Tokens) -> None:
    """Would catch a key that Microsoft withdrew, and whose tokens go on being taken."""
    token = lasting(issuer)
    assert not await refused(tokens, token, NOW)
    issuer.rotate()
    await keys_fetched_again(issuer, tokens, lasting(issuer))
    assert await refused(tokens, token, LATER + timedelta(minutes=2))


async def test_a_known_token_falls_when_its_key_is_another_one_of_the_same_name(
    issuer: Issuer, tokens: Tokens
) -> None:
    """Would catch keys that are compared by name only."""
    token = lasting(issuer)
    assert not await refused(tokens, token, NOW)
    issuer.keys = [Key("key-1", 9)]
    await keys_fetched_again(issuer, tokens, token)
    assert await refused(tokens, token, LATER + timedelta(minutes=2))
    assert not await refused(tokens, lasting(issuer), LATER + timedelta(minutes=2))


async def test_a_known_token_lives_on_when_its_key_is_published_again_but_with_the_new_channels(
    issuer: Issuer,
) -> None:
    """Would catch a channel that Microsoft took from a key, and that its known tokens may still speak for."""
    edge = TeamsEdge(APP_ID, [TENANT], keys=SigningKeys(issuer.metadata_url))
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {lasting(issuer)}"}
    raw = json.dumps(message(SERVICE, "x")).encode()
    assert await edge.verify(await edge.admit(headers, NOW), headers, raw, NOW)
    issuer.keys = [Key("key-1", 1, ("webchat",))]
    await keys_fetched_again(issuer, edge._tokens, lasting(issuer))
    admitted = await edge.admit(headers, LATER)
    with pytest.raises(Refused, match="channel_not_endorsed"):
        await edge.verify(admitted, headers, raw, LATER)


async def test_a_known_token_speaks_only_for_its_own_service_url(issuer: Issuer) -> None:
    """Would catch a check that is left out because the token was seen before."""
    edge = TeamsEdge(APP_ID, [TENANT], keys=SigningKeys(issuer.metadata_url))
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {lasting(issuer)}"}
    for url, good in ((SERVICE, True), (SERVICE.replace("amer", "emea"), False), (SERVICE, True)):
        raw = json.dumps(message(url, "x")).encode()
        admitted = await edge.admit(headers, NOW)
        if good:
            assert await edge.verify(admitted, headers, raw, NOW)
        else:
            with pytest.raises(Refused, match="service_url_differs"):
                await edge.verify(admitted, headers, raw, NOW)


async def test_a_token_that_only_looks_like_a_known_one_is_refused(issuer: Issuer, tokens: Tokens) -> None:
    """Would catch tokens that are known by a part of them."""
    token = lasting(issuer)
    assert not await refused(tokens, token, NOW)
    head, claims, signature = token.split(".")
    other_claims = lasting(issuer, extra="x").split(".")[1]
    alike = [
        f"{head}.{other_claims}.{signature}", f"{head}.{claims}.{signature[:-8]}AAAAAAAA", f"{head}.{claims}.",
        with_algorithm(token, "none", b""), token + "A", token + "\udc80", "\ud800" + token, token[1:], f"{token}.x",
    ]  # fmt: skip
    for one in alike:
        assert await refused(tokens, one, NOW)
        assert await refused(tokens, one, NOW)
    assert not await refused(tokens, token, NOW)


async def test_tokens_for_two_apps_are_known_apart(issuer: Issuer, tokens: Tokens) -> None:
    """Would catch a memory that is shared by two bots."""
    token = lasting(issuer)
    assert not await refused(tokens, token, NOW)
    assert await refused(Tokens("another-app", SigningKeys(issuer.metadata_url)), token, NOW)


async def test_so_many_tokens_are_known_and_no_more(issuer: Issuer, tokens: Tokens) -> None:
    """Would catch a memory that grows with every token that Microsoft issues."""
    many = [lasting(issuer, extra=str(number)) for number in range(300)]
    for token in many:
        assert not await refused(tokens, token, NOW)
    assert len(tokens._known) == 256
    assert not await refused(tokens, many[0], NOW)
