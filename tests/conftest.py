"""What holds for every test: fixtures that any may take, and how the suite is run by several processes at once."""

import gc
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from tests.postgres import postgres_url

__all__ = ["postgres_url"]

LONG = (
    "tests/chaos/",
    "tests/bot/test_cli",
    "tests/bot/test_load",
    "tests/bot/test_bench",
    "tests/bot/test_clock",
    "tests/bot/test_engine",
    "tests/bot/test_d",
)
"""Where the tests that take seconds are. They begin first, so that none is left for one process at the end."""

# How long an example takes tells of the machine and its other work, not of the code.
settings.register_profile("busy", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("busy")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Put the long tests first where several processes share them; one process alone keeps the order of the files."""
    if hasattr(config, "workerinput"):
        items.sort(key=lambda item: not item.nodeid.startswith(LONG))


@pytest.fixture(autouse=True)
def nothing_stays_frozen() -> Iterator[None]:
    """Give back to the collector what a server set aside, or it would never warn of connections left open."""
    yield
    gc.unfreeze()
