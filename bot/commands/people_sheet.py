"""Reading a CSV file of people: its encoding, its delimiter, its columns in French or English."""

import codecs
import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from dialogs.speech import Speech
from dialogs.words import folded, nearest

MAX_BYTES = 20 * 1024 * 1024
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "id": ("id", "identifiant", "matricule", "person", "employee id"),
    "name": ("name", "nom", "full name", "nom complet"),
    "first_name": ("first_name", "first name", "prenom", "given name"),
    "email": ("email", "e-mail", "mail", "courriel", "adresse courriel", "adresse e-mail"),
    "function": ("function", "service", "departement", "department", "fonction"),
    "site": ("site", "lieu", "etablissement", "location"),
    "locale": ("locale", "langue", "lang", "language"),
    "zone": ("zone", "fuseau", "fuseau horaire", "time zone", "timezone"),
    "region": ("region", "region des feries", "holidays", "feries"),
    "week_hours": ("week_hours", "week hours", "heures", "heures par semaine", "hours"),
    "slack_id": ("slack_id", "slack", "slack id", "identifiant slack"),
    "teams_id": ("teams_id", "teams", "teams id", "identifiant teams"),
    "roles": ("roles", "role"),
    "away_until": ("away_until", "away until", "absent_jusqua", "absent jusqua", "absence", "on leave until"),
    "status": ("status", "statut", "etat"),
    "manager": ("manager", "gestionnaire", "superieur", "responsable"),
}
"""Each column with the headings that it may have, folded."""
_HEADINGS = {heading: column for column, headings in COLUMNS.items() for heading in headings}
_DELIMITERS = ",;\t"


class UnreadableSheetError(Exception):
    """The file as a whole cannot be read; `lines` say why and what to do."""

    def __init__(self, *lines: str) -> None:
        super().__init__(lines[0])
        self.lines = lines


@dataclass(frozen=True, slots=True)
class Row:
    """One person's line. line: in the file, from 1. cells: by column, as typed, without blanks around."""

    line: int
    cells: Mapping[str, str]
    too_many: bool = False


def rows_of(file: Path, say: Speech) -> tuple[Row, ...]:
    """Every line with something on it; raise UnreadableSheetError."""
    try:
        size = file.stat().st_size
        raw = file.read_bytes() if size <= MAX_BYTES else b""
    except OSError as error:
        raise UnreadableSheetError(
            say("cli.people.no_file", path=str(file), reason=error.strerror or "")
        ) from error
    if size > MAX_BYTES:
        raise UnreadableSheetError(say("cli.people.too_large", path=str(file)))
    return _parsed(_decoded(raw, say), say)


def _decoded(raw: bytes, say: Speech) -> str:
    utf16 = raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    for encoding in ("utf-16",) if utf16 else ("utf-8-sig", "cp1252"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise UnreadableSheetError(say("cli.people.encoding"))


def _parsed(text: str, say: Speech) -> tuple[Row, ...]:
    first = text.partition("\n")[0]
    delimiter = max(_DELIMITERS, key=first.count)
    reader = csv.reader(text.splitlines(keepends=True), delimiter=delimiter)
    try:
        columns = _columns(next(reader, []), say)
        found = [_row(reader.line_num, cells, columns) for cells in reader if any(map(str.strip, cells))]
    except csv.Error as error:
        raise UnreadableSheetError(say("cli.people.csv", line=reader.line_num, reason=str(error))) from error
    if not found:
        raise UnreadableSheetError(say("cli.people.empty"))
    return tuple(found)


def _columns(header: list[str], say: Speech) -> list[str]:
    """The column of each heading; every heading that is not understood is told at once."""
    problems: list[str] = []
    columns: list[str] = []
    for heading in header:
        column = _HEADINGS.get(folded(heading).replace("_", " ")) or _HEADINGS.get(folded(heading))
        if column is None:
            near = nearest(heading, _HEADINGS)
            problems.append(
                say("cli.people.heading_near", given=heading[:40], near=near)
                if near
                else say("cli.people.heading", given=heading[:40], known=", ".join(COLUMNS))
            )
        elif column in columns:
            problems.append(say("cli.people.heading_twice", given=column))
        columns.append(column or "")
    if "name" not in columns and not problems:
        problems.append(say("cli.people.no_name", known=", ".join(COLUMNS)))
    if problems:
        raise UnreadableSheetError(*problems)
    return columns


def _row(line: int, cells: list[str], columns: list[str]) -> Row:
    filled = {column: cell.strip() for column, cell in zip(columns, cells, strict=False)}
    return Row(line, filled, any(cell.strip() for cell in cells[len(columns) :]))
