"""How a quiz is shown: the question, the explanation that follows every answer, and the last word."""

from collections.abc import Sequence
from string import ascii_uppercase

from dialogs.card import Block, Card, Choice, Option, Text
from dialogs.quiz_session import Sitting
from dialogs.quiz_state import CONFIDENCE, GUESS, NO, PICK, SURE, USEFUL, YES, QuizSession, Turn
from dialogs.ref import Ref
from dialogs.schema import QuizOption
from dialogs.speech import Speech
from dialogs.words import folded

TOPIC = "quiz"
RESUME = "_resume"
ON_BUTTON = 40
"""Options longer than this are listed above buttons that bear only their letters: phones cut long buttons."""


def question_card(session: QuizSession, turn: Turn, speech: Speech, note: Text | None = None) -> Card:
    """The card that asks one question, with its options in the order of this session."""
    asked = speech.wording(turn.question.ask)
    shown = session.shown(turn.name, turn.question)
    labels = [option.label.say(speech.locale) for option in shown]
    listed = any(len(label) > ON_BUTTON for label in labels)
    blocks: list[Block] = [_place(session, turn, speech), asked]
    if note is not None:
        blocks.insert(0, note)
    if listed:
        blocks += [
            _lettered(letter, label, speech) for letter, label in zip(letters(shown), labels, strict=True)
        ]
    revision = session.revision(turn.name, PICK)
    buttons = tuple(
        Option(
            letter if listed else _lettered(letter, label, speech).plain,
            Ref(TOPIC, session.run, turn.key, option.id, revision),
        )
        for letter, label, option in zip(letters(shown), labels, shown, strict=True)
    )
    return Card(asked.plain, (*blocks, Choice(buttons)), speech.locale)


def answered_card(session: QuizSession, turn: Turn, speech: Speech) -> Card:
    """The question once it is answered: no control is left, since an answer is given once."""
    asked = speech.wording(turn.question.ask, "quiet")
    picked = speech.text("quiz.picked", answer=_picked_label(session, turn, speech))
    return Card(asked.plain, (_place(session, turn, speech), asked, picked), speech.locale)


def explanation_card(session: QuizSession, turn: Turn, speech: Speech, note: Text | None = None) -> Card:
    """What is right and why, after every answer, and the question how sure the person was."""
    revision = session.revision(turn.name, CONFIDENCE)

    def tap(key: str, choice: str) -> Option:
        return speech.option(key, Ref(TOPIC, session.run, turn.key, choice, revision))

    blocks = (*_explained(session, turn, speech), speech.text("quiz.how_sure"))
    choice = Choice((tap("quiz.sure", SURE), tap("quiz.guess", GUESS)))
    before: tuple[Block, ...] = () if note is None else (note,)
    return Card(_verdict(session, turn, speech).plain, (*before, *blocks, choice), speech.locale)


def explained_card(session: QuizSession, turn: Turn, speech: Speech) -> Card:
    """The explanation once the person said how sure it was; it stays in the conversation to be read again."""
    said = speech.text("quiz.said_sure" if session.sure(turn.name) else "quiz.said_guess", "quiet")
    return Card(
        _verdict(session, turn, speech).plain, (*_explained(session, turn, speech), said), speech.locale
    )


def closing_card(session: QuizSession, speech: Speech) -> Card:
    """The last word: this session's score, shown to nobody else, and whether it was of use."""
    right, total = session.score()
    said = (
        speech.text("quiz.closing", right=right, total=total) if total else speech.text("quiz.closing_none")
    )
    blocks: list[Block] = [said]
    if total:
        blocks.append(speech.text("quiz.private", "quiet"))
    if session.useful() is not None:
        said_useful = "quiz.useful_yes" if session.useful() == YES else "quiz.useful_no"
        blocks.append(speech.text("quiz.picked", "quiet", answer=speech(said_useful)))
    elif total:
        revision = session.revision(USEFUL, PICK)
        refs = {choice: Ref(TOPIC, session.run, f"{USEFUL}.{PICK}", choice, revision) for choice in (YES, NO)}
        taps = (speech.option("quiz.useful_yes", refs[YES]), speech.option("quiz.useful_no", refs[NO]))
        blocks += [speech.text("quiz.useful"), Choice(taps)]
    return Card(said.plain, tuple(blocks), speech.locale)


def rest_card(sitting: Sitting, speech: Speech) -> Card:
    """What to say to somebody who asks for questions on a day without any: why, and when to return."""
    if sitting.next_on is None:
        text = speech.text("quiz.nothing")
    elif sitting.reason == "enough_this_week":
        text = speech.text("quiz.enough_this_week", date=sitting.next_on)
    else:
        text = speech.text("quiz.nothing_due", date=sitting.next_on)
    return Card(text.plain, (text,), speech.locale)


def resume_option(session: QuizSession, speech: Speech) -> Option:
    """The button that takes a session up again where it was left."""
    return speech.option("quiz.resume", Ref(TOPIC, session.run, "", RESUME), "primary")


def letters(options: Sequence[QuizOption]) -> tuple[str, ...]:
    """A, B, C for as many options as there are."""
    return tuple(ascii_uppercase[: len(options)])


def confidence_words(speech: Speech) -> dict[str, set[str]]:
    """What people type for "sure" and for "guessed"."""
    return {
        SURE: {folded(speech("quiz.sure")), "1", "sur", "sure", "c'etait sur", "i was sure", "oui", "yes"},
        GUESS: {
            folded(speech("quiz.guess")),
            "2",
            "devine",
            "guess",
            "guessed",
            "c'etait devine",
            "i guessed",
            "non",
            "no",
        },
    }


def useful_words(speech: Speech) -> dict[str, set[str]]:
    """What people type for "useful" and for "not useful"."""
    return {
        YES: {folded(speech("quiz.useful_yes")), "1", "utile", "useful", "oui", "yes"},
        NO: {folded(speech("quiz.useful_no")), "2", "pas utile", "inutile", "not useful", "non", "no"},
    }


def _explained(session: QuizSession, turn: Turn, speech: Speech) -> tuple[Text, ...]:
    right = next((option.label.say(speech.locale) for option in turn.question.options if option.right), "")
    verdict, because = _verdict(session, turn, speech), speech.wording(turn.question.because)
    return verdict, speech.text("quiz.right_answer", answer=right), because


def _verdict(session: QuizSession, turn: Turn, speech: Speech) -> Text:
    picked = session.picked(turn.name)
    return speech.text("quiz.right" if picked is not None and picked.right else "quiz.wrong", "heading")


def _picked_label(session: QuizSession, turn: Turn, speech: Speech) -> str:
    picked = session.picked(turn.name)
    return "" if picked is None else picked.label.say(speech.locale)


def _place(session: QuizSession, turn: Turn, speech: Speech) -> Text:
    names = [name for name, _ in session.asked()]
    title = session.quiz.title.say(speech.locale)
    return speech.text("quiz.place", "quiet", title=title, n=names.index(turn.name) + 1, total=len(names))


def _lettered(letter: str, label: str, speech: Speech) -> Text:
    return speech.text("quiz.option", letter=letter, label=label)
