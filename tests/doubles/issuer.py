"""Microsoft's token issuer: its keys over HTTP, and tokens good or bad in any way a test asks for."""

import asyncio
import base64
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any, Self

import jwt
from aiohttp import web
from aiohttp.test_utils import TestServer
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm


@cache
def private_key(number: int) -> rsa.RSAPrivateKey:
    """An RSA key; the same number gives the same key within one test run, because making one is slow."""
    del number
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@dataclass(frozen=True, slots=True)
class Key:
    kid: str
    number: int
    endorsements: tuple[str, ...] | None = ("msteams",)

    def published(self) -> dict[str, Any]:
        shape: dict[str, Any] = json.loads(RSAAlgorithm.to_jwk(private_key(self.number).public_key()))
        shape |= {"kid": self.kid, "use": "sig"}
        return shape if self.endorsements is None else shape | {"endorsements": list(self.endorsements)}


class Issuer:
    """Serves the keys in `keys` and counts how often they were fetched.

    `delay` holds every answer up by that many seconds; `broken` is "", "down" (500), "garbage", "empty".
    """

    def __init__(self) -> None:
        self.keys = [Key("key-1", 1)]
        self.extra: list[dict[str, Any]] = []
        self.delay = 0.0
        self.broken = ""
        self.fetches = 0
        app = web.Application()
        app.router.add_get("/metadata", self._metadata)
        app.router.add_get("/keys", self._published)
        self._server = TestServer(app)

    async def __aenter__(self) -> Self:
        await self._server.start_server()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._server.close()

    @property
    def metadata_url(self) -> str:
        return str(self._server.make_url("/metadata"))

    def rotate(self) -> None:
        """Publish a new key in the place of the old ones."""
        number = self.keys[-1].number + 1
        self.keys = [Key(f"key-{number}", number)]

    def token(
        self,
        app_id: str,
        service_url: str,
        *,
        key: Key | None = None,
        now: datetime | None = None,
        drop: tuple[str, ...] = (),
        headers: dict[str, Any] | None = None,
        **claims: Any,
    ) -> str:
        """A token as the channel makes it, with the named claims dropped or changed."""
        signer = key or self.keys[-1]
        seconds = int((now or datetime.now(UTC)).timestamp())
        body: dict[str, Any] = {
            "iss": "https://api.botframework.com",
            "aud": app_id,
            "nbf": seconds - 300,
            "exp": seconds + 3600,
            "serviceurl": service_url,
        }
        body |= claims
        head = {"kid": signer.kid} | (headers or {})
        kept = {name: value for name, value in body.items() if name not in drop}
        return signed(kept, private_key(signer.number), {n: v for n, v in head.items() if v is not None})

    async def _metadata(self, _: web.Request) -> web.Response:
        self.fetches += 1
        await asyncio.sleep(self.delay)
        if self.broken == "down":
            return web.Response(status=500)
        if self.broken == "garbage":
            return web.Response(body=b"<html>")
        return web.json_response({"jwks_uri": str(self._server.make_url("/keys"))})

    async def _published(self, _: web.Request) -> web.Response:
        await asyncio.sleep(self.delay)
        if self.broken == "empty":
            return web.json_response({"keys": []})
        return web.json_response({"keys": [*self.extra, *(key.published() for key in self.keys)]})


def signed(claims: object, key: rsa.RSAPrivateKey, headers: dict[str, Any]) -> str:
    """A token signed by hand, so that even claims no library would write can be tried."""
    head = {"alg": "RS256", "typ": "JWT"} | headers
    text = f"{_encoded(json.dumps(head).encode())}.{_encoded(json.dumps(claims).encode())}"
    signature = jwt.get_algorithm_by_name("RS256").sign(text.encode(), key)
    return f"{text}.{_encoded(signature)}"


def with_algorithm(token: str, algorithm: str, signature: bytes) -> str:
    """The same claims under another algorithm and signature."""
    head, claims, _ = token.split(".")
    shape = json.loads(base64.urlsafe_b64decode(head + "==")) | {"alg": algorithm}
    return f"{_encoded(json.dumps(shape).encode())}.{claims}.{_encoded(signature)}"


def _encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
