"""Somebody who goes through a dialog and may press anything that was ever shown, for the tests of interviews."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from bot.library import BUILT_IN, files_of
from dialogs import interview
from dialogs.activity import FieldValue, Submission
from dialogs.card import Card, DateField, NumberField, Option, SelectField
from dialogs.catalog import Pack, catalog
from dialogs.interview_state import Circumstances, Interview
from dialogs.outcome import Asked, Effect, Finished, Given, Outcome, Rejected, Stale
from dialogs.question import BACK, CANCEL, EDIT, RESUME, STOP
from dialogs.schema import Dialog, Function
from dialogs.speech import Speech

CATALOG = catalog(files_of(BUILT_IN))
PACK: Pack = CATALOG.packs["ecommerce"]
IMPACT: Dialog = PACK.dialogs["impact"]
SPEECH = Speech(CATALOG.ui, "fr-CA")
WORDS = {"project": "le projet", "lead": "la direction", "date": "3 décembre", "hello": "Bonjour"}
AROUND = Circumstances(30, "STO", {"STO": 30, "FIN": 2, "MKT": 6}, (), WORDS)
DOES_NOT_ANSWER = {BACK, EDIT, STOP, RESUME, CANCEL}


@dataclass
class Interviewee:
    """One run. cards: every card that was ever shown, the newest last. effects: all that was to be stored."""

    dialog: Dialog = IMPACT
    around: Circumstances = AROUND
    functions: Mapping[str, Function] = field(default_factory=lambda: PACK.functions)
    given: tuple[Given, ...] = ()
    cards: list[Card] = field(default_factory=list)
    effects: list[Effect] = field(default_factory=list)

    @property
    def state(self) -> Interview:
        return Interview("run1", self.dialog, self.functions, self.given, self.around)

    @property
    def at(self) -> str | None:
        """The question that is open, as I6.1."""
        position = self.state.position()
        return None if position is None else position.key

    @property
    def open_card(self) -> Card:
        return interview.ask(self.state, SPEECH)

    def looks(self) -> Card:
        """Take the card that is due before one's eyes."""
        self.cards.append(self.open_card)
        return self.cards[-1]

    def presses(self, option: Option, **values: FieldValue) -> Outcome:
        return self._took(interview.submit(self.state, Submission(option.ref, values), SPEECH))

    def types(self, text: str) -> Outcome:
        return self._took(interview.type_in(self.state, text, SPEECH))

    def answers(self, **answers: FieldValue) -> None:
        """Answer the questions in this order; each must be the one that is open: answers(I0="start")."""
        for step, value in answers.items():
            assert self.at is not None, f"{step}: nothing is asked any more"
            assert self.at.rpartition(".")[0] == step, f"{step}: {self.at} is open"
            before = len(self.given)
            self.answer(value)
            assert len(self.given) > before, f"{step}: {value!r} was not taken\n{self.cards[-1].plain()}"

    def answer(self, value: FieldValue) -> Outcome:
        """Answer the open question by its buttons where it has this one, else by its form."""
        card = self.looks()
        button = next((one for one in card.options() if one.ref.choice == value), None)
        if button is not None:
            return self.presses(button)
        form = card.form()
        assert form is not None, f"no {value!r} in {card.plain()}"
        return self.presses(form.submit, value=value)

    def goes_on(self) -> Outcome:
        """Take the first way on that the open card offers: what everybody can do."""
        card = self.looks()
        form = card.form()
        if form is not None:
            return self.presses(form.submit, value=plausible(card))
        ways = [one for one in card.options() if one.ref.choice not in DOES_NOT_ANSWER]
        assert ways, f"no way on:\n{card.plain()}"
        return self.presses(ways[0])

    def _took(self, outcome: Outcome) -> Outcome:
        match outcome:
            case Asked(card, answered, effects) | Finished(card, answered, effects):
                self.given = (*self.given, *(one for one in effects if isinstance(one, Given)))
                self.effects.extend(effects)
                self.cards += [one for one in (answered, card) if one is not None]
            case Rejected(_, card) | Stale(_, card):
                self.cards.append(card)
        return outcome

    def copy(self, **changes: object) -> "Interviewee":
        """The same person before another content or in other circumstances."""
        mine = {"cards": list(self.cards), "effects": list(self.effects)}
        return replace(self, **{**mine, **changes})  # type: ignore[arg-type]


def plausible(card: Card) -> FieldValue:
    """What the card's form accepts."""
    form = card.form()
    assert form is not None
    match form.fields[0]:
        case SelectField(options=options, many=many):
            return (options[0].value,) if many else options[0].value
        case NumberField():
            return "3,5"
        case DateField():
            return "2026-12-03"
        case _:
            return "Une commande à la fois"
