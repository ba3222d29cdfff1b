"""Is this request from Microsoft? Answered from the headers alone, before any of the body is read."""

import hashlib
import math
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import jwt

from adapters.base import Refused
from adapters.teams.keys import SigningKey, SigningKeys

ISSUER = "https://api.botframework.com"

_LEEWAY = 60.0
_LONGEST = 16 * 1024
_MOST_KNOWN = 256
"""Microsoft uses one token for an hour and more, for each service URL."""
_OURS_TO_CHECK = {
    # PyJWT would read the clock of the machine; the claims are checked below against the time given.
    "verify_exp": False,
    "verify_nbf": False,
    "verify_iat": False,
    "verify_aud": False,
    "verify_iss": False,
    "verify_sub": False,
    "verify_jti": False,
}


@dataclass(frozen=True, slots=True)
class Caller:
    """What a good token says: where answers go, and for which channels its key may speak."""

    service_url: str
    endorsements: frozenset[str]


def header(headers: Mapping[str, str], name: str) -> str:
    """Read a header whatever its capitals; empty when it is missing."""
    found = headers.get(name)  # a server's headers know no capitals, so that this is all there is to do
    if found is not None:
        return found
    return next((value for key, value in headers.items() if key.lower() == name), "")


def bearer(headers: Mapping[str, str]) -> str:
    """Return the token of the Authorization header; raise Refused(401) when there is none."""
    scheme, _, token = header(headers, "authorization").partition(" ")
    token = token.strip()
    if scheme.lower() != "bearer" or not token or len(token) > _LONGEST:
        raise Refused(401, "no_bearer_token")
    return token


@dataclass(frozen=True, slots=True)
class _Known:
    """A token whose signature and unchanging claims were good. key: the published key that signed it."""

    kid: str
    key: SigningKey
    begins: float
    ends: float
    caller: Caller


class Tokens:
    """Tells good tokens of the channel for one app from all others.

    The same token comes with every activity of an hour, so those that were good are known again by their digest: what
    time and the issuer can change is asked each time, and the signature anew when the keys were fetched anew.
    """

    def __init__(self, app_id: str, keys: SigningKeys) -> None:
        self._app_id = app_id
        self._keys = keys
        self._known: OrderedDict[bytes, _Known] = OrderedDict()

    async def check(self, token: str, now: datetime) -> Caller:
        """Check a token: signature, issuer, audience, validity at `now` (aware).

        Raises Refused(401) for every token that is not good, Refused(503) when no keys can be had.
        """
        digest = hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
        known = self._known.pop(digest, None)
        if known is None or not any(known.key is one for one in await self._keys.find(known.kid, now)):
            known = await self._verified(token, now)
        _in_time(known, now)
        self._known[digest] = known
        if len(self._known) > _MOST_KNOWN:
            self._known.popitem(last=False)
        return known.caller

    async def _verified(self, token: str, now: datetime) -> _Known:
        try:
            head = jwt.get_unverified_header(token)
            kid = head.get("kid")
            if not isinstance(kid, str) or head.get("alg") != "RS256":
                raise Refused(401, "token_header")
            for one in await self._keys.find(kid, now):
                claims = _signed_claims(token, one.key)
                if claims is not None:
                    service_url = _accepted(claims, self._app_id)
                    times = _moment(claims, "nbf"), _moment(claims, "exp")
                    return _Known(kid, one, *times, Caller(service_url, one.endorsements))
        except (jwt.PyJWTError, ValueError, TypeError, RecursionError) as error:
            raise Refused(401, "token_malformed") from error
        raise Refused(401, "token_signature")


def _signed_claims(token: str, key: Any) -> Mapping[str, Any] | None:
    try:
        claims: Mapping[str, Any] = jwt.decode(token, key, algorithms=["RS256"], options=_OURS_TO_CHECK)  # type: ignore[arg-type]
    except jwt.InvalidSignatureError:
        return None
    return claims


def _accepted(claims: Mapping[str, Any], app_id: str) -> str:
    """Check the claims that never change, and return the service URL that the token is bound to."""
    if claims.get("iss") != ISSUER:
        raise Refused(401, "token_issuer")
    if not isinstance(claims.get("aud"), str) or claims["aud"] != app_id:
        raise Refused(401, "token_audience")
    service_url = claims.get("serviceurl")
    if not isinstance(service_url, str) or not service_url:
        raise Refused(401, "token_service_url")
    return service_url


def _moment(claims: Mapping[str, Any], name: str) -> float:
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise Refused(401, f"token_{name}")
    return float(value)


def _in_time(known: _Known, now: datetime) -> None:
    seconds = now.timestamp()
    if known.ends + _LEEWAY <= seconds:
        raise Refused(401, "token_expired")
    if known.begins - _LEEWAY > seconds:
        raise Refused(401, "token_not_yet_valid")
