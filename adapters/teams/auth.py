"""Is this request from Microsoft? Answered from the headers alone, before any of the body is read."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import jwt

from adapters.base import Refused
from adapters.teams.keys import SigningKeys

ISSUER = "https://api.botframework.com"

_LEEWAY = 60.0
_LONGEST = 16 * 1024
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
    return next((value for key, value in headers.items() if key.lower() == name), "")


def bearer(headers: Mapping[str, str]) -> str:
    """Return the token of the Authorization header; raise Refused(401) when there is none."""
    scheme, _, token = header(headers, "authorization").partition(" ")
    token = token.strip()
    if scheme.lower() != "bearer" or not token or len(token) > _LONGEST:
        raise Refused(401, "no_bearer_token")
    return token


async def check(token: str, app_id: str, keys: SigningKeys, now: datetime) -> Caller:
    """Check a token of the channel: signature, issuer, audience, validity at `now` (aware).

    Raises Refused(401) for every token that is not good, Refused(503) when no keys can be had.
    """
    try:
        kid = jwt.get_unverified_header(token).get("kid")
        if not isinstance(kid, str) or jwt.get_unverified_header(token).get("alg") != "RS256":
            raise Refused(401, "token_header")
        for one in await keys.find(kid, now):
            claims = _signed_claims(token, one.key)
            if claims is not None:
                return Caller(_accepted(claims, app_id, now), one.endorsements)
    except (jwt.PyJWTError, ValueError, TypeError, RecursionError) as error:
        raise Refused(401, "token_malformed") from error
    raise Refused(401, "token_signature")


def _signed_claims(token: str, key: Any) -> Mapping[str, Any] | None:
    try:
        claims: Mapping[str, Any] = jwt.decode(token, key, algorithms=["RS256"], options=_OURS_TO_CHECK)  # type: ignore[arg-type]
    except jwt.InvalidSignatureError:
        return None
    return claims


def _accepted(claims: Mapping[str, Any], app_id: str, now: datetime) -> str:
    """Check the claims and return the service URL that the token is bound to."""
    if claims.get("iss") != ISSUER:
        raise Refused(401, "token_issuer")
    if not isinstance(claims.get("aud"), str) or claims["aud"] != app_id:
        raise Refused(401, "token_audience")
    seconds = now.timestamp()
    if _moment(claims, "exp") + _LEEWAY <= seconds:
        raise Refused(401, "token_expired")
    if _moment(claims, "nbf") - _LEEWAY > seconds:
        raise Refused(401, "token_not_yet_valid")
    service_url = claims.get("serviceurl")
    if not isinstance(service_url, str) or not service_url:
        raise Refused(401, "token_service_url")
    return service_url


def _moment(claims: Mapping[str, Any], name: str) -> float:
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise Refused(401, f"token_{name}")
    return float(value)
