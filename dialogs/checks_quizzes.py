"""Checks quizzes: three options, one right answer, and names used once."""

from dialogs.checks import Findings, Names, Taken, choose
from dialogs.mistakes import Said
from dialogs.schema import Question, Quiz
from dialogs.yaml_reader import Path

OPTIONS = 3


def check_quiz(quiz: Quiz, found: Findings, names: Names, questions: Taken) -> None:
    """Note what is wrong with one quiz. questions: names of questions in use in the pack."""
    check_audience(quiz.audience, found, names)
    for index, question in enumerate(quiz.questions):
        path: Path = ("questions", index)
        questions.claim(found, (*path, "id"), "questions", question.id)
        _question(question, path, found)
    for index, question in enumerate(quiz.questions):
        if question.was is not None:
            questions.claim(found, ("questions", index, "was"), "questions", question.was)


def check_audience(audience: tuple[str, ...], found: Findings, names: Names) -> None:
    """Note an audience that is neither everyone nor functions that exist."""
    for place, name in enumerate(audience):
        if name != "all" and not names.has("functions", name):
            cause = Said(f"Aucun service n'a le code « {name} ».", f'No function has the code "{name}".')
            found.add(("audience", place), cause, choose(name, {"all", *names.functions}))


def _question(question: Question, path: Path, found: Findings) -> None:
    taken = Taken()
    here: Path = (*path, "options")
    for index, option in enumerate(question.options):
        taken.claim(found, (*here, index, "id"), "options", option.id)
    if found.unsure(here):
        return
    count, right = len(question.options), sum(option.right for option in question.options)
    if count != OPTIONS:
        found.add(
            here,
            Said(
                f"La question a {count} option(s) au lieu de trois.",
                f"The question has {count} option(s) instead of three.",
            ),
            Said("Gardez exactement trois options.", "Keep exactly three options."),
        )
    if right != 1:
        found.add(
            here,
            Said(f"{right} option est marquée juste.", f"{right} options are marked right.")
            if right == 0
            else Said(f"{right} options sont marquées justes.", f"{right} options are marked right."),
            Said(
                "Mettez « right » à true sur une seule option.", 'Set "right" to true on exactly one option.'
            ),
        )
