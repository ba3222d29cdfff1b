"""One step of a quiz session: (questions, answers so far, input) to (next card, what to store)."""

from dataclasses import replace

from dialogs.activity import Submission
from dialogs.card import Card, Choice
from dialogs.outcome import Asked, Effect, Finished, Given, Outcome, Rejected, Stale, Stopped
from dialogs.quiz_cards import (
    RESUME,
    answered_card,
    closing_card,
    confidence_words,
    explained_card,
    explanation_card,
    letters,
    question_card,
    resume_option,
    useful_words,
)
from dialogs.quiz_effects import Reviewed
from dialogs.quiz_state import CONFIDENCE, GUESS, NO, PICK, SURE, USEFUL, YES, QuizSession, Turn
from dialogs.schema import QuizOption
from dialogs.speech import Speech
from dialogs.words import folded

FIELD = "value"
STOP_WORDS = {"stop", "arreter", "arret", "pause"}


def ask(session: QuizSession, speech: Speech) -> Card:
    """The card of what is open: a question, the explanation that asks how sure it was, or the last word."""
    turn = session.turn()
    if turn is None:
        return closing_card(session, speech)
    return (
        question_card(session, turn, speech)
        if turn.round == PICK
        else explanation_card(session, turn, speech)
    )


def submit(session: QuizSession, submission: Submission, speech: Speech) -> Outcome:
    """Take a click. Only the person whose session it is may be let in here."""
    ref, turn = submission.ref, session.turn()
    if ref is not None and ref.choice == RESUME:
        card = ask(session, speech)
        return Asked(card) if turn is not None else Finished(card)
    key = turn.key if turn is not None else f"{USEFUL}.{PICK}"
    step, _, round_ = key.rpartition(".")
    if ref is None or ref.step != key or ref.revision != session.revision(step, int(round_)):
        return _moved_on(session, speech)
    return _taken(session, turn, ref.choice, speech)


def type_in(session: QuizSession, text: str, speech: Speech) -> Outcome:
    """Take a typed message while the session is open: a letter, a button's words, or "stop"."""
    said, turn = folded(text).strip(" .)!\"'"), session.turn()
    if turn is None:
        return _taken(session, None, _meant(said, useful_words(speech)), speech, typed=True)
    if said in STOP_WORDS:
        paused = speech.text("quiz.paused")
        card = Card(paused.plain, (paused, Choice((resume_option(session, speech),))), speech.locale)
        return Asked(card, None, (Stopped(),))
    if turn.round == CONFIDENCE:
        return _taken(session, turn, _meant(said, confidence_words(speech)), speech)
    return _taken(session, turn, _option_meant(session, turn, said, speech), speech)


def _taken(
    session: QuizSession, turn: Turn | None, choice: str, speech: Speech, *, typed: bool = False
) -> Outcome:
    if turn is None:
        return _useful(session, choice, speech, typed=typed)
    if turn.round == CONFIDENCE:
        return _confident(session, turn, choice, speech)
    option = next((one for one in turn.question.options if one.id == choice), None)
    if option is None:
        note = speech.text("quiz.pick_letter", "warning", letters=", ".join(letters(turn.question.options)))
        return Rejected({FIELD: note.plain}, question_card(session, turn, speech, note))
    return _picked(session, turn, option, speech)


def _picked(session: QuizSession, turn: Turn, option: QuizOption, speech: Speech) -> Outcome:
    row = Given(turn.name, PICK, option.id)
    after = replace(session, given=(*session.given, row))
    explanation = explanation_card(after, replace(turn, round=CONFIDENCE), speech)
    return Asked(explanation, answered_card(after, turn, speech), (row,))


def _confident(session: QuizSession, turn: Turn, choice: str, speech: Speech) -> Outcome:
    option = session.picked(turn.name)
    if choice not in {SURE, GUESS} or option is None:
        note = speech.text("quiz.pick_sure", "warning")
        return Rejected({FIELD: note.plain}, explanation_card(session, turn, speech, note))
    row = Given(turn.name, CONFIDENCE, choice)
    after = replace(session, given=(*session.given, row))
    effects: tuple[Effect, ...] = (row, Reviewed(turn.question.id, option.right, choice == SURE))
    answered = explained_card(after, turn, speech)
    if after.turn() is None:
        return Finished(closing_card(after, speech), answered, effects)
    return Asked(ask(after, speech), answered, effects)


def _useful(session: QuizSession, choice: str, speech: Speech, *, typed: bool) -> Outcome:
    if session.useful() is not None:
        return Finished(closing_card(session, speech)) if typed else _moved_on(session, speech)
    if choice not in {YES, NO}:
        return Finished(closing_card(session, speech))
    row = Given(USEFUL, PICK, choice)
    thanks, after = speech.text("quiz.thanks"), replace(session, given=(*session.given, row))
    return Finished(Card(thanks.plain, (thanks,), speech.locale), closing_card(after, speech), (row,))


def _moved_on(session: QuizSession, speech: Speech) -> Stale:
    return Stale(speech("quiz.stale"), ask(session, speech))


def _option_meant(session: QuizSession, turn: Turn, said: str, speech: Speech) -> str:
    shown = session.shown(turn.name, turn.question)
    for place, (letter, option) in enumerate(zip(letters(shown), shown, strict=True), 1):
        label = folded(option.label.say(speech.locale)).strip(" .)!\"'")
        if said in {folded(letter), str(place), label, f"{folded(letter)}. {label}"}:
            return option.id
    return ""


def _meant(said: str, words: dict[str, set[str]]) -> str:
    return next((choice for choice, known in words.items() if said in known), "")
