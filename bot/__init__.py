"""The application: everything with a clock, a database or a process."""

import sys


def _plain_structlog() -> None:
    """Import structlog while rich cannot be found, which is what None among the modules says.

    For tracebacks in colour, which are never written here, it would load rich and pygments into every process.
    """
    known = sys.modules.get("rich")
    sys.modules["rich"] = None  # type: ignore[assignment]
    try:
        import structlog  # noqa: F401, PLC0415
    finally:
        del sys.modules["rich"]
        if known is not None:
            sys.modules["rich"] = known


_plain_structlog()
