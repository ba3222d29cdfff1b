"""The Slack of the chaos runs: its rates, its storms and its losses, and the history that it leaves."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.chaos.history import History
from tests.chaos.processes import Slack, slack_process
from tests.chaos.slack_process import KEPT, Limit, StormySlack

TOKEN = {"Authorization": "Bearer xoxb-double"}


@asynccontextmanager
async def workspace(folder: Path, **weather: float) -> AsyncIterator[tuple[Slack, History]]:
    async with slack_process(folder, ["U0A", "U0B"], {"C0ALL": ["U0A", "U0B"]}, 1, **weather) as slack:
        yield slack, History(folder / "history.jsonl")


async def call(slack: Slack, method: str, **given: Any) -> tuple[int, dict[str, Any], str | None]:
    async with slack.http.post(f"{slack.url}{method}", json=given, headers=TOKEN) as answer:
        return answer.status, await answer.json(), answer.headers.get("Retry-After")


async def post(slack: Slack, key: str, channel: str = "D0A") -> tuple[int, dict[str, Any], str | None]:
    metadata = {"event_type": "embarque_delivery", "event_payload": {"key": key}}
    return await call(slack, "chat.postMessage", channel=channel, text=f"Bonjour {key}", metadata=metadata)


async def test_every_call_is_on_record_with_its_readers(tmp_path: Path) -> None:
    """Would catch a history that does not say who could read a message, without which nothing can be checked."""
    async with workspace(tmp_path) as (slack, history):
        status, answer, _ = await post(slack, "k1", "C0ALL")
        assert (status, answer["ok"]) == (200, True)
        await post(slack, "k2", "C0NOWHERE")
        begun, done, _, refused = list(history.lines())
        assert (begun["phase"], begun["text"], begun["key"]) == ("invoke", "Bonjour k1", "k1")
        assert (done["phase"], done["to"], done["ts"]) == ("ok", ["U0A", "U0B"], answer["ts"])
        assert (refused["phase"], refused["error"]) == ("fail", "channel_not_found")


async def test_a_channel_and_the_workspace_take_so_much_a_second(tmp_path: Path) -> None:
    """Would catch a platform double that takes everything, before which no pacing can be proved."""
    async with workspace(tmp_path, workspace=4, channel=1, burst=2) as (slack, _):
        told = [(await post(slack, f"a{n}"))[0] for n in range(3)]
        assert told == [200, 200, 429]
        told = [(await post(slack, f"b{n}", channel))[0] for n, channel in enumerate(["D0B", "D0B", "C0ALL"])]
        assert told == [200, 200, 429], "the workspace is used up, although the channel is not"
        status, answer, retry = await post(slack, "a9")
        assert (status, answer["error"], retry) == (429, "ratelimited", "1")


async def test_a_storm_refuses_everything_and_says_how_long(tmp_path: Path) -> None:
    """Would catch a storm that never ends, or one without Retry-After."""
    async with workspace(tmp_path) as (slack, _):
        await slack.weather(storm=0.3)
        status, _, retry = await post(slack, "a")
        assert (status, retry) == (429, "1")
        await asyncio.sleep(0.35)
        assert (await post(slack, "a"))[0] == 200


async def test_a_lost_answer_leaves_the_message_where_history_shows_it_after_a_while(tmp_path: Path) -> None:
    """Would catch a loss that takes the message along: the case to test is the one in which it stands there."""
    async with workspace(tmp_path, lost=1, unseen=0.3) as (slack, history):
        with pytest.raises(aiohttp.ClientError):
            await post(slack, "lost")
        assert [one["phase"] for one in history.lines()] == ["invoke", "unknown"]
        look = {"channel": "D0A", "limit": 10, "include_all_metadata": True}
        assert (await call(slack, "conversations.history", **look))[1]["messages"] == []
        await asyncio.sleep(0.35)
        (found,) = (await call(slack, "conversations.history", **look))[1]["messages"]
        assert found["metadata"]["event_payload"] == {"key": "lost"}


def test_a_long_run_fills_no_memory_and_what_was_said_last_is_still_there() -> None:
    """Would catch a double that grows with every message of two thousand kills, until the machine stands still."""
    slack = StormySlack()
    slack.direct("U0A")
    for number in range(5 * KEPT):
        slack.write("D0A", {"text": str(number), "user": slack.bot_user})
    assert len(slack.channels["D0A"]) == len(slack.written) < 2 * KEPT
    assert slack.channels["D0A"][-1]["text"] == str(5 * KEPT - 1)


def test_a_limit_lets_a_burst_through_and_then_its_rate() -> None:
    """Would catch a limit that a steady sender at the rate runs into."""
    limit = Limit()
    assert [limit.wait(100, 2, 3) for _ in range(4)] == [0, 0, 0, 0.5]
    assert limit.wait(100.5, 2, 3) == 0
    steady = Limit()
    assert all(steady.wait(n / 2, 2, 1) == 0 for n in range(1000))
