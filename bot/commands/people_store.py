"""Writing the people of a file in one transaction: all of it, or nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bot import project
from bot.commands.people_rows import Entry, Reading
from bot.store import AsyncConnection, people, roster
from bot.store.rows import new_id
from dialogs.text import DEFAULT_LOCALE


@dataclass(frozen=True, slots=True)
class Teams:
    """The workspace and the directory to which Slack and Teams ids belong; empty when not known."""

    slack: str
    teams: str


@dataclass
class Imported:
    """What came of it."""

    added: int = 0
    changed: int = 0
    headcounts: dict[str, int] = field(default_factory=dict)
    leads: int = 0
    items: int = 0


async def write(
    connection: AsyncConnection,
    tenant: str,
    found: Sequence[Entry],
    defaults: Mapping[str, Any],
    platforms: Teams,
    headcounts: Mapping[str, int],
    reading: Reading,
) -> Imported:
    """Write everything, noting in `reading` what does not fit what is there: then the caller takes it back."""
    known = {one["id"]: one for one in await roster.everybody(connection, tenant)}
    by_email = {one["email"].casefold(): one["id"] for one in known.values() if one["email"]}
    at = await roster.at_addresses(connection, tenant)
    done, ids = Imported(), dict[int, str]()
    for one in found:
        addresses = _addresses(one, platforms, reading)
        id_ = _match(one, known, by_email, at, addresses, reading)
        if id_ in ids.values():
            reading.wrong(one.line, "same", first=next(line for line, other in ids.items() if other == id_))
        ids[one.line] = id_
    if reading.mistakes:
        return done
    managers = _managers(found, ids, known, by_email, reading)
    if reading.mistakes:
        return done
    for one in found:
        id_ = ids[one.line]
        values = {**one.values, **({"manager": managers[one.line]} if one.line in managers else {})}
        if id_ in known:
            await roster.change_person(connection, tenant, id_, values)
            done.changed += 1
        else:
            await roster.add_person(connection, tenant, id_, {"locale": DEFAULT_LOCALE, **defaults, **values})
            done.added += 1
        # Whoever has left holds no role any more, so that nothing waits for them.
        roles = () if one.values.get("active") is False else one.roles
        if roles is not None:
            await roster.set_roles(connection, tenant, id_, roles)
        for address in _addresses(one, platforms, reading):
            await roster.set_address(connection, tenant, address, id_)
    await _functions(connection, tenant, headcounts, reading, done)
    return done


def _addresses(one: Entry, platforms: Teams, reading: Reading) -> list[roster.At]:
    found: list[roster.At] = []
    for platform, team in (("slack", platforms.slack), ("teams", platforms.teams)):
        user = one.users.get(platform)
        if user and not team:
            reading.wrong(one.line, f"no_team_{platform}")
        elif user:
            found.append((platform, team, user))
    return found


def _match(
    one: Entry,
    known: Mapping[str, Any],
    by_email: Mapping[str, str],
    at: Mapping[roster.At, str],
    addresses: Sequence[roster.At],
    reading: Reading,
) -> str:
    """The person that the line is about: by id, by e-mail, else by address; a new id for somebody new."""
    mail, there = by_email.get(one.email), {at[address] for address in addresses if address in at}
    if one.id:
        id_ = one.id
    elif mail is not None:
        id_ = mail
    else:
        # Somebody who wrote to the bot before being imported has an address and nothing else yet.
        id_ = min((who for who in there if not known[who]["email"]), default=new_id())
    if mail is not None and mail != id_:
        reading.wrong(one.line, "email_taken", given=one.email[:60], name=known[mail]["name"])
    for who in there - {id_}:
        reading.wrong(one.line, "address_taken", name=known[who]["name"] if who in known else "?")
    return id_


def _managers(
    found: Sequence[Entry],
    ids: Mapping[int, str],
    known: Mapping[str, Any],
    by_email: Mapping[str, str],
    reading: Reading,
) -> dict[int, str]:
    mails = {**by_email, **{one.email: ids[one.line] for one in found if one.email}}
    everybody = {*known, *ids.values()}
    managers: dict[int, str] = {}
    for one in found:
        if not one.manager:
            continue
        id_ = one.manager if one.manager in everybody else mails.get(one.manager.casefold())
        if id_ is None:
            reading.wrong(one.line, "manager", given=one.manager[:60])
        elif id_ == ids[one.line]:
            reading.wrong(one.line, "own_manager")
        else:
            managers[one.line] = id_
    return managers


async def _functions(
    connection: AsyncConnection, tenant: str, given: Mapping[str, int], reading: Reading, done: Imported
) -> None:
    """Headcounts, leads, and items in the hands of who holds their role now."""
    counted = await roster.headcounts(connection, tenant)
    held = await roster.held(connection, tenant)
    company = await people.company(connection, tenant)
    for code in reading.pack.functions:
        done.headcounts[code] = given.get(code, counted.get(code, 0))
        holders, lead = held.get(f"function_lead.{code}", []), company.leads.get(code) if company else None
        if lead not in holders:
            lead = next(iter(holders), None)
        done.leads += lead is not None
        await roster.put_function(connection, tenant, code, done.headcounts[code], lead)
    company = await people.company(connection, tenant)
    if company is None:
        return
    await project.ensure_items(connection, tenant, reading.pack, company)
    wanted = project.checklist_items(reading.pack)
    owners = {id_: held[item.owner_role] for id_, item in wanted.items() if item.owner_role in held}
    done.items = await roster.hand_items(connection, tenant, owners)
