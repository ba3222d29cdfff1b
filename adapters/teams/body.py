"""The body of a request, parsed within limits: what it must hold before anybody looks at what it says."""

from typing import Any

import orjson

from adapters.base import Refused

MAX_DEPTH = 32
MAX_ITEMS = 1000

Body = dict[str, Any]
"""A parsed activity of the platform: plain JSON, whose required fields have the right types."""


def parse(raw: bytes) -> Body:
    """Read one activity; raise Refused(400) when it is no JSON object, too deep, too wide or incomplete."""
    try:
        body = orjson.loads(raw)
    except ValueError as error:
        raise Refused(400, "not_json") from error
    if not isinstance(body, dict):
        raise Refused(400, "not_an_object")
    _limited(body)
    for path in (("type",), ("channelId",), ("serviceUrl",), ("conversation", "id"), ("from", "id")):
        if not text_at(body, *path):
            raise Refused(400, "missing_" + ".".join(path))
    return body


def text_at(body: Body, *path: str) -> str:
    """Return the text at this path of nested objects; empty when there is none."""
    found = _at(body, path)
    return found if isinstance(found, str) else ""


def object_at(body: Body, *path: str) -> Body:
    """Return the object at this path; empty when there is none."""
    found = _at(body, path)
    return found if isinstance(found, dict) else {}


def objects_at(body: Body, *path: str) -> list[Body]:
    """Return the objects in the list at this path; whatever else the list holds is left out."""
    found = _at(body, path)
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _at(body: Body, path: tuple[str, ...]) -> object:
    found: object = body
    for name in path:
        found = found.get(name) if isinstance(found, dict) else None
    return found


def _limited(body: Body) -> None:
    # By hand and level by level: a recursive walk would end where the attacker wants it to.
    level: list[object] = [body]
    for _ in range(MAX_DEPTH):
        below: list[object] = []
        for node in level:
            if isinstance(node, dict):
                below.extend(node.values())
            elif isinstance(node, list):
                if len(node) > MAX_ITEMS:
                    raise Refused(400, "too_many_items")
                below.extend(node)
        if not below:
            return
        level = below
    if any(isinstance(node, dict | list) for node in level):
        raise Refused(400, "too_deep")
