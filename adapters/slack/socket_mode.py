"""Slack without a public address: the same turns as over HTTP, brought by WebSockets that we open ourselves."""

import asyncio
import logging
from collections.abc import Callable, Coroutine, Sequence
from datetime import UTC, datetime
from typing import Any

from adapters.base import Refused, Response, Turn
from adapters.slack.app import SlackEdge
from adapters.slack.frames import Frame, acknowledgement, letter
from adapters.slack.socket_line import LASTING, Line, Parting, Times
from adapters.slack.socket_opening import Opening, advice, pause
from dialogs.activity import Platform

LINES = 2
"""Slack hangs up now and then, and not on both at once; an envelope comes over one of them."""
MOST_AT_ONCE = 500
"""Envelopes in work; more than the turns let wait."""
OK, TOO_MANY, SERVER_ERROR = 200, 429, 500

_log = logging.getLogger(__name__)


class SlackSocket:
    """Listens to Slack; see adapters.base.Listener. Nothing is acknowledged before its turn has committed.

    What failed, or found no place, is not acknowledged at all: Slack delivers it again after three seconds, with a new
    envelope id and the same event id, by which the turn knows it.
    """

    platform = Platform.SLACK

    def __init__(
        self,
        edge: SlackEdge,
        app_token: str,
        times: Times | None = None,
        lines: int = LINES,
    ) -> None:
        """edge: checks and dispatches, as it does over HTTP. lines: how many WebSockets at the same time, 1 to 10."""
        self._edge = edge
        self._token = app_token
        self._times = times or Times()
        self._count = lines
        self._taking = False
        self._lines: set[Line] = set()
        self._work: set[asyncio.Task[None]] = set()
        self._partings: set[asyncio.Task[None]] = set()
        self._keepers: list[asyncio.Task[None]] = []
        self._opening: Opening | None = None

    async def start(self, turn: Turn, full: Callable[[], bool] = lambda: False) -> None:
        """Keep lines open from now on; see adapters.base.Listener."""
        self._turn, self._full = turn, full
        self._opening = Opening(self._token, self._edge.outbound.client.base_url, self._take, self._times)
        self._taking = True
        self._keepers = [asyncio.create_task(self._keep(self._opening)) for _ in range(self._count)]

    async def stop(self) -> None:
        """Take nothing more, acknowledge what is under way, hang up; what is not done by then comes again."""
        self._taking = False
        await _ended(self._keepers)
        if self._work:
            await asyncio.wait(self._work, timeout=self._times.finish)
        await _ended([*self._work, *self._partings])
        await asyncio.gather(*(line.hang_up() for line in self._lines))
        self._lines.clear()
        if self._opening is not None:
            await self._opening.close()

    async def _keep(self, opening: Opening) -> None:
        """Keep one line open. A line that is to be refreshed is heard until the next one is greeted, and beyond."""
        old: Line | None = None
        brief = 0
        while True:
            try:
                line = await opening.line()
                self._lines.add(line)
                self._let_go(old, self._times.linger)
                old = None
                why = await line.parted()
                if why is Parting.REFRESH:
                    old = line
                else:
                    self._let_go(line, 0)
                    _tell(why)
                brief = brief + 1 if line.age < self._times.steady else 0
                await asyncio.sleep(self._rest(why, brief))
            except Exception as error:  # noqa: BLE001 - whatever it is, nobody is heard unless the next round does better
                _log.error("Socket Mode broke, trying again: %s", type(error).__name__)
                await asyncio.sleep(self._times.longest_pause)

    def _rest(self, why: Parting, brief: int) -> float:
        """Seconds until the next line. brief: how many ended soon after they were opened: the next would fare alike."""
        times = self._times
        if why in LASTING:
            return pause(times.refused_pause, times.longest_refused, max(brief - 1, 0))
        return pause(times.first_pause, times.longest_pause, brief - 1) if brief else 0

    def _let_go(self, line: Line | None, seconds: float) -> None:
        """Hang up as soon as Slack did, at the latest after these seconds, while everything else goes on."""
        if line is None:
            return

        async def leave() -> None:
            try:
                async with asyncio.timeout(seconds):
                    await line.ended()
            except TimeoutError:
                pass
            await line.hang_up()
            self._lines.discard(line)

        _kept(leave(), self._partings)

    def _take(self, line: Line, heard: Frame) -> None:
        is_crowded = len(self._work) >= MOST_AT_ONCE or (heard.comes_again and self._full())
        if self._taking and not is_crowded:
            _kept(self._answer(line, heard), self._work)

    async def _answer(self, line: Line, heard: Frame) -> None:
        try:
            async with asyncio.timeout(self._times.answer):
                payload = self._edge.trusted(letter(heard))
                response = await self._edge.dispatch(payload, self._turn, datetime.now(UTC))
        except Refused as refused:
            _log.info("An envelope was refused: %s", refused.reason)
            if refused.status == TOO_MANY or refused.status >= SERVER_ERROR:
                return
            response = Response()  # it would be refused again and again: Slack may forget it
        except Exception as error:  # noqa: BLE001 - whatever broke, Slack is to deliver again
            _log.error("An envelope failed, Slack will deliver it again: %s", type(error).__name__)
            return
        if response.status == OK:
            await line.says(acknowledgement(heard, response))


def _tell(why: Parting) -> None:
    if why in LASTING:
        _log.error("Slack ended a line of Socket Mode (%s): %s", why, advice(why))
    elif why is Parting.DEAF:
        _log.warning("A line of Socket Mode went silent and is replaced")


def _kept(work: Coroutine[Any, Any, None], among: set[asyncio.Task[None]]) -> None:
    task = asyncio.create_task(work)
    among.add(task)
    task.add_done_callback(among.discard)


async def _ended(tasks: Sequence[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
