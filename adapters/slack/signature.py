"""Whether a request comes from Slack: the signature over the raw bytes, checked before any parsing."""

import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from adapters.base import Refused

PAST_SECONDS = 300
"""Slack's own window against replays."""

FUTURE_SECONDS = 60
"""How far Slack's clock may run ahead of ours."""

_TIMESTAMP = re.compile(r"[0-9]{10}", re.ASCII)
_SIGNATURE = re.compile(r"v0=[0-9a-f]{64}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Claim:
    """What the headers claim: when the request was signed and with what. Nothing is proven yet."""

    timestamp: str
    signature: str


def header(headers: Mapping[str, str], name: str) -> str:
    """The header of this lower-case name, however it is spelt; empty when there is none."""
    found = headers.get(name)  # a server's headers do not look at case, and this is all
    if found is None:
        found = next((value for spelt, value in headers.items() if spelt.lower() == name), "")
    return found


def claim(headers: Mapping[str, str], now: datetime) -> Claim:
    """Read the signature headers; raise Refused(401) when absent, malformed or out of the time window."""
    timestamp = header(headers, "x-slack-request-timestamp")
    signature = header(headers, "x-slack-signature")
    if not _TIMESTAMP.fullmatch(timestamp):
        raise Refused(401, "slack-timestamp-malformed")
    age = now.timestamp() - int(timestamp)
    if age > PAST_SECONDS or age < -FUTURE_SECONDS:
        raise Refused(401, "slack-timestamp-out-of-window")
    if not _SIGNATURE.fullmatch(signature):
        raise Refused(401, "slack-signature-malformed")
    return Claim(timestamp, signature)


def prove(claimed: Claim, raw: bytes, secrets: Sequence[str]) -> None:
    """Compare the claim with what each secret gives over the raw bytes; raise Refused(401) when none fits.

    Two secrets are in force while one replaces the other. Every secret is tried, so that the time taken does
    not tell which one fitted.
    """
    given = claimed.signature.encode("ascii")
    fits = [hmac.compare_digest(given, sign(raw, claimed.timestamp, secret)) for secret in secrets]
    if not any(fits):
        raise Refused(401, "slack-signature-wrong")


def sign(raw: bytes, timestamp: str, secret: str) -> bytes:
    """Compute the value of X-Slack-Signature for these bytes."""
    base = b"v0:" + timestamp.encode("ascii") + b":" + raw
    return b"v0=" + hmac.new(secret.encode(), base, hashlib.sha256).hexdigest().encode("ascii")
