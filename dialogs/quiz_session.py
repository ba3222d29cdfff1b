"""Which questions a person gets today, if any: what is due first, little that is new, subjects mixed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from dialogs.quiz_memory import Memory
from dialogs.quiz_state import shuffled
from dialogs.schema import Question, Quiz

REFRESH_FROM, REFRESH_TO = timedelta(days=14), timedelta(days=3)
"""Before go-live every question already met is reviewed once between these two (blueprint 3g)."""


@dataclass(frozen=True, slots=True)
class Sitting:
    """The questions of one session; none with the reason, and the day from which there will be some.

    next_on is None when there will be none at all, and when `questions` is not empty.
    """

    questions: tuple[str, ...]
    reason: Literal["", "enough_this_week", "nothing_due"] = ""
    next_on: date | None = None


def session(
    quiz: Quiz,
    memories: Mapping[str, Memory],
    now: datetime,
    seed: str,
    sessions_this_week: int,
    go_live: date | None = None,
) -> Sitting:
    """Draw a session (blueprint 3g, spaced plan).

    memories: by question id. now: in the person's own zone, which decides what day and week it is.
    sessions_this_week: those already begun since Monday. seed: person and session, so that ties differ
    between people and a repeated call draws the same.
    """
    today = now.date()
    known = [(question, memory_of(question, memories)) for question in quiz.questions]
    new = [question for question, memory in known if memory is None]
    days = {question.id: _day(memory, now, go_live) for question, memory in known if memory is not None}
    due = [
        (question, memory) for question, memory in known if memory is not None and days[question.id] <= today
    ]
    if sessions_this_week >= quiz.sessions_per_week:
        monday = today + timedelta(days=7 - today.weekday())
        ready = monday if new else max(monday, min(days.values(), default=monday))
        return Sitting((), "enough_this_week", ready if quiz.questions else None)
    if not due and not new:
        return Sitting((), "nothing_due", min(days.values(), default=None))
    # Sure and wrong comes first: nothing else is as costly to leave uncorrected.
    due.sort(key=lambda one: (not one[1].misjudged, days[one[0].id], shuffled(seed, one[0].id)))
    new.sort(key=lambda question: (question.difficulty, shuffled(seed, question.id)))
    chosen = _mixed([question for question, _ in due], quiz.per_session, ())
    room = min(quiz.new_per_session, quiz.per_session - len(chosen))
    chosen += _mixed(new, room, chosen)
    return Sitting(tuple(question.id for question in chosen))


def memory_of(question: Question, memories: Mapping[str, Memory]) -> Memory | None:
    """What the person remembers of a question, also under the name that it had before."""
    return memories.get(question.id) or (memories.get(question.was) if question.was else None)


def _day(memory: Memory, now: datetime, go_live: date | None) -> date:
    due = memory.due.astimezone(now.tzinfo).date()
    if go_live is None:
        return due
    first, last = go_live - REFRESH_FROM, go_live - REFRESH_TO
    reviewed = memory.last_review.astimezone(now.tzinfo).date()
    refresh = reviewed < first and now.date() <= last
    return min(due, first) if refresh else due


def _mixed(questions: Sequence[Question], room: int, before: Sequence[Question]) -> tuple[Question, ...]:
    """At most `room` of them in order, a subject next to a different one wherever there is a choice."""
    left, chosen = list(questions), list[Question]()
    last = before[-1] if before else None
    while left and len(chosen) < room:
        tags = set(last.tags) if last is not None else set()
        last = next((one for one in left if not tags & set(one.tags)), left[0])
        left.remove(last)
        chosen.append(last)
    return tuple(chosen)
