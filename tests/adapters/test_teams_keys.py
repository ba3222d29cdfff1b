"""Microsoft's signing keys: fetched rarely, kept through every trouble of the issuer."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from adapters.base import Refused
from adapters.teams.keys import SigningKeys
from tests.doubles.issuer import Issuer

NOW = datetime(2026, 11, 23, 13, 30, tzinfo=UTC)


async def test_unknown_keys_cost_one_fetch_a_minute_however_many_ask(issuer: Issuer) -> None:
    keys = SigningKeys(issuer.metadata_url)
    issuer.delay = 0.1
    found = await asyncio.gather(*(keys.find(f"x{number}", NOW) for number in range(50)))
    assert (set(found), issuer.fetches) == ({()}, 1)
    await keys.find("y", NOW + timedelta(seconds=59))
    assert issuer.fetches == 1
    await keys.find("y", NOW + timedelta(seconds=60))
    assert issuer.fetches == 2


@pytest.fixture
async def issuer() -> AsyncIterator[Issuer]:
    async with Issuer() as one:
        yield one


@pytest.mark.parametrize("broken", ["down", "garbage", "empty"])
async def test_kept_keys_serve_while_the_issuer_is_broken(
    issuer: Issuer, broken: str, caplog: pytest.LogCaptureFixture
) -> None:
    keys = SigningKeys(issuer.metadata_url)
    assert await keys.find("key-1", NOW)
    issuer.broken = broken
    with caplog.at_level(logging.WARNING):
        assert await keys.find("key-1", NOW + timedelta(days=3))
        assert await keys.find("other", NOW + timedelta(days=4)) == ()
        assert await keys.find("key-1", NOW + timedelta(days=4))
    assert "signing keys" in caplog.text


@pytest.mark.parametrize("broken", ["down", "garbage", "empty"])
async def test_without_any_key_microsoft_is_asked_to_come_back(issuer: Issuer, broken: str) -> None:
    """A 401 would make Teams give up on the message; a 503 makes it deliver again."""
    keys = SigningKeys(issuer.metadata_url)
    issuer.broken = broken
    for _ in range(5):
        with pytest.raises(Refused) as refused:
            await keys.find("key-1", NOW)
        assert refused.value.status == 503
    assert issuer.fetches == 1
    issuer.broken = ""
    assert await keys.find("key-1", NOW + timedelta(seconds=6))


async def test_an_old_key_is_renewed_behind_the_back_of_the_request(issuer: Issuer) -> None:
    keys = SigningKeys(issuer.metadata_url)
    assert await keys.find("key-1", NOW)
    issuer.delay = 1.5
    started = time.perf_counter()
    assert await keys.find("key-1", NOW + timedelta(hours=12))
    assert time.perf_counter() - started < 1.2
    for _ in range(500):
        await asyncio.sleep(0.01 if issuer.fetches < 2 else 0)
    assert issuer.fetches == 2


async def test_keys_that_are_no_rsa_keys_with_an_id_are_left_aside(issuer: Issuer) -> None:
    good = issuer.keys[0].published()
    issuer.extra = [
        {"kty": "oct", "kid": "key-1", "k": "AAAA"},
        {name: value for name, value in good.items() if name != "kid"},
        good | {"n": 5},
        good | {"kid": ["key-1"]},
    ]
    assert len(await SigningKeys(issuer.metadata_url).find("key-1", NOW)) == 1


async def test_a_caller_who_hangs_up_does_not_end_the_fetch_of_the_others(issuer: Issuer) -> None:
    keys = SigningKeys(issuer.metadata_url)
    issuer.delay = 0.1
    first = asyncio.create_task(keys.find("key-1", NOW))
    second = asyncio.create_task(keys.find("key-1", NOW))
    await asyncio.sleep(0.05)
    first.cancel()
    assert len(await second) == 1
