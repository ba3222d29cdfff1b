"""The project's calendar: dates of gates and items from the content's rules, and who owns an item."""

from datetime import date, datetime, time, timedelta

from bot import calendars
from bot.store import AsyncConnection, items, people
from bot.store.people import Company, Person
from dialogs.calendar import due_day, local_moment
from dialogs.catalog import Pack
from dialogs.item_state import GateDay
from dialogs.schema import ChecklistItem
from dialogs.text import Locale, written

SLOTS = ((1, time(9)), (1, time(14)), (2, time(9)), (3, time(9)))
"""Working days ahead, and the time: the moments offered for planning work on an item."""


def interview_of(pack: Pack) -> str:
    """The dialog that the command `impact` starts: the first of the pack."""
    return next(iter(pack.dialogs))


def campaign_of(pack: Pack, dialog: str) -> str:
    """The campaign that invites people to a dialog; the dialog's own id where there is none."""
    return next((one.campaign for one in pack.campaigns.values() if one.starts == dialog), dialog)


def day_of(rule: str, pack: Pack, company: Company) -> date:
    """The date of a due rule for this project."""
    return due_day(rule, company.starts_on, company.goes_live_on, pack.head.weeks)


def gate_days(pack: Pack, company: Company) -> tuple[GateDay, ...]:
    """The gates with their dates, in the order of the content."""
    return tuple(
        GateDay(gate.id, gate.label, day_of(gate.due, pack, company)) for gate in pack.gates.values()
    )


def checklist_items(pack: Pack) -> dict[str, ChecklistItem]:
    """Every item of the pack by its id."""
    return {item.id: item for checklist in pack.checklists.values() for item in checklist.items}


async def ensure_items(connection: AsyncConnection, tenant: str, pack: Pack, company: Company) -> None:
    """Make the rows of items that the content has gained, each with its owner and due date."""
    await items.ensure(connection, tenant, await items_wanted(connection, tenant, pack, company))


async def items_wanted(
    connection: AsyncConnection, tenant: str, pack: Pack, company: Company
) -> dict[str, tuple[str | None, date]]:
    """Every item of the pack: its owner and due date as they are at first."""
    owners = {
        role: await _owner(connection, tenant, role, company)
        for role in {item.owner_role for item in checklist_items(pack).values()}
    }
    return {
        item_id: (owners[item.owner_role], day_of(item.due, pack, company))
        for item_id, item in checklist_items(pack).items()
    }


def slots(now: datetime, person: Person, locale: Locale) -> tuple[tuple[str, str], ...]:
    """(id, label) of working moments to choose from; the id is the local moment, such as 2026-11-24T09:00."""
    zone = calendars.zone(person.zone)
    today = now.astimezone(zone).date()
    calendar = calendars.workdays(person.region, today.year)
    moments = (local_moment(calendar.plus(today, days), at, zone).astimezone(zone) for days, at in SLOTS)
    return tuple((moment.strftime("%Y-%m-%dT%H:%M"), written(moment, locale)) for moment in moments)


def slot_moment(slot: str, person: Person) -> datetime:
    """The instant of a slot, or of 09:00 on a day picked by hand. ValueError for anything else."""
    wall = datetime.fromisoformat(slot)
    if "T" not in slot:
        wall += timedelta(hours=9)
    return local_moment(wall.date(), wall.time(), calendars.zone(person.zone))


async def _owner(connection: AsyncConnection, tenant: str, role: str, company: Company) -> str | None:
    name, _, function = role.partition(".")
    if name == "function_lead":
        return company.leads.get(function)
    return next(iter(await people.holders(connection, tenant, name)), None)
