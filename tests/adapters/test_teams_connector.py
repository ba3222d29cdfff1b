"""The way to Microsoft: through the company's proxy, with messages written as botbuilder would, and bounded answers."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import orjson
import pytest
from botbuilder import schema
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from msrest import Serializer

from adapters.base import Destination, TryLaterError, UnknownOutcomeError
from adapters.teams import messages
from adapters.teams.connector import Connector
from dialogs.card import Card, Choice, Option, Span, Text
from dialogs.ref import Ref
from tests.doubles.issuer import private_key

CARD = Card(
    "Votre liste", (Text((Span("Où en êtes-vous ?"),)), Choice((Option("Oui", Ref("run")),))), "fr-CA"
)
ROUTE = {"service_url": "https://smba.trafficmanager.net/amer/", "user_id": "29:a", "bot_id": "28:b"}
MADE = b'HTTP/1.1 201 Created\r\nContent-Length: 10\r\nSet-Cookie: kept=1\r\n\r\n{"id":"7"}'

Talk = Callable[[bytes, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def peer(talk: Talk, tls: ssl.SSLContext | None = None) -> AsyncIterator[tuple[str, list[bytes]]]:
    """A server that answers each request as the test says: its address, and the heads of the requests."""
    heads: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                heads.append(head)
                if b"Content-Length: 2" in head:
                    await reader.readexactly(2)
                await talk(head, writer)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls) as server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", heads


async def made(_: bytes, writer: asyncio.StreamWriter) -> None:
    writer.write(MADE)


@asynccontextmanager
async def connector() -> AsyncIterator[Connector]:
    one = Connector()
    try:
        yield one
    finally:
        await one.close()


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "no_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


async def test_one_connection_carries_many_calls_and_no_cookies() -> None:
    """Would catch a handshake for every message, and a bot that a balancer's cookie ties to one machine."""
    async with connector() as one, peer(made) as (url, heads):
        for _ in range(3):
            assert await one.call("POST", f"{url}/v3/conversations/a%3A1/activities", b"{}", "x") == {
                "id": "7"
            }
    assert [head.split(b"\r\n")[0] for head in heads] == [
        b"POST /v3/conversations/a%3A1/activities HTTP/1.1"
    ] * 3
    assert not any(b"\r\nCookie" in head for head in heads)


async def test_a_proxy_of_the_environment_is_used_unless_the_host_is_named_as_an_exception(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Would catch a bot that cannot send from a network whose only way out is a proxy."""
    async with peer(made) as (url, direct), peer(made) as (proxy, through):
        monkeypatch.setenv("http_proxy", proxy)
        async with connector() as one:
            await one.call("POST", f"{url}/v3/conversations", b"{}", "x")
        monkeypatch.setenv("no_proxy", "127.0.0.1")
        async with connector() as one:
            await one.call("POST", f"{url}/v3/conversations", b"{}", "x")
    assert [head.split(b"\r\n")[0] for head in through] == [
        b"POST %s/v3/conversations HTTP/1.1" % url.encode()
    ]
    assert [head.split(b"\r\n")[0] for head in direct] == [b"POST /v3/conversations HTTP/1.1"]


async def test_a_proxy_that_lets_nothing_through_means_that_nothing_was_sent(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Would catch a message given up, or asked for twice, because the proxy was in the way."""

    async def refuses(_: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")

    async with peer(refuses) as (proxy, heads):
        monkeypatch.setenv("https_proxy", proxy)
        async with connector() as one:
            with pytest.raises(TryLaterError, match="unreachable"):
                await one.call(
                    "POST", "https://smba.trafficmanager.net/amer/v3/conversations", b"{}", "secret"
                )
    assert heads[0].startswith(b"CONNECT smba.trafficmanager.net:443 ")
    assert not any(b"secret" in head for head in heads)


def self_signed(folder: Path) -> ssl.SSLContext:
    """A server's half of TLS whose certificate nobody vouches for."""
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    here = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    now = datetime.now(UTC)
    dates = now - timedelta(days=1), now + timedelta(days=1)
    key = private_key(1)
    builder = x509.CertificateBuilder(name, name, key.public_key(), 1, *dates, [])
    certificate = builder.add_extension(here, critical=False).sign(key, hashes.SHA256())
    pem, none = serialization.Encoding.PEM, serialization.NoEncryption()
    written = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, none) + certificate.public_bytes(pem)
    (folder / "server.pem").write_bytes(written)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem")
    return context


async def test_a_server_that_is_not_who_it_says_gets_nothing(tmp_path: Path) -> None:
    """Would catch a token given to whoever answers in Microsoft's place."""
    async with connector() as one, peer(made, self_signed(tmp_path)) as (url, heads):
        with pytest.raises(TryLaterError, match="unreachable"):
            await one.call("POST", f"{url.replace('http', 'https')}/v3/conversations", b"{}", "secret")
    assert heads == []


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 201 Created\r\nContent-Length: 4000000\r\n\r\n[" + b" " * 3_999_999,
        b"HTTP/1.1 201 Created\r\nContent-Length: 40\r\nConnection: close\r\n\r\n{",
        b"HTTP/1.1 201 Created\r\nContent-Length: 3\r\n\r\n[1]",
        b"nonsense\r\n\r\n",
    ],
    ids=["endless", "cut off", "a list", "no HTTP"],
)
async def test_an_answer_that_is_none_leaves_it_open_what_became_of_the_message(answer: bytes) -> None:
    """Would catch memory given away to a peer, and a message taken for lost that has arrived."""

    async def talk(_: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(answer)
        if b"close" in answer:
            await writer.drain()
            writer.close()

    async with connector() as one, peer(talk) as (url, heads):
        with pytest.raises(UnknownOutcomeError, match="no_answer"):
            await one.call("PUT", f"{url}/v3/conversations", b"{}", "")
    assert len(heads) == 1


def test_messages_are_written_as_botbuilder_itself_would_write_them() -> None:
    """Would catch a field that gets lost or another name because its serializer is not asked."""
    to = Destination("tenant", "29:a", "a:1", ROUTE)
    message = messages.addressed(messages.message(CARD), to, "a:1")
    message.id = "7"
    models = {name: kind for name, kind in vars(schema).items() if isinstance(kind, type)}
    for name, model in (
        ("Activity", message),
        ("ConversationParameters", messages.alone_with("29:a", to, "28:b")),
        ("ConversationParameters", messages.new_thread(messages.message(CARD), to, "28:b")),
    ):
        assert orjson.loads(messages.written(model)) == Serializer(models).body(model, name)
