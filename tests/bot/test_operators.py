"""What operators look at: /healthz, /readyz and /metrics."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from bot.app import Embarque
from bot.clock import SystemClock
from bot.library import BUILT_IN, Library
from bot.store.database import open_database
from bot.store.migrate import migrate
from tests.bot.outboxes import Postbox
from tests.company import hire
from tests.doubles.slack import SlackDouble


@pytest.fixture
async def app(tmp_path: Path) -> Embarque:
    database = open_database(f"sqlite+aiosqlite:///{tmp_path}/embarque.db")
    return Embarque(
        database, Library.open(BUILT_IN), "main", SystemClock(), (), {"slack": Postbox()}, ticking=False
    )


@pytest.fixture
async def url(app: Embarque) -> AsyncIterator[str]:
    runner = web.AppRunner(app.web_app(), access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


async def look(url: str) -> tuple[int, dict[str, Any], aiohttp.typedefs.LooseHeaders]:
    async with aiohttp.ClientSession() as http, http.get(url) as answer:
        return answer.status, await answer.json(), answer.headers


async def test_without_people_it_lives_but_is_not_ready_and_says_what_to_do(url: str) -> None:
    """Would have caught: a load balancer that sends people to an empty bot."""
    assert (await look(f"{url}/healthz"))[:2] == (200, {"status": "ok"})
    status, body, _ = await look(f"{url}/readyz")
    assert status == 503
    assert "embarque people import" in body["status"]


async def test_with_people_it_is_ready_and_tells_of_faulty_content(
    url: str, app: Embarque, tmp_path: Path
) -> None:
    """Would have caught: an editor's mistake that nobody sees because the old version still runs."""
    await migrate(app.database)
    await hire(app.database, "slack", "fr-CA", SlackDouble())
    assert (await look(f"{url}/readyz"))[:2] == (
        200,
        {"status": "ok", "content_mistakes": 0},
    )
    (tmp_path / "packs").mkdir()
    (tmp_path / "packs" / "odd.yaml").write_text("- [")
    app.library.root = tmp_path
    app.library.refresh()
    status, body, _ = await look(f"{url}/readyz")
    assert status == 200
    assert body["content_mistakes"] > 0


async def test_a_database_that_is_gone_makes_it_unready_but_not_dead(url: str, app: Embarque) -> None:
    """Would have caught: a restart loop, or a green light, while the database is away."""
    async with app.database.engine.begin() as connection:
        await connection.exec_driver_sql("DROP TABLE project")
    assert (await look(f"{url}/readyz"))[:2] == (503, {"status": "the database does not answer"})
    assert (await look(f"{url}/healthz"))[0] == 200


async def test_the_server_does_not_tell_its_versions(url: str) -> None:
    """Would have caught: aiohttp's header with the versions of everything."""
    _, _, headers = await look(f"{url}/healthz")
    assert dict(headers)["Server"] == "embarque"


async def test_the_figures_are_there_and_hold_no_names(url: str) -> None:
    """Would have caught: a label with a person's id, which makes a series for each of them."""
    async with aiohttp.ClientSession() as http, http.get(f"{url}/metrics") as answer:
        assert answer.status == 200
        text = await answer.text()
    assert "# TYPE embarque_turn_seconds histogram" in text
    labels = {
        part.split("=")[0]
        for line in text.splitlines()
        if line.startswith("embarque") and "{" in line
        for part in line[line.index("{") + 1 : line.index("}")].split(",")
    }
    assert labels <= {"platform", "status", "outcome", "state", "reason", "le"}
