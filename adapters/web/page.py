"""The page itself: its HTML in the visitor's language, its scripts and styles, with strict headers."""

import hashlib
import re
from collections.abc import Mapping
from importlib.resources import files
from importlib.resources.abc import Traversable

from aiohttp import web
from jinja2 import Environment, PackageLoader, StrictUndefined

from adapters.web.guard import HEADERS
from dialogs.schema import UiWords
from dialogs.text import DEFAULT_LOCALE, Locale, Plural, best_locale, typeset

_KINDS = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
_NAMED = re.compile(r"[a-z_]+\.(js|css|svg)")


def flat_words(words: UiWords, locale: Locale) -> dict[str, str]:
    """The page's words for its script: placeholders stay, a plural becomes `key.one` and `key.other`."""
    flat: dict[str, str] = {}
    for key, wording in words.words.items():
        french = wording.fr_fr if locale == "fr-FR" and wording.fr_fr is not None else wording.fr_ca
        phrase = wording.en if locale == "en" else french
        match phrase:
            case Plural(one=one, other=other):
                flat[f"{key}.one"] = typeset(one, locale)
                flat[f"{key}.other"] = typeset(other, locale)
            case str():
                flat[key] = typeset(phrase, locale)
    return flat


def page_locale(asked: str | None, accepted: str) -> Locale:
    """The language of the page: what was asked for, else the first of ours that the browser accepts."""
    if asked:
        return best_locale(asked)
    ranked: list[tuple[float, str]] = []
    for entry in accepted[:500].split(","):
        tag, _, quality = entry.strip().partition(";q=")
        if tag.lower().split("-")[0] in {"fr", "en"}:
            ranked.append((_quality(quality), tag))
    # max keeps the first of equals: the browser's own order.
    return best_locale(max(ranked, key=lambda each: each[0])[1]) if ranked else DEFAULT_LOCALE


def _quality(text: str) -> float:
    return float(text) if re.fullmatch(r"[01](\.[0-9]{1,3})?", text) else 1.0


class Page:
    """The files of the page, read once."""

    def __init__(self) -> None:
        environment = Environment(
            loader=PackageLoader("adapters.web"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
        )
        self._template = environment.get_template("page.html")
        self._files = {
            entry.name: _file(entry)
            for entry in (files("adapters.web") / "static").iterdir()
            if _NAMED.fullmatch(entry.name)
        }

    def html(self, locale: Locale, company: str, words: Mapping[str, str]) -> web.Response:
        """The page, complete but for the people and their messages."""
        other = "fr" if locale == "en" else "en"
        text = self._template.render(locale=locale, company=company, words=words, other=other)
        return web.Response(text=text, content_type="text/html", headers=HEADERS)

    def file(self, name: str, known_tag: str) -> web.Response:
        """One script, style sheet or drawing; 304 when the browser has it already, 404 for any other name."""
        found = self._files.get(name)
        if found is None:
            return web.Response(status=404, headers=HEADERS)
        body, kind, tag = found
        headers = {**HEADERS, "Cache-Control": "no-cache", "ETag": tag}
        if known_tag == tag:
            return web.Response(status=304, headers=headers)
        return web.Response(body=body, content_type=kind, charset="utf-8", headers=headers)


def _file(entry: Traversable) -> tuple[bytes, str, str]:
    body = entry.read_bytes()
    kind = _KINDS["." + entry.name.rpartition(".")[2]]
    return body, kind, f'"{hashlib.sha256(body).hexdigest()[:20]}"'
