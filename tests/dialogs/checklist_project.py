"""A small project with four items, two gates and the ladder, for the tests of the checklist."""

from dataclasses import replace
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from dialogs.card import Card, Option
from dialogs.item_state import Around, Evidence, GateDay, ItemState
from dialogs.ref import Ref
from dialogs.schema import Attention, ChecklistItem, Choosable, EvidenceRule, Nudges, Rung, UiWords
from dialogs.speech import Speech
from dialogs.text import Locale, Wording

UI = Path(__file__).parents[2] / "content"
TODAY = date(2027, 3, 10)  # a Wednesday
NOW = datetime(2027, 3, 10, 15, 0, tzinfo=UTC)
OWNER = "p1"


def both(fr: str, en: str) -> Wording:
    return Wording.model_validate({"fr-CA": fr, "en": en})


@cache
def words() -> dict[str, Wording]:
    return UiWords.model_validate(yaml.safe_load((UI / "ui.yaml").read_text("utf-8"))).words


def speech(locale: Locale = "fr-CA") -> Speech:
    return Speech(words(), locale)


def item(id_: str = "LOG1", **changes: Any) -> ChecklistItem:
    fields: dict[str, object] = {
        "id": id_,
        "domain": "logistics",
        "blocking": True,
        "gates": {"G2": 2},
        "owner_role": "function_lead.LOG",
        "due": "T0+9w",
        "evidence": EvidenceRule(
            types=("link", "file", "number", "attestation"), what=both("La grille", "Price grid")
        ),
        "ask": both(f"Transporteurs retenus {id_}", f"Carriers chosen {id_}"),
    }
    return ChecklistItem.model_validate({**fields, **changes})


def state(id_: str = "LOG1", due: date = TODAY, **changes: Any) -> ItemState:
    fields = {
        name: changes.pop(name) for name in ("blocking", "gates", "weight", "owner_role") if name in changes
    }
    return replace(ItemState(item(id_, **fields), OWNER, due), **changes)


def proof(tested: date | None = None) -> Evidence:
    return Evidence("link", "https://example.org/grille", OWNER, NOW, tested)


def closed(id_: str = "LOG1", tested: date | None = None, **changes: Any) -> ItemState:
    return state(id_, closed=True, evidence=(proof(tested),), **changes)


def rung(id_: str, days: int | None, fr: str, en: str, options: str = "", ignored: int | None = None) -> Rung:
    made = tuple(Choosable(id=one, label=both(f"{one} fr", f"{one} en")) for one in options.split())
    return Rung.model_validate(
        {"id": id_, "days": days, "after_ignored": ignored, "say": both(fr, en), "options": made}
    )


ATTENTION = Attention(
    from_time="08:30",
    to_time="17:30",
    nudges_per_day=1,
    nudges_per_week=3,
    messages_per_day=2,
    messages_per_week=5,
    hours_between_on_item=48,
    items_per_card=3,
    unanswered=2,
    silent_days=7,
    max_snoozes=2,
    late_after_hours=4,
)
LADDER = Nudges(
    nudges="ladder",
    rungs=(
        rung(
            "K1",
            -5,
            "{hello}, « {item} » pour le {due}?",
            '{hello}, "{item}" for {due}?',
            "done in_progress blocked not_me",
        ),
        rung("K2", 0, "{hello}, quand pour « {item} »?", '{hello}, when for "{item}"?'),
        rung(
            "K3",
            3,
            "{hello}, « {item} » attend: {gate}",
            '{hello}, "{item}" is open: {gate}',
            "new_date obstacle done",
        ),
        rung(
            "K4",
            6,
            "{hello}, qu'est-ce qui débloquerait « {item} »?",
            '{hello}, what would unblock "{item}"?',
            "time information decision person hand_over",
            2,
        ),
        rung("K7", None, "Merci. {gate}: {done} sur {total}.", "Thanks. {gate}: {done} of {total}."),
    ),
    attention=ATTENTION,
)
GATES = (
    GateDay("G1", both("Modèle d'affaires", "Business model"), date(2027, 3, 20)),
    GateDay("G2", both("Modèle opérationnel", "Operating model"), date(2027, 4, 30)),
)
SLOTS = (("tue9", "mardi, 9 h"), ("thu14", "jeudi, 14 h"))


def around(*peers: ItemState, actor: str = OWNER, today: date = TODAY) -> Around:
    return Around(actor, "Prénom", NOW, today, LADDER, GATES, peers, SLOTS)


def button(card: Card, step: str, choice: str | None = None) -> Option:
    """The button that a person would tap; fails when it is not on the card."""
    found = [one for one in card.options() if one.ref.step == step and choice in (None, one.ref.choice)]
    assert found, f"no button {step} on: {card.plain()}"
    return found[0]


def ref(id_: str, step: str, choice: str = "", revision: int = 0) -> Ref:
    return Ref("item", id_, step, choice, revision)
