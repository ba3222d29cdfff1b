"""The database goes away in every way it can, and comes back: refusals are quick, nothing is lost, nobody helps."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import aiohttp
import pytest
import sqlalchemy as sa
import structlog

from bot.store.database import Database, open_database
from bot.store.health import outage
from tests.company import ROSTER
from tests.doubles.proxy import Mode, Proxy
from tests.postgres import Postgres
from tests.standstill import Stopwatch
from tests.world import World, company_on

RETRY = "2"
PATIENCE = 3.0
"""Seconds after which the platform has given up."""


@dataclass
class Away:
    """A bot behind a proxy before its database. slowest, worst_lag: seconds without those that others had the cores."""

    world: World
    proxy: Proxy
    slowest: float = 0
    worst_lag: float = 0
    most_computed: float = 0
    acts: dict[str, dict[str, Any]] = field(default_factory=dict)

    async def says(self, text: str, key: str = "", who: str = "advisor") -> tuple[int, str | None]:
        """Say something in the browser chat; the status and Retry-After. key: the act that is sent again."""
        body = self.acts.get(key) or {
            "id": str(uuid4()), "as": who, "conversation": f"dm:{who}", "kind": "message", "text": text,
        }  # fmt: skip
        self.acts[key] = body
        watch = Stopwatch()
        async with aiohttp.ClientSession() as http, http.post(f"{self.world.url}/web/act", json=body) as got:
            self.slowest = max(self.slowest, watch.seconds)
            return got.status, got.headers.get("Retry-After")

    async def until_answered(self, key: str) -> int:
        """Send an act again and again, as platforms do, until it is taken; how often it was refused."""
        refused = 0
        async with asyncio.timeout(30):
            while (await self.says("/embarque aide", key))[0] != 200:
                refused += 1
                await asyncio.sleep(0.05)
        return refused

    async def watches_the_loop(self) -> None:
        """Note how late the loop comes back, and how long it computed meanwhile: other programs may keep it waiting."""
        while True:
            watch, computed = Stopwatch(), time.thread_time()
            await asyncio.sleep(0.01)
            self.worst_lag = max(self.worst_lag, watch.seconds)
            self.most_computed = max(self.most_computed, time.thread_time() - computed)


@pytest.fixture
async def away(postgres_url: str, tmp_path: Path) -> AsyncIterator[Away]:
    async with bot_behind_a_proxy(postgres_url, tmp_path) as made:
        yield made


@asynccontextmanager
async def bot_behind_a_proxy(url: str, folder: Path) -> AsyncIterator[Away]:
    where = sa.make_url(url)
    async with Proxy(("127.0.0.1", where.port or 0)).running() as proxy:
        through = where.set(port=proxy.port).render_as_string(hide_password=False)
        # Without a terminal nothing is painted: a page of colours for each failure is what holds a loop up.
        with structlog.testing.capture_logs() as logged:
            async with company_on("web", folder, url=through) as world:
                made = Away(world, proxy)
                watch = asyncio.create_task(made.watches_the_loop())
                try:
                    yield made
                finally:
                    watch.cancel()
        assert [line for line in logged if line["event"] == "turn failed"] == [], (
            "each has a reason in one line"
        )


async def runs(away: Away) -> int:
    return len(await away.world.rows("run"))


@pytest.mark.parametrize("mode", ["refusing", "silent"])
async def test_while_the_database_is_away_everybody_is_told_to_come_back_in_time(
    away: Away, mode: Mode
) -> None:
    """Would catch requests that hang until the platform gives up, and a loop that stands still meanwhile."""
    assert (await away.says("/embarque impact", "before"))[0] == 200
    away.proxy.switch(mode)
    keys = {f"{who} {number}": who for who in ROSTER for number in range(3)}
    for told in await asyncio.gather(*(away.says("/embarque aide", key, who) for key, who in keys.items())):
        assert told == (503, RETRY)
    async with aiohttp.ClientSession() as http, http.get(f"{away.world.url}/readyz") as probe:
        assert probe.status == 503
    async with aiohttp.ClientSession() as http, http.get(f"{away.world.url}/healthz") as probe:
        assert probe.status == 200
    away.proxy.switch("passing")
    await asyncio.gather(*(away.until_answered(key) for key in keys))
    assert away.slowest < PATIENCE
    assert away.worst_lag < PATIENCE
    assert away.most_computed < 1
    events = await away.world.rows("inbound_event")
    assert len(events) == len(keys) + 1
    assert await runs(away) == 1


async def test_connections_that_were_reset_while_nobody_used_them_are_replaced_unnoticed(away: Away) -> None:
    """Would catch one refused request for each connection of the pool after every restart of the database."""
    await asyncio.gather(*(away.says("/embarque aide", f"warm {number}") for number in range(5)))
    away.proxy.reset()
    await asyncio.sleep(0.05)
    told = await asyncio.gather(*(away.says("/embarque aide", f"after {number}") for number in range(10)))
    assert {status for status, _ in told} == {200}


async def test_connections_that_died_without_a_word_cost_one_wait_at_most(away: Away) -> None:
    """Would catch a pool whose every connection is found dead by another person's request."""
    await asyncio.gather(*(away.says("/embarque aide", f"warm {number}") for number in range(5)))
    await (
        away.world.settled()
    )  # a reply on its way would keep its conversation for as long as it is waited for
    away.proxy.switch("silent")
    assert (await away.says("/embarque aide", "lost"))[0] == 503
    dead = list(away.proxy._links)
    away.proxy.switch("passing")
    for link in dead:  # the way back through the firewall is closed: what was there stays silent
        link.losing = "silence"
    refused = [await away.until_answered(f"after {number}") for number in range(5)]
    assert sum(refused) <= 2, "not one for each of the five"


