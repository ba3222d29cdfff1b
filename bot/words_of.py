"""What the words for one person are filled in with, in a turn as in a message that the bot starts."""

from datetime import datetime

from bot import calendars, project
from bot.store.people import Company, Person
from dialogs.catalog import Pack
from dialogs.item_state import Around, ItemState
from dialogs.speech import Speech
from dialogs.text import Value


def next_digest(now: datetime, pack: Pack, company: Company, person: Person) -> datetime:
    """When the next weekly summary is posted, in the person's zone."""
    digest = next(iter(pack.digests.values()))
    at = calendars.next_weekly(now, digest.day, digest.at, calendars.zone(company.zone), company.region)
    return at.astimezone(calendars.zone(person.zone, company.zone))


def lead_name(company: Company, person: Person, function: str | None, speech: Speech) -> str:
    """How the lead of a function is called in a sentence to the person, who may be that lead."""
    code, plain = function or "", speech("your_lead")
    return plain if company.leads.get(code) == person.id else company.lead_names.get(code, plain)


def hello(person: Person, speech: Speech) -> str:
    """How the person is greeted."""
    return speech("hello_name", first=person.first_name) if person.first_name else speech("hello")


def placeholders(
    pack: Pack, person: Person, digest_day: datetime, lead: str, speech: Speech
) -> dict[str, Value]:
    """What the wordings of dialogs and invitations may name."""
    return {
        "project": pack.head.project.say(person.locale),
        "lead": lead,
        "date": speech("date", date=digest_day.date()),
        "hello": hello(person, speech),
    }


def around_items(
    now: datetime, pack: Pack, company: Company, person: Person, states: dict[str, ItemState]
) -> Around:
    """What the rules of items need to know."""
    local = now.astimezone(calendars.zone(person.zone, company.zone))
    return Around(
        actor=person.id,
        first_name=person.first_name or "",
        now=local,
        today=local.date(),
        ladder=next(iter(pack.nudges.values())),
        gates=project.gate_days(pack, company),
        peers=tuple(states.values()),
        slots=project.slots(now, person, person.locale),
    )
