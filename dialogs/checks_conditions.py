"""Checks the conditions of a dialog: each looks at one earlier answer, or calls one named rule."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from dialogs.checks import NOUNS, Findings, choose
from dialogs.checks_answers import contradiction, named, reads
from dialogs.mistakes import Said
from dialogs.outcome import DONT_KNOW, SKIPPED
from dialogs.schema import Condition, Function, Step
from dialogs.yaml_reader import Path

_TESTS = ("equals", "one_of", "includes", "at_least", "at_most", "answered")
_FITTING: Mapping[str, tuple[str, ...]] = {
    "yesno": ("equals", "one_of", "answered"),
    "single": ("equals", "one_of", "answered"),
    "scale5": ("equals", "one_of", "at_least", "at_most", "answered"),
    "multi": ("includes", "answered"),
    "num": ("equals", "one_of", "at_least", "at_most", "answered"),
    "date": ("answered",),
    "person": ("answered",),
    "text": ("answered",),
}


@dataclass(frozen=True, slots=True)
class Conditions:
    """The conditions of one dialog, judged against its steps."""

    found: Findings
    steps: Mapping[str, Step]
    order: Sequence[str]
    functions: Mapping[str, Function]
    functions_known: bool
    dead: set[str] = field(default_factory=set)

    def check(self, path: Path, when: Sequence[Condition], before: int) -> bool:
        """Note what is wrong; True when all is well. before: how many of the first steps may be looked at."""
        noted = len(self.found.mistakes)
        for index, condition in enumerate(when):
            self.check_one((*path, index), condition, before)
        return len(self.found.mistakes) == noted and not self.found.unsure(path)

    def check_one(self, path: Path, condition: Condition, before: int) -> None:
        """Note what is wrong with one condition."""
        if self.found.unsure(path):
            return
        tests = [test for test in _TESTS if getattr(condition, test) is not None]
        subjects = [one for one in (condition.step, condition.rule, condition.no_rule) if one is not None]
        if len(subjects) != 1 or len(tests) != (condition.step is not None):
            self.found.add(path, *_SHAPE[min(len(subjects), 2), min(len(tests), 2)])
        elif condition.step is None:
            self._rule(path, str(subjects[0]))
        elif condition.step not in self.steps:
            cause = Said(
                f"Aucune étape ne s'appelle « {condition.step} ».", f'No step is called "{condition.step}".'
            )
            self.found.add((*path, "step"), cause, choose(condition.step, self.order[:before]))
        elif condition.step not in self.order[:before]:
            self.found.add((*path, "step"), *_later(condition.step))
        else:
            self._answer(path, condition, self.steps[condition.step], tests[0])

    def never(self, when: Sequence[Condition]) -> tuple[Said, Said] | None:
        """The words for conditions that no answers can make hold; None when some can.

        What follows from a step that is itself never asked (`dead`) is not told again.
        """
        if any(condition.step in self.dead for condition in when):
            return None
        clash = contradiction(when, self.steps, self.functions)
        if clash is None:
            return None
        return (
            Said(
                f"Ceci n'arrive jamais: les conditions sur « {clash} » se contredisent.",
                f'This never happens: the conditions on "{clash}" contradict each other.',
            ),
            Said(
                "Retirez l'une d'elles, ou corrigez celles des étapes dont elle dépend.",
                "Remove one of them, or correct those of the steps it depends on.",
            ),
        )

    def _rule(self, path: Path, rule: str) -> None:
        saved = reads(rule)
        if saved is not None and not any(step.save == saved for step in self.steps.values()):
            self.found.add(
                path,
                Said(
                    f"La règle « {rule} » lit la réponse « {saved} », qu'aucune étape n'enregistre.",
                    f'The rule "{rule}" reads the answer "{saved}", which no step saves.',
                ),
                Said(
                    f"Ajoutez « save » avec {saved} à l'étape voulue, ou retirez la règle.",
                    f'Add "save" with {saved} to the step meant, or remove the rule.',
                ),
            )

    def _answer(self, path: Path, condition: Condition, step: Step, test: str) -> None:
        fitting = _FITTING.get(step.type)
        if fitting is not None and step.options_from != "function_tap" and test not in fitting:
            self.found.add((*path, test), *_unfit(test, step, fitting))
            return
        known = named(step, self.functions)
        if not known or (step.options_from and not self.functions_known):
            return
        for key, values in (
            ("equals", (condition.equals,)),
            ("one_of", condition.one_of),
            ("includes", (condition.includes,)),
        ):
            for value in values or ():
                if value is not None and str(value) not in {*known, DONT_KNOW, SKIPPED}:
                    self.found.add((*path, key), *_no_option(str(value), step, known))
        for key, limit in (("at_least", condition.at_least), ("at_most", condition.at_most)):
            if limit is not None and step.type == "scale5" and not 1 <= limit <= 5:  # noqa: PLR2004
                self.found.add(
                    (*path, key),
                    Said(
                        f"L'échelle va de 1 à 5, et non {limit:g}.",
                        f"The scale goes from 1 to 5, not {limit:g}.",
                    ),
                    Said("Écrivez un nombre de 1 à 5.", "Write a number from 1 to 5."),
                )


def _later(step: str) -> tuple[Said, Said]:
    return (
        Said(
            f"L'étape « {step} » n'est pas encore posée à ce moment.",
            f'The step "{step}" has not been asked at this point.',
        ),
        Said(
            "Une condition ne regarde que les étapes placées plus haut: déplacez l'étape ou changez-la.",
            "A condition only looks at steps further up: move the step or change the condition.",
        ),
    )


def _unfit(test: str, step: Step, fitting: Sequence[str]) -> tuple[Said, Said]:
    return (
        Said(
            f"« {test} » ne convient pas à l'étape « {step.id} », de type {step.type}.",
            f'"{test}" does not fit the step "{step.id}", which is of type {step.type}.',
        ),
        Said(f"Utilisez: {', '.join(fitting)}.", f"Use: {', '.join(fitting)}."),
    )


def _no_option(value: str, step: Step, known: frozenset[str]) -> tuple[Said, Said]:
    noun = NOUNS["steps"]
    return (
        Said(
            f"« {value} » n'est pas une réponse possible ({noun.fr} {step.id}).",
            f'"{value}" is not a possible answer ({noun.en} {step.id}).',
        ),
        choose(value, known),
    )


_NO_SUBJECT = (
    Said("La condition ne dit pas ce qu'elle regarde.", "The condition does not say what it looks at."),
    Said(
        "Indiquez « step » et un test, ou bien « rule » ou « no_rule » seul.",
        'Give "step" and a test, or "rule" or "no_rule" alone.',
    ),
)
_TWO_SUBJECTS = (
    Said(
        "La condition regarde plusieurs choses à la fois.", "The condition looks at several things at once."
    ),
    Said(
        "Écrivez une condition par étape ou par règle: elles doivent toutes être remplies.",
        "Write one condition for each step or rule: all of them must hold.",
    ),
)
_NO_TEST = (
    Said(
        "La condition nomme une étape, mais ne compare sa réponse à rien.",
        "The condition names a step but does not test its answer.",
    ),
    Said(f"Ajoutez un seul test: {', '.join(_TESTS)}.", f"Add exactly one test: {', '.join(_TESTS)}."),
)
_TWO_TESTS = (
    Said("La condition contient plusieurs tests.", "The condition holds several tests."),
    Said(
        "Gardez un seul test; écrivez une deuxième condition pour l'autre.",
        "Keep one test; write a second condition for the other.",
    ),
)
_RULE_TEST = (
    Said("Une règle nommée ne se compare à rien.", "A named rule is not compared with anything."),
    Said(
        "Retirez le test, ou remplacez la règle par « step ».",
        'Remove the test, or replace the rule with "step".',
    ),
)
_SHAPE = {
    (0, 0): _NO_SUBJECT,
    (0, 1): _NO_SUBJECT,
    (0, 2): _NO_SUBJECT,
    (1, 0): _NO_TEST,
    (1, 1): _RULE_TEST,
    (1, 2): _TWO_TESTS,
    (2, 0): _TWO_SUBJECTS,
    (2, 1): _TWO_SUBJECTS,
    (2, 2): _TWO_SUBJECTS,
}
