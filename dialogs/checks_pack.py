"""Checks a pack as a whole: what its files say of each other."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet

from dialogs.checks import Names, Source, Taken, of_kind
from dialogs.checks_calendar import check_campaign, check_digest
from dialogs.checks_dialogs import check_dialog, check_function
from dialogs.checks_nudges import check_nudges
from dialogs.checks_quizzes import check_quiz
from dialogs.checks_readiness import check_checklist, check_circles, check_gates, waits
from dialogs.checks_words import check_words
from dialogs.mistakes import Mistake, Said
from dialogs.schema import (
    Campaign,
    Checklist,
    Dialog,
    Digest,
    Functions,
    Gates,
    Nudges,
    PackHead,
    Quiz,
    UiWords,
)

_NEEDED: Mapping[str, Said] = {
    "functions": Said("Le pack n'a aucun service.", "The pack has no department."),
    "dialogs": Said("Le pack n'a aucun dialogue.", "The pack has no dialog."),
    "nudges": Said("Le pack n'a pas d'échelle de rappels.", "The pack has no ladder of reminders."),
    "digests": Said("Le pack n'a pas de bilan hebdomadaire.", "The pack has no weekly summary."),
}
"""What the bot cannot run without."""
_ONE_LADDER = (
    Said("Le pack a deux échelles de rappels.", "The pack has two ladders of reminders."),
    Said("Gardez-en une seule.", "Keep one of them."),
)
_WEEKS = 40
"""Assumed from start to go-live while the pack's own figure cannot be read."""


def check_ui(
    ui: Sequence[Source], packs: Mapping[str, Sequence[Source]], unread: AbstractSet[str]
) -> Iterable[Mistake]:
    """Note what is wrong with the bot's own words; gives what concerns no file that is there."""
    taken = Taken()
    for words, found in of_kind(ui, UiWords):
        for key in words.words:
            taken.claim(found, ("words", key), "words", key)
    for source in ui:
        check_words(source)
    if not any(source.found.document.file == "ui.yaml" for source in ui) and "ui" not in unread:
        yield _lacking("ui.yaml", Said("Les textes du robot manquent.", "The bot's own words are missing."))
    if not packs:
        yield _lacking("packs", Said("Il n'y a aucun pack.", "There is no pack."))


def check_pack(pack: str, sources: Sequence[Source], unread: AbstractSet[str]) -> Iterable[Mistake]:
    """Note what is wrong inside a pack and between its files; gives what concerns no file that is there.

    unread: kinds of files that could not be read, so that names from them are not called unknown.
    """
    heads = [head for head, _ in of_kind(sources, PackHead)]
    for head, found in of_kind(sources, PackHead):
        if head.pack and head.pack != pack:
            found.add(("pack",), *_folder(head.pack, pack))
    if not heads and "pack" not in unread:
        yield _lacking(
            f"packs/{pack}/pack.yaml", Said("L'en-tête du pack manque.", "The head of the pack is missing.")
        )
    for kind, cause in _NEEDED.items():
        if kind not in unread and not any(source.kind == kind for source in sources):
            yield _lacking(f"packs/{pack}/{kind}/{pack}.yaml", cause)
    for _, found in list(of_kind(sources, Nudges))[1:]:
        found.add(("nudges",), *_ONE_LADDER)
    for source in sources:
        check_words(source)
    _claims(sources)
    _each(sources, _names(sources, unread), (heads[0].weeks if heads else 0) or _WEEKS)


def _claims(sources: Sequence[Source]) -> None:
    """Take every name of the pack once."""
    taken = Taken()
    for source in sources:
        for key in ("dialog", "checklist", "quiz", "digest", "nudges", "campaign"):
            name = getattr(source.model, key, None)
            if isinstance(name, str) and source.kind == _FOLDER_OF[key]:
                taken.claim(source.found, (key,), key, name)
    for functions, found in of_kind(sources, Functions):
        for index, function in enumerate(functions.functions):
            taken.claim(found, ("functions", index, "code"), "function", function.code)
    for gates, found in of_kind(sources, Gates):
        for index, gate in enumerate(gates.gates):
            taken.claim(found, ("gates", index, "id"), "gate", gate.id)
    for checklist, found in of_kind(sources, Checklist):
        for index, item in enumerate(checklist.items):
            taken.claim(found, ("items", index, "id"), "item", item.id)


def _names(sources: Sequence[Source], unread: AbstractSet[str]) -> Names:
    functions = {
        one.code: one for file, _ in of_kind(sources, Functions) for one in file.functions if one.code
    }
    known: dict[str, Collection[str]] = {
        "functions": functions,
        "dialogs": [dialog.dialog for dialog, _ in of_kind(sources, Dialog)],
        "quizzes": [quiz.quiz for quiz, _ in of_kind(sources, Quiz)],
        "gates": [gate.id for file, _ in of_kind(sources, Gates) for gate in file.gates],
        "items": [item.id for file, _ in of_kind(sources, Checklist) for item in file.items],
    }
    sound = {kind: frozenset(name for name in names if name) for kind, names in known.items()}
    # A name that is itself miswritten may be the one that another file means.
    open_ = {*unread, *(kind for kind, names in known.items() if "" in names)}
    if "checklists" in unread:
        open_.add("items")
    if any(source.kind == "functions" and source.found.unsure(("functions",)) for source in sources):
        open_.add("functions")
    return Names(functions, sound, frozenset(open_))


def _each(sources: Sequence[Source], names: Names, weeks: int) -> None:
    """Check every file against the names of the pack."""
    questions = Taken()
    for source in sources:
        match source.model:
            case Functions(functions=functions):
                for index, function in enumerate(functions):
                    check_function(function, ("functions", index), source.found)
            case Dialog():
                check_dialog(source.model, source.found, names)
            case Checklist():
                check_checklist(source.model, source.found, names, weeks)
            case Gates():
                check_gates(source.model, source.found, names)
            case Quiz():
                check_quiz(source.model, source.found, names, questions)
            case Digest():
                check_digest(source.model, source.found)
            case Nudges():
                check_nudges(source.model, source.found)
            case Campaign():
                check_campaign(source.model, source.found, names, weeks)
            case _:
                pass
    for edges in waits(of_kind(sources, Checklist), of_kind(sources, Gates)):
        check_circles(edges)


def _lacking(file: str, cause: Said) -> Mistake:
    return Mistake(
        file,
        1,
        1,
        "",
        cause,
        Said(f"Ajoutez {file} dans le dossier de contenu.", f"Add {file} to the content folder."),
    )


def _folder(name: str, folder: str) -> tuple[Said, Said]:
    return (
        Said(
            f"Le pack s'appelle « {name} », mais son dossier « {folder} ».",
            f'The pack is called "{name}" but its folder "{folder}".',
        ),
        Said("Donnez-leur le même nom.", "Give them the same name."),
    )


_FOLDER_OF = {
    "dialog": "dialogs",
    "checklist": "checklists",
    "quiz": "quizzes",
    "digest": "digests",
    "nudges": "nudges",
    "campaign": "campaigns",
}
