"""What a person is likely to remember of a question, and on which day to ask it again."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

from fsrs import Card, Rating, Scheduler, State

LADDER = (1, 3, 7, 21, 60, 120)
MASTERY_RECALL = 0.85
MASTERY_DAYS = timedelta(days=3)
_SURE_TWICE = 2
_LADDER_DIFFICULTY = 5.0
_BOUNDS = {"stability": (0.0, 36500.0), "difficulty": (1.0, 10.0)}


@dataclass(frozen=True, slots=True)
class Memory:
    """One person's memory of one question.

    stability: days until the chance of recall falls to 90 %. difficulty: 1 to 10. due, last_review: aware,
    UTC. reps: reviews so far. streak_right, streak_sure: right answers, and right and sure ones, in a row up
    to the last. right_days: the first and the last day with a right answer. misjudged: the last answer was
    wrong and the person was sure of it.
    """

    stability: float
    difficulty: float
    due: datetime
    last_review: datetime
    reps: int
    streak_right: int = 0
    streak_sure: int = 0
    right_days: tuple[date, ...] = ()
    misjudged: bool = False

    def plain(self) -> dict[str, object]:
        """The memory as JSON takes it."""
        return {
            "stability": self.stability,
            "difficulty": self.difficulty,
            "due": self.due.isoformat(),
            "last_review": self.last_review.isoformat(),
            "reps": self.reps,
            "streak_right": self.streak_right,
            "streak_sure": self.streak_sure,
            "right_days": [day.isoformat() for day in self.right_days],
            "misjudged": self.misjudged,
        }


def memory(plain: Mapping[str, object]) -> Memory:
    """Read a memory that `Memory.plain` wrote. ValueError when it is damaged: start it afresh then."""
    try:
        return Memory(
            stability=_bounded("stability", plain["stability"]),
            difficulty=_bounded("difficulty", plain["difficulty"]),
            due=_instant(plain["due"]),
            last_review=_instant(plain["last_review"]),
            reps=int(str(plain["reps"])),
            streak_right=int(str(plain["streak_right"])),
            streak_sure=int(str(plain["streak_sure"])),
            right_days=_days(plain["right_days"]),
            misjudged=plain["misjudged"] is True,
        )
    except KeyError as missing:
        raise ValueError(
            f"a memory without {missing}: forget it and ask the question as a new one"
        ) from missing


def after_review(
    before: Memory | None, *, correct: bool, sure: bool | None, retention: float, now: datetime
) -> Memory:
    """The memory after one more answer, by FSRS (open-spaced-repetition) with its published parameters.

    retention: the chance of recall at which the question returns, such as 0.85. now: aware; its zone decides
    which day a right answer counts for. Intervals are whole days and never random.
    """
    moment = now.astimezone(UTC)
    rating = grade(correct=correct, sure=sure, streak_sure=before.streak_sure if before else 0)
    card, _ = _scheduler(retention).review_card(_card(before, moment), rating, moment)
    stability, difficulty = card.stability or LADDER[0], card.difficulty or _LADDER_DIFFICULTY
    return _counted(
        before, Memory(stability, difficulty, card.due, moment, 0), correct=correct, sure=sure, now=now
    )


def after_review_by_ladder(
    before: Memory | None, *, correct: bool, sure: bool | None, now: datetime
) -> Memory:
    """The memory after one more answer, by fixed steps instead of FSRS: 1-3-7-21-60-120 days."""
    moment = now.astimezone(UTC)
    days = ladder_days(before.streak_right + 1 if before and correct else int(correct))
    fresh = Memory(
        days, before.difficulty if before else _LADDER_DIFFICULTY, moment + timedelta(days=days), moment, 0
    )
    return _counted(before, fresh, correct=correct, sure=sure, now=now)


def ladder_days(streak_right: int) -> int:
    """Days to the next review after so many right answers in a row; one after a wrong answer (0)."""
    return LADDER[min(max(streak_right, 1), len(LADDER)) - 1]


def grade(*, correct: bool, sure: bool | None, streak_sure: int) -> Rating:
    """The FSRS grade of an answer (blueprint 3g). streak_sure: right and sure answers in a row before it."""
    if not correct:
        return Rating.Again
    if sure is False:
        return Rating.Hard
    return Rating.Easy if sure and streak_sure + 1 >= _SURE_TWICE else Rating.Good


def recall(known: Memory, now: datetime) -> float:
    """The predicted chance, 0 to 1, that the person recalls the answer now."""
    moment = now.astimezone(UTC)
    return float(_scheduler(MASTERY_RECALL).get_card_retrievability(_card(known, moment), moment))


def mastered(known: Memory, now: datetime) -> bool:
    """Last answer right, right on days at least 3 apart, and predicted recall of 0.85 (blueprint 3g)."""
    apart = bool(known.right_days) and known.right_days[-1] - known.right_days[0] >= MASTERY_DAYS
    return known.streak_right > 0 and apart and recall(known, now) >= MASTERY_RECALL


def _counted(
    before: Memory | None, fresh: Memory, *, correct: bool, sure: bool | None, now: datetime
) -> Memory:
    days = before.right_days if before else ()
    if correct:
        days = tuple(sorted({*days[:1], *days[-1:], now.date()}))
        days = (days[0], days[-1]) if len(days) > 1 else days
    return Memory(
        stability=fresh.stability,
        difficulty=fresh.difficulty,
        due=fresh.due,
        last_review=fresh.last_review,
        reps=(before.reps if before else 0) + 1,
        streak_right=(before.streak_right if before else 0) + 1 if correct else 0,
        streak_sure=(before.streak_sure if before else 0) + 1 if correct and sure else 0,
        right_days=days,
        misjudged=not correct and sure is True,
    )


def _card(known: Memory | None, moment: datetime) -> Card:
    # An id and a due date are given because the library would else read the clock and sleep.
    if known is None:
        return Card(card_id=0, due=moment)
    return Card(0, State.Review, None, known.stability, known.difficulty, known.due, known.last_review)


@lru_cache(maxsize=16)
def _scheduler(retention: float) -> Scheduler:
    return Scheduler(
        desired_retention=retention, learning_steps=(), relearning_steps=(), enable_fuzzing=False
    )


def _bounded(name: str, value: object) -> float:
    low, high = _BOUNDS[name]
    number = float(str(value))
    if not (math.isfinite(number) and low <= number <= high and number > 0):
        raise ValueError(f"a {name} of {value}: forget this memory and ask the question as a new one")
    return number


def _instant(value: object) -> datetime:
    instant = datetime.fromisoformat(str(value))
    if instant.tzinfo is None:
        raise ValueError(f"{value} has no time zone: forget this memory and ask the question as a new one")
    return instant.astimezone(UTC)


def _days(value: object) -> tuple[date, ...]:
    if not isinstance(value, list):
        raise ValueError(f"days of {value!r}: forget this memory and ask the question as a new one")  # noqa: TRY004
    return tuple(date.fromisoformat(str(one)) for one in value)
