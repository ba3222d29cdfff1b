"""What somebody answers from the first question of the impact interview to the last: as controls and as typed words."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import combinations
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
SIDES: tuple[Side, ...] = ("difficulty", "gain")
ALIKE = 5
"""How many of a function say the very same: from the sixth on the bot asks whether it is what others said."""
VARIANTS = 25 * len(SIDES)
"""What the employees of a function can tell."""


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


def offered(step: Step) -> tuple[str, ...]:
    """What the step offers to pick several of; empty for other steps."""
    form = step.card.form()
    match form.fields if form else ():
        case (SelectField(options=options, many=True),):
            return tuple(one.label for one in options)
        case _:
            return ()


@cache
def varied(function: str, variant: int) -> tuple[tuple[Step, ...], int, tuple[str, ...]]:
    """An interview, the place of its step that offers several, and which of them are picked."""
    which, side = divmod(variant % VARIANTS, len(SIDES))
    steps = one_impact(function, SIDES[side])
    place = next(number for number, step in enumerate(steps) if offered(step))
    labels = offered(steps[place])
    return steps, place, [one for size in (1, 2, 3) for one in combinations(labels, size)][which]


class Talks:
    """What each employee types next: the command, the answers up to the last, and the command again."""

    def __init__(self) -> None:
        self._next: dict[int, Iterator[str]] = {}
        self._told = Counter[str]()

    def next_of(self, employee: int) -> str:
        """The next words of this employee; see bench.company.function_of."""
        return next(self._next.setdefault(employee, self._talk(function_of(employee))))

    def _talk(self, function: str) -> Iterator[str]:
        while True:
            steps, place, picked = varied(function, self._told[function] // ALIKE)
            self._told[function] += 1
            yield DIALOG
            for number, step in enumerate(steps):
                labels = offered(step)
                several = (str(labels.index(one) + 1) for one in picked) if number == place else ()
                yield ", ".join(several) or step.words


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
                case SelectField(options=picks, many=many):
                    first = next((one for one in picks if one.value == function), picks[0])
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
