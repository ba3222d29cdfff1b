"""A year of everything at once, for people who answer, or do not, as hypothesis likes."""

from collections import Counter
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.attention import Planned
from bot.campaigns import Calendar, Launch, due
from bot.recipient import Recipient, Started
from dialogs.calendar import Workdays
from dialogs.item_effects import Blocked, Closed, NewDate, Snoozed, Unblocked, after
from dialogs.item_effects import Planned as PlanMade
from dialogs.item_state import ItemState, Nudged
from tests.dialogs.checklist_project import GATES, LADDER, proof, state

START = date(2027, 1, 4)
ZONES = ("America/Toronto", "Europe/Paris", "Africa/Cairo", "Australia/Lord_Howe")
HOLIDAYS = frozenset({date(2027, 3, 26), date(2027, 5, 24), date(2027, 7, 1), date(2027, 12, 27)})
REACTIONS = ("ignore", "ignore", "ignore", "close", "plan", "block", "snooze", "new_date", "answer")
LAUNCHES = (
    Launch(
        "impact", "dialog", "impact", frozenset({"all"}), date(2027, 1, 18), date(2027, 3, 1), time(9, 30)
    ),
    Launch(
        "quiz", "quiz", "basics", frozenset({"all"}), date(2027, 2, 1), date(2027, 12, 1), time(10, 30), 1, 2
    ),
)


@dataclass
class Year:
    """What one person was sent, and the items at that moment."""

    person: Recipient
    known: frozenset[str]
    sent: list[tuple[datetime, Planned, dict[str, ItemState]]]
    ignored: dict[str, int]


def live(year: Year, ticks: list[datetime], reactions: list[str]) -> None:
    """Let the ticks pass, in whatever order the machine's clock gives them."""
    step = 0
    for now in ticks:
        year.person = unblocked(year.person, now)
        plan = due(Calendar(LAUNCHES, LADDER, GATES, known=year.known), [year.person], now)
        for message in plan.messages:
            assert message.key not in year.known
            year.known |= {message.key}
            if message.late:
                continue
            year.sent.append((now, message, {one.item.id: one for one in year.person.items}))
            year.ignored[message.key] = year.person.ignored()
            year.person = received(year.person, message, now, reactions[step % len(reactions)])
            step += 1


def received(person: Recipient, message: Planned, now: datetime, reaction: str) -> Recipient:
    touched = {item for item, _ in message.items}
    rungs = dict(message.items)
    items = []
    for one in person.items:
        changed = one
        if message.feature == "nudge" and one.item.id in touched:
            changed = replace(
                one, nudges=(*one.nudges, Nudged(rungs[one.item.id], now, answered=False, due=one.due))
            )
        items.append(reacted(changed, reaction, now, person) if one.item.id in touched else changed)
    invited = person.invited | ({message.subject} if message.feature == "dialog" else frozenset())
    started = Started(message.feature, now, reaction != "ignore", tuple(touched))
    return replace(person, items=tuple(items), invited=invited, started=(*person.started, started))


def reacted(one: ItemState, reaction: str, now: datetime, person: Recipient) -> ItemState:
    today, days = person.local(now).date(), person.workdays
    match reaction:
        case "close":
            return after(one, Closed(proof()), today)
        case "plan":
            return after(one, PlanMade("x"), today, commitment_at=now + timedelta(days=2, hours=1))
        case "block":
            return after(one, Blocked("time", ""), today)
        case "snooze" if one.snoozes < 2:
            return after(one, Snoozed(days.plus(today, 3)), today)
        case "new_date" if one.snoozes < 2:
            return after(one, NewDate(days.plus(today, 12)), today)
        case "ignore":
            return one
        case _:
            return replace(one, nudges=tuple(replace(nudged, answered=True) for nudged in one.nudges))


def unblocked(person: Recipient, now: datetime) -> Recipient:
    today = person.local(now).date()
    free = (
        after(one, Unblocked(), today)
        if one.block is not None and (today - one.block.since).days > 9
        else one
        for one in person.items
    )
    return replace(person, items=tuple(free))


