"""From the lines of the file to people: every cell judged, every mistake told by line and column."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Any
from zoneinfo import available_timezones

from bot import access
from bot.calendars import public_holidays
from bot.commands.people_sheet import Row
from bot.commands.words import LANGUAGES
from dialogs.catalog import Pack
from dialogs.speech import Speech
from dialogs.words import folded, nearest

ROLES = (*access.LEADS, "function_lead", "champion", "executive")
OF_FUNCTION = {"function_lead", "champion"}
MAX_NAME = 200
MAX_HOURS = 80.0
_ID = re.compile(r"[A-Za-z0-9_.:-]{1,40}")
_EMAIL = re.compile(r"[^\s@,;<>]+@[^\s@,;<>]+\.[^\s@,;<>]+")
_REGION = re.compile(r"[A-Z]{2}(-[A-Z0-9]{1,3})?")
_USER = re.compile(r"[A-Za-z0-9:_.@-]{1,200}")
_LANGUAGES = {
    **LANGUAGES,
    **dict.fromkeys(("francais", "french"), "fr-CA"),
    **dict.fromkeys(("english", "anglais", "en-ca", "en-us", "en-gb"), "en"),
}


_STATUS = {"active": True, "actif": True, "inactive": False, "inactif": False}
NOT_AWAY = "-"
"""In the column away_until: the person is back."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One person of the file. values: columns of the person that the line gives; roles: None when it says none."""

    line: int
    id: str
    email: str
    values: Mapping[str, Any]
    users: Mapping[str, str]
    roles: tuple[tuple[str, str], ...] | None
    manager: str


@dataclass
class Reading:
    """What judging needs, and the mistakes found so far. year: whose public holidays are looked for."""

    pack: Pack
    say: Speech
    year: int
    mistakes: list[tuple[int, str]] = field(default_factory=list)

    def wrong(self, line: int, key: str, /, **values: str | int) -> None:
        """Note a mistake of a line."""
        self.mistakes.append((line, self.say(f"cli.people.{key}", **values)))


def entries(rows: Sequence[Row], reading: Reading) -> list[Entry]:
    """Judge every line; look at `reading.mistakes` before using what comes of it."""
    found = [_entry(row, reading) for row in rows]
    _once("id", [(one.line, one.id) for one in found], reading)
    _once("email", [(one.line, one.email) for one in found], reading)
    for platform in ("slack", "teams"):
        _once(f"{platform}_id", [(one.line, one.users.get(platform, "")) for one in found], reading)
    return found


def _entry(row: Row, reading: Reading) -> Entry:
    def cell(column: str) -> str:
        return row.cells.get(column, "")

    if row.too_many:
        reading.wrong(row.line, "too_many")
    if cell("id") and not _ID.fullmatch(cell("id")):
        reading.wrong(row.line, "id", given=cell("id")[:60])
    email = cell("email").casefold()
    if email and (len(email) > MAX_NAME or not _EMAIL.fullmatch(email)):
        reading.wrong(row.line, "email", given=email[:60])
    values: dict[str, Any] = {}
    _names(row, values, reading)
    judges: Mapping[str, Callable[[str, Reading, int], Any]] = {
        "function": _function,
        "locale": _locale,
        "zone": _zone,
        "region": _region,
        "week_hours": _hours,
        "away_until": _away,
    }
    for column, judge in judges.items():
        if cell(column):
            values[column] = judge(cell(column), reading, row.line)
    if cell("status"):
        values["active"] = _active(cell("status"), reading, row.line)
    if cell("site"):
        values["site"] = _short(cell("site"), "site", reading, row.line)
    if email:
        values["email"] = email
    users = {one: cell(f"{one}_id") for one in ("slack", "teams") if cell(f"{one}_id")}
    for platform, user in users.items():
        if not _USER.fullmatch(user):
            reading.wrong(row.line, "user", given=user[:60], column=f"{platform}_id")
    roles = _roles(cell("roles"), values.get("function"), reading, row.line) if cell("roles") else None
    return Entry(row.line, cell("id"), email, values, users, roles, cell("manager"))


