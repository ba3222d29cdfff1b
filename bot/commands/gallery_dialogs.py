"""Every card of a guided dialog: questions in all their variants, answers, refusals, ways out and last words."""

from collections.abc import Iterator
from dataclasses import replace

from bot.commands.exhibit import Exhibit
from bot.commands.gallery_walks import LONG_TEXT, RUN, Goal, answer_for, goals, walked
from dialogs import interview
from dialogs.activity import Submission
from dialogs.card import Card
from dialogs.catalog import Pack
from dialogs.interview_state import Interview, Position
from dialogs.outcome import DONT_KNOW, SKIPPED, Asked, Finished, Given, Outcome, Rejected, Stale
from dialogs.question import BACK, CANCEL, EDIT, STOP, answered_card
from dialogs.reading import FIELD
from dialogs.ref import Ref
from dialogs.schema import Dialog
from dialogs.speech import Speech
from dialogs.text import Value

_PERSONAL = "Écrire à prenom@example.org"
_UNFIT = {"text": "x" * 281, "person": "x" * 281, "multi": "1, 0"}
"""What cannot be taken, by type of question; anything else has a word that is not in the list."""


def dialog_cards(pack: Pack, dialog: Dialog, speech: Speech) -> Iterator[Exhibit]:
    """Draw every card of one dialog."""
    around = placeholders(pack, speech)
    functions = dict(pack.functions)
    for goal in goals(dialog, functions):
        end: Interview | None = None
        for state, position in walked(dialog, functions, goal):
            told = replace(state, around=replace(state.around, placeholders=around))
            yield from _question(told, position, goal, speech)
            row = Given(position.step.id, position.round, answer_for(told, position, goal))
            end = replace(told, given=(*told.given, row))
        if end is not None:
            yield _of(dialog, f"closing-{goal.name}", interview.closing_card(end, speech))
    yield from _ways_out(dialog, functions_of(pack, dialog, speech), speech)
    yield from _put_off(dialog, functions_of(pack, dialog, speech), speech)


def placeholders(pack: Pack, speech: Speech) -> dict[str, Value]:
    """What wordings of dialogs may name, with values as long as they get."""
    return {
        "project": pack.head.project.say(speech.locale),
        "lead": speech("your_lead"),
        "date": "2026-12-03",
        "hello": speech("hello_name", first="Prénom-Composé"),
    }


def functions_of(pack: Pack, dialog: Dialog, speech: Speech) -> Interview:
    """A run that has just begun."""
    states = walked(dialog, dict(pack.functions), Goal("plain"))
    state, _ = next(states)
    return replace(state, around=replace(state.around, placeholders=placeholders(pack, speech)))


def _question(state: Interview, position: Position, goal: Goal, speech: Speech) -> Iterator[Exhibit]:
    dialog, step = state.dialog, position.step
    name = f"{step.id}-{goal.function}" if goal.function and _of_function(position) else step.id
    if position.round > 1:
        name = f"{name}-r{position.round}"
    asked = interview.ask(state, speech)
    yield _of(dialog, name, asked)
    value = answer_for(state, position, goal)
    yield _of(dialog, f"{name}-answered", answered_card(state, position, value, speech))
    if goal.name != "plain":
        return
    for given in () if state.required(position) else (DONT_KNOW, SKIPPED):
        yield _of(
            dialog, f"{name}-answered{given.replace('_', '-')}", answered_card(state, position, given, speech)
        )
    kind = state.kind(step)
    unfit = interview.type_in(state, _UNFIT.get(kind, "…?!"), speech)
    yield from _told(dialog, f"{name}-refused", unfit)
    empty = Submission(Ref("run", RUN, position.key, "", state.revision(position)), {FIELD: ""})
    yield from _told(dialog, f"{name}-empty", interview.submit(state, empty, speech))
    if kind == "multi" and step.max_picks:
        every = tuple(option.id for option in state.options(position))
        many = Submission(empty.ref, {FIELD: every})
        yield from _told(dialog, f"{name}-too-many", interview.submit(state, many, speech))
    if step.warn_personal:
        yield from _told(dialog, f"{name}-personal", interview.type_in(state, _PERSONAL, speech))
        yield from _told(dialog, f"{name}-personal-long", interview.type_in(state, _personal_text(), speech))
    after = replace(state, given=(*state.given, Given(step.id, position.round, value)))
    for choice, what in ((EDIT, "edit"), ("", "stale"), (BACK, "back")):
        clicked = Submission(
            Ref("run", RUN, position.key, choice, 0 if choice != BACK else after.revision(position))
        )
        yield from _told(dialog, f"{name}-{what}", interview.submit(after, clicked, speech))


def _ways_out(dialog: Dialog, state: Interview, speech: Speech) -> Iterator[Exhibit]:
    yield _of(dialog, "resume", interview.resume_card(state, speech))
    for choice, what in ((STOP, "stopped"), (CANCEL, "dropped")):
        clicked = Submission(Ref("run", RUN, "", choice))
        yield from _told(dialog, what, interview.submit(state, clicked, speech))
    yield from _told(dialog, "stale", interview.submit(state, Submission(None), speech))


def _put_off(dialog: Dialog, state: Interview, speech: Speech) -> Iterator[Exhibit]:
    later = dialog.later
    if later is None:
        return
    waits = replace(state, given=(Given(later.step, 0, later.equals),))
    yield _of(dialog, "later", interview.ask(waits, speech))
    for slot in later.slots:
        outcome = interview.type_in(waits, slot.label.say(speech.locale), speech)
        yield from _told(dialog, f"later-{slot.id}", outcome)


def _told(dialog: Dialog, name: str, outcome: Outcome) -> Iterator[Exhibit]:
    match outcome:
        case Asked(card, answered, _) | Finished(card, answered, _):
            yield _of(dialog, name, card)
            if answered is not None:
                yield _of(dialog, f"{name}-answered", answered)
        case Rejected(_, card) | Stale(_, card):
            yield _of(dialog, name, card)


def _of_function(position: Position) -> bool:
    return position.step.options_from in {"function_picks", "function_tap"}


def _personal_text() -> str:
    return f"{_PERSONAL} {LONG_TEXT}"[: len(LONG_TEXT)]


def _of(dialog: Dialog, step: str, card: Card) -> Exhibit:
    return Exhibit("dialog", dialog.dialog, step, card)
