"""What is due now, for whom, and why everybody else gets nothing: pure, time is an argument."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Literal
from zoneinfo import ZoneInfo

from bot.attention import Blackouts, Held, Hold, Planned, admit, recent, usual_hours
from bot.recipient import Feature, Hours, Recipient, Started
from dialogs.calendar import Workdays, local_moment
from dialogs.item_state import Around, GateDay
from dialogs.nudge import Quiet, next_rung, pressing
from dialogs.schema import Nudges

RESUME_AFTER = timedelta(hours=24)
JUST_BEFORE = timedelta(minutes=10)
"""How long before the moment that an owner chose the reminder is due."""
ASKED_OPEN = timedelta(days=14)
"""For how long an invitation is tried from the moment when a lead asked for it."""
EVERYBODY = "all"


class NotNow(StrEnum):
    """Why a campaign has nothing for somebody now: the key of the sentence in ui.yaml."""

    NOT_AUDIENCE = "tick.reason.not_audience"
    NOT_OPEN = "tick.reason.not_open"
    NOT_YET = "tick.reason.too_early"
    INVITED = "tick.reason.invited"
    SENT = "tick.reason.sent"
    IN_PROGRESS = "tick.reason.in_progress"
    QUIZ_DONE = "tick.reason.quiz_done"


Reason = NotNow | Quiet | Hold


@dataclass(frozen=True, slots=True)
class Launch:
    """A campaign of the content with its days worked out. opens and closes: both included.

    starts: id of the dialog or quiz. weekday: 0 is Monday; with it, or for a quiz, the campaign comes every
    week, else each person is invited once. at: a time of the person's own day. sessions: of a quiz, a week.
    """

    id: str
    kind: Literal["dialog", "quiz"]
    starts: str
    audience: frozenset[str]
    opens: date
    closes: date
    at: time
    weekday: int | None = None
    sessions: int = 1

    @property
    def weekly(self) -> int | None:
        """The weekday on which it comes back; None when it comes once."""
        return self.opens.weekday() if self.weekday is None and self.kind == "quiz" else self.weekday


@dataclass(frozen=True, slots=True)
class DigestPost:
    """The weekly summary of a channel, in the company's zone; on a holiday it waits for a working day."""

    id: str
    channel: str
    weekday: int
    at: time
    zone: ZoneInfo
    workdays: Workdays


@dataclass(frozen=True, slots=True)
class Calendar:
    """Everything that comes by itself. known: keys of the deliveries written so far, sent or not."""

    launches: tuple[Launch, ...]
    ladder: Nudges
    gates: tuple[GateDay, ...] = ()
    digests: tuple[DigestPost, ...] = ()
    blackouts: Blackouts = ()
    known: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Skipped:
    """Somebody gets nothing. subject: campaign, run, item or digest. reason: a key of ui.yaml."""

    person: str
    feature: Feature
    subject: str
    reason: Reason


