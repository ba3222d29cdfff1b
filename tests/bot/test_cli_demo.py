"""The command that starts the demo, as a newcomer meets it in a terminal."""

import resource
import shutil
import signal
from pathlib import Path

import pytest

from tests.bot.cli_runner import CONTENT, Terminal
from tests.bot.test_cli_running import fetched
from tests.ports import free_port

READY_WITHIN = 8.0
"""Seconds of computing; the aim is two, and machines that build are slow."""


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    return Terminal(tmp_path)


def test_the_first_start_says_what_it_does_and_the_second_is_ready_at_once(terminal: Terminal) -> None:
    """Would catch a silent wait, a terminal full of the clockwork's lines, and weeks that are lived twice."""
    first = _visit(terminal)
    assert first.count("Maison Boréale") == 2, "once in each language"
    assert "quelques secondes" in first
    assert "a few seconds" in first
    assert "ticked" not in first
    began = _computed()
    second = _visit(terminal)
    assert _computed() - began < READY_WITHIN
    assert "Maison Boréale" not in second
    assert "Embarque est prêt" in second


def test_content_without_the_pack_of_the_demo_is_refused_in_words(terminal: Terminal) -> None:
    """Would catch a stack trace for an author who tries the demo with content of their own."""
    content = Path(shutil.copytree(CONTENT, terminal.folder / "content"))
    (content / "packs" / "ecommerce").rename(content / "packs" / "other")
    pack = content / "packs" / "other" / "pack.yaml"
    pack.write_text(pack.read_text("utf-8").replace("pack: ecommerce", "pack: other"), "utf-8")
    terminal.lang = "fr_CA.UTF-8"
    done = terminal.types("demo", "--no-browser", EMBARQUE_CONTENT=str(content))
    assert done.exit_code == 1
    assert "n'a pas de pack nommé ecommerce" in done.output
    assert "embarque run --web" in done.output


def _computed() -> float:
    """Seconds that programs which were started here, and have ended, have computed: others may use the machine."""
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    return spent.ru_utime + spent.ru_stime


def _visit(terminal: Terminal) -> str:
    """Start the demo, wait until its page is there, stop it; what the terminal showed."""
    port = str(free_port())
    with terminal.starts("demo", "--no-browser", "--port", port) as process:
        try:
            assert fetched(f"http://127.0.0.1:{port}/web/state?lang=fr")[0] == 200
            process.send_signal(signal.SIGTERM)
            said, _ = process.communicate(timeout=60)
        finally:
            process.kill()
    return said
