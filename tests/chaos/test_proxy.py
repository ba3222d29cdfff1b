"""The proxy between a bot and its database behaves as the network's bad days do."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import psycopg
import pytest

from tests.doubles.proxy import Proxy, Statements
from tests.postgres import database


@asynccontextmanager
async def echo_behind() -> AsyncIterator[Proxy]:
    """A proxy before a server that gives every byte back."""

    async def give_back(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(1000):
            writer.write(data)
        writer.close()

    server = await asyncio.start_server(give_back, "127.0.0.1", 0)
    async with Proxy(server.sockets[0].getsockname()[:2]).running() as proxy:
        yield proxy
    server.close()


@asynccontextmanager
async def database_behind() -> AsyncIterator[tuple[Proxy, str]]:
    """A proxy before an empty database; gives it and the address of the database through it."""
    with database(migrated=False) as url:
        where = psycopg.conninfo.conninfo_to_dict(url.replace("+psycopg", "", 1))
        async with Proxy((str(where["host"]), int(str(where["port"])))).running() as proxy:
            yield proxy, f"host=127.0.0.1 port={proxy.port} user={where['user']} dbname={where['dbname']}"


async def test_it_passes_and_delays_both_ways() -> None:
    """Would catch a proxy that changes bytes, or whose delays are no delays."""
    async with echo_behind() as proxy:
        reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
        writer.write(b"hello")
        assert await reader.readexactly(5) == b"hello"
        proxy.delay, proxy.late = 0.05, 0.1
        begun = time.monotonic()
        writer.write(b"again")
        assert await reader.readexactly(5) == b"again"
        assert time.monotonic() - begun > 0.19
        writer.close()


async def test_silence_lets_nothing_through_and_what_it_held_comes_late() -> None:
    """Would catch a black hole that answers, and one that forgets what a real network sends again."""
    async with echo_behind() as proxy:
        reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
        playing = asyncio.create_task(proxy.play([("silent", 0.3)]))
        await asyncio.sleep(0)
        writer.write(b"late")
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(reader.readexactly(4), 0.1)
        assert await asyncio.wait_for(reader.readexactly(4), 5) == b"late"
        await playing
        writer.close()


async def test_refusing_resets_those_who_are_there_and_those_who_come() -> None:
    """Would catch an outage that pooled connections survive."""
    async with echo_behind() as proxy:
        reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
        writer.write(b"x")
        await reader.readexactly(1)
        proxy.switch("refusing")
        with pytest.raises(ConnectionResetError):
            await reader.readexactly(1)
        with pytest.raises((ConnectionResetError, asyncio.IncompleteReadError)):
            await _first_byte(proxy.port)
        proxy.switch("passing")
        reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
        writer.write(b"y")
        assert await reader.readexactly(1) == b"y"
        writer.close()


async def test_a_commit_whose_answer_is_lost_is_done_all_the_same() -> None:
    """Would catch a proxy that stops the COMMIT itself: the case to test is the one in which the row is there."""
    async with database_behind() as (proxy, through):
        asked = await psycopg.AsyncConnection.connect(through)
        await asked.execute("CREATE TABLE kept (word text)")
        await asked.commit()
        proxy.swallow_commits()
        await asked.execute("INSERT INTO kept VALUES ('COMMIT')")
        with pytest.raises(psycopg.OperationalError):
            await asked.commit()
        await asked.close()
        async with await psycopg.AsyncConnection.connect(through) as again:
            found = await again.execute("SELECT word FROM kept")
            assert await found.fetchall() == [("COMMIT",)]
        assert proxy.lost == 1
        proxy.swallow_commits(then="silence")
        silent = await psycopg.AsyncConnection.connect(through)
        await silent.execute("INSERT INTO kept VALUES ('other')")
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(silent.commit(), 0.2)
        proxy.reset()
        await silent.close()


def test_statements_are_told_apart_from_what_they_carry() -> None:
    """Would catch a proxy that takes somebody's word COMMIT for the end of a transaction."""

    def message(kind: bytes, body: bytes) -> bytes:
        return kind + (len(body) + 4).to_bytes(4, "big") + body

    startup = message(b"", (196608).to_bytes(4, "big") + b"user\0embarque\0\0")
    ssl = message(b"", (80877103).to_bytes(4, "big"))
    sent = ssl + startup + message(b"Q", b"BEGIN\0") + message(b"P", b"s1\0INSERT $1\0\0\0")
    sent += message(b"B", b"COMMIT") + message(b"Q", b"COMMIT\0")
    cut = Statements()
    assert [one for n in range(len(sent)) for one in cut.feed(sent[n : n + 1])] == [
        b"BEGIN",
        b"INSERT $1",
        b"COMMIT",
    ]


async def _first_byte(port: int) -> bytes:
    reader, _ = await asyncio.open_connection("127.0.0.1", port)
    return await reader.readexactly(1)