@dataclass(frozen=True, slots=True)
class Plan:
    """What is due now; messages that are late are to be recorded as late, not sent."""

    messages: tuple[Planned, ...] = ()
    skipped: tuple[Skipped, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A message that would go out if the attention budget allows. order: the lowest first."""

    order: int
    planned: Planned
    expires: bool


def due(campaigns: Calendar, people: Sequence[Recipient], now: datetime) -> Plan:
    """The messages that are due at `now`, in the order in which they compete for each person's attention.

    Asking twice, after a restart, or with a clock that went back gives the same keys, and none in `known`.
    """
    messages: list[Planned] = []
    skipped: list[Skipped] = []
    for digest in campaigns.digests:
        _sort(_digest(campaigns, digest, now), messages, skipped)
    for recipient in people:
        _for_one(campaigns, recipient, now, messages, skipped)
    return Plan(tuple(messages), tuple(skipped))


def _for_one(
    campaigns: Calendar, recipient: Recipient, now: datetime, messages: list[Planned], skipped: list[Skipped]
) -> None:
    usual = usual_hours(campaigns.ladder.attention)
    wanted: list[_Candidate] = []
    for found in (
        *_nudges(campaigns, recipient, now),
        *_commitments(recipient, now, usual),
        *_runs(recipient, now, usual),
        *(_launched(launch, recipient, now, usual) for launch in campaigns.launches),
    ):
        if isinstance(found, Skipped):
            skipped.append(found)
        else:
            wanted.append(found)
    for candidate in sorted(wanted, key=lambda one: (one.order, one.planned.at, one.planned.key)):
        decided = _decided(campaigns, candidate, recipient, now)
        _sort(decided, messages, skipped)
        if isinstance(decided, Planned) and not decided.late:
            items = tuple(item for item, _ in decided.items)
            sent = Started(decided.feature, now, items=items)
            recipient = replace(recipient, started=(*recipient.started, sent))


def _decided(
    campaigns: Calendar, candidate: _Candidate, recipient: Recipient, now: datetime
) -> Planned | Skipped:
    planned, attention = candidate.planned, campaigns.ladder.attention
    if planned.key in campaigns.known:
        return Skipped(planned.person, planned.feature, planned.subject, NotNow.SENT)
    late = candidate.expires and now - planned.at > timedelta(hours=attention.late_after_hours)
    if not late:
        answer = admit(planned, recipient, now, attention, campaigns.blackouts)
    else:
        # What was rightly held at its own moment did not come too late: it was not to come.
        answer = admit(planned, recipient, planned.at, attention, campaigns.blackouts)
    if isinstance(answer, Held):
        return Skipped(planned.person, planned.feature, planned.subject, answer.reason)
    return replace(planned, late=late)


def _nudges(campaigns: Calendar, recipient: Recipient, now: datetime) -> Iterator[_Candidate | Skipped]:
    ladder, local = campaigns.ladder, recipient.local(now)
    around = Around(recipient.person, "", now, local.date(), ladder, campaigns.gates)
    ready = []
    for state in sorted(recipient.items, key=lambda one: pressing(one, around)):
        rung = next_rung(state, ladder, local, recipient.workdays, ignored=recipient.ignored())
        if isinstance(rung, Quiet):
            yield Skipped(recipient.person, "nudge", state.item.id, rung)
        elif recent(recipient, state.item.id, now, ladder.attention):
            yield Skipped(recipient.person, "nudge", state.item.id, Hold.ITEM_RECENT)
        else:
            ready.append((state, rung))
    chosen = ready[: ladder.attention.items_per_card]
    if not chosen:
        return
    items = tuple((state.item.id, rung.id) for state, rung in chosen)
    key = f"nudge:{recipient.person}:{local.date()}"
    planned = Planned(key, recipient.person, "nudge", items[0][0], now, items)
    yield _Candidate(0 if chosen[0][0].item.gates else 4, planned, expires=False)


def _commitments(recipient: Recipient, now: datetime, usual: Hours) -> Iterator[_Candidate | Skipped]:
    for state in recipient.items:
        if state.closed or state.block is not None or state.hand_over_asked or state.commitment_at is None:
            continue
        moment = recipient.opening(state.commitment_at - JUST_BEFORE, usual)
        if moment > now:
            continue
        day = recipient.local(state.commitment_at).date()
        key = f"commitment.{state.item.id}:{recipient.person}:{day}"
        items = ((state.item.id, ""),)
        planned = Planned(key, recipient.person, "reminder", state.item.id, moment, items, asked_for=True)
        yield _Candidate(0, planned, expires=True)


def _runs(recipient: Recipient, now: datetime, usual: Hours) -> Iterator[_Candidate | Skipped]:
    for run in recipient.runs:
        if run.resumed:
            yield Skipped(recipient.person, "resume", run.run, NotNow.SENT)
            continue
        chosen, left = run.put_off_until, run.last_at + RESUME_AFTER
        if chosen is not None:
            moment = recipient.opening(chosen, usual)
            left = max(left, moment + RESUME_AFTER)
            if moment <= now < left:
                key = f"put_off.{run.run}:{recipient.person}:{recipient.local(chosen).date()}"
                planned = Planned(key, recipient.person, "reminder", run.run, moment, asked_for=True)
                yield _Candidate(1, planned, expires=True)
        if now < left:
            yield Skipped(recipient.person, "resume", run.run, NotNow.NOT_YET)
            continue
        key = f"resume.{run.run}:{recipient.person}:{recipient.local(left).date()}"
        yield _Candidate(1, Planned(key, recipient.person, "resume", run.run, left), expires=False)


def _launched(launch: Launch, recipient: Recipient, now: datetime, usual: Hours) -> _Candidate | Skipped:
    def none(reason: NotNow) -> Skipped:
        return Skipped(recipient.person, launch.kind, launch.id, reason)

    today = recipient.local(now).date()
    asked = dict(recipient.asked).get(launch.id)
    wished = asked is not None and now <= asked + ASKED_OPEN
    if not wished and EVERYBODY not in launch.audience and not launch.audience & recipient.groups:
        return none(NotNow.NOT_AUDIENCE)
    if any(run.dialog == launch.starts for run in recipient.runs):
        return none(NotNow.IN_PROGRESS)
    if asked is not None and wished:
        # No hour of the day makes late what a lead asked for: it comes at the next good hour.
        moment = recipient.opening(asked, usual)
        key = f"{launch.kind}.{launch.id}:{recipient.person}:asked-{recipient.local(asked).date()}"
        planned = Planned(key, recipient.person, launch.kind, launch.id, moment)
        return none(NotNow.NOT_YET) if moment > now else _Candidate(2, planned, expires=False)
    if launch.weekly is None:
        if launch.id in recipient.invited:
            return none(NotNow.INVITED)
        if not launch.opens <= today <= launch.closes:
            return none(NotNow.NOT_OPEN)
        nominal = day = today
    else:
        if launch.kind == "quiz" and dict(recipient.quiz_sessions).get(launch.starts, 0) >= launch.sessions:
            return none(NotNow.QUIZ_DONE)
        found = _weekly(launch.weekly, recipient.workdays, today)
        if found is None or not launch.opens <= found[0] <= launch.closes:
            return none(NotNow.NOT_OPEN)
        nominal, day = found
    moment = recipient.moment(day, launch.at, usual)
    if moment > now:
        return none(NotNow.NOT_YET)
    key = f"{launch.kind}.{launch.id}:{recipient.person}:{nominal}"
    planned = Planned(key, recipient.person, launch.kind, launch.id, moment)
    return _Candidate(2 if launch.kind == "dialog" else 3, planned, expires=True)


def _weekly(weekday: int, workdays: Workdays, today: date) -> tuple[date, date] | None:
    """The latest occurrence up to today: (the day it belongs to, the working day on which it comes)."""
    monday = today - timedelta(days=today.weekday())
    for weeks in (0, 1):
        nominal = monday + timedelta(days=weekday, weeks=-weeks)
        day = workdays.next(nominal)
        if day <= today:
            return nominal, day
    return None


def _digest(campaigns: Calendar, digest: DigestPost, now: datetime) -> Planned | Skipped:
    def none(reason: NotNow) -> Skipped:
        return Skipped(digest.channel, "digest", digest.id, reason)

    found = _weekly(digest.weekday, digest.workdays, now.astimezone(digest.zone).date())
    if found is None:
        return none(NotNow.NOT_YET)
    nominal, day = found
    key = f"digest.{digest.id}:{digest.channel}:{nominal}"
    if key in campaigns.known:
        return none(NotNow.SENT)
    moment = local_moment(day, digest.at, digest.zone)
    if moment > now:
        return none(NotNow.NOT_YET)
    late = now - moment > timedelta(hours=campaigns.ladder.attention.late_after_hours)
    return Planned(key, digest.channel, "digest", digest.id, moment, late=late)


def _sort(decided: Planned | Skipped, messages: list[Planned], skipped: list[Skipped]) -> None:
    if isinstance(decided, Planned):
        messages.append(decided)
    else:
        skipped.append(decided)
