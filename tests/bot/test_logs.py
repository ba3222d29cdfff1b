"""Logs tell operators what happened and never what people wrote."""

import json
import logging

import pytest
import structlog

from bot import logs

CANARY = "canari-51c2: entre nous"


@pytest.fixture(autouse=True)
def _as_they_were() -> object:
    yield
    structlog.reset_defaults()


def written(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    return [json.loads(line) for line in capsys.readouterr().err.splitlines()]


def test_only_fields_that_hold_no_words_of_people_are_written(capsys: pytest.CaptureFixture[str]) -> None:
    """Would have caught: text=… added to a log line in a hurry."""
    logs.set_up()
    structlog.get_logger().info("turn", platform="slack", text=CANARY, card={"a": CANARY}, answer=CANARY)
    (line,) = written(capsys)
    assert set(line) == {"event", "level", "timestamp", "platform"}
    assert CANARY not in json.dumps(line)


def test_an_exception_tells_its_kind_and_place_but_not_its_message(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Would have caught: a validation error that quotes the answer it refuses."""
    logs.set_up()

    def broken(answer: str) -> None:
        raise ValueError(f"not a number: {answer}")

    try:
        broken(CANARY)
    except ValueError:
        structlog.get_logger().exception("turn failed")
    (line,) = written(capsys)
    assert CANARY not in json.dumps(line)
    assert str(line["exception"]).startswith("ValueError: test_logs.py:")
    assert "broken" in str(line["exception"])


def test_the_readable_form_hides_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    """Would have caught: a terminal in an open office that shows answers."""
    logs.set_up(pretty=True)
    try:
        raise RuntimeError(CANARY)  # noqa: TRY301
    except RuntimeError:
        structlog.get_logger().exception("turn failed", text=CANARY)
    shown = capsys.readouterr().err
    assert "turn failed" in shown
    assert CANARY not in shown


def test_a_line_feed_cannot_forge_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    """Would have caught: a display name that writes its own log line."""
    logs.set_up()
    structlog.get_logger().info("refused", reason='x\n{"event": "all is well"}')
    assert len(written(capsys)) == 1


@pytest.mark.parametrize("name", ["slack_bolt", "slack_sdk", "aiohttp.access", "botbuilder", "urllib3"])
def test_libraries_that_log_bodies_are_silenced(name: str) -> None:
    """Would have caught: a library's INFO line with the body of a refused request."""
    logs.set_up()
    assert not logging.getLogger(name).isEnabledFor(logging.WARNING)
