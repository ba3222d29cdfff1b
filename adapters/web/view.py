"""The company as the page's script receives it: plain data, in the language of the page."""

import asyncio
from typing import Any

from adapters.web.company import Company, Moved, Persona
from adapters.web.mailbox import Mailbox, WebMessage, channel, direct
from adapters.web.render import render
from dialogs.text import Locale


async def state(
    company: Company, mailbox: Mailbox, tenant: str, user: str | None, locale: Locale
) -> dict[str, Any]:
    """Everything that one screen shows. `me` is None when nobody, or nobody known, was chosen."""
    people = await people_now(company, locale)
    me = next((one for one in people["personas"] if one["user"] == user), None)
    ids = [] if me is None else conversations(me["user"], me["channels"])
    found = [(one, await mailbox.read(tenant, one)) for one in ids]
    return {
        **people,
        "company": company.name,
        "zone": company.zone,
        "locale": locale,
        "words": dict(company.words(locale)),
        "channels": [{"name": one.name, "title": one.title} for one in await company.channels(locale)],
        "mistakes": list(company.mistakes(locale)),
        "me": None if me is None else me["user"],
        "conversations": [{"id": one, "messages": [*map(message, messages)]} for one, messages in found],
        "cursor": max((one.id for _, messages in found for one in messages), default=0),
    }


async def people_now(company: Company, locale: Locale) -> dict[str, Any]:
    """What changes while one looks: the time, what waits for whom, and how far the story has come."""
    personas, story = await asyncio.gather(company.personas(locale), company.story(locale))
    scenes = [
        {
            "id": scene.id,
            "user": scene.user,
            "conversation": scene.conversation or direct(scene.user),
            "to": scene.to,
            "command": scene.command,
            "done": scene.done,
        }
        for scene in story
    ]
    return {"now": company.now().isoformat(), "personas": [*map(_persona, personas)], "story": scenes}


def conversations(user: str, channels: tuple[str, ...] | list[str]) -> list[str]:
    """What this person may read: their own talk with the bot first, then their channels."""
    return [direct(user), *map(channel, channels)]


def message(one: WebMessage) -> dict[str, Any]:
    """A message for the script; `text` holds its words for screen readers and tests."""
    drawn = None if one.card is None else render(one.card, "message")
    return {
        "id": one.id,
        "conversation": one.conversation,
        "author": one.author,
        "card": drawn.payload if drawn else None,
        "text": drawn.text if drawn else one.text,
        "at": one.at.isoformat(),
        "revision": one.revision,
    }


def moved(what: Moved) -> dict[str, Any]:
    """What the clock bar tells after a move."""
    return {
        "now": what.now.isoformat(),
        "sent": what.sent,
        "in_channels": what.in_channels,
        "lines": list(what.lines),
    }


def _persona(one: Persona) -> dict[str, Any]:
    return {
        "user": one.user,
        "name": one.name,
        "function": one.function,
        "locale": one.locale,
        "site": one.site,
        "roles": list(one.roles),
        "waiting": one.waiting,
        "channels": list(one.channels),
        "seen": one.seen,
    }
