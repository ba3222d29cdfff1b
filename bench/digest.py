"""Row 8: the weekly figures of a company of 200 000 people with 10 million answers, beside DuckDB."""

import asyncio
import shutil
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

from bench import big_company, peers_duckdb
from bench.big_company import NOW, Amount
from bench.table import Figures, Part, Row, Size
from bot import reports
from bot.library import BUILT_IN, files_of
from bot.store import people, tallies
from bot.store.database import Database, open_database
from bot.store.recount import recount
from dialogs.catalog import catalog

PACK = catalog(files_of(BUILT_IN)).packs["ecommerce"]
WINDOW = timedelta(days=28)
CHANGED = 100
"""People who answered since the clockwork's last look, when the digest is wanted."""


def amount(size: Size) -> Amount:
    """How big the company is."""
    return Amount(size.of(200_000, 50_000, 300), size.of(10_000_000, 2_500_000, 15_000))


@cache
def _company(folder: Path, size: Size) -> tuple[str, float]:
    """The database with its sums, made in the first round; seconds that counting everybody took."""
    url = big_company.made(folder / "company.db", amount(size))
    return url, asyncio.run(_count_all(url))


async def _count_all(url: str) -> float:
    database = open_database(url)
    began = time.process_time()
    while await reports.keep_up(database, "main", PACK):
        pass
    seconds = time.process_time() - began
    await database.close()
    return seconds


def ours(folder: Path, size: Size) -> Figures:
    """One round: the whole digest of the week, the sums alone, and everything counted again; milliseconds."""
    url, seconds = _company(folder.parent, size)
    figures = asyncio.run(_ours(url, int(folder.name.rpartition("-")[2])))
    return figures | {"ahead_us": seconds / amount(size).answers * 1e6}


async def _ours(url: str, number: int) -> Figures:
    database = open_database(url)
    window = (NOW - WINDOW, NOW, (NOW + WINDOW).date())
    dialogs = {name: one.starts for name, one in PACK.campaigns.items() if one.kind == "dialog"}

    async def digest(connection: Any) -> object:
        company = await people.company(connection, "main")
        assert company is not None
        return await reports.measured(connection, "main", PACK, company, NOW)

    await _timed(database, digest)  # statements are compiled, pages are read
    digest_ms, _ = await _timed(database, digest)
    await _somebody_answers(database, number)
    late_ms, _ = await _timed(database, digest)
    sums_ms, sums = await _timed(database, lambda it: tallies.counted(it, "main", dialogs, *window))
    recount_ms, again = await _timed(database, lambda it: recount(it, "main", dialogs, *window))
    await database.close()
    if sums != again:
        raise AssertionError("the sums are not those of a full recount")
    return {"digest_ms": digest_ms, "digest_late_ms": late_ms, "sums_ms": sums_ms, "recount_ms": recount_ms}


async def _timed(database: Database, work: Callable[[Any], Awaitable[object]]) -> tuple[float, object]:
    async with database.transaction() as connection:
        began = time.perf_counter()
        result = await work(connection)
        return (time.perf_counter() - began) * 1e3, result


async def _somebody_answers(database: Database, number: int) -> None:
    """Finished runs end again, each with the same words: their people have to be counted again."""
    async with database.transaction() as connection:
        await connection.exec_driver_sql(
            "UPDATE run SET status = 'finished' WHERE tenant = 'main' AND id IN (SELECT id FROM run "
            f"WHERE tenant = 'main' LIMIT {CHANGED} OFFSET {number * CHANGED})"
        )


def duckdb(folder: Path, size: Size) -> Figures:
    """One round: the same figures by DuckDB in milliseconds; they must be equal to ours."""
    url, _ = _company(folder.parent, size)
    database = peers_duckdb.made(folder / "company.duckdb", amount(size))
    peers_duckdb.figures(database, NOW)
    began = time.perf_counter()
    theirs = peers_duckdb.figures(database, NOW)
    seconds = time.perf_counter() - began
    database.close()
    shutil.rmtree(folder)
    if theirs != asyncio.run(_sums(url)):
        raise AssertionError("DuckDB and the sums do not agree")
    return {"digest_ms": seconds * 1e3}


async def _sums(url: str) -> object:
    database = open_database(url)
    dialogs = {name: one.starts for name, one in PACK.campaigns.items() if one.kind == "dialog"}
    async with database.transaction() as connection:
        found = await tallies.counted(connection, "main", dialogs, NOW - WINDOW, NOW, (NOW + WINDOW).date())
    await database.close()
    return found


PART = Part(
    (
        Row("8", "digest, 10 M answers", "ours.digest_ms", 0.5, 0.05, "ms", "duckdb.digest_ms"),
        Row(
            "8", "with 100 people to count again", "ours.digest_late_ms", 0.5, 0.05, "ms", "duckdb.digest_ms"
        ),
        Row("8", "counted ahead, an answer", "ours.ahead_us", 10, 3.2, "µs"),
        Row("8", "counted again in full ÷ the sums", "ours.sums_ms", 0.5, 0.05, "ms", "ours.recount_ms"),
    ),
    {"ours": ours, "duckdb": duckdb},
)
