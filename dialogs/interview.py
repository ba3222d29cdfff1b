"""One step of a dialog: (definition, answers so far, input) to (next card, what to store)."""

from dialogs.activity import Submission
from dialogs.card import Card, Choice, Option
from dialogs.conditions import holds
from dialogs.interview_state import SLOT, Interview, Position
from dialogs.outcome import (
    Answer,
    Asked,
    Cancelled,
    ChampionOffered,
    Effect,
    Finished,
    Given,
    LeadTold,
    Outcome,
    PutOff,
    Rejected,
    Stale,
    Stopped,
)
from dialogs.question import (
    BACK,
    CANCEL,
    EDIT,
    RESUME,
    STOP,
    Shown,
    answered_card,
    question_card,
)
from dialogs.reading import FIELD, SURE, UnreadableError, read, understood
from dialogs.ref import Ref
from dialogs.speech import Speech
from dialogs.text import Value
from dialogs.words import folded

STOP_WORDS = {"stop", "arreter", "arret"}
BACK_WORDS = {"retour", "back", "precedent"}


def ask(interview: Interview, speech: Speech) -> Card:
    """The card of the question that is due, or the last word."""
    position = interview.position()
    return question_card(interview, position, speech) if position else closing_card(interview, speech)


def submit(interview: Interview, submission: Submission, speech: Speech) -> Outcome:
    """Take a click or a form. Only the person whose run it is may be let in here."""
    ref = submission.ref
    if ref is None:
        return _moved_on(interview, None, speech)
    if ref.choice in {STOP, CANCEL, RESUME}:
        return _word(interview, ref.choice, speech)
    position = interview.find(ref.step)
    if position is None or not interview.is_due(position):
        return _moved_on(interview, None, speech)
    if ref.choice == EDIT:
        return Asked(question_card(interview, position, speech, Shown(value=interview.latest(position))))
    if ref.revision != interview.revision(position):
        return _moved_on(interview, position, speech)
    if ref.choice == BACK:
        before = interview.before(position)
        return Asked(question_card(interview, before or position, speech))
    try:
        answer = read(interview, position, submission.values, ref.choice)
    except UnreadableError as problem:
        return _unreadable(interview, position, problem, submission, speech)
    return _answered(interview, position, answer, speech)


def type_in(interview: Interview, text: str, speech: Speech) -> Outcome:
    """Take a typed message while the dialog is open: a word of the bot's, or the answer to the question."""
    said, position = folded(text), interview.position()
    if said in STOP_WORDS:
        return _word(interview, STOP, speech)
    if position is None:
        return Finished(closing_card(interview, speech))
    if said in BACK_WORDS:
        return Asked(question_card(interview, interview.before(position) or position, speech))
    try:
        answer = understood(interview, position, text)
        if position.step.warn_personal and isinstance(answer, str):
            answer = read(interview, position, {FIELD: answer}, "")
    except UnreadableError as problem:
        return _unreadable(interview, position, problem, Submission(None, {FIELD: text}), speech)
    return _answered(interview, position, answer, speech)


def closing_card(interview: Interview, speech: Speech) -> Card:
    """The last word: what was put off, or the first closing whose condition holds."""
    later, slot = interview.dialog.later, interview.put_off()
    if later is not None and slot is not None:
        label = next(one.label.say(speech.locale) for one in later.slots if one.id == slot)
        text = speech.wording(later.said, **{**interview.around.placeholders, "when": label})
        return Card(
            text.plain, (text, Choice((_button("resume_now", interview, RESUME, speech),))), speech.locale
        )
    scope = interview.scope(interview.last_round())
    closing = next(one for one in interview.dialog.closings if holds(one.when, scope))
    text = speech.wording(closing.say, **interview.around.placeholders)
    return Card(text.plain, (text,), speech.locale)


def resume_card(interview: Interview, speech: Speech) -> Card:
    """The card sent once to somebody who left in the middle, or put it off to now: take it up, or drop it."""
    later = interview.dialog.later
    chosen = later.reminder if later is not None and interview.put_off() is not None else None
    text = speech.wording(chosen or interview.dialog.resume, **interview.around.placeholders)
    options = (_button("resume", interview, RESUME, speech), _button("drop", interview, CANCEL, speech))
    return Card(text.plain, (text, Choice(options)), speech.locale)


