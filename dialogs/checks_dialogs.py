"""Checks a dialog: its steps, options, rounds and last words, so that nobody is led into a dead end."""

from dialogs.checks import Findings, Names, Taken, choose
from dialogs.checks_conditions import Conditions
from dialogs.mistakes import Said
from dialogs.schema import Choosable, Condition, Dialog, FollowUp, Function, Later, Rounds, Step
from dialogs.yaml_reader import Path

_MOST = 100
_PICKED = {"single", "multi"}
_SLOT = "slot"


def check_dialog(dialog: Dialog, found: Findings, names: Names) -> None:
    """Note what is wrong with one dialog."""
    order = tuple(step.id for step in dialog.steps)
    steps = {step.id: step for step in reversed(dialog.steps)}
    conditions = Conditions(found, steps, order, names.functions, "functions" not in names.open)
    _ids(dialog, found)
    for index, step in enumerate(dialog.steps):
        path: Path = ("steps", index)
        _options(step, path, found)
        _conditions(step, path, index, conditions)
    if dialog.rounds is not None and not found.unsure(("rounds",)):
        _rounds(dialog.rounds, conditions)
    if dialog.later is not None:
        _later(dialog.later, conditions)
    for key, condition in (("champion", dialog.champion), ("lead_told", dialog.lead_told)):
        if condition is not None:
            conditions.check_one((key,), condition, len(order))
    _closings(dialog, conditions)


def check_function(function: Function, path: Path, found: Findings) -> None:
    """Note what is wrong with the two questions of a function."""
    _follow_up(function.picks, (*path, "picks"), found)
    _follow_up(function.tap, (*path, "tap"), found)
    if function.picks.type not in (*_PICKED, ""):
        found.add((*path, "picks", "type"), *_PICKS_LIST)


def _follow_up(question: FollowUp, path: Path, found: Findings) -> None:
    _list(
        question.options, wanted=question.type in _PICKED, known=bool(question.type), path=path, found=found
    )


def _ids(dialog: Dialog, found: Findings) -> None:
    taken = Taken()
    for index, step in enumerate(dialog.steps):
        taken.claim(found, ("steps", index, "id"), "steps", step.id)
        if step.id == _SLOT and dialog.later is not None:
            found.add(("steps", index, "id"), *_RESERVED)
    for index, step in enumerate(dialog.steps):
        if step.was is not None:
            taken.claim(found, ("steps", index, "was"), "steps", step.was)


def _options(step: Step, path: Path, found: Findings) -> None:
    if step.options_from is None:
        _list(step.options, wanted=step.type in _PICKED, known=bool(step.type), path=path, found=found)
    elif step.options:
        found.add((*path, "options"), *_TWO_LISTS)
    elif step.options_from != "function_tap" and step.type not in (*_PICKED, ""):
        found.add((*path, "options_from"), *_no_list_here())
    if step.max_picks and step.type not in ("multi", ""):
        found.add((*path, "max_picks"), *_MULTI_ONLY)
    elif step.options and step.max_picks > len(step.options):
        found.add((*path, "max_picks"), *_too_many_picks(len(step.options)))


def _list(options: tuple[Choosable, ...], *, wanted: bool, known: bool, path: Path, found: Findings) -> None:
    here = (*path, "options")
    taken = Taken()
    for index, option in enumerate(options):
        taken.claim(found, (*here, index, "id"), "options", option.id)
    if not known or found.unsure(here):
        return
    if options and not wanted:
        found.add(here, *_no_list_here())
    elif wanted and not options:
        found.add(path, *_NO_LIST)
    elif wanted and not 2 <= len(options) <= _MOST:  # noqa: PLR2004
        found.add(here, *_LIST_SIZE)


def _conditions(step: Step, path: Path, index: int, conditions: Conditions) -> None:
    sound = conditions.check((*path, "when"), step.when, index)
    never = conditions.never(step.when) if sound else None
    if never is not None:
        conditions.found.add((*path, "when"), *never)
    if not sound or never is not None or any(condition.step in conditions.dead for condition in step.when):
        conditions.dead.add(step.id)
    if step.required_when is not None:
        conditions.check((*path, "required_when"), step.required_when, index)
    for place, variant in enumerate(step.variants):
        here: Path = (*path, "variants", place, "when")
        if not conditions.check(here, variant.when, index) or not sound or never:
            continue
        hidden = conditions.never((*step.when, *variant.when))
        if hidden is not None:
            conditions.found.add(here, *hidden)


def _rounds(rounds: Rounds, conditions: Conditions) -> None:
    order = list(conditions.order)
    for key, name in (("first", rounds.first), ("last", rounds.last)):
        if name and name not in order:
            cause = Said(f"Aucune étape ne s'appelle « {name} ».", f'No step is called "{name}".')
            conditions.found.add(("rounds", key), cause, choose(name, order))
    if rounds.last in order:
        end = order.index(rounds.last)
        if rounds.first in order and end < order.index(rounds.first):
            conditions.found.add(("rounds", "last"), *_REVERSED)
        else:
            conditions.check_one(("rounds", "again"), rounds.again, end + 1)


