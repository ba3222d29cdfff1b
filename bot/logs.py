"""Structured logs: JSON lines for machines, and only fields that never hold what people wrote."""

import logging
import sys

import structlog

ALLOWED = frozenset(
    [
        "event",
        "level",
        "timestamp",
        "exception",
        "platform",
        "kind",
        "status",
        "reason",
        "person",
        "delivery",
        "mistakes",
        "packs",
        "host",
        "port",
        "name",
        "why",
        "sent",
        "late",
        "held",
        "due",
        "revision",
        "url",
        "web",
    ]
)
"""Fields that may be written. Anything else is dropped, so that no text of a message gets in by accident."""


def _only_allowed(
    _logger: object, _method: str, fields: structlog.typing.EventDict
) -> structlog.typing.EventDict:
    return {name: value for name, value in fields.items() if name in ALLOWED}


def set_up(*, pretty: bool = False, quiet: bool = False) -> None:
    """Log to standard error: JSON lines, or readable lines for a terminal; quiet: only what needs attention."""
    logging.basicConfig(level=logging.WARNING, handlers=[_Spoken()], force=True)
    # These write bodies or query strings of requests at their lower levels.
    for name in ("slack_bolt", "slack_sdk", "aiohttp.access", "botbuilder", "msrest", "urllib3"):
        logging.getLogger(name).setLevel(logging.ERROR)
    render: structlog.typing.Processor = (
        structlog.dev.ConsoleRenderer(colors=False) if pretty else structlog.processors.JSONRenderer()
    )
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _traceback,
            _only_allowed,
            render,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING if quiet else logging.NOTSET),
        # Asked each time: whoever runs a command may have put another stream there since.
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
        cache_logger_on_first_use=False,
    )


class _Spoken(logging.Handler):
    """Lines of the standard library's loggers: our own with their sentence, a library's by its name alone."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write one line; what a library says may quote a message."""
        ours = record.name.split(".")[0] in {"adapters", "bot", "dialogs"}
        line = record.getMessage() if ours else f"{record.name} logged a problem"
        structlog.get_logger().log(record.levelno, line)


def _traceback(
    _logger: object, _method: str, fields: structlog.typing.EventDict
) -> structlog.typing.EventDict:
    """Where it broke, without the values: the message of an exception may quote what somebody wrote."""
    if fields.pop("exc_info", None):
        kind, error, trace = sys.exc_info()
        steps: list[str] = []
        while trace is not None:
            code = trace.tb_frame.f_code
            steps.append(f"{code.co_filename.rsplit('/', 1)[-1]}:{trace.tb_lineno} {code.co_name}")
            trace = trace.tb_next
        del error
        fields["exception"] = f"{kind.__name__ if kind else '?'}: " + " > ".join(steps[-12:])
    return fields
