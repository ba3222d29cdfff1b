"""The keys that the platform signs its requests with, fetched without ever holding up the event loop."""

import asyncio
import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import aiohttp
import jwt
from jwt.algorithms import RSAAlgorithm

from adapters.base import Refused

METADATA_URL = "https://login.botframework.com/v1/.well-known/openidconfiguration"

_KEEP = timedelta(hours=12)
_REFETCH = timedelta(minutes=1)
_RETRY_WITHOUT_KEYS = timedelta(seconds=5)
_TIMEOUT = aiohttp.ClientTimeout(total=3)
_LARGEST = 1024 * 1024

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class SigningKey:
    """One public key and the channels that it may speak for."""

    key: Any
    endorsements: frozenset[str]


class SigningKeys:
    """The issuer's published keys, kept for 12 hours.

    An unknown key id leads to one fetch a minute at most, however many requests ask; a key that was fetched
    once keeps serving while the issuer is slow or down.
    """

    def __init__(self, metadata_url: str = METADATA_URL) -> None:
        self._url = metadata_url
        self._keys: Mapping[str, tuple[SigningKey, ...]] = {}
        self._fetched: datetime | None = None
        self._tried: datetime | None = None
        self._fetching: asyncio.Task[None] | None = None

    async def find(self, kid: str, now: datetime) -> tuple[SigningKey, ...]:
        """Return the keys with this id, usually one; none when the issuer does not know it.

        Raises Refused(503) when no keys could be had at all, so that the platform tries again later.
        """
        if kid in self._keys:
            if self._fetched is None or now - self._fetched >= _KEEP:
                self._start(now)
            return self._keys[kid]
        self._start(now)
        if self._fetching is not None:
            # Shielded: a caller that hangs up must not end the fetch that others wait for.
            await asyncio.shield(self._fetching)
        if not self._keys:
            raise Refused(503, "signing_keys_unavailable")
        return self._keys.get(kid, ())

    def _start(self, now: datetime) -> None:
        pause = _REFETCH if self._keys else _RETRY_WITHOUT_KEYS
        if self._fetching is not None or (self._tried is not None and now - self._tried < pause):
            return
        self._tried = now
        self._fetching = asyncio.create_task(self._fetch(now))

    async def _fetch(self, now: datetime) -> None:
        try:
            self._keys = await _published(self._url)
            self._fetched = now
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError, RecursionError) as error:
            _log.warning("The signing keys of Microsoft could not be fetched: %s", type(error).__name__)
        finally:
            self._fetching = None


async def _published(metadata_url: str) -> Mapping[str, tuple[SigningKey, ...]]:
    async with aiohttp.ClientSession(timeout=_TIMEOUT, trust_env=True) as http:
        address = (await _document(http, metadata_url)).get("jwks_uri")
        # Plain http only where the metadata came by it, which is a test on one machine.
        scheme, _, _ = metadata_url.partition("://")
        if not isinstance(address, str) or not address.startswith(("https://", f"{scheme}://")):
            raise ValueError("jwks_uri")
        listed = (await _document(http, address)).get("keys")
    keys = _usable(listed if isinstance(listed, list) else [])
    if not keys:
        raise ValueError("no usable key")
    return keys


async def _document(http: aiohttp.ClientSession, url: str) -> dict[str, Any]:
    async with http.get(url, allow_redirects=False) as answer:
        if answer.status != 200:  # noqa: PLR2004
            raise ValueError("status")
        raw = b""
        async for part in answer.content.iter_chunked(65536):
            raw += part
            if len(raw) > _LARGEST:
                raise ValueError("size")
    document = json.loads(raw)
    if not isinstance(document, dict):
        raise ValueError("shape")  # noqa: TRY004 - one kind of error for every bad document
    return document


def _usable(listed: Sequence[Any]) -> Mapping[str, tuple[SigningKey, ...]]:
    keys: dict[str, tuple[SigningKey, ...]] = {}
    for entry in listed:
        if not isinstance(entry, dict) or entry.get("kty") != "RSA":
            continue
        kid, endorsed = entry.get("kid"), entry.get("endorsements")
        if not isinstance(kid, str) or not kid:
            continue
        try:
            key = RSAAlgorithm.from_jwk({part: entry[part] for part in ("kty", "n", "e")})
        except (jwt.PyJWTError, KeyError, ValueError, TypeError):
            continue
        channels = (
            frozenset(one for one in endorsed if isinstance(one, str))
            if isinstance(endorsed, list)
            else frozenset()
        )
        keys[kid] = (*keys.get(kid, ()), SigningKey(key, channels))
    return keys
