"""The content on disk: read as a whole, reloaded when it changes, and the last good version kept."""

import contextlib
from dataclasses import dataclass, field
from pathlib import Path

import structlog

from dialogs.catalog import Catalog, ContentError, catalog
from dialogs.mistakes import Mistake, Said

log = structlog.get_logger()

BUILT_IN = Path(__file__).parent.parent / "content"


def files_of(root: Path) -> dict[str, bytes]:
    """Every YAML file below the folder, by its name relative to it."""
    return {
        str(path.relative_to(root).as_posix()): path.read_bytes() for path in sorted(root.rglob("*.yaml"))
    }


@dataclass
class Library:
    """The content in use. `mistakes` tells what is wrong with the files on disk when they are not in use.

    in_use: the pack that the company runs, once that is known; content without it is refused.
    """

    root: Path
    catalog: Catalog
    mistakes: tuple[Mistake, ...] = ()
    in_use: str = ""
    _seen: dict[str, int] = field(default_factory=dict)

    @classmethod
    def open(cls, root: Path) -> "Library":
        """Read the content. Raises ContentError with every mistake."""
        return cls(root, catalog(files_of(root)), _seen=_stamps(root))

    def refresh(self) -> bool:
        """Read the files again if any has changed; True when the state of the content changed.

        A faulty version is refused as a whole: the catalogue in use stays and `mistakes` says why.
        """
        stamps = _stamps(self.root)
        if stamps == self._seen:
            return False
        try:
            fresh = catalog(files_of(self.root))
            self._must_have(fresh)
            self.catalog, self.mistakes = fresh, ()
        except ContentError as error:
            self.mistakes = error.mistakes
            log.warning("content refused, the last good version stays", mistakes=len(error.mistakes))
        except OSError as error:  # a file that is just being saved, or that may not be read: looked at again
            log.warning("content unreadable, the last good version stays", reason=type(error).__name__)
            return False
        else:
            log.info("content loaded", packs=sorted(self.catalog.packs))
        self._seen = stamps
        return True

    def _must_have(self, fresh: Catalog) -> None:
        if self.in_use and self.in_use not in fresh.packs:
            cause = Said(
                f"Le pack « {self.in_use} », que l'entreprise utilise, a disparu.",
                f"The pack “{self.in_use}”, which the company uses, is gone.",
            )
            fix = Said(
                "Remettez son dossier et son nom comme avant.",
                "Put its folder and its name back as they were.",
            )
            raise ContentError((Mistake(f"packs/{self.in_use}/pack.yaml", 1, 1, "pack", cause, fix),))


def _stamps(root: Path) -> dict[str, int]:
    stamps: dict[str, int] = {}
    for path in sorted(root.rglob("*.yaml")):
        with contextlib.suppress(FileNotFoundError):  # it went between the two looks
            stamps[str(path)] = path.stat().st_mtime_ns
    return stamps
