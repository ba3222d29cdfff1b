"""Where a person stands in a quiz session: derived from the answers given, never stored."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from dialogs.outcome import Given
from dialogs.quiz_effects import Reviewed
from dialogs.schema import Question, Quiz, QuizOption

USEFUL = "useful"
"""The step of the last tap: whether the session was of use for the person's work."""
SURE, GUESS = "sure", "guess"
YES, NO = "yes", "no"
PICK, CONFIDENCE = 0, 1


@dataclass(frozen=True, slots=True)
class Turn:
    """What is asked next: which option (round 0), or whether it was sure or guessed (round 1).

    name: the question's id when the session was drawn; the content may have renamed it since.
    """

    name: str
    question: Question
    round: int

    @property
    def key(self) -> str:
        """The turn's name in a Ref: A4.0."""
        return f"{self.name}.{self.round}"


@dataclass(frozen=True, slots=True)
class QuizSession:
    """One session of one person: the quiz, the ids drawn for it and the rows given so far.

    Rows keep the ids of the day the session was drawn, so that a rename in the middle loses nothing.
    """

    run: str
    quiz: Quiz
    questions: tuple[str, ...]
    given: tuple[Given, ...] = ()

    def asked(self) -> tuple[tuple[str, Question], ...]:
        """The questions that the content still has, under the names they were drawn with."""
        found = ((name, self.question(name)) for name in self.questions)
        return tuple((name, question) for name, question in found if question is not None)

    def question(self, name: str) -> Question | None:
        """The question of this id, or the one that says it was called so."""
        known = self.quiz.questions
        return next((one for one in known if one.id == name), None) or next(
            (one for one in known if one.was == name), None
        )

    def shown(self, name: str, question: Question) -> tuple[QuizOption, ...]:
        """The options in this session's own order, the same each time the question is drawn."""
        return tuple(sorted(question.options, key=lambda option: shuffled(self.run, name, option.id)))

    def turn(self) -> Turn | None:
        """The first turn that is open; None once every question is done."""
        return next(self._open(), None)

    def picked(self, name: str) -> QuizOption | None:
        """The option picked, if the content still has it."""
        question, value = self.question(name), self._latest(name, PICK)
        options = question.options if question is not None else ()
        return next((option for option in options if option.id == value), None)

    def sure(self, name: str) -> bool | None:
        """What the person said of the answer; None if nothing yet."""
        value = self._latest(name, CONFIDENCE)
        return None if value is None else value == SURE

    def useful(self) -> str | None:
        """The last tap of the session: yes, no, or None."""
        value = self._latest(USEFUL, PICK)
        return value if isinstance(value, str) else None

    def revision(self, step: str, round_: int) -> int:
        """How many rows the turn has: a control asked under another number is stale."""
        return sum(1 for row in self.given if (row.step, row.round) == (step, round_))

    def score(self) -> tuple[int, int]:
        """Right answers and answers, for the person alone."""
        picked = [option for option in (self.picked(name) for name, _ in self.asked()) if option is not None]
        return sum(option.right for option in picked), len(picked)

    def _open(self) -> Iterator[Turn]:
        for name, question in self.asked():
            # An answer whose option the content has dropped is asked again, unless it was already counted.
            if self.sure(name) is None:
                yield Turn(name, question, PICK if self.picked(name) is None else CONFIDENCE)

    def _latest(self, step: str, round_: int) -> object:
        return next(
            (row.value for row in reversed(self.given) if (row.step, row.round) == (step, round_)), None
        )


def settled(session: QuizSession) -> tuple[Reviewed, ...]:
    """The answers still to be counted when a session is closed before the person said "sure" or "guessed"."""
    open_ = (
        (question, session.picked(name)) for name, question in session.asked() if session.sure(name) is None
    )
    return tuple(
        Reviewed(question.id, option.right, None) for question, option in open_ if option is not None
    )


def shuffled(*parts: str) -> bytes:
    """A sort key that looks random and is the same on every machine and in every release."""
    return hashlib.sha256("|".join(parts).encode()).digest()
