"""The checker can fail: a history or a database that was tampered with is found out, each in its own words."""

import asyncio
import copy
import json
import sqlite3
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from tests.chaos import checker, facts
from tests.chaos.facts import Facts
from tests.chaos.history import Line
from tests.chaos.processes import ROOT
from tests.chaos.stage import chaos

Lines = list[Line]
Tamper = Callable[[Lines, Facts], None]


def _posts(lines: Lines) -> Lines:
    return [one for one in lines if one.get("method") == checker.POST and one["phase"] == "ok"]


def loses_an_answer(_: Lines, kept: Facts) -> None:
    del kept.answers["p0000"][3]


def loses_the_last_answer(_: Lines, kept: Facts) -> None:
    kept.answers["p0000"].pop()


def counts_an_answer_twice(_: Lines, kept: Facts) -> None:
    kept.answers["p0000"].append(kept.answers["p0000"][-1])


def swaps_two_answers(_: Lines, kept: Facts) -> None:
    said = kept.answers["p0000"]
    said[2], said[3] = said[3], said[2]


def stores_other_words(_: Lines, kept: Facts) -> None:
    said = kept.answers["p0000"]
    said[:] = [(step, "autre chose" if step == "I5" else value) for step, value in said]


def stores_the_words_of_nobody(_: Lines, kept: Facts) -> None:
    kept.answers["sponsor"] = [("I0", "oui")]


def doubles_a_message(lines: Lines, _: Facts) -> None:
    lines.append(copy.deepcopy(_posts(lines)[0]))


def swaps_two_messages(lines: Lines, _: Facts) -> None:
    first, second = [one for one in _posts(lines) if one["channel"] == _posts(lines)[0]["channel"]][:2]
    one, two = lines.index(first), lines.index(second)
    lines[one], lines[two] = lines[two], lines[one]


def loses_a_message(lines: Lines, _: Facts) -> None:
    lines.remove(_posts(lines)[2])


def posts_what_was_never_written(_: Lines, kept: Facts) -> None:
    kept.deliveries.popitem()


def sends_to_a_stranger(lines: Lines, _: Facts) -> None:
    _posts(lines)[1]["to"] = ["U0STRANGER"]


def never_ends(_: Lines, kept: Facts) -> None:
    next(iter(kept.deliveries.values()))["status"] = "sending"


def fails_without_a_refusal(_: Lines, kept: Facts) -> None:
    next(iter(kept.deliveries.values())).update(status="failed", reason="no-answer")


def gives_up_without_a_word(_: Lines, kept: Facts) -> None:
    next(iter(kept.deliveries.values())).update(status="late", reason=None)


def writes_down_another_message(_: Lines, kept: Facts) -> None:
    next(iter(kept.deliveries.values()))["message"] = "1.2"


def nudges_twice_a_day(_: Lines, kept: Facts) -> None:
    kept.days.extend([("nudge", "p0000", "2026-11-23")] * 2)


def posts_a_summary_elsewhere(lines: Lines, kept: Facts) -> None:
    kept.deliveries[_posts(lines)[0]["key"]].update(person=None, channel="direction")


TAMPERED: list[tuple[Tamper, str]] = [
    (loses_an_answer, "answer 3"),
    (loses_the_last_answer, "stored is None"),
    (counts_an_answer_twice, "that nobody gave"),
    (swaps_two_answers, "answer 2"),
    (stores_other_words, "exemple 6"),
    (stores_the_words_of_nobody, "that nobody gave"),
    (doubles_a_message, "posted 2 times, 1 allowed"),
    (swaps_two_messages, "came after"),
    (loses_a_message, "stands nothing"),
    (posts_what_was_never_written, "never written"),
    (sends_to_a_stranger, "also read by"),
    (never_ends, "still sending"),
    (fails_without_a_refusal, "although Slack refused nothing"),
    (gives_up_without_a_word, "without a reason"),
    (writes_down_another_message, "sent as 1.2"),
    (nudges_twice_a_day, "2 times for p0000"),
    (posts_a_summary_elsewhere, "for the channel direction"),
]


async def test_the_checker_finds_what_is_lost_doubled_mixed_up_or_misdirected(tmp_path: Path) -> None:
    """Would catch a checker that is content with everything, which would make every other chaos test worthless."""
    url = f"sqlite+aiosqlite:///{tmp_path}/embarque.db"
    async with chaos(url, tmp_path) as stage:
        await stage.replicas[0].start()
        for talker in stage.talkers[:3]:
            talker.pause = 0
            await talker.talk(asyncio.Event(), 12)
        await stage.settled()
        lines, kept = list(stage.history.lines()), facts.read(url)
    assert checker.faults(lines, kept) == []
    for tamper, words in TAMPERED:
        told, stored = copy.deepcopy(lines), copy.deepcopy(kept)
        tamper(told, stored)
        found = checker.faults(told, stored)
        assert any(words in fault for fault in found), (tamper.__name__, found)
    assert await _checked(stage.history.path, url) == 0
    with closing(sqlite3.connect(tmp_path / "embarque.db")) as opened, opened:
        opened.execute("DELETE FROM answer WHERE step = 'I4'")
    assert await _checked(stage.history.path, url) == 1


def test_where_nobody_can_look_a_message_may_come_once_more_for_each_unknown() -> None:
    """Would catch a checker that asks of Teams what cannot be had there, or that asks nothing at all there."""
    post = {"by": "slack", "method": checker.POST, "key": "k", "channel": "D1", "to": [], "ts": "1.1"}
    world = {"by": "runner", "phase": "note", "op": "world", "finds": False}
    row = {
        "number": 1,
        "status": "sent",
        "operation": "post",
        "message": "1.1",
        "person": "a",
        "reason": None,
    }
    kept = Facts({"k": row}, {}, {"a": set()}, {}, [])
    lost, taken = {**post, "phase": "unknown", "op": "1"}, {**post, "phase": "ok", "op": "2"}
    assert checker.faults([world, lost, taken], kept) == []
    assert checker.faults([world, lost, taken, taken], kept) == ["k: posted 3 times, 2 allowed"]
    assert checker.faults([{**world, "finds": True}, lost, taken], kept) == ["k: posted 2 times, 1 allowed"]


@pytest.mark.parametrize("acknowledged", [True, False])
def test_an_answer_that_was_never_acknowledged_may_be_stored_and_need_not_be(acknowledged: bool) -> None:
    """Would catch a checker that takes a lost acknowledgement for a lost answer."""
    said = {"by": "person", "phase": "invoke", "op": "E1", "person": "a", "text": "oui", "step": "I0"}
    lines = [said, {"by": "person", "phase": "ok", "op": "E1", "person": "a"}] if acknowledged else [said]
    with_it, without = Facts({}, {"a": [("I0", "yes")]}, {}, {}, []), Facts({}, {}, {}, {}, [])
    assert checker.faults(lines, with_it) == []
    assert bool(checker.faults(lines, without)) == acknowledged


async def _checked(history: Path, url: str) -> int:
    program = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.chaos.checker",
        str(history),
        url,
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
    )
    told, _ = await program.communicate()
    assert b"acknowledged" in told, json.dumps(told.decode())
    return program.returncode or 0
