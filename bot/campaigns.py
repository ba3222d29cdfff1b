"""What is due now, for whom, and why everybody else gets nothing: pure, time is an argument."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from bot.attention import Blackouts, Held, Hold, Planned, admit, recent, usual_hours
from bot.launches import DigestPost, Launch, NotNow, is_late, occasion, weekly
from bot.maybe_sent import maybe_sent
from bot.recipient import Feature, Hours, Recipient, Started
from dialogs.calendar import local_moment
from dialogs.item_state import Around, GateDay
from dialogs.nudge import Quiet, next_rung, pressing
from dialogs.schema import Nudges

RESUME_AFTER = timedelta(hours=24)
JUST_BEFORE = timedelta(minutes=10)
"""How long before the moment that an owner chose the reminder is due."""
ASKED_OPEN = timedelta(days=14)
"""For how long an invitation is tried from the moment when a lead asked for it."""
EVERYBODY = "all"


Reason = NotNow | Quiet | Hold


@dataclass(frozen=True, slots=True)
class Calendar:
    """Everything that comes by itself. known: keys written so far. restored: when the database left a backup."""

    launches: tuple[Launch, ...]
    ladder: Nudges
    gates: tuple[GateDay, ...] = ()
    digests: tuple[DigestPost, ...] = ()
    blackouts: Blackouts = ()
    known: frozenset[str] = frozenset()
    restored: datetime | None = None


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

    @staticmethod
    def whole(parts: Sequence["Plan"]) -> "Plan":
        """One plan of those for parts of the people."""
        return Plan(
            tuple(one for part in parts for one in part.messages),
            tuple(one for part in parts for one in part.skipped),
        )


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A message that would go out if the attention budget allows. order: the lowest first."""

    order: int
    planned: Planned
    expires: bool


def due(campaigns: Calendar, people: Iterable[Recipient], now: datetime, *, reasons: bool = True) -> Plan:
    """The messages that are due at `now`, in the order in which they compete for each person's attention.

    Asking twice, after a restart, or with a clock that went back gives the same keys, and none in `known`.
    reasons: also say why everybody else gets nothing.
    """
    messages: list[Planned] = []
    skipped: list[Skipped] = []
    for digest in campaigns.digests:
        _sort(_digest(campaigns, digest, now), messages, skipped)
    alike: dict[object, _Alike] = {}
    for one in people:
        # Most people differ in nothing that the calendar looks at: it is worked out once for all of them.
        if one.items or one.runs or one.started or one.asked or one.paused_until or one.away_until:
            _for_one(campaigns, one, now, messages, skipped)
            continue
        there = (
            one.zone,
            id(one.workdays),
            one.hours,
            one.groups,
            one.invited,
            one.quiz_sessions,
            one.silent_until,
        )
        shared = alike.get(there)
        if shared is None:
            shared = alike[there] = _alike(campaigns, one, now)
        mine = [
            Planned(
                f"{rule}{one.person}{day}",
                one.person,
                same.feature,
                same.subject,
                same.at,
                (),
                False,
                same.late,
            )
            for rule, day, same in shared.messages
        ]
        if campaigns.known and any(message.key in campaigns.known for message in mine):
            _for_one(campaigns, one, now, messages, skipped)
            continue
        messages += mine
        if reasons:
            skipped += [
                Skipped(one.person, same.feature, same.subject, same.reason) for same in shared.skipped
            ]
    return Plan(tuple(messages), tuple(skipped) if reasons else ())


@dataclass(frozen=True, slots=True)
class _Alike:
    """What is due for everybody in the same circumstances. messages: with the key before and after the person."""

    messages: tuple[tuple[str, str, Planned], ...]
    skipped: tuple[Skipped, ...]


