"""The line in front of the database: bounded, fair, and honest with those who would wait too long."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from random import Random
from typing import Any

import pytest

from adapters.base import Refused
from bot.crowd import Crowd, CrowdedError
from bot.library import BUILT_IN, Library
from bot.one_moment import Locales, one_moment
from dialogs.activity import Activity, Kind, Place, Platform, Submission
from dialogs.ref import Ref

AT = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)


class Hall:
    """A crowd whose turns end when the test says so, in the order in which they began."""

    def __init__(self, **limits: Any) -> None:
        self.crowd = Crowd(**limits)
        self.served: list[str] = []
        self.refused: list[str] = []
        self._doors: list[asyncio.Event] = []

    async def comes(self, who: str) -> None:
        try:
            async with self.crowd.place(who):
                self.served.append(who)
                door = asyncio.Event()
                self._doors.append(door)
                await door.wait()
        except CrowdedError:
            self.refused.append(who)

    async def lets_out(self) -> None:
        self._doors.pop(0).set()
        for _ in range(5):
            await asyncio.sleep(0)


@asynccontextmanager
async def queue(hall: Hall, *people: str) -> AsyncIterator[list[asyncio.Task[None]]]:
    """These people come, one after the other; everybody is let out at the end."""
    tasks = []
    for who in people:
        tasks.append(asyncio.create_task(hall.comes(who)))
        await asyncio.sleep(0)
    yield tasks
    while not all(task.done() for task in tasks):
        await hall.lets_out()


async def test_one_persons_flood_does_not_delay_the_others() -> None:
    """Would catch: a first-come line, in which somebody who clicks twenty times is served twenty times first."""
    hall = Hall(at_once=1)
    async with queue(hall, "flood", "flood", "flood", "flood", "ana", "ben"):
        for _ in range(3):
            await hall.lets_out()
        assert hall.served == ["flood", "flood", "ana", "ben"]
    assert sorted(hall.served) == ["ana", "ben", *["flood"] * 4], "nobody who was let in is left out"


async def test_a_person_has_only_so_many_turns_in_line() -> None:
    """Would catch: a script that fills the line by itself, so that nobody else gets in."""
    hall = Hall(at_once=1, most_each=3)
    async with queue(hall, *["flood"] * 10, "ana"):
        assert hall.refused == ["flood"] * 7
    assert hall.served.count("flood") == 3
    assert "ana" in hall.served


async def test_where_the_pace_says_that_it_would_take_too_long_there_is_no_place() -> None:
    """Would catch: thousands let in whose answers come after the platform has given up on them."""
    now = 0.0
    hall = Hall(at_once=1, patience=1.5, clock=lambda: now)
    async with queue(hall, *[f"p{number}" for number in range(20)]):
        for _ in range(10):  # a slow database: half a second a turn
            now += 0.5
            await hall.lets_out()
        before = len(hall.refused)
        async with queue(hall, "late"):
            assert hall.refused[before:] == ["late"]


async def test_nobody_waits_longer_than_the_patience() -> None:
    """Would catch: a database that stands still, and a line that waits for it without end."""
    hall = Hall(at_once=1, patience=0.05)
    async with queue(hall, "first", "second") as (_, second):
        await asyncio.wait_for(second, 60)
        assert hall.refused == ["second"]
    async with queue(hall, "third"):
        assert hall.served == ["first", "third"], "the place of who gave up is not lost"


async def test_who_goes_away_while_waiting_takes_no_place() -> None:
    """Would catch: a closed connection that keeps a place for ever, until the bot serves nobody."""
    hall = Hall(at_once=1)
    async with queue(hall, "first", "gone", "last") as (_, gone, _):
        gone.cancel()
        await asyncio.gather(gone, return_exceptions=True)
        await hall.lets_out()
        assert hall.served == ["first", "last"]
    async with queue(hall, "next"):
        assert hall.served[-1] == "next"


async def test_who_is_called_and_cancelled_in_the_same_moment_passes_the_place_on() -> None:
    """Would catch: one place less with each such moment."""
    hall = Hall(at_once=1)
    async with queue(hall, "first", "gone", "last") as (_, gone, _):
        hall._doors.pop(0).set()
        await asyncio.sleep(0)  # the first one leaves and calls the second, who is cancelled before it hears
        gone.cancel()
        await asyncio.gather(gone, return_exceptions=True)
        for _ in range(5):
            await asyncio.sleep(0)
        assert hall.served[-1] == "last"


async def test_who_has_gone_and_could_not_say_so_yet_is_passed_over() -> None:
    """Would catch: a call into the void in the moment when many give up, and a place lost with each."""
    hall = Hall(at_once=1)
    async with queue(hall, "first", "gone", "gone too", "last") as (_, gone, gone_too, _):
        gone.cancel()
        gone_too.cancel()
        await hall.lets_out()
        assert hall.served == ["first", "last"]
    async with queue(hall, "next"):
        assert hall.served[-1] == "next"


@pytest.mark.parametrize("seed", range(20))
async def test_whatever_people_do_every_place_comes_back(seed: int) -> None:
    """Would catch: a bot that serves one person fewer after every rush, until it serves nobody."""
    chance, crowd = Random(seed), Crowd(at_once=3, most_each=4, patience=0.02)

    async def comes(number: int) -> None:
        await asyncio.sleep(chance.random() * 0.02)
        with suppress(CrowdedError):
            async with crowd.place(number % 7):
                await asyncio.sleep(chance.random() * 0.01)

    tasks = [asyncio.create_task(comes(number)) for number in range(60)]
    for task in chance.sample(tasks, 20):
        await asyncio.sleep(chance.random() * 0.002)
        task.cancel()
    for done in await asyncio.gather(*tasks, return_exceptions=True):
        assert done is None or isinstance(done, asyncio.CancelledError), done
    hall = Hall()
    hall.crowd = crowd
    async with queue(hall, "a", "b", "c"):
        assert hall.served == ["a", "b", "c"], "three places, as at the beginning"


def asked(
    kind: Kind, platform: Platform = Platform.SLACK, locale: str | None = None, **form: str
) -> Activity:
    """An activity; form: what was typed in a modal."""
    submission = Submission(Ref("run", "r", "I6.1"), form) if kind is Kind.SUBMIT else None
    return Activity(
        platform,
        "T",
        "U",
        kind,
        "e",
        Place("D"),
        AT,
        submission=submission,
        can_open=bool(form),
        locale_hint=locale,
    )


def test_a_click_is_answered_kindly_in_the_persons_language() -> None:
    """Would catch: a button that seems dead, or English for somebody who was just answered in French."""
    ui = Library.open(BUILT_IN).catalog.ui
    assert one_moment(asked(Kind.SUBMIT), ui, "fr-CA").toast.startswith("Un instant")
    assert one_moment(asked(Kind.COMMAND, locale="en-GB"), ui, None).toast.startswith("One moment")
    assert one_moment(asked(Kind.SUBMIT), ui, None).toast.startswith("Un instant"), "the default language"


def test_a_form_stays_open_with_what_was_typed() -> None:
    """Would catch: a modal that closes on "one moment" and takes ten typed lines with it."""
    reply = one_moment(asked(Kind.SUBMIT, value="dix lignes"), Library.open(BUILT_IN).catalog.ui, "fr-CA")
    assert list(reply.errors) == ["value"]
    assert reply.errors["value"].startswith("Un instant")


@pytest.mark.parametrize("platform", [Platform.SLACK, Platform.TEAMS])
@pytest.mark.parametrize("kind", [Kind.MESSAGE, Kind.ARRIVED])
def test_what_the_platform_delivers_again_is_refused_so_that_it_does(platform: Platform, kind: Kind) -> None:
    """Would catch: a message acknowledged and forgotten because there was no room for it."""
    with pytest.raises(Refused) as refused:
        one_moment(asked(kind, platform), Library.open(BUILT_IN).catalog.ui, "fr-CA")
    assert refused.value.status == 503


def test_only_the_languages_of_the_last_few_thousand_are_kept() -> None:
    """Would catch: memory that grows with everybody who ever wrote."""
    kept = Locales()
    for number in range(5000):
        kept.keep(number, "en")
    assert kept.get(4999) == "en"
    assert kept.get(0) is None
