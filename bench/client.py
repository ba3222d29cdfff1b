"""A lean HTTP client for loopback: one kept connection, one request at a time, no library in the way."""

import asyncio
from collections.abc import Callable
from time import perf_counter
from typing import Self

BUSY, PAUSE = 503, 0.05


class Line(asyncio.Protocol):
    """A connection. `ask` sends a whole request and gives the status of its answer."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._got = b""
        self._answer: asyncio.Future[int] | None = None

    @classmethod
    async def to(cls, port: int) -> Self:
        """Connect to a port of this machine."""
        _, line = await asyncio.get_running_loop().create_connection(cls, "127.0.0.1", port)
        return line

    async def ask(self, request: bytes) -> int:
        """Send one request; the status of the answer."""
        assert self._transport is not None
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return await self._answer

    def close(self) -> None:
        """Hang up."""
        if self._transport is not None:
            self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._got += data
        head, found, body = self._got.partition(b"\r\n\r\n")
        if not found or self._answer is None:
            return
        length = next(
            (int(one[15:]) for one in head.split(b"\r\n") if one[:15].lower() == b"content-length:"), 0
        )
        if len(body) >= length:
            self._got = b""
            answer, self._answer = self._answer, None
            answer.set_result(int(head[9:12]))

    def connection_lost(self, error: Exception | None) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(error or ConnectionResetError("the server hung up"))


def post(path: str, headers: dict[str, str], body: bytes) -> bytes:
    """A whole request."""
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {len(body)}\r\n{lines}\r\n".encode()
        + body
    )


async def talk(port: int, clients: int, seconds: float, request: Callable[[int, int], bytes]) -> list[float]:
    """Let so many clients ask one after the other for a while; the seconds that each answer took.

    request: makes request n of client c. A server that says "not now" (503) is asked again, as platforms do, and the
    time counts from the first try; any other answer that is not 2xx ends the run with an error.
    """
    until = perf_counter() + seconds

    async def one(client: int) -> list[float]:
        line, taken, number = await Line.to(port), list[float](), 0
        while perf_counter() < until:
            raw = request(client, number)
            began = perf_counter()
            status = await line.ask(raw)
            if status == BUSY:
                status = await _again(line, raw, until)
            if status == BUSY:
                break
            if not 200 <= status < 300:
                raise RuntimeError(f"the server answered {status}")
            taken.append(perf_counter() - began)
            number += 1
        line.close()
        return taken

    return [seconds for each in await asyncio.gather(*map(one, range(clients))) for seconds in each]


async def _again(line: Line, raw: bytes, until: float) -> int:
    status = BUSY
    while status == BUSY and perf_counter() < until:
        await asyncio.sleep(PAUSE)
        status = await line.ask(raw)
    return status
