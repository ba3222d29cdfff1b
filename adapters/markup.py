"""Plain text for places where a platform would parse markup: nothing a person typed may come alive."""

import re
import unicodedata

_INVISIBLE = re.compile(
    r"[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\ud800-\udfff]"
)


def visible(text: str) -> str:
    """Leave out what must not be drawn: control characters, direction marks, half characters."""
    if text.isprintable():  # as nearly all texts are: nothing of the kind is in them
        return text
    return _INVISIBLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def clean(text: str, limit: int) -> str:
    """Normalise what a person typed: one Unicode form, only what can be seen, at most `limit` long."""
    return unicodedata.normalize("NFC", visible(text))[:limit].strip()


def slack_text(text: str) -> str:
    """Escape text for Slack's top-level `text`, so that it holds no mention, link or broadcast."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def shortened(text: str, limit: int) -> str:
    """At most `limit` characters for a place that has a hard one, such as a notification; says so with an ellipsis."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"