@dataclass
class Fate:
    """What hypothesis decides: where the person lives, what is due, when the bot looks, how they react."""

    zone: str
    dues: list[int]
    hours: list[int]
    minute: int
    jumps: list[int]
    reactions: list[str]

    def year(self) -> Year:
        gates: list[dict[str, int]] = [{"G1": 2}, {"G2": 2}, {}]
        items = tuple(
            replace(state(f"I{n}", due=START + timedelta(days=days), gates=gates[n % 3]), owner="p")
            for n, days in enumerate(self.dues)
        )
        zone, workdays = ZoneInfo(self.zone), Workdays(holidays=HOLIDAYS)
        return Year(Recipient("p", "fr-CA", zone, workdays, items=items), frozenset(), [], {})

    def ticks(self) -> list[datetime]:
        midnight = datetime.combine(START, time(self.minute % 24, self.minute), tzinfo=UTC)
        found = [
            midnight + timedelta(days=day, hours=hour) for day in range(364) for hour in sorted(self.hours)
        ]
        for place in self.jumps:
            # The clock goes back by some ticks, or the bot starts anew: the same moments come again.
            found[place + 4 : place + 4] = found[place : place + 4]
        return found


FATES = st.builds(
    Fate,
    st.sampled_from(ZONES),
    st.lists(st.integers(5, 300), min_size=1, max_size=8),
    st.lists(st.integers(0, 23), min_size=3, max_size=4),
    st.integers(0, 59),
    st.lists(st.integers(0, 1000), max_size=20),
    st.lists(st.sampled_from(REACTIONS), min_size=1, max_size=30),
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(FATES)
def test_in_a_whole_year_nobody_is_pestered_and_no_rung_is_skipped(fate: Fate) -> None:
    """Would have caught any message at night, over a cap, about a closed item, too soon again, or out of order."""
    year = fate.year()
    live(year, fate.ticks(), fate.reactions)
    person = year.person
    local = [(person.local(now), message) for now, message, _ in year.sent]

    for moment, _ in local:
        assert time(8, 30) <= moment.time() < time(17, 30)
        assert moment.weekday() < 5
        assert moment.date() not in HOLIDAYS

    days = Counter(moment.date() for moment, _ in local)
    nudges = Counter(moment.date() for moment, message in local if message.feature == "nudge")
    assert max(days.values(), default=0) <= 2
    assert max(nudges.values(), default=0) <= 1
    for counts, cap in ((days, 5), (nudges, 3)):
        for first in counts:
            assert sum(counts[first + timedelta(days=n)] for n in range(7)) <= cap

    for item in person.items:
        check_item(item.item.id, year)


def check_item(name: str, year: Year) -> None:
    about = [(now, message, seen[name]) for now, message, seen in year.sent if name in dict(message.items)]
    for _, _, seen in about:
        assert not seen.closed
        assert seen.block is None
    nudged = sorted(now for now, message, _ in about if message.feature == "nudge")
    assert all(later - earlier >= timedelta(hours=48) for earlier, later in pairwise(nudged))

    climbed: dict[date, list[str]] = {}
    for _, message, seen in about:
        if message.feature != "nudge":
            continue
        rung = dict(message.items)[name]
        climbed.setdefault(seen.due, []).append(rung)
        before = [one for one in seen.nudges if one.due == seen.due]
        asked = {one.rung for one in before} | ({"K1", "K2"} if seen.commitment_at is not None else set())
        unanswered = sum(not one.answered for one in before)
        gave_up = rung == "K4" and max(unanswered, year.ignored[message.key]) >= 2
        needed = {"K1": set[str](), "K2": {"K1"}, "K3": {"K1", "K2"}, "K4": {"K1", "K2", "K3"}}[rung]
        assert {"K1"} <= asked if gave_up else needed <= asked
    assert all(rungs == sorted(set(rungs)) for rungs in climbed.values())


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(ZONES), st.integers(0, 363), st.integers(0, 23))
def test_an_owner_who_answers_nothing_climbs_the_ladder_once_and_is_then_left_alone(
    zone: str, day: int, hour: int
) -> None:
    """K1, K2, a silence of seven days, then one question about what would help; nothing after that."""
    due_on = START + timedelta(days=day)
    items = (replace(state("A", due=due_on), owner="p"),)
    person = Recipient("p", "fr-CA", ZoneInfo(zone), Workdays(holidays=HOLIDAYS), items=items)
    year = Year(person, frozenset(), [], {})
    first = datetime.combine(due_on - timedelta(days=20), time(hour, 17), tzinfo=UTC)
    ticks = [first + timedelta(hours=3 * n) for n in range(8 * 90)]
    calm = Calendar((), LADDER, GATES)
    for now in ticks:
        for message in due(replace(calm, known=year.known), [year.person], now).messages:
            year.known |= {message.key}
            year.sent.append((now, message, {}))
            year.person = received(year.person, message, now, "ignore")
    assert [dict(message.items)["A"] for _, message, _ in year.sent] == ["K1", "K2", "K4"]
    moments = [now for now, _, _ in year.sent]
    assert moments[2] - moments[1] >= timedelta(days=7)
