"""What somebody answers from the first question of the impact interview to the last: as controls and as typed words."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Literal

from bench.company import function_of
from bot.library import BUILT_IN, files_of
from dialogs import interview
from dialogs.activity import FieldValue, Submission
from dialogs.card import Card, DateField, NumberField, SelectField
from dialogs.catalog import catalog
from dialogs.interview_state import Circumstances, Interview
from dialogs.outcome import Asked, Finished, Given
from dialogs.ref import Ref
from dialogs.speech import Speech

DIALOG = "impact"
CATALOG = catalog(files_of(BUILT_IN))
PACK = CATALOG.packs["ecommerce"]
SPEECH = Speech(CATALOG.ui, "fr-CA")
WORDS = {"project": "le projet", "lead": "la direction", "date": "3 décembre", "hello": "Bonjour"}
Side = Literal["gain", "difficulty"]


@dataclass(frozen=True, slots=True)
class Step:
    """One question and its answer. given: the rows before it. words: the same answer, typed."""

    given: tuple[Given, ...]
    card: Card
    submission: Submission
    words: str


def state(given: tuple[Given, ...], function: str = "STO") -> Interview:
    """The interview after these rows, as a turn loads it."""
    around = Circumstances(30, function, {function: 30}, (), WORDS)
    return Interview("run", PACK.dialogs[DIALOG], PACK.functions, given, around)


@cache
def one_impact(function: str = "STO", side: Side = "difficulty") -> tuple[Step, ...]:
    """Every step of somebody of this function who tells one impact and finishes."""
    return tuple(_steps(function, {"I3": side, "I12": "finish"}))


class Talks:
    """What each employee types next: the command, the answers up to the last, and the command again."""

    def __init__(self) -> None:
        self._next: dict[int, Iterator[str]] = {}

    def next_of(self, employee: int) -> str:
        """The next words of this employee; see bench.company.function_of."""
        return next(self._next.setdefault(employee, self._talk(employee)))

    @staticmethod
    def _talk(employee: int) -> Iterator[str]:
        while True:
            yield DIALOG
            yield from (step.words for step in one_impact(function_of(employee)))


def _steps(function: str, wanted: Mapping[str, str]) -> Iterator[Step]:
    """wanted: the options that are chosen where the first one is not, by step."""
    given: tuple[Given, ...] = ()
    while (position := state(given, function).position()) is not None:
        card = interview.ask(state(given, function), SPEECH)
        form = card.form()
        options = tuple(card.options())
        chosen = wanted.get(position.step.id, options[0].ref.choice)
        choice, words = chosen, next((one.label for one in options if one.ref.choice == chosen), "")
        values: Mapping[str, FieldValue] = {}
        if form is not None:
            choice, field = "", form.fields[0]
            match field:
                case SelectField(options=offered, many=many):
                    first = next((one for one in offered if one.value == function), offered[0])
                    values, words = {"value": (first.value,) if many else first.value}, first.label
                case NumberField() | DateField():
                    values, words = {"value": "3"}, "3"
                case _:
                    words = "Un exemple de chaque jour"
                    values = {"value": words}
        ref = Ref("run", "run", position.key, choice, state(given, function).revision(position))
        step = Step(given, card, Submission(ref, values), words)
        yield step
        outcome = interview.submit(state(given, function), step.submission, SPEECH)
        assert isinstance(outcome, Asked | Finished), f"{position.key} is not answered by {step.submission}"
        typed = interview.type_in(state(given, function), words, SPEECH)
        assert isinstance(typed, Asked | Finished), f"{position.key} is not answered by {words!r}"
        given = (*given, *(one for one in outcome.effects if isinstance(one, Given)))
