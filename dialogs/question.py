"""How a question of a dialog is shown, open and answered."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from dialogs.card import (
    Block,
    Card,
    Choice,
    DateField,
    Field,
    Form,
    NumberField,
    Option,
    Pick,
    SelectField,
    Span,
    Text,
    TextField,
)
from dialogs.interview_state import SLOT, Interview, Position
from dialogs.named_rules import heard_from
from dialogs.outcome import DONT_KNOW, SKIPPED, Answer
from dialogs.reading import FIELD, SURE
from dialogs.ref import Ref
from dialogs.schema import MAX_EXAMPLE
from dialogs.speech import Speech
from dialogs.text import Value

BACK, EDIT, STOP, RESUME, CANCEL = "_back", "_edit", "_stop", "_resume", "_cancel"
ONE_TAP = 5


@dataclass(frozen=True, slots=True)
class Shown:
    """What a question card carries besides the question itself."""

    note: Text | None = None
    value: Answer | None = None
    choice: str = ""


def question_card(
    interview: Interview, position: Position, speech: Speech, shown: Shown | None = None
) -> Card:
    """The card that asks: one tap where five choices are enough, a form otherwise, and always a way on."""
    shown = shown or Shown()
    value = _kept(interview, position, shown.value if shown.value is not None else interview.latest(position))
    asked = asked_text(interview, position, speech)
    blocks: list[Block] = []
    if shown.note is not None:
        blocks.append(shown.note)
    if position.round and interview.last_round() > 1:
        blocks.append(_round_line(interview, position, speech))
    blocks.append(asked)
    if position.step.hint is not None:
        blocks.append(speech.wording(position.step.hint, "quiet"))
    control = _control(interview, position, speech, value, shown.choice)
    if control is not None:
        blocks.append(control)
    way_on = _way_on(interview, position, speech)
    if way_on:
        blocks.append(Choice(way_on))
    return Card(asked.plain, tuple(blocks), speech.locale)


def answered_card(interview: Interview, position: Position, value: Answer, speech: Speech) -> Card:
    """The same message once it is answered: the question, the answer, and a way to change it."""
    asked = asked_text(interview, position, speech)
    words = answer_text(interview, position, value, speech)
    style = (
        "quote"
        if interview.kind(position.step) in {"text", "person"} and value not in (DONT_KNOW, SKIPPED)
        else "normal"
    )
    ref = Ref("run", interview.run, position.key, EDIT)
    blocks: tuple[Block, ...] = (
        Text(asked.spans, "quiet"),
        speech.text("answered", answer=words) if style == "normal" else speech.text("answered_text"),
    )
    if style == "quote":
        blocks += (Text((Span(words),), "quote"),)
    if position.step.id != SLOT:
        blocks += (Choice((speech.option("change", ref, "quiet"),)),)
    return Card(asked.plain, blocks, speech.locale)


def asked_text(interview: Interview, position: Position, speech: Speech) -> Text:
    """The question in the reader's words, filled with what the run knows."""
    wording = interview.wording(position)
    named = wording.placeholders()
    if not named:
        return speech.wording(wording)
    values: dict[str, Value] = dict(interview.around.placeholders)
    if "function" in named:
        function = interview.functions.get(interview.function() or "")
        values["function"] = function.label.say(speech.locale) if function else speech("your_function")
    if "n" in named:
        values["n"] = heard_from(interview, position.round)
    return speech.wording(wording, **values)


def answer_text(interview: Interview, position: Position, value: Answer, speech: Speech) -> str:
    """An answer as the reader would say it."""

    def label(choice: str) -> str:
        options = (*interview.options(position), *position.step.options)
        return next((one.label.say(speech.locale) for one in options if one.id == choice), choice)

    match value:
        case "_dont_know":
            return speech("dont_know")
        case "_skipped":
            return speech("skipped")
        case "yes" | "no" if interview.kind(position.step) == "yesno":
            return speech("answer_yes" if value == "yes" else "answer_no")
        case tuple():
            return ", ".join(label(one) for one in value)
        case str() if interview.kind(position.step) == "date":
            return speech("date", date=date.fromisoformat(value))
        case str():
            return label(value)
        case int() | float():
            return speech("number", n=value)


