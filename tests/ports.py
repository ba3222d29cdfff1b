"""Ports of 127.0.0.1 for servers that go away and come back, whatever else runs on this machine."""

import errno
import itertools
import os
import socket

FIRST, COUNT = 20_000, 12_000
"""Below what Linux, macOS and Windows give to whoever asks for any port, or calls somebody from one."""
_asked = itertools.count(os.getpid())


def free_port() -> int:
    """A port that nobody has and that no other test gets while this process lives.

    Who holds the UDP port of the same number has the right to it: the system gives that to one process only, and
    takes it back however the process ends. A port that was merely free a moment ago is taken by the neighbours of
    a test while the test's own server is down.
    """
    for number in itertools.islice(_asked, COUNT):
        port = FIRST + number % COUNT
        if _bound(socket.SOCK_DGRAM, port, keep=True) and _bound(socket.SOCK_STREAM, port, keep=False):
            return port
    raise RuntimeError(f"no port of {FIRST} to {FIRST + COUNT - 1} is free")


def _bound(kind: socket.SocketKind, port: int, *, keep: bool) -> bool:
    one = socket.socket(socket.AF_INET, kind)
    try:
        one.bind(("127.0.0.1", port))
    except OSError as error:
        if error.errno not in (errno.EADDRINUSE, errno.EACCES):
            raise
        return False
    else:
        if keep:
            one.detach()
        return True
    finally:
        one.close()
