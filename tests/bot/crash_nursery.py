"""A process that has loaded everything once and forks a bot for each line it reads, so that a restart is quick.

A line: {"database": url, "slack": url, "port": n, "point": name or "", "hit": n, "finds": bool}. It answers with
the pid of the bot, which kills itself without a word at that hit of that failpoint.
"""

import asyncio
import json
import os
import signal
import sys
from collections.abc import Callable
from typing import Any

from aiohttp import web

from adapters.slack.app import SlackEdge
from bot import logs
from bot.app import Embarque
from bot.clock import SystemClock
from bot.library import BUILT_IN, Library
from bot.store.database import open_database


def main() -> None:
    """Fork until the end of the input."""
    logs.set_up()  # to standard error: standard output carries the pids
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    library = Library.open(BUILT_IN)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            asyncio.run(serve(json.loads(line), library))
            os._exit(0)
        sys.stdout.write(f"{pid}\n")
        sys.stdout.flush()


async def serve(plan: dict[str, Any], library: Library) -> None:
    """Run one bot until it is killed."""
    edge = SlackEdge(["double-signing-secret"], "xoxb-double", plan["slack"], ("T0TEAM",))
    edge.outbound.can_find = plan["finds"]
    app = Embarque(
        open_database(plan["database"]),
        library,
        "main",
        SystemClock(),
        (edge,),
        {"slack": edge.outbound},
        ticking=False,
    )
    app.turns.failpoint = app.deliveries.failpoint = dies_at(plan["point"], plan["hit"])
    runner = web.AppRunner(app.web_app(), access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", plan["port"], reuse_address=True).start()
    await asyncio.Event().wait()


def dies_at(point: str, hit: int) -> Callable[[str], None]:
    """What ends the process at this hit of this point, as a power switch would."""
    hits = 0

    def reached(name: str) -> None:
        nonlocal hits
        hits += name == point
        if name == point and hits == hit:
            os.kill(os.getpid(), signal.SIGKILL)

    return reached


if __name__ == "__main__":
    main()