def taken_up(interview: Interview) -> tuple[Given, ...]:
    """The rows that withdraw a put-off, so that the dialog starts where it would have."""
    later = interview.dialog.later
    if later is None or interview.put_off() is None:
        return ()
    return Given(later.step, 0, None), Given(SLOT, 0, None)


def _answered(interview: Interview, position: Position, answer: Answer, speech: Speech) -> Outcome:
    row = Given(position.step.id, position.round, answer)
    answered = answered_card(interview, position, answer, speech)
    after = interview.after((row,))
    effects: tuple[Effect, ...] = (row, *_effects(interview, after, position))
    if position.step.id == SLOT:
        return Finished(closing_card(after, speech), answered, effects)
    next_ = after.position()
    if next_ is None:
        return Finished(closing_card(after, speech), answered, effects)
    return Asked(question_card(after, next_, speech), answered, effects)


def _effects(before: Interview, after: Interview, position: Position) -> tuple[Effect, ...]:
    scope, effects = after.scope(position.round), list[Effect]()
    dialog, slot = after.dialog, after.put_off()
    if slot is not None and before.put_off() != slot:
        effects.append(PutOff(slot))
    if (
        dialog.champion is not None
        and dialog.champion.step == position.step.id
        and holds((dialog.champion,), scope)
    ):
        effects.append(ChampionOffered())
    if (
        dialog.lead_told is not None
        and dialog.lead_told.step == position.step.id
        and holds((dialog.lead_told,), scope)
    ):
        effects.append(LeadTold(position.round))
    return tuple(effects)


def _unreadable(
    interview: Interview, position: Position, problem: UnreadableError, submission: Submission, speech: Speech
) -> Outcome:
    note = speech.text(problem.key, "warning", **problem.values)
    raw = submission.values.get(FIELD)
    typed = raw if isinstance(raw, str) and raw else None
    if problem.key == "warn_personal":
        return Asked(question_card(interview, position, speech, Shown(note, typed, SURE)))
    keep = typed if interview.kind(position.step) in {"text", "person"} else None
    return Rejected({FIELD: note.plain}, question_card(interview, position, speech, Shown(note, keep)))


def _moved_on(interview: Interview, position: Position | None, speech: Speech) -> Stale:
    """The clicked message shows what has become of it: its answer, or where the dialog stands now."""
    note = speech("stale")
    if position is not None:
        value = interview.value(position.step.id, position.round)
        if value is not None:
            return Stale(note, answered_card(interview, position, value, speech))
    due = interview.position()
    if due is None:
        return Stale(note, closing_card(interview, speech))
    return Stale(note, question_card(interview, due, speech, Shown(speech.text("stale", "quiet"))))


def _word(interview: Interview, choice: str, speech: Speech) -> Outcome:
    if choice == CANCEL:
        text = speech.text("dropped")
        return Finished(
            Card(text.plain, (text,), speech.locale), text_card(speech, "dropped"), (Cancelled(),)
        )
    if choice == STOP:
        text = speech.text("stopped")
        options = (_button("resume", interview, RESUME, speech), _button("drop", interview, CANCEL, speech))
        return Asked(Card(text.plain, (text, Choice(options)), speech.locale), None, (Stopped(),))
    rows = taken_up(interview)
    fresh = interview.after(rows)
    card = ask(fresh, speech)
    return Asked(card, None, rows) if fresh.position() else Finished(card, None, rows)


def text_card(speech: Speech, key: str, /, **values: Value) -> Card:
    """A card of one sentence of the bot's."""
    text = speech.text(key, **values)
    return Card(text.plain, (text,), speech.locale)


def _button(key: str, interview: Interview, choice: str, speech: Speech) -> Option:
    return speech.option(
        key, Ref("run", interview.run, "", choice), "primary" if choice == RESUME else "normal"
    )
