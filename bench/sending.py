"""Row 11: how much of the rate that Slack allows is used, and how much is refused, beside the SDK's retry handler."""

import asyncio
import itertools
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from bench.company import found
from bench.limited_slack import LimitedSlack
from bench.table import Figures, Part, Row, Size

PER_SECOND = 20.0
AT_ONCE = 32
PATIENCE = 120


def ours(folder: Path, size: Size) -> Figures:
    """One round: deliveries of ours, with their gates, from rows in SQLite."""
    return asyncio.run(_ours(folder, size))


async def _ours(folder: Path, size: Size) -> Figures:
    from adapters.base import Destination  # noqa: PLC0415 - so that only this contender loads them
    from adapters.slack.limits import SlackRates  # noqa: PLC0415
    from adapters.slack.outbound import SlackOutbound  # noqa: PLC0415
    from bench.render import question  # noqa: PLC0415
    from bot import logs  # noqa: PLC0415
    from bot.app import Embarque  # noqa: PLC0415
    from bot.clock import SystemClock  # noqa: PLC0415
    from bot.library import BUILT_IN, Library  # noqa: PLC0415
    from bot.store.database import open_database  # noqa: PLC0415
    from bot.store.deliveries import Delivery, add_many  # noqa: PLC0415

    url, count, now, card = (
        f"sqlite+aiosqlite:///{folder}/out.db",
        _messages(size),
        datetime.now(UTC),
        question(),
    )
    logs.set_up()
    await found(url, "slack", 1)
    async with LimitedSlack(PER_SECOND).running() as slack:
        outbound = SlackOutbound("xoxb-bench", slack.url, SlackRates(messages=PER_SECOND))
        app = Embarque(
            open_database(url),
            Library.open(BUILT_IN),
            "main",
            SystemClock(),
            (),
            {"slack": outbound},
            ticking=False,
        )
        rows = [
            Delivery(f"d{n}", "slack", Destination("T0TEAM", "", f"C{n % count:05}"), card, now)
            for n in range(count)
        ]
        async with app.database.transaction() as connection:
            await add_many(connection, "main", rows, now)
        await app.start()
        try:
            await _until(lambda: len(slack.taken) >= count)
        finally:
            await app.stop()
        return {"share": slack.share(), "refused": slack.refusals()}


def sdk(folder: Path, size: Size) -> Figures:
    """One round: the SDK's client with its handler for refusals, so many posts at once."""
    del folder
    return asyncio.run(_sdk(size))


async def _sdk(size: Size) -> Figures:
    from slack_sdk.http_retry.builtin_async_handlers import AsyncRateLimitErrorRetryHandler  # noqa: PLC0415
    from slack_sdk.web.async_client import AsyncWebClient  # noqa: PLC0415

    async with LimitedSlack(PER_SECOND).running() as slack:
        handlers = [AsyncRateLimitErrorRetryHandler(max_retry_count=1000)]
        client = AsyncWebClient(token="xoxb-bench", base_url=slack.url, retry_handlers=list(handlers))
        client.proxy = None
        numbers = itertools.count()

        async def post() -> None:
            while (number := next(numbers)) < _messages(size):
                await client.chat_postMessage(channel=f"C{number:05}", text="Une question pour vous")

        await asyncio.gather(*(post() for _ in range(AT_ONCE)))
        return {"share": slack.share(), "refused": slack.refusals()}


def _messages(size: Size) -> int:
    return size.of(240, 120, 60)


async def _until(done: Callable[[], bool]) -> None:
    until = time.monotonic() + PATIENCE
    while not done():
        if time.monotonic() > until:
            raise RuntimeError("not everything was sent")
        await asyncio.sleep(0.02)


PART = Part(
    (
        Row("11", "share of the allowed rate used", "ours.share", 0.95, 0.985, at_most=False),
        Row("11", "refused share", "ours.refused", 0.01, 0.001),
        Row(
            "11", "share ÷ the SDK with retries", "ours.share", 0.95, 1, peer="slack_sdk.share", at_most=False
        ),
    ),
    {"ours": ours, "slack_sdk": sdk},
)
