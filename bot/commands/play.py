"""`embarque play`: a dialog or a quiz in the terminal, for whoever writes the content."""

import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console

from bot.commands.play_screen import keys, show
from bot.commands.setup import library
from bot.commands.words import console, refuse, speech
from dialogs import interview, quiz
from dialogs.activity import Submission
from dialogs.card import Card
from dialogs.catalog import Pack
from dialogs.interview_state import Circumstances, Interview
from dialogs.outcome import Asked, Finished, Given, Outcome
from dialogs.question import CANCEL, RESUME
from dialogs.quiz_session import session
from dialogs.quiz_state import QuizSession
from dialogs.schema import Dialog, Quiz
from dialogs.speech import Speech
from dialogs.words import folded, nearest

Take = Callable[[str | Submission], Outcome]
"""Take a typed line or a click; what comes of it is kept."""


def play(name: str, lang: str, content: Path | None) -> None:
    """Play a dialog or quiz to its end, to "stop", or to the end of the input."""
    say = speech(lang)
    loaded = library(content, say).catalog
    talk = Speech(loaded.ui, say.locale)
    for pack in loaded.packs.values():
        if name in pack.dialogs:
            _talk(*_dialog(pack, pack.dialogs[name], talk), say, dialog=True)
            return
        if name in pack.quizzes:
            _talk(*_quiz(pack.quizzes[name], talk), say, dialog=False)
            return
    known = sorted(one for pack in loaded.packs.values() for one in (*pack.dialogs, *pack.quizzes))
    near = nearest(name, known)
    hint = (say("cli.play.near", near=near),) if near else ()
    refuse(say("cli.play.unknown", name=name[:40]), *hint, say("cli.play.known", known=", ".join(known)))


def _dialog(pack: Pack, dialog: Dialog, talk: Speech) -> tuple[Card, Take]:
    began = time.monotonic()
    values = {
        "project": pack.head.project.say(talk.locale),
        "lead": talk("your_lead"),
        "date": talk("date", date=datetime.now(UTC).date()),
        "hello": talk("hello"),
    }
    around = Circumstances(headcounts=dict.fromkeys(pack.functions, 20), placeholders=values)
    run = Interview("play", dialog, pack.functions, (), around)

    def take(said: str | Submission) -> Outcome:
        nonlocal run
        run = replace(run, around=replace(run.around, seconds=time.monotonic() - began))
        outcome = (
            interview.type_in(run, said, talk) if isinstance(said, str) else interview.submit(run, said, talk)
        )
        run = replace(run, given=(*run.given, *_rows(outcome)))
        return outcome

    return interview.ask(run, talk), take


def _quiz(chosen: Quiz, talk: Speech) -> tuple[Card, Take]:
    drawn = session(chosen, {}, datetime.now(UTC), "play", 0)
    sitting = QuizSession("play", chosen, drawn.questions)

    def take(said: str | Submission) -> Outcome:
        nonlocal sitting
        outcome = (
            quiz.type_in(sitting, said, talk) if isinstance(said, str) else quiz.submit(sitting, said, talk)
        )
        sitting = replace(sitting, given=(*sitting.given, *_rows(outcome)))
        return outcome

    return quiz.ask(sitting, talk), take


def _talk(card: Card, take: Take, say: Speech, *, dialog: bool) -> None:
    screen = console()
    over = False
    while True:
        show(screen, card, say)
        pressed = keys(card)
        # The last card may still ask something, such as whether the quiz was of use; it need not be answered.
        if over and not pressed:
            return
        line = _line(screen, say)
        if line is None or (over and not line.strip()):
            if not over:
                screen.print(say("cli.play.ended"))
            return
        click = pressed.get(folded(line))
        if isinstance(click, Submission) and click.ref is not None and click.ref.choice == CANCEL:
            over = True
        outcome = take(click or line)
        if dialog:
            _echo(screen, outcome)
        if click is None and not _effects(outcome) and _stopped(outcome.card):
            show(screen, outcome.card, say)
            return
        card = outcome.card
        over = over or isinstance(outcome, Finished)


def _stopped(card: Card) -> bool:
    """Whether the card is the one after "stop": nothing is open, and it can be taken up again."""
    return any(option.ref.choice == RESUME for option in card.options()) and card.form() is None


def _effects(outcome: Outcome) -> Sequence[object]:
    """What must be stored."""
    return outcome.effects if isinstance(outcome, Asked | Finished) else ()


def _rows(outcome: Outcome) -> list[Given]:
    return [effect for effect in _effects(outcome) if isinstance(effect, Given)]


def _echo(screen: Console, outcome: Outcome) -> None:
    """The answer as it was understood."""
    answered = outcome.answered if isinstance(outcome, Asked | Finished) else None
    if answered is not None:
        lines = answered.plain().splitlines()
        screen.print("  " + " ".join(line for line in lines[1:] if not line.startswith("[")), style="green")


def _line(screen: Console, say: Speech) -> str | None:
    """The next line typed; None at the end of the input."""
    if sys.stdin.isatty():
        screen.print(say("cli.play.prompt"), end=" ")
    try:
        line = sys.stdin.readline()
    except KeyboardInterrupt:
        return None
    return line.rstrip("\r\n") if line else None
