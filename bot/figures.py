"""What stands in the database, as figures for /metrics: the same whichever replica is asked."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

from bot.jobs import Standing
from bot.measures import DELIVERIES_NOW, JOBS, OLDEST_PENDING, REPLICAS, SET_ASIDE
from bot.store import deliveries, standing
from bot.store.database import Database


async def stand(
    database: Database, tenant: str, now: datetime, jobs: Callable[[], Awaitable[Standing]] | None
) -> None:
    """Read how the work stands and set the gauges. now: by the company's clock, which dates deliveries."""
    async with database.reading() as connection:
        states = await standing.by_state(connection, tenant)
        oldest = await standing.oldest_due(connection, tenant, now)
        aside = await deliveries.set_aside(connection, tenant)
        replicas = await standing.replicas(connection)
    DELIVERIES_NOW.clear()  # a reason that is gone must not stand there for ever
    for state, reason, number in states:
        DELIVERIES_NOW.labels(state, reason).set(number)
    OLDEST_PENDING.set(max(0.0, (now - oldest).total_seconds()) if oldest else 0)
    SET_ASIDE.set(len(aside))
    real = datetime.now(UTC)
    REPLICAS.set(sum(one.lives(real) for one in replicas))
    if jobs is not None:
        found = await jobs()
        JOBS.labels("waiting").set(found.waiting)
        JOBS.labels("running").set(sum(found.running.values()))
