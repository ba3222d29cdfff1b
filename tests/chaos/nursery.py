"""A process that has loaded everything once and forks a bot for each line it reads, so that a restart is quick.

A line is a plan, see `Plan`, or a command to be typed, see `Errand`. It answers with the pid. The bot kills itself
without a word at the given hit of the given failpoint, and writes down every time its event loop stood still.
"""

import asyncio
import ctypes
import gc
import importlib
import json
import os
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from aiohttp import web

from adapters.slack.app import SlackEdge
from adapters.slack.limits import SlackRates
from bot import logs
from bot.app import Embarque
from bot.clock import SystemClock
from bot.deliveries import replica_of
from bot.engine import DbosEngine
from bot.library import BUILT_IN, Library
from bot.store.database import open_database
from tests.chaos.history import History
from tests.chaos.shared_clock import SharedClock
from tests.standstill import Stopwatch

DIE_WITH_PARENT = 1
"""PR_SET_PDEATHSIG of Linux."""
LATE = (
    "bot.engine_dbos", "holidays.countries",
    "bot.cli", "bot.commands.backup", "bot.commands.restore", "bot.commands.copy_to",
)  # fmt: skip
"""What is imported when it is first used: a second that each of them would spend again."""
STALL = 0.05
"""Seconds that the event loop may stand still before it is worth a line."""


@dataclass(frozen=True, slots=True)
class Plan:
    """One bot. point, hit: where it dies; no point, no death. finds: whether it may read conversations.

    rates: what it believes Slack to allow, see `SlackRates`. settings: what the application takes beyond its
    defaults, such as short beats. clock: the file of the company's clock, by which it then also ticks.
    """

    name: str
    database: str
    slack: str
    port: int
    history: str
    log: str
    point: str = ""
    hit: int = 1
    finds: bool = True
    rates: dict[str, float] = field(default_factory=dict)
    settings: dict[str, Any] = field(default_factory=dict)
    clock: str = ""


@dataclass(frozen=True, slots=True)
class Errand:
    """A command of `embarque`. words: as typed. environment: what is set beyond the nursery's own. log: what it says.

    end: the file that takes its exit code, if it comes to one.
    """

    words: list[str]
    environment: dict[str, str]
    log: str
    end: str


def main() -> None:
    """Fork until the end of the input."""
    logs.set_up()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    library = Library.open(BUILT_IN)
    for late in LATE:
        importlib.import_module(late)
    gc.collect()
    gc.freeze()  # what is loaded is the same for all of them, and no collector need look through it
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            given = json.loads(line)
            leave_home(Path(given["log"]))
            if "words" in given:
                run(Errand(**given))
            else:
                asyncio.run(serve(Plan(**given), library))
            os._exit(0)
        sys.stdout.write(f"{pid}\n")
        sys.stdout.flush()


def leave_home(log: Path) -> None:
    """Hold nothing of the nursery's pipes, log to a file, and die with it where the system can see to that."""
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.dup2(nothing, 1)
    os.dup2(os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), 2)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(DIE_WITH_PARENT, signal.SIGKILL)


def run(errand: Errand) -> None:
    """Run one command until it ends or is killed."""
    os.dup2(2, 1)
    os.environ.update(errand.environment)
    try:
        importlib.import_module("bot.cli").app(errand.words)
    except SystemExit as ended:
        sys.stdout.flush()
        Path(errand.end).write_text(str(ended.code or 0), "ascii")


async def serve(plan: Plan, library: Library) -> None:
    """Run one bot until it is killed, or politely stopped."""
    edge = SlackEdge(
        ["double-signing-secret"], "xoxb-double", plan.slack, ("T0TEAM",), rates=SlackRates(**plan.rates)
    )
    edge.outbound.can_find = plan.finds
    for name, value in plan.settings.items():
        module, _, constant = name.rpartition(".")
        setattr(
            importlib.import_module(module),
            constant,
            timedelta(seconds=value) if "AFTER" in constant else value,
        )
    database = open_database(plan.database)
    replica = replica_of(database)
    app = Embarque(
        database,
        library,
        "main",
        SharedClock(Path(plan.clock)) if plan.clock else SystemClock(),
        (edge,),
        {"slack": edge.outbound},
        ticking=bool(plan.clock),
        engine=DbosEngine(plan.database, replica),
        replica=replica,
    )
    app.turns.failpoint = app.deliveries.failpoint = app.ticker.failpoint = dies_at(plan)
    runner = web.AppRunner(app.web_app(), access_log=None, shutdown_timeout=2)
    asked = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, asked.set)
    await runner.setup()
    watching = asyncio.create_task(watch(plan))
    await web.TCPSite(runner, "127.0.0.1", plan.port, reuse_address=True).start()
    await asked.wait()
    watching.cancel()
    await runner.cleanup()


def dies_at(plan: Plan) -> Callable[[str], None]:
    """What ends the process at this hit of this point, as a power switch would."""
    hits = 0

    def reached(name: str) -> None:
        nonlocal hits
        hits += name == plan.point
        if name == plan.point and hits == plan.hit:
            History(Path(plan.history)).write("runner", "note", "kill", name=plan.name, point=name)
            os.kill(os.getpid(), signal.SIGKILL)

    return reached


async def watch(plan: Plan) -> None:
    """Write down each stall of the event loop from now on: the start itself keeps nobody waiting."""
    while True:
        watch, mine, ours = Stopwatch(), time.thread_time(), time.process_time()
        await asyncio.sleep(0.01)
        late, held = watch.wall - 0.01, watch.held
        if late > STALL:
            # What the loop's thread, and all threads, computed meanwhile, and how long others had the cores.
            own, all_ = time.thread_time() - mine, time.process_time() - ours
            line = {
                "seconds": round(late, 3),
                "own": round(own, 3),
                "all": round(all_, 3),
                "held": round(held, 3),
            }
            History(Path(plan.history)).write("bot", "note", "stall", name=plan.name, **line)


if __name__ == "__main__":
    main()
