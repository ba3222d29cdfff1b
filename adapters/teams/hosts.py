"""Which service URLs the bot may answer to: an allow-list, because the URL comes with the request."""

import ipaddress
import re
from collections.abc import Sequence
from urllib.parse import urlsplit

SERVICE_HOSTS = ("smba.trafficmanager.net", "*.botframework.com")
"""The hosts of the public cloud. `*.name` allows every host under that name."""

_LONGEST = 300
_NAME = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)+")


def allowed(url: str, hosts: Sequence[str], *, dev: bool = False) -> bool:
    """Tell whether the bot may connect to this URL.

    It must be https, without user name, port, query or anything that two parsers could read differently, at
    a listed host. `dev` allows plain http to this machine's loopback as well, and nothing else.
    """
    if len(url) > _LONGEST or not url.isascii() or not url.isprintable() or set(url) & set('\\@%?#"<>{} '):
        return False
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return False
    if dev and parts.scheme in {"http", "https"} and loopback(host):
        return True
    return parts.scheme == "https" and port in {None, 443} and _listed(host, hosts)


def loopback(host: str) -> bool:
    """Tell whether a host name is this machine, without asking any name server."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _listed(host: str, hosts: Sequence[str]) -> bool:
    return _NAME.fullmatch(host) is not None and any(
        host.endswith(entry[1:].lower()) if entry.startswith("*.") else host == entry.lower()
        for entry in hosts
    )
