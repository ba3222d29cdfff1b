"""Words on their way through Slack: what was typed made plain, what we draw made harmless and cut."""

import re
from collections.abc import Iterator

from adapters.markup import clean

_MARKUP = re.compile(r"<([@#!]?)([^<>|]*)(?:\|([^<>]*))?>")
_MENTION = re.compile(r"^\s*<@[A-Z0-9]+(?:\|[^<>]*)?>[\s,:]*")


def typed(text: object, limit: int) -> str:
    """Give back what the person typed: links and mentions written out, Slack's escapes undone, cleaned."""
    if not isinstance(text, str):
        return ""
    plain = _MARKUP.sub(_written_out, text)
    for escape, character in (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")):
        plain = plain.replace(escape, character)
    return clean(plain, limit)


def without_mention(text: object) -> str:
    """Take the mention of the bot off the front of a message that calls it."""
    return _MENTION.sub("", text, count=1) if isinstance(text, str) else ""


def _written_out(found: re.Match[str]) -> str:
    sign, target, label = found.group(1), found.group(2), found.group(3)
    match sign:
        case "@" | "#":
            return f"{sign}{label or target}"
        case "!":
            return label or f"@{target.partition('^')[0]}"
        case _:
            return label or target


def chunks(text: str, size: int) -> Iterator[str]:
    """Cut text into pieces of at most `size`, at a line or a space if it can; joined they are the text."""
    while len(text) > size:
        cut = max(text.rfind("\n", size // 2, size), text.rfind(" ", size // 2, size)) + 1 or size
        yield text[:cut]
        text = text[cut:]
    if text:
        yield text
