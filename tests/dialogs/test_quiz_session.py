"""Which questions a person gets on a given day, and when to come back otherwise."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dialogs.quiz_cards import rest_card
from dialogs.quiz_memory import Memory
from dialogs.quiz_session import Sitting, session
from tests.dialogs.quiz_learner import question, quiz
from tests.dialogs.spoken import speech

MONTREAL = ZoneInfo("America/Toronto")
THURSDAY = datetime(2026, 11, 26, 10, 0, tzinfo=MONTREAL)
SIX = quiz(*(question(f"A{n}", tags=(tag,)) for n, tag in enumerate(["x", "x", "y", "y", "z", "z"])))


def known(due: datetime, *, misjudged: bool = False, last: datetime | None = None) -> Memory:
    return Memory(
        5.0,
        5.0,
        due.astimezone(UTC),
        (last or due - timedelta(days=5)).astimezone(UTC),
        1,
        misjudged=misjudged,
    )


def drawn(
    memories: dict[str, Memory], seed: str = "s", sessions: int = 0, now: datetime = THURSDAY
) -> Sitting:
    return session(SIX, memories, now, seed, sessions)


@pytest.mark.parametrize("seed", "abcdefgh")
def test_neighbours_are_about_different_subjects_wherever_there_is_a_choice(seed: str):
    """Would catch three questions in a row about the same thing, which teaches the row and not the thing."""
    newcomer = drawn({}, seed).questions
    assert len(newcomer) == 2
    assert _tags(newcomer[0]) != _tags(newcomer[1])
    everything_due = drawn({f"A{n}": known(THURSDAY) for n in range(6)}, seed).questions
    assert all(_tags(one) != _tags(two) for one, two in pairwise(everything_due))
    one_due = drawn({"A0": known(THURSDAY)}, seed).questions
    assert one_due[0] == "A0"
    assert _tags(one_due[1]) != ("x",)


def test_what_is_due_comes_before_what_is_new_and_three_is_the_most():
    memories = {f"A{n}": known(THURSDAY - timedelta(days=1)) for n in range(2)}
    sitting = drawn(memories)
    assert set(sitting.questions[:2]) == {"A0", "A1"}
    assert len(sitting.questions) == 3
    assert len(drawn({f"A{n}": known(THURSDAY) for n in range(5)}).questions) == 3


def test_sure_and_wrong_comes_first():
    memories = {f"A{n}": known(THURSDAY - timedelta(days=9)) for n in range(5)}
    memories["A5"] = known(THURSDAY, misjudged=True)
    assert drawn(memories).questions[0] == "A5"


def test_a_question_due_later_today_is_due():
    """Would catch a Thursday session at nine that misses what was answered last Thursday at ten."""
    memories = {f"A{n}": known(THURSDAY + timedelta(days=9)) for n in range(6)}
    memories["A3"] = known(THURSDAY + timedelta(hours=11))
    assert drawn(memories).questions == ("A3",)


def test_after_two_sessions_the_next_one_is_next_monday_in_the_persons_own_week():
    """Would catch a week that turns at midnight in London, which is still Sunday evening in Montréal."""
    assert drawn({}, sessions=2) == Sitting((), "enough_this_week", date(2026, 11, 30))
    sunday_night = datetime(2026, 11, 29, 22, 0, tzinfo=MONTREAL)
    assert drawn({}, sessions=2, now=sunday_night).next_on == date(2026, 11, 30)


def test_with_nothing_due_and_nothing_new_it_says_when():
    memories = {f"A{n}": known(THURSDAY + timedelta(days=n + 3)) for n in range(6)}
    sitting = drawn(memories)
    assert sitting == Sitting((), "nothing_due", date(2026, 11, 29))
    assert "29 novembre 2026" in rest_card(sitting, speech()).plain()
    later = {f"A{n}": known(THURSDAY + timedelta(days=30)) for n in range(6)}
    enough = drawn(later, sessions=2)
    assert enough.next_on == date(2026, 12, 26)
    assert "26 December 2026" in rest_card(enough, speech("en")).plain()
    assert (
        "pas encore de questions"
        in rest_card(
            session(quiz(question("A1")).model_copy(update={"questions": ()}), {}, THURSDAY, "s", 0), speech()
        ).plain()
    )


def test_a_renamed_question_is_not_new():
    """Would catch a rename that makes everybody start again."""
    renamed = quiz(question("B1", was="A1"))
    memories = {"A1": known(THURSDAY + timedelta(days=5))}
    assert session(renamed, memories, THURSDAY, "s", 0).reason == "nothing_due"


def test_every_known_question_returns_once_in_the_two_weeks_before_go_live():
    far = known(THURSDAY + timedelta(days=90), last=THURSDAY - timedelta(days=20))
    one = quiz(question("A1"))
    go_live = THURSDAY.date() + timedelta(days=10)
    assert session(one, {"A1": far}, THURSDAY, "s", 0, go_live).questions == ("A1",)
    fresh = known(THURSDAY + timedelta(days=90), last=THURSDAY - timedelta(days=2))
    assert session(one, {"A1": fresh}, THURSDAY, "s", 0, go_live).questions == ()
    early = session(one, {"A1": far}, THURSDAY, "s", 0, THURSDAY.date() + timedelta(days=40))
    assert early.next_on == THURSDAY.date() + timedelta(days=26)
    assert session(one, {"A1": far}, THURSDAY, "s", 0, THURSDAY.date() + timedelta(days=2)).questions == ()


@settings(deadline=None, max_examples=80)
@given(
    st.dictionaries(st.sampled_from([f"A{n}" for n in range(6)]), st.integers(-400, 400)),
    st.integers(0, 3),
    st.text(max_size=5),
)
def test_a_session_keeps_its_limits_and_an_empty_one_always_says_why(
    dues: dict[str, int], sessions: int, seed: str
):
    memories = {name: known(THURSDAY + timedelta(days=days)) for name, days in dues.items()}
    sitting = drawn(memories, seed, sessions)
    assert sitting == drawn(memories, seed, sessions)
    assert len(sitting.questions) <= 3
    assert len(set(sitting.questions)) == len(sitting.questions)
    assert sum(name not in memories for name in sitting.questions) <= 2
    assert all(dues.get(name, 0) <= 0 for name in sitting.questions)
    if sitting.questions:
        assert sitting.reason == ""
    else:
        assert sitting.reason
        assert sitting.next_on is not None
        assert sitting.next_on > THURSDAY.date()


def _tags(name: str) -> tuple[str, ...]:
    return next(one.tags for one in SIX.questions if one.id == name)
