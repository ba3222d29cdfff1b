"""Who may talk to the local page: this machine's own browser, and nobody through another site."""

import re
from collections.abc import Mapping
from types import MappingProxyType

from adapters.base import Refused

_LOOPBACK = re.compile(r"(127\.0\.0\.1|localhost|\[::1\])(:[0-9]{1,5})?", re.IGNORECASE)

HEADERS: Mapping[str, str] = MappingProxyType(
    {
        "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
        "connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'",
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Cache-Control": "no-store",
    }
)
"""On every answer of the page, refusals included."""


def check_site(headers: Mapping[str, str]) -> None:
    """Raise Refused 403 unless the request is for a loopback name and, where it tells, from this very page.

    Host stops a foreign name that resolves to 127.0.0.1; Origin and Sec-Fetch-Site stop other sites.
    """
    known = {name.lower(): value for name, value in headers.items()}
    host = known.get("host", "")
    if not _LOOPBACK.fullmatch(host):
        raise Refused(403, "foreign_host")
    origin = known.get("origin")
    if origin is not None and origin.lower() != f"http://{host.lower()}":
        raise Refused(403, "foreign_origin")
    if known.get("sec-fetch-site", "none") not in {"same-origin", "none"}:
        raise Refused(403, "foreign_site")


def check_json(headers: Mapping[str, str]) -> None:
    """Raise Refused 415 unless JSON is sent, which another site's form cannot do without asking first."""
    kind = next((value for name, value in headers.items() if name.lower() == "content-type"), "")
    if kind.split(";")[0].strip().lower() != "application/json":
        raise Refused(415, "not_json")
