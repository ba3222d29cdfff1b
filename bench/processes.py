"""Processes that are measured: started on a free port, awaited, read in /proc, ended."""

import asyncio
import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
PATIENCE = 120
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Running:
    """A process that serves. seconds: from the start to the first answer."""

    pid: int
    port: int
    seconds: float

    def processor(self) -> float:
        """Seconds of processor time so far."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    async def idle(self) -> float:
        """Wait until it has nothing left to do, or for ten seconds; seconds of processor time so far."""
        before = self.processor()
        for _ in range(50):
            await asyncio.sleep(0.2)
            now = self.processor()
            if now - before <= 1 / TICKS:
                break
            before = now
        return self.processor()

    def resident(self) -> float:
        """Megabytes in memory now."""
        found = re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{self.pid}/status").read_text())
        assert found is not None
        return int(found[1]) / 1024


def free_port() -> int:
    """A port of 127.0.0.1 that nobody uses."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@contextmanager
def running(
    module: str,
    *words: str,
    port: int,
    folder: Path,
    path: str = "/readyz",
    more: dict[str, str] | None = None,
) -> Iterator[Running]:
    """Run `python -m module words…` until the block ends; entered when it answers at this path."""
    command: Sequence[str] = [sys.executable, "-m", module, *words]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **(more or {})}
    with (folder / "server.log").open("ab") as log:
        began = time.perf_counter()
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log)
    try:
        while not _answers(port, path):
            if process.poll() is not None or time.perf_counter() - began > PATIENCE:
                raise RuntimeError(f"{module} does not serve:\n{(folder / 'server.log').read_text()[-2000:]}")
            time.sleep(0.005)
        yield Running(process.pid, port, time.perf_counter() - began)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _answers(port: int, path: str) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", path)
        return connection.getresponse().status < 500
    except OSError:
        return False
    finally:
        connection.close()