@pytest.mark.parametrize("then", ["reset", "silence"])
async def test_an_answer_to_commit_that_is_lost_is_an_error_and_the_repetition_changes_nothing(
    away: Away, then: Any
) -> None:
    """Would catch an acknowledged turn that was never stored, or one that is done twice."""
    assert (await away.says("/embarque aide", "warm"))[0] == 200
    await away.world.settled()
    away.proxy.swallow_commits(1, then)
    first = await away.says("/embarque impact", "start")
    again = await away.says("/embarque impact", "start")
    assert away.proxy.lost == 1
    assert (first[0], again[0]) == (503, 200)
    assert await runs(away) == 1
    await away.world.settled()
    posts = [row["text"] for row in await away.world.rows("web_message") if row["author"] == "bot"]
    assert len([text for text in posts if "On commence" in text]) == 1


async def test_a_server_that_is_killed_and_started_again_is_used_again(tmp_path: Path) -> None:
    """Would catch a bot that has to be restarted after its database was."""
    server = Postgres.start()
    try:
        async with bot_behind_a_proxy(server.database(), tmp_path) as away:
            assert (await away.says("/embarque impact", "before"))[0] == 200
            server.kill()
            told = await away.says("/embarque aide", "during")
            assert told == (503, RETRY)
            await asyncio.to_thread(server.restart)
            await away.until_answered("during")
            assert await runs(away) == 1
    finally:
        server.close()


async def test_a_task_that_is_cancelled_does_not_wait_for_a_silent_server(postgres_url: str) -> None:
    """Would catch psycopg's ten seconds of asking a dead server to stop what it does."""
    where = sa.make_url(postgres_url)
    async with Proxy(("127.0.0.1", where.port or 0)).running() as proxy:
        database = open_database(str(where.set(port=proxy.port)))
        async with database.transaction() as connection:
            await connection.execute(sa.text("SELECT 1"))
        proxy.switch("silent")
        watch = Stopwatch()
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2), database.transaction() as connection:
                await connection.execute(sa.text("SELECT 1"))
        assert watch.seconds < 2
        proxy.switch("passing")
        async with database.transaction() as connection:
            assert await connection.scalar(sa.text("SELECT 1")) == 1
        await database.close()


async def test_a_lock_that_somebody_keeps_is_waited_for_two_seconds(postgres_url: str) -> None:
    """Would catch a turn that waits for a migration until the platform has given up."""
    database = open_database(postgres_url)

    async def takes(database: Database) -> None:
        async with database.transaction() as connection:
            await connection.execute(sa.text("LOCK TABLE run IN ACCESS EXCLUSIVE MODE"))
            await asyncio.sleep(0.5)

    async with database.transaction() as connection:
        await connection.execute(sa.text("LOCK TABLE run IN ACCESS EXCLUSIVE MODE"))
        with pytest.raises(sa.exc.OperationalError, match="lock timeout") as refused:
            await takes(database)
    assert outage(refused.value) is not None
    await takes(database)
    await database.close()


async def test_what_only_reads_cannot_write_and_sees_one_moment(postgres_url: str) -> None:
    """Would catch a report whose parts disagree, since answers came in between."""
    database = open_database(postgres_url)
    add = sa.text("INSERT INTO setting (tenant, name, value) VALUES ('main', 'x', '1')")
    count = sa.text("SELECT count(*) FROM setting")
    async with database.reading() as connection:
        before = await connection.scalar(count)
        async with database.transaction() as writing:
            await writing.execute(add)
        assert await connection.scalar(count) == before
    with pytest.raises(sa.exc.InternalError, match="read-only"):
        async with database.reading() as connection:
            await connection.execute(add)
    async with database.transaction() as connection:
        assert await connection.scalar(count) == 1
        assert await connection.scalar(sa.text("SHOW transaction_isolation")) == "read committed"
    await database.close()
