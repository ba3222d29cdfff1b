"""A warm start of the demo company: from the command to ready, and the memory it then holds."""

import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
PATIENCE = 120


def measure(folder: Path) -> dict[str, float]:
    """One round in this folder; the first one there also makes the company, so it is not a warm one."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "bot.cli", "demo", "--no-browser", "--port", str(port)]
    began = time.perf_counter()
    demo = subprocess.Popen(
        command,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        while not _ready(port):
            assert demo.poll() is None, "the demo ended: run `embarque demo` to see why"
            assert time.perf_counter() - began < PATIENCE, "the demo is not ready"
            time.sleep(0.01)
        seconds = time.perf_counter() - began
        status = Path(f"/proc/{demo.pid}/status").read_text()
        resident = re.search(r"VmRSS:\s+(\d+) kB", status)
        assert resident is not None
        return {"ready_s": seconds, "resident_mb": int(resident[1]) / 1024}
    finally:
        demo.send_signal(signal.SIGTERM)
        demo.wait(30)


def _ready(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()
