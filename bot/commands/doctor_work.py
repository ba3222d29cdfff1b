"""How the work stands, for the doctor: the database's limits, replicas, what waits, what was set aside."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from bot.commands.doctor_platforms import Line
from bot.store import AsyncConnection, deliveries, health, standing
from bot.store import rows as r
from bot.store.standing import Replica
from dialogs.speech import Speech

LONG_WAIT = timedelta(minutes=15)
MOST_NUMBERS = 10


async def lines(connection: AsyncConnection, tenant: str, say: Speech) -> list[Line]:
    """What, what was found, and what to do, in the order in which an operator looks."""
    now = datetime.now(UTC)
    found = [_limits(await standing.limits(connection), say)]
    elsewhere = await standing.moved_to(connection)
    if elsewhere is not None:
        where, at = elsewhere
        found.append(
            ("database", say("cli.doctor.moved", where=where, at=at[:10]), say("cli.doctor.moved_do"))
        )
    replicas = await standing.replicas(connection)
    living = [one for one in replicas if one.lives(now)]
    found += _replicas(replicas, living, now, say)
    everything, due, jobs = await standing.waiting(connection, tenant, now)
    found.append(("work", say("cli.doctor.waiting", n=everything, due=due, jobs=jobs), ""))
    oldest = await standing.oldest_due(connection, tenant, now)
    if oldest is not None and now - oldest > LONG_WAIT:
        minutes = round((now - oldest).total_seconds() / 60)
        found.append(("work", say("cli.doctor.oldest", minutes=minutes), say("cli.doctor.oldest_do")))
    aside = [
        (int(one["number"]), str(one["reason"] or "?"))
        for one in await deliveries.set_aside(connection, tenant)
    ]
    found += _set_aside(aside, say)
    known = {reason for _, reason in aside}
    found += _troubled(await health.troubled(connection, tenant), known, say, alive=bool(living))
    return found


def _limits(found: dict[str, str], say: Speech) -> Line:
    kind = "postgresql" if "statement" in found else "sqlite"
    unlimited = kind == "postgresql" and "0" in (found["statement"], found["lock"], found["idle"])
    return (
        "database",
        say(f"cli.doctor.kind_{kind}", **found),
        say("cli.doctor.no_limits") if unlimited else "",
    )


def _replicas(replicas: list[Replica], living: list[Replica], now: datetime, say: Speech) -> Iterable[Line]:
    told = ", ".join(
        say("cli.doctor.beat", id=one.id, seconds=max(0, round((now - one.beat_at).total_seconds())))
        for one in living
    )
    yield (
        "replicas",
        f"{say('cli.doctor.alive', n=len(living))} {told}" if living else say("cli.doctor.none_alive"),
        "",
    )
    if living and len(replicas) > len(living):
        yield "replicas", say("cli.doctor.gone", n=len(replicas) - len(living)), ""


def _set_aside(aside: list[tuple[int, str]], say: Speech) -> Iterable[Line]:
    numbers: dict[str, list[int]] = defaultdict(list)
    for number, reason in aside:
        numbers[reason].append(number)
    for reason, those in numbers.items():
        shown = ", ".join(str(one) for one in those[:MOST_NUMBERS]) + (
            "…" if len(those) > MOST_NUMBERS else ""
        )
        why = reason.removeprefix(deliveries.SET_ASIDE)
        told = say("cli.doctor.set_aside", n=len(those), numbers=shown, reason=why)
        yield "deliveries", told, say("cli.doctor.set_aside_do")


def _troubled(troubled: list[r.Row], known: set[str], say: Speech, *, alive: bool) -> Iterable[Line]:
    told = False
    for row in troubled:
        if row["status"] == "sent":  # there is nothing left to do about it
            yield "deliveries", say("cli.doctor.twice", n=row["n"], platform=row["platform"]), ""
        elif row["status"] == "sending" and alive:
            continue  # under way
        elif row["reason"] not in known:
            key = "failed" if row["status"] == "failed" else "in_doubt"
            text = say(f"cli.doctor.{key}", n=row["n"], platform=row["platform"], reason=row["reason"] or "?")
            yield "deliveries", text, say(f"cli.doctor.{key}_do")
        told = True
    if not told and not known:
        yield "deliveries", say("cli.doctor.none_troubled"), ""
