"""A Slack that takes every message at once and remembers their keys: python -m bench.load_sink PORT."""

import asyncio
import itertools
import json
import re
import sys
from collections import Counter
from urllib.parse import unquote_plus

KEY = re.compile(r'"key":\s*"([^"]+)"')
CHANNEL = re.compile(r'"channel":\s*"([^"]+)"|(?:^|&)channel=([^&]+)')
STAMPS = itertools.count(1)
POSTED: Counter[str] = Counter()


class Sink(asyncio.Protocol):
    """One connection of the bot's. `GET /told` gives the number of posts by key."""

    def __init__(self) -> None:
        self._got = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._got += data
        while True:
            head, found, rest = self._got.partition(b"\r\n\r\n")
            if not found:
                return
            length = next(
                (int(line[15:]) for line in head.split(b"\r\n") if line[:15].lower() == b"content-length:"), 0
            )
            if len(rest) < length:
                return
            body, self._got = rest[:length], rest[length:]
            self._answer(head.split(b" ", 2)[1].decode(), body.decode())

    def _answer(self, path: str, body: str) -> None:
        assert self._transport is not None
        told = json.dumps(POSTED if path == "/told" else answer(path.rpartition("/")[2], body)).encode()
        head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(told)}\r\n\r\n"
        self._transport.write(head.encode() + told)


def answer(method: str, body: str) -> dict[str, object]:
    """What Slack says to one call."""
    text = body if body.startswith("{") else unquote_plus(body)
    found = CHANNEL.search(text)
    channel = (found[1] or found[2]) if found else "D"
    if method == "conversations.open":
        return {"ok": True, "channel": {"id": channel}}
    key = KEY.search(text)
    if method == "chat.postMessage" and key is not None:
        POSTED[key[1]] += 1
    return {"ok": True, "channel": channel, "ts": f"1784700000.{next(STAMPS):06d}"}


async def main(port: int) -> None:
    """Listen until the process is told to stop."""
    server = await asyncio.get_running_loop().create_server(Sink, "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
