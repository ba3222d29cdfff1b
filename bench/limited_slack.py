"""A Slack that allows so many messages a second in the workspace and refuses the rest, and counts both."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web

SETTLED = 1.2
"""Seconds after the first message."""


@dataclass(slots=True)
class LimitedSlack:
    """The platform. per_second: what it allows; one second's worth may come at once."""

    per_second: float
    url: str = ""
    taken: list[float] = field(default_factory=list)
    refused: int = 0
    _left: float = 0.0
    _at: float = 0.0

    @asynccontextmanager
    async def running(self) -> AsyncIterator["LimitedSlack"]:
        """Listen on a free port of 127.0.0.1."""
        self._left, self._at = self.per_second, time.monotonic()
        application = web.Application()
        application.router.add_post("/api/{method}", self._serve)
        runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{runner.addresses[0][1]}/api/"
        try:
            yield self
        finally:
            await runner.cleanup()

    def share(self) -> float:
        """The messages that were taken ÷ those that the limit allowed, once what may come at once is used up."""
        later = [at for at in self.taken if at >= self.taken[0] + SETTLED]
        return (len(later) - 1) / ((later[-1] - later[0]) * self.per_second)

    def refusals(self) -> float:
        """The refused share of all posts."""
        return self.refused / (self.refused + len(self.taken))

    async def _serve(self, request: web.Request) -> web.Response:
        await request.read()
        now = time.monotonic()
        self._left = min(self.per_second, self._left + (now - self._at) * self.per_second)
        self._at = now
        if self._left < 1:
            self.refused += 1
            return web.json_response(
                {"ok": False, "error": "ratelimited"}, status=429, headers={"Retry-After": "1"}
            )
        self._left -= 1
        self.taken.append(now)
        return web.json_response({"ok": True, "ts": f"{len(self.taken)}.000001", "channel": "C1"})
