"""A stop behind a load balancer: first "not ready", then the last requests, then the end."""

import json
import signal
import time
from pathlib import Path

import pytest

from tests.bot.cli_runner import PEOPLE, Terminal
from tests.bot.test_cli_running import SLACK, fetched
from tests.ports import free_port


@pytest.mark.parametrize("seconds", ["0", "6"])
def test_a_replica_that_is_told_to_stop_serves_until_the_balancer_has_noticed(
    tmp_path: Path, seconds: str
) -> None:
    """Would catch answers refused at each update because the balancer learnt of the stop from a closed port."""
    terminal, port = Terminal(tmp_path), str(free_port())
    terminal.imports(PEOPLE)
    process = terminal.starts("run", EMBARQUE_PORT=port, EMBARQUE_DRAIN_SECONDS=seconds, **SLACK)
    try:
        assert fetched(f"http://127.0.0.1:{port}/readyz")[0] == 200
        told = time.monotonic()
        process.send_signal(signal.SIGTERM)
        if float(seconds):
            status, body = 200, b""
            while status == 200:  # until the signal has got there
                status, body = fetched(f"http://127.0.0.1:{port}/readyz", within=0)
            assert (status, json.loads(body)["status"]) == (503, "stopping")
            assert fetched(f"http://127.0.0.1:{port}/healthz", within=0)[0] == 200
            assert fetched(f"http://127.0.0.1:{port}/slack/events", within=0)[0] in {401, 405}, "still served"
        said, _ = process.communicate(timeout=60)
    finally:
        process.kill()
    assert process.returncode == 0, said
    assert time.monotonic() - told >= float(seconds)