def _kept(interview: Interview, position: Position, value: Answer | None) -> Answer | None:
    """What was said before, as far as the question as it is now can show it."""
    if isinstance(value, str) and interview.kind(position.step) in {"text", "person"}:
        return value
    return value if value is not None and interview.valid(position, value) else None


def _control(
    interview: Interview, position: Position, speech: Speech, value: Answer | None, choice: str
) -> Choice | Form | None:
    kind, options = interview.kind(position.step), interview.options(position)
    run, key, revision = interview.run, position.key, interview.revision(position)

    def taps(labels: Iterable[tuple[str, str]], chosen: Answer | None) -> Choice:
        return Choice(
            tuple(
                [
                    Option(
                        label,
                        Ref("run", run, key, choice, revision),
                        "primary" if choice == chosen else "normal",
                    )
                    for choice, label in labels
                ]
            )
        )

    if kind == "yesno":
        return taps((("yes", speech("answer_yes")), ("no", speech("answer_no"))), value)
    if kind == "scale5":
        return taps(((n, n) for n in "12345"), str(value))
    if kind in {"single", "multi"} and not options:
        return None  # the function that brings them is not known: the ways on remain
    if kind == "single" and len(options) <= ONE_TAP:
        return taps(((option.id, option.label.say(speech.locale)) for option in options), value)
    send = speech.option(
        "send_anyway" if choice == SURE else "send", Ref("run", run, key, choice, revision), "primary"
    )
    return Form((_field(interview, position, speech, value),), send)


def _field(interview: Interview, position: Position, speech: Speech, value: Answer | None) -> Field:
    kind, step = interview.kind(position.step), position.step
    required = True  # an empty form says nothing: "Skip" is a button of its own
    if value is None and step.prefill == "function":
        value = interview.around.function
    value = None if value in (DONT_KNOW, SKIPPED) else value
    match kind:
        case "single" | "multi":
            picks = tuple(
                [_pick(option.id, option.label.say(speech.locale)) for option in interview.options(position)]
            )
            chosen = value if isinstance(value, tuple) else (str(value),) if value is not None else ()
            many = kind == "multi"
            label = (
                speech("pick_up_to", n=step.max_picks)
                if many and step.max_picks
                else speech("pick_any" if many else "pick_one")
            )
            return SelectField(
                FIELD,
                label,
                picks,
                required=required,
                many=many,
                max_picks=step.max_picks,
                value=tuple([one for one in chosen if any(pick.value == one for pick in picks)]),
            )
        case "num":
            return NumberField(
                FIELD,
                speech("your_number"),
                required=required,
                minimum=0,
                value="" if value is None else speech("number", n=_as_number(value)),
            )
        case "date":
            return DateField(
                FIELD,
                speech("your_date"),
                required=required,
                value=date.fromisoformat(str(value)) if value else None,
            )
        case _:
            multiline = kind == "text"
            return TextField(
                FIELD,
                speech("your_words" if multiline else "a_person"),
                required=required,
                multiline=multiline,
                max_length=MAX_EXAMPLE,
                value=str(value or ""),
            )


_pick = lru_cache(maxsize=4096)(Pick)
"""An entry of the content's lists, made once."""


def _round_line(interview: Interview, position: Position, speech: Speech) -> Text:
    """Which impact this is about; after "both", also which side of it."""
    side = interview.saved("impact.polarity", position.round)
    before = interview.saved("impact.polarity", position.round - 1) if position.round > 1 else None
    key = (
        "impact.gain_first"
        if side == "both"
        else "impact.now_difficulty"
        if before == "both"
        else "impact.number"
    )
    return speech.text(key, "quiet", n=position.round)


def _as_number(value: Answer) -> float:
    return value if isinstance(value, int | float) else 0


def _way_on(interview: Interview, position: Position, speech: Speech) -> tuple[Option, ...]:
    run, key, revision = interview.run, position.key, interview.revision(position)
    ways = [] if interview.required(position) else [("dont_know", DONT_KNOW), ("skip", SKIPPED)]
    if interview.before(position) is not None:
        ways.append(("back", BACK))
    return tuple([speech.option(word, Ref("run", run, key, way, revision), "quiet") for word, way in ways])
