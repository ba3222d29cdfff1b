"""Fixtures of the tests of the application: its store on either database, and a sender beside a platform."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.store.database import Database, open_database
from bot.store.migrate import migrate
from tests.bot.outboxes import Office, Postbox, office
from tests.postgres import store_url


@pytest.fixture(params=["sqlite", "postgresql"])
async def database(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Database]:
    """An empty store with all its tables, on each database in turn."""
    with store_url(request.param, tmp_path) as url:
        made = open_database(url)
        await migrate(made)
        yield made
        await made.close()


@pytest.fixture
async def room(tmp_path: Path) -> AsyncIterator[Office]:
    """The sender on SQLite, with a platform that takes everything it is given."""
    made = await office(tmp_path, Postbox())
    yield made
    await made.close()
