"""Folders for what is not finished: they go with whoever made them, and those of the killed go the next time."""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

PREFIX = ".embarque-unfinished-"


@contextmanager
def scratch(parent: Path) -> Iterator[Path]:
    """An empty folder in `parent` for this account alone, as long as the block lasts; OSError when none can be made.

    The folder is locked meanwhile, and the lock ends with the process, however that ends. So whatever of this name
    is not locked was left behind by somebody who was killed: it holds what people answered, and is removed.
    """
    sweep(parent)
    folder, number = _made(parent)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(number)


def sweep(parent: Path) -> None:
    """Remove what was left behind in `parent`; what is in use, or belongs to another account, stays."""
    for folder in parent.glob(f"{PREFIX}*"):
        with suppress(OSError):  # in use, gone meanwhile, or no folder of ours but something of the same name
            number = _opened(folder)
            try:
                if os.fstat(number).st_uid == os.geteuid() and _locked(number):
                    shutil.rmtree(folder)
            finally:
                os.close(number)


def _made(parent: Path) -> tuple[Path, int]:
    """A new folder and the number under which it is open and locked."""
    while True:
        folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=parent))
        # Somebody who sweeps may have found it before it was locked: it is theirs to remove then.
        with suppress(FileNotFoundError):
            number = _opened(folder)
            with suppress(BlockingIOError):
                _locked(number)
                if folder.exists():
                    return folder, number
            os.close(number)


def _opened(folder: Path) -> int:
    # Never through a link: in a folder that many may write to it could lead anywhere.
    return os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)


def _locked(number: int) -> bool:
    """Take the lock; False where the file system knows none, and nothing is swept. BlockingIOError: it is taken."""
    try:
        fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise
    except OSError:
        return False
    return True