def _alike(campaigns: Calendar, example: Recipient, now: datetime) -> _Alike:
    messages: list[Planned] = []
    skipped: list[Skipped] = []
    somebody = "\0"
    _for_one(replace(campaigns, known=frozenset()), replace(example, person=somebody), now, messages, skipped)
    keyed = ((one.key.partition(somebody), one) for one in messages)
    return _Alike(tuple((rule, day, one) for (rule, _, day), one in keyed), tuple(skipped))


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
    if maybe_sent(planned.key, planned.at, recipient.zone, campaigns.restored):
        return replace(planned, late=True)
    late = candidate.expires and is_late(planned.at, now, attention)
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
        day = recipient.local(left).date()
        if run.last_at > now + RESUME_AFTER:
            left = now  # written while the clock ran far ahead: waiting until then would lose the dialog
        if chosen is not None:
            moment = recipient.opening(chosen, usual)
            left = max(left, moment + RESUME_AFTER)
            day = recipient.local(left).date()
            if moment <= now < left:
                key = f"put_off.{run.run}:{recipient.person}:{recipient.local(chosen).date()}"
                planned = Planned(key, recipient.person, "reminder", run.run, moment, asked_for=True)
                yield _Candidate(1, planned, expires=True)
        if now < left:
            yield Skipped(recipient.person, "resume", run.run, NotNow.NOT_YET)
            continue
        key = f"resume.{run.run}:{recipient.person}:{day}"
        yield _Candidate(1, Planned(key, recipient.person, "resume", run.run, left), expires=False)


def _launched(launch: Launch, recipient: Recipient, now: datetime, usual: Hours) -> _Candidate | Skipped:
    def none(reason: NotNow) -> Skipped:
        return Skipped(recipient.person, launch.kind, launch.id, reason)

    asked = dict(recipient.asked).get(launch.id)
    wished = asked is not None and now <= asked + ASKED_OPEN
    if not wished and EVERYBODY not in launch.audience and not launch.audience & recipient.groups:
        return none(NotNow.NOT_AUDIENCE)
    if any(run.dialog == launch.starts for run in recipient.runs):
        return none(NotNow.IN_PROGRESS)
    if asked is not None and wished:
        # No hour of the day makes late what a lead asked for: it comes at the next good hour.
        moment = recipient.opening(min(asked, now), usual)
        key = f"{launch.kind}.{launch.id}:{recipient.person}:asked-{recipient.local(asked).date()}"
        planned = Planned(key, recipient.person, launch.kind, launch.id, moment)
        return none(NotNow.NOT_YET) if moment > now else _Candidate(2, planned, expires=False)
    if launch.weekly is None and launch.id in recipient.invited:
        return none(NotNow.INVITED)
    if launch.kind == "quiz" and dict(recipient.quiz_sessions).get(launch.starts, 0) >= launch.sessions:
        return none(NotNow.QUIZ_DONE)
    found = occasion(launch, recipient, now, usual)
    if found is None:
        return none(NotNow.NOT_OPEN)
    if found.at > now:
        return none(NotNow.NOT_YET)
    key = f"{launch.kind}.{launch.id}:{recipient.person}:{found.nominal}"
    planned = Planned(key, recipient.person, launch.kind, launch.id, found.at)
    return _Candidate(2 if launch.kind == "dialog" else 3, planned, expires=True)


def _digest(campaigns: Calendar, digest: DigestPost, now: datetime) -> Planned | Skipped:
    def none(reason: NotNow) -> Skipped:
        return Skipped(digest.channel, "digest", digest.id, reason)

    found = weekly(digest.weekday, digest.workdays, now.astimezone(digest.zone).date())
    if found is None:
        return none(NotNow.NOT_YET)
    nominal, day = found
    key = f"digest.{digest.id}:{digest.channel}:{nominal}"
    if key in campaigns.known:
        return none(NotNow.SENT)
    moment = local_moment(day, digest.at, digest.zone)
    if moment > now:
        return none(NotNow.NOT_YET)
    lost = maybe_sent(key, moment, digest.zone, campaigns.restored)
    late = lost or is_late(moment, now, campaigns.ladder.attention)
    return Planned(key, digest.channel, "digest", digest.id, moment, late=late)


def _sort(decided: Planned | Skipped, messages: list[Planned], skipped: list[Skipped]) -> None:
    if isinstance(decided, Planned):
        messages.append(decided)
    else:
        skipped.append(decided)
