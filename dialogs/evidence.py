"""Reading the proof that an owner gives for an item: what counts as a link, a file, a number, a sentence."""

import re
from collections.abc import Mapping
from datetime import date
from urllib.parse import urlsplit

from dialogs.activity import FieldValue
from dialogs.item_state import Around, Evidence, EvidenceKind
from dialogs.schema import ChecklistItem

KIND, VALUE, TESTED_ON = "kind", "value", "tested"
MAX_VALUE = 500
SHORTEST_SENTENCE = 10
_UNSEEN = re.compile(r"[\s\x00-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2066-\u2069]")
_FILE = re.compile(r'[^/\\:*?"<>|\x00-\x1f]{1,200}\.[A-Za-z0-9]{1,8}')
_NUMBER = re.compile(r"[-+]?[0-9]{1,15}([.,][0-9]{1,6})*")


def read_evidence(
    item: ChecklistItem, values: Mapping[str, FieldValue], around: Around
) -> Evidence | dict[str, str]:
    """The evidence in a form, or the key of the sentence in ui.yaml for each field that cannot be taken.

    A link is an https address with a host and no user name in it; a file is such a link or a file name with
    its extension; a number may have spaces, a decimal comma or point and a percent sign; an attestation is a
    sentence of at least 10 characters. A test cannot lie in the future.
    """
    errors: dict[str, str] = {}
    kind = next((one for one in item.evidence.types if one == one_value(values, KIND)), None)
    value = " ".join(one_value(values, VALUE).split())
    tested = as_date(one_value(values, TESTED_ON))
    if kind is None:
        errors[KIND] = "item.error.kind"
    elif problem := _problem(kind, value):
        errors[VALUE] = problem
    if one_value(values, TESTED_ON) and tested is None:
        errors[TESTED_ON] = "item.error.date"
    elif tested is not None and tested > around.today:
        errors[TESTED_ON] = "item.error.test_future"
    if kind is None or errors:
        return errors
    return Evidence(kind, value, around.actor, around.now, tested)


def one_value(values: Mapping[str, FieldValue], name: str) -> str:
    """What one field holds, trimmed; the first of several; empty when there is none."""
    raw = values.get(name, "")
    return (raw if isinstance(raw, str) else next(iter(raw), "")).strip()


def as_date(text: str) -> date | None:
    """A date written YYYY-MM-DD; None when it is not one."""
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _problem(kind: EvidenceKind, value: str) -> str:
    if not value:
        return "item.error.proof_needed"
    if len(value) > MAX_VALUE:
        return "item.error.too_long"
    match kind:
        case "link":
            return "" if _is_link(value) else "item.error.link"
        case "file":
            return "" if _is_link(value) or _FILE.fullmatch(value) else "item.error.file"
        case "number":
            compact = re.sub(r"[\s\u00a0\u202f%]", "", value)
            return "" if _NUMBER.fullmatch(compact) else "item.error.number"
        case "attestation":
            return "" if len(value) >= SHORTEST_SENTENCE else "item.error.attestation"


def _is_link(value: str) -> bool:
    if _UNSEEN.search(value):
        return False
    try:
        parts = urlsplit(value)
        return parts.scheme == "https" and bool(parts.hostname) and "@" not in parts.netloc
    except ValueError:
        return False
