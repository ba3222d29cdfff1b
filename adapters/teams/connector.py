"""Calls of the Bot Framework's connector over one HTTP session: no retry, no redirect, no way into our own network."""

import ipaddress
import socket
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import aiohttp
import orjson
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from adapters.base import RefusedForGoodError, UnknownOutcomeError
from adapters.teams.failures import answered, unanswered
from adapters.teams.hosts import loopback

_TIMEOUT = aiohttp.ClientTimeout(sock_connect=3.05, sock_read=10.0)
_LARGEST = 1024 * 1024
_TAKEN = {200, 201, 202}
_HEADERS = {"User-Agent": "Embarque", "Content-Type": "application/json", "Accept": "application/json"}


class Connector:
    """The session, opened with the first call and kept with its connections."""

    def __init__(self) -> None:
        self._http: aiohttp.ClientSession | None = None
        environment = getproxies()
        self._proxies = {
            name: said if "://" in said else f"http://{said}"
            for name in ("http", "https")
            if (said := environment.get(name, ""))
        }

    async def call(self, method: str, url: str, body: bytes, token: str) -> dict[str, Any]:
        """Make one call and return the JSON of the answer, which may be empty.

        url: of an allowed host, with nothing left to quote. Raises the SendError that says what became of it.
        """
        headers = {"Authorization": f"Bearer {token}"} if token else None
        try:
            async with self._session().request(
                method,
                URL(url, encoded=True),
                data=body,
                headers=headers,
                allow_redirects=False,
                proxy=self._proxy(url),
            ) as answer:
                raw = await _bounded(answer)
                status, told = answer.status, answer.headers
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            raise unanswered(error) from error
        if status not in _TAKEN:
            raise answered(status, told, raw)
        try:
            made = orjson.loads(raw or b"{}")
        except ValueError as error:
            raise UnknownOutcomeError("no_answer") from error
        if not isinstance(made, dict):
            raise UnknownOutcomeError("no_answer")
        return made

    async def close(self) -> None:
        """Give back connections."""
        if self._http is not None:
            await self._http.close()

    def _session(self) -> aiohttp.ClientSession:
        if self._http is None:
            proxies = {urlsplit(one).hostname for one in self._proxies.values()}
            self._http = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(resolver=Outside(filter(None, proxies))),
                cookie_jar=aiohttp.DummyCookieJar(),
                headers=_HEADERS,
                middlewares=(_once,),
                timeout=_TIMEOUT,
            )
        return self._http

    def _proxy(self, url: str) -> str | None:
        """The proxy of the environment. The session's own way to it asks two threads at each call, and reads .netrc."""
        if not self._proxies:
            return None
        parts = urlsplit(url)
        proxy = self._proxies.get(parts.scheme)
        return None if proxy is None or proxy_bypass(parts.hostname or "") else proxy


class Outside(AbstractResolver):
    """Looks names up, and refuses an answer that leads into our own network.

    A listed name that a hostile name server points there is caught here, by the very addresses that are connected
    to. A proxy may stand in our network; and this machine itself is only ever allowed in development.
    """

    def __init__(self, proxies: Iterable[str] = (), names: AbstractResolver | None = None) -> None:
        self._proxies = frozenset(proxies)
        self._names = names or aiohttp.ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """The addresses of a host; raises OSError, or RefusedForGoodError when one of them is not public."""
        found = await self._names.resolve(host, port, family)
        if host not in self._proxies and not loopback(host) and not _public(one["host"] for one in found):
            raise RefusedForGoodError("service_url_leads_inside")
        return found

    async def close(self) -> None:
        """Give back what looks names up."""
        await self._names.close()


def _public(addresses: Iterable[str]) -> bool:
    known = [ipaddress.ip_address(one.partition("%")[0]) for one in addresses]
    return bool(known) and all(one.is_global for one in known)


class _SilentError(aiohttp.ClientError):
    """The connection broke after the request had gone out."""


async def _once(request: aiohttp.ClientRequest, send: aiohttp.ClientHandlerType) -> aiohttp.ClientResponse:
    """Keep the session from repeating a PUT whose connection broke: what is tried again is for deliveries to say."""
    try:
        return await send(request)
    except aiohttp.ClientConnectorError:
        raise
    except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError) as error:
        raise _SilentError from error


async def _bounded(answer: aiohttp.ClientResponse) -> bytes:
    """Read an answer, or its first megabyte: what is longer is no answer of the connector."""
    raw = b""
    async for part in answer.content.iter_any():
        raw += part
        if len(raw) > _LARGEST:
            break
    return raw[:_LARGEST]