def _later(later: Later, conditions: Conditions) -> None:
    found, taken = conditions.found, Taken()
    for index, slot in enumerate(later.slots):
        path: Path = ("later", "slots", index)
        taken.claim(found, (*path, "id"), "slots", slot.id)
        ahead = slot.in_workdays is not None and slot.at is not None
        clear = ahead if slot.in_hours is None else slot.in_workdays is None and slot.at is None
        if not clear and not found.unsure(path):
            found.add(path, *_MOMENT)
    if later.step and not found.unsure(("later", "step")):
        conditions.check_one(
            ("later",), Condition(step=later.step, equals=later.equals), len(conditions.order)
        )


def _closings(dialog: Dialog, conditions: Conditions) -> None:
    found, end = conditions.found, len(dialog.steps)
    for index, closing in enumerate(dialog.closings):
        path: Path = ("closings", index)
        if conditions.check((*path, "when"), closing.when, end):
            never = conditions.never(closing.when)
            if never is not None:
                found.add((*path, "when"), *never)
        if not closing.when and index + 1 < len(dialog.closings) and not found.unsure(path):
            found.add(("closings", index + 1), *_HIDDEN_CLOSING)
    last = len(dialog.closings) - 1
    if dialog.closings and dialog.closings[last].when:
        found.add(("closings", last), *_DEAD_END)


def _no_list_here() -> tuple[Said, Said]:
    return (
        Said(
            "Ce type de question n'a pas de liste de choix.", "This type of question has no list of choices."
        ),
        Said(
            "Retirez la liste, ou choisissez le type single ou multi.",
            "Remove the list, or choose the type single or multi.",
        ),
    )


def _too_many_picks(count: int) -> tuple[Said, Said]:
    return (
        Said(
            f"On ne peut pas choisir plus que les {count} options.",
            f"Nobody can pick more than the {count} options.",
        ),
        Said(f"Écrivez {count} au plus.", f"Write {count} at most."),
    )


_RESERVED = (
    Said(
        "« slot » est le nom de la question qui propose un autre moment.",
        '"slot" is the name of the question that offers another moment.',
    ),
    Said("Donnez un autre nom à cette étape.", "Give this step another name."),
)
_NO_LIST = (
    Said("Il manque la liste des choix.", "The list of choices is missing."),
    Said("Ajoutez « options » avec au moins deux choix.", 'Add "options" with at least two choices.'),
)
_LIST_SIZE = (
    Said("La liste doit compter de 2 à 100 choix.", "The list must have 2 to 100 choices."),
    Said("Ajoutez ou retirez des choix.", "Add or remove choices."),
)
_TWO_LISTS = (
    Said(
        "Les choix sont donnés deux fois, par « options » et par « options_from ».",
        'The choices are given twice, by "options" and by "options_from".',
    ),
    Said("Gardez un seul des deux.", "Keep only one of them."),
)
_PICKS_LIST = (
    Said(
        "La question « picks » d'un service est une liste de choix.",
        'The question "picks" of a function is a list of choices.',
    ),
    Said("Choisissez le type single ou multi.", "Choose the type single or multi."),
)
_MULTI_ONLY = (
    Said(
        "« max_picks » ne sert qu'aux questions de type multi.",
        '"max_picks" only serves questions of type multi.',
    ),
    Said("Retirez cette ligne, ou choisissez le type multi.", "Remove this line, or choose the type multi."),
)
_REVERSED = (
    Said(
        "La dernière étape des tours vient avant la première.",
        "The last step of the rounds comes before the first.",
    ),
    Said("Échangez « first » et « last ».", 'Swap "first" and "last".'),
)
_MOMENT = (
    Said("Ce moment n'est pas clair.", "This moment is not clear."),
    Said(
        "Donnez « in_hours » seul, ou « in_workdays » avec « at ».",
        'Give "in_hours" alone, or "in_workdays" with "at".',
    ),
)
_HIDDEN_CLOSING = (
    Said(
        "Ce mot de la fin n'est jamais dit: le précédent est sans condition.",
        "This closing is never said: the one before it has no condition.",
    ),
    Said("Placez celui qui est sans condition en dernier.", "Put the one without a condition last."),
)
_DEAD_END = (
    Said(
        "Pour certaines réponses, le dialogue se termine sans un mot.",
        "For some answers the dialog ends without a word.",
    ),
    Said(
        "Ajoutez un dernier élément à « closings », sans « when ».",
        'Add a last entry to "closings", without "when".',
    ),
)
