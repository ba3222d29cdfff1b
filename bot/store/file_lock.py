"""A lock on an SQLite file: one bot works with it, since a second one would send and answer beside the first."""

import os
import sys
from contextlib import suppress
from pathlib import Path


class HeldError(Exception):
    """Another process has the file. process: its id, or "?"."""

    def __init__(self, process: str) -> None:
        super().__init__(f"held by process {process}")
        self.process = process


class FileLock:
    """The lock, from now on; it ends with the process, however that ends. Raises HeldError.

    It is a file beside the database, so that commands that import people or look after things work meanwhile.
    """

    def __init__(self, database: Path) -> None:
        self.path = Path(f"{database}.lock")
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._number = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            _take(self._number)
        except OSError as error:
            holder = os.pread(self._number, 20, 0).decode(errors="replace").strip()
            self.free()
            raise HeldError(holder or "?") from error
        os.ftruncate(self._number, 0)
        os.pwrite(self._number, f"{os.getpid()}\n".encode(), 0)

    def free(self) -> None:
        """Give it back; the file stays, since to delete it would let two take it."""
        with suppress(OSError):
            os.close(self._number)


def _take(number: int) -> None:
    if sys.platform == "win32":
        import msvcrt  # noqa: PLC0415 - only there

        msvcrt.locking(number, msvcrt.LK_NBLCK, 1)
        return
    import fcntl  # noqa: PLC0415 - not on Windows

    fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
