"""What every check of the content shares: the file judged, the mistakes in it, and the names that exist."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import TypeVar

from dialogs.mistakes import NOTHING, Mistake, Said
from dialogs.schema import Function, Model
from dialogs.yaml_reader import Document, Path, dotted

MAX_TOLD = 100
_LISTED = 12
M = TypeVar("M", bound=Model)


@dataclass(slots=True)
class Findings:
    """The mistakes of one file as they are found. broken: entries whose value could not be used."""

    document: Document
    mistakes: list[Mistake] = field(default_factory=list)
    broken: set[Path] = field(default_factory=set)

    def add(self, path: Path, cause: Said, fix: Said) -> None:
        """Note a mistake at this entry; after a hundred in one file the rest waits for the next check."""
        if len(self.mistakes) < MAX_TOLD:
            line, column = self.document.spot(path)
            self.mistakes.append(Mistake(self.document.file, line, column, dotted(path), cause, fix))

    def unsure(self, path: Path) -> bool:
        """Whether something in, or around, this entry has already been refused."""
        return any(one[: len(path)] == path[: len(one)] for one in self.broken)

    def place(self, path: Path) -> str:
        """The entry's file and line, to name it in a mistake elsewhere."""
        return f"{self.document.file}:{self.document.spot(path)[0]}"


@dataclass(frozen=True, slots=True)
class Source:
    """One file of a pack: its kind (the folder's name), what it holds and what is wrong with it."""

    kind: str
    model: Model
    found: Findings


@dataclass(frozen=True, slots=True)
class Names:
    """What the files of a pack may refer to. open: kinds with an unreadable file: any name may be right."""

    functions: Mapping[str, Function]
    known: Mapping[str, frozenset[str]]
    open: frozenset[str]

    def has(self, kind: str, name: str) -> bool:
        """Whether the name exists, or may exist in a file that could not be read."""
        return not name or kind in self.open or name in self.known.get(kind, frozenset())


NOUNS: Mapping[str, Said] = {
    "functions": Said("service", "function"),
    "dialogs": Said("dialogue", "dialog"),
    "quizzes": Said("quiz", "quiz"),
    "gates": Said("jalon", "gate"),
    "items": Said("point de contrôle", "checklist item"),
    "domains": Said("domaine", "domain"),
    "steps": Said("étape", "step"),
}


def of_kind(sources: Iterable[Source], model: type[M]) -> Iterator[tuple[M, Findings]]:
    """The files of one kind."""
    for source in sources:
        if isinstance(source.model, model):
            yield source.model, source.found


def unknown(found: Findings, path: Path, kind: str, name: str, names: Names) -> None:
    """Note a reference to something that does not exist."""
    if not names.has(kind, name):
        noun = NOUNS[kind]
        found.add(
            path,
            Said(
                f"Aucun élément « {name} » n'existe ({noun.fr}).", f'There is no {noun.en} called "{name}".'
            ),
            choose(name, names.known.get(kind, frozenset())),
        )


def choose(name: str, known: Iterable[str]) -> Said:
    """Advice to use a name that exists: the nearest one, else all of a short list."""
    names = sorted(known)
    if not names:
        return Said("Retirez ce nom: aucun n'est défini.", "Remove the name: none is defined.")
    near = nearest(name, names)
    listed = ", ".join(names[:_LISTED]) + (", …" if len(names) > _LISTED else "")
    advice = Said(f"Utilisez l'un de ceux-ci: {listed}.", f"Use one of these: {listed}.")
    return near + advice if near != NOTHING else advice


def nearest(name: str, names: Iterable[str]) -> Said:
    """Ask "did you mean", or say nothing when no name is near."""
    folded = {one.lower(): one for one in names}
    near = get_close_matches(name.lower()[:80], folded, 1, 0.6)
    return (
        Said(f"Vouliez-vous dire « {folded[near[0]]} »?", f'Did you mean "{folded[near[0]]}"?')
        if near
        else NOTHING
    )


def twice(found: Findings, path: Path, name: str, first: str) -> None:
    """Note that a name is taken; first: the file and line that has it."""
    here = found.place(path)
    found.add(
        path,
        Said(
            f"« {name} » est défini deux fois, à {first} et à {here}.",
            f'"{name}" is defined twice, at {first} and at {here}.',
        ),
        Said("Renommez ou supprimez l'un des deux.", "Rename or delete one of the two."),
    )


@dataclass(slots=True)
class Taken:
    """Names in use, with the place of the first."""

    places: dict[tuple[str, str], str] = field(default_factory=dict)

    def claim(self, found: Findings, path: Path, kind: str, name: str) -> None:
        """Take the name for this entry; note a mistake when another has it."""
        if name and (kind, name) in self.places:
            twice(found, path, name, self.places[kind, name])
        elif name:
            self.places[kind, name] = found.place(path)