def _names(row: Row, values: dict[str, Any], reading: Reading) -> None:
    name = _short(row.cells.get("name", ""), "name", reading, row.line)
    first = _short(row.cells.get("first_name", ""), "first_name", reading, row.line)
    if not name:
        reading.wrong(row.line, "name_needed")
    # Many exports hold the family name in this column and the first name in the next.
    values["name"] = f"{first} {name}" if first and folded(first) not in folded(name) else name
    if first:
        values["first_name"] = first


def _short(text: str, column: str, reading: Reading, line: int) -> str:
    if len(text) > MAX_NAME or not text.isprintable():
        reading.wrong(line, "too_long", column=column, n=MAX_NAME)
    return text


def _function(text: str, reading: Reading, line: int) -> str:
    known = _function_names(reading.pack)
    code = known.get(folded(text))
    if code is None:
        near = nearest(text, known)
        codes = ", ".join(reading.pack.functions)
        hint = reading.say("cli.people.perhaps", near=known[near]) if near else codes
        reading.wrong(line, "function", given=text[:60], hint=hint)
    return code or ""


def _function_names(pack: Pack) -> dict[str, str]:
    """Codes and labels, folded, to the code."""
    names: dict[str, str] = {}
    for code, function in pack.functions.items():
        for name in (
            code,
            function.label.say("fr-CA"),
            function.label.say("fr-FR"),
            function.label.say("en"),
        ):
            names.setdefault(folded(name), code)
    return names


def _locale(text: str, reading: Reading, line: int) -> str:
    found = _LANGUAGES.get(folded(text).replace("_", "-"))
    if found is None:
        reading.wrong(line, "locale", given=text[:60])
    return found or ""


def _zone(text: str, reading: Reading, line: int) -> str:
    if text not in _zones():
        near = nearest(text, {folded(one): one for one in _zones()})
        named = next((one for one in _zones() if folded(one) == near), "America/Toronto")
        reading.wrong(line, "zone", given=text[:60], near=named)
    return text


@lru_cache(maxsize=1)
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def _region(text: str, reading: Reading, line: int) -> str:
    if not known_region(text.upper(), reading.year):
        reading.wrong(line, "region", given=text[:60])
    return text.upper()


def known_region(region: str, year: int) -> bool:
    """Whether the public holidays of a region such as CA-QC are known."""
    return bool(_REGION.fullmatch(region)) and public_holidays(region, (year,)) is not None


def known_zone(zone: str) -> bool:
    """Whether this is the name of a time zone."""
    return zone in _zones()


def _hours(text: str, reading: Reading, line: int) -> float:
    plain = text.replace(",", ".")
    hours = float(plain) if re.fullmatch(r"[0-9]{1,3}(\.[0-9]{1,2})?", plain) else 0.0
    if not 0 < hours <= MAX_HOURS:
        reading.wrong(line, "hours", given=text[:60])
    return hours


def _away(text: str, reading: Reading, line: int) -> date | None:
    if text == NOT_AWAY:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        reading.wrong(line, "away", given=text[:60])
        return None


def _active(text: str, reading: Reading, line: int) -> bool:
    found = _STATUS.get(folded(text))
    if found is None:
        reading.wrong(line, "status", given=text[:60])
    return found is not False


def _roles(text: str, function: str | None, reading: Reading, line: int) -> tuple[tuple[str, str], ...]:
    found: list[tuple[str, str]] = []
    for part in filter(None, (one.strip() for one in re.split(r"[;,|]", text))):
        name, _, of = (one.strip() for one in part.partition(":"))
        role = folded(name).replace(" ", "_").replace("-", "_")
        if role not in ROLES:
            hint = nearest(role, ROLES)
            told = reading.say("cli.people.perhaps", near=hint) if hint else ", ".join(ROLES)
            reading.wrong(line, "role", given=name[:60], hint=told)
            continue
        code = _function(of, reading, line) if of else (function or "") if role in OF_FUNCTION else ""
        if role == "function_lead" and not code and not of:
            reading.wrong(line, "role_function", given=role)
        found.append((role, code))
    return tuple(dict.fromkeys(found))


def _once(column: str, values: Sequence[tuple[int, str]], reading: Reading) -> None:
    seen: dict[str, int] = {}
    for line, value in values:
        if value and value in seen:
            reading.wrong(line, "twice", column=column, given=value[:60], first=seen[value])
        elif value:
            seen[value] = line
