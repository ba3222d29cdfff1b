"""Every card of a quiz: each question, right and wrong, sure and guessed, refusals and last words."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from bot.commands.exhibit import Exhibit
from dialogs import quiz as rules
from dialogs import quiz_cards
from dialogs.activity import Submission
from dialogs.card import Card
from dialogs.outcome import Asked, Finished, Given, Outcome, Rejected, Stale
from dialogs.quiz_session import Sitting
from dialogs.quiz_state import CONFIDENCE, GUESS, NO, PICK, SURE, USEFUL, YES, QuizSession, Turn
from dialogs.ref import Ref
from dialogs.schema import Question, Quiz
from dialogs.speech import Speech

RUN = "sample"
_SOON = date(2026, 12, 3)


def quiz_cards_of(quiz: Quiz, speech: Speech) -> Iterator[Exhibit]:
    """Draw every card of one quiz."""
    for question in quiz.questions:
        yield from _question(quiz, question, speech)
    yield from _session(quiz, speech)
    for name, sitting in (
        ("rest-week", Sitting((), "enough_this_week", _SOON)),
        ("rest-nothing-due", Sitting((), "nothing_due", _SOON)),
        ("rest-nothing", Sitting((), "nothing_due")),
    ):
        yield _of(quiz, name, quiz_cards.rest_card(sitting, speech))


def _question(quiz: Quiz, question: Question, speech: Speech) -> Iterator[Exhibit]:
    session = QuizSession(RUN, quiz, (question.id,))
    yield _of(quiz, question.id, rules.ask(session, speech))
    yield from _told(quiz, f"{question.id}-refused", rules.type_in(session, "…?!", speech))
    for option in question.options:
        name = f"{question.id}-{option.id}"
        picked = replace(session, given=(Given(question.id, PICK, option.id),))
        yield _of(
            quiz,
            f"{name}-answered",
            quiz_cards.answered_card(picked, Turn(question.id, question, PICK), speech),
        )
        yield _of(quiz, f"{name}-explained", rules.ask(picked, speech))
        for said in (SURE, GUESS):
            done = replace(picked, given=(*picked.given, Given(question.id, CONFIDENCE, said)))
            turn = Turn(question.id, question, CONFIDENCE)
            yield _of(quiz, f"{name}-{said}", quiz_cards.explained_card(done, turn, speech))
    wrong = next(option for option in question.options if not option.right)
    open_ = replace(session, given=(Given(question.id, PICK, wrong.id),))
    yield from _told(quiz, f"{question.id}-unsure", rules.type_in(open_, "…?!", speech))


def _session(quiz: Quiz, speech: Speech) -> Iterator[Exhibit]:
    names = tuple(question.id for question in quiz.questions[: quiz.per_session])
    session = QuizSession(RUN, quiz, names)
    yield from _told(quiz, "paused", rules.type_in(session, "stop", speech))
    yield from _told(quiz, "stale", rules.submit(session, Submission(Ref("quiz", RUN, "x.0", "a")), speech))
    right = {one.id: next(option.id for option in one.options if option.right) for one in quiz.questions}
    wrong = {one.id: next(option.id for option in one.options if not option.right) for one in quiz.questions}
    done = session
    for count in range(len(names) + 1):
        picked = [right if place < count else wrong for place in range(len(names))]
        done = replace(session, given=tuple(_answers(names, picked)))
        yield _of(quiz, f"closing-{count}", rules.ask(done, speech))
    for said in (YES, NO):
        rated = replace(done, given=(*done.given, Given(USEFUL, PICK, said)))
        yield _of(quiz, f"closing-{said}", rules.ask(rated, speech))
        clicked = Submission(Ref("quiz", RUN, f"{USEFUL}.{PICK}", said))
        yield from _told(quiz, f"useful-{said}", rules.submit(done, clicked, speech))
    yield _of(quiz, "closing-none", rules.ask(QuizSession(RUN, quiz, ("gone",)), speech))


def _answers(names: tuple[str, ...], picked: list[dict[str, str]]) -> Iterator[Given]:
    for name, options in zip(names, picked, strict=True):
        yield Given(name, PICK, options[name])
        yield Given(name, CONFIDENCE, SURE)


def _told(quiz: Quiz, name: str, outcome: Outcome) -> Iterator[Exhibit]:
    match outcome:
        case Asked(card, answered, _) | Finished(card, answered, _):
            yield _of(quiz, name, card)
            if answered is not None:
                yield _of(quiz, f"{name}-answered", answered)
        case Rejected(_, card) | Stale(_, card):
            yield _of(quiz, name, card)


def _of(quiz: Quiz, step: str, card: Card) -> Exhibit:
    return Exhibit("quiz", quiz.quiz, step, card)
