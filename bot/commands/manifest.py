"""`embarque manifest`: the description of the app that a platform makes the app from."""

import ipaddress
import re
from urllib.parse import urlsplit

import orjson
import typer
import yaml

from adapters.slack.manifest import NAME_LENGTH, REQUEST_PATH, Words, manifest
from bot.commands.words import refuse, speech
from dialogs.commands import ALIASES
from dialogs.speech import Speech

_HOST = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)(?:\.(?!-)[a-z0-9-]{1,63}(?<!-))*\.?")
_PREFIX = re.compile(r"(?:/(?!\.{1,2}(?:/|$))[A-Za-z0-9._~-]+)*")
_LONGEST_HOST, _LONGEST_PREFIX = 253, 200
_PRIVATE_ENDS = (".localhost", ".local", ".internal", ".lan", ".home.arpa")


class AddressError(ValueError):
    """An address that Slack cannot use. kind: the end of the key of the sentence. host: where it leads."""

    def __init__(self, kind: str, host: str = "") -> None:
        super().__init__(kind)
        self.kind = kind
        self.host = host


def slack(url: str | None, name: str, lang: str | None, *, socket: bool, as_yaml: bool) -> None:
    """Print the manifest of the Slack app; end with code 1 and what to do when the wishes are not sound."""
    say = speech(lang)
    name = " ".join(name.split())
    if not 1 <= len(name) <= NAME_LENGTH or not name.isprintable():
        refuse(say("cli.manifest.name", most=NAME_LENGTH, n=len(name)))
    if url is None and not socket:
        refuse(say("cli.manifest.no_url"))
    try:
        address = None if url is None else public_address(url)
    except AddressError as error:
        refuse(say(f"cli.manifest.{error.kind}", host=error.host, path=REQUEST_PATH))
    made = manifest(_words(name, say), None if socket else address)
    typer.echo(
        yaml.safe_dump(made, sort_keys=False, allow_unicode=True, width=100)
        if as_yaml
        else orjson.dumps(made, option=orjson.OPT_INDENT_2).decode(),
        nl=not as_yaml,
    )


def public_address(url: str) -> str:
    """The address without a slash at its end; raise AddressError when Slack could not reach the bot there."""
    text = url.strip()
    try:
        parts = urlsplit(text)
        host, port = parts.hostname or "", parts.port
    except ValueError:  # a port that is no number, or half of an IPv6 address
        raise AddressError("not_an_address") from None
    if parts.scheme.lower() != "https":
        raise AddressError("not_https")
    if re.search(r"[\s\x00-\x1f\x7f]", text) or not host or port == 0:
        raise AddressError("not_an_address")
    if "@" in parts.netloc or "?" in text or "#" in text:
        raise AddressError("too_much")
    host = _reachable(host)
    path = parts.path.rstrip("/")
    if path.endswith(REQUEST_PATH):
        raise AddressError("endpoint", host)
    if len(path) > _LONGEST_PREFIX or not _PREFIX.fullmatch(path):
        raise AddressError("prefix", host)
    return f"https://{host}{f':{port}' if port not in (None, 443) else ''}{path}"


def _reachable(host: str) -> str:
    """The host as it goes over the wire; raise AddressError when it is no name of the public internet."""
    try:
        number = ipaddress.ip_address(host)
    except ValueError:
        pass
    else:
        if not number.is_global:
            raise AddressError("not_public", host)
        return f"[{host}]" if number.version == 6 else host  # noqa: PLR2004 - IPv6
    try:
        plain = host if host.isascii() else host.encode("idna").decode()
    except UnicodeError:
        raise AddressError("not_an_address") from None
    if len(plain) > _LONGEST_HOST or not _HOST.fullmatch(plain):
        raise AddressError("not_an_address")
    plain = plain.removesuffix(".")
    if "." not in plain or plain.endswith(_PRIVATE_ENDS):
        raise AddressError("not_public", host)
    return plain


def _words(name: str, say: Speech) -> Words:
    at = 1 if say.locale == "en" else 0
    hint = " | ".join(words[at] for words in ALIASES.values())
    return Words(
        name=name,
        description=say("cli.manifest.description"),
        long_description=say("cli.manifest.long_description", name=name),
        command=say("cli.manifest.command"),
        hint=f"[{hint}]",
    )
