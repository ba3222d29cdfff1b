"""Waking the open event streams: whoever changes something rings, each stream then looks for itself."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager


class Streams:
    """The bells of all open streams, by tenant. A bell only says "look again", so rings may be merged."""

    def __init__(self) -> None:
        self._bells: dict[str, set[asyncio.Event]] = {}
        self.closed = False

    @contextmanager
    def listen(self, tenant: str) -> Iterator[asyncio.Event]:
        """A bell of one's own for as long as the block lasts."""
        bell = asyncio.Event()
        bells = self._bells.setdefault(tenant, set())
        bells.add(bell)
        try:
            yield bell
        finally:
            bells.discard(bell)

    def ring(self, tenant: str) -> None:
        """Something of this tenant has changed."""
        for bell in self._bells.get(tenant, ()):
            bell.set()

    def close(self) -> None:
        """End every stream, so that the server can stop."""
        self.closed = True
        for tenant in self._bells:
            self.ring(tenant)
