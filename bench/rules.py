"""The rules alone: one answer of the impact interview, from the rows to the outcome with its cards."""

import statistics
import time
from collections.abc import Mapping

from bot.library import BUILT_IN, files_of
from dialogs import interview
from dialogs.activity import FieldValue, Submission
from dialogs.card import DateField, NumberField, SelectField
from dialogs.catalog import catalog
from dialogs.interview_state import Circumstances, Interview
from dialogs.outcome import Asked, Finished, Given
from dialogs.ref import Ref
from dialogs.speech import Speech

Step = tuple[tuple[Given, ...], Submission]
WORDS = {"project": "le projet", "lead": "la direction", "date": "3 décembre", "hello": "Bonjour"}
AROUND = Circumstances(30, "STO", {"STO": 30}, (), WORDS)
CATALOG = catalog(files_of(BUILT_IN))
PACK = CATALOG.packs["ecommerce"]
SPEECH = Speech(CATALOG.ui, "fr-CA")
REPEATS = 200


def state(given: tuple[Given, ...]) -> Interview:
    """The interview after these rows, as a turn loads it."""
    return Interview("run", PACK.dialogs["impact"], PACK.functions, given, AROUND)


def one_impact() -> list[Step]:
    """Every step of somebody who tells one difficulty and finishes."""
    wanted = {"I3": "difficulty", "I12": "finish"}
    steps: list[Step] = []
    given: tuple[Given, ...] = ()
    while (position := state(given).position()) is not None:
        card = interview.ask(state(given), SPEECH)
        form = card.form()
        choice = wanted.get(position.step.id, next(iter(card.options())).ref.choice)
        values: Mapping[str, FieldValue] = {}
        if form is not None:
            choice, field = "", form.fields[0]
            match field:
                case SelectField(options=options, many=many):
                    values = {"value": (options[0].value,) if many else options[0].value}
                case NumberField() | DateField():
                    values = {"value": "3"}
                case _:
                    values = {"value": "Un exemple de chaque jour"}
        ref = Ref("run", "run", position.key, choice, state(given).revision(position))
        steps.append((given, Submission(ref, values)))
        outcome = interview.submit(state(given), steps[-1][1], SPEECH)
        assert isinstance(outcome, Asked | Finished)
        given = (*given, *(one for one in outcome.effects if isinstance(one, Given)))
    return steps


def measure() -> dict[str, float]:
    """One round: µs of processor time a step, the median over the steps and the slowest of them."""
    taken: list[float] = []
    for given, submission in one_impact():
        began = time.process_time()
        for _ in range(REPEATS):
            interview.submit(state(given), submission, SPEECH)
        taken.append((time.process_time() - began) / REPEATS * 1e6)
    return {"median_us": statistics.median(taken), "slowest_us": max(taken), "steps": len(taken)}
