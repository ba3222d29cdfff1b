"""Cards that one person's answer sends to another: a lead told today, a champion offered, help asked for."""

from collections.abc import Awaitable, Callable
from datetime import datetime

from bot import project
from bot.commands.exhibit import Exhibit
from bot.commands.gallery_walks import answer_for, goals, walked
from bot.store import items, runs
from bot.store.database import Database
from dialogs.activity import FieldValue, Submission
from dialogs.card import Card
from dialogs.catalog import Pack
from dialogs.item_cards import SEND, item_ref
from dialogs.outcome import Answer, Given
from dialogs.reading import FIELD
from dialogs.ref import Ref

Hear = Callable[..., Awaitable[list[Card]]]
"""Take a line or a click of somebody: (actor, text, click) -> the cards that come of it."""
OWNER, ANSWERING = "head", "member"


async def asked_for_help(hear: Hear, database: Database, tenant: str, pack: Pack) -> list[Exhibit]:
    """What whoever leads the project reads when the owner of an item asks for something."""
    shown: list[Exhibit] = []
    note = "Il manque l'accord du transporteur."
    acts: tuple[tuple[str, str, dict[str, FieldValue]], ...] = (
        ("time", "", {}),
        ("blocked", SEND, {"kind": "decision", "note": note}),
        ("not_me", SEND, {"note": note}),
    )
    for step, choice, values in acts:
        async with database.transaction() as connection:
            states = await items.states(connection, tenant, project.checklist_items(pack))
        mine = next((state for state in states.values() if state.owner == OWNER), None)
        if mine is not None:
            cards = await hear(OWNER, "", Submission(item_ref(mine, step, choice), values))
            shown += _numbered(f"asked-{step.replace('_', '-')}", cards)
    return shown


async def interviewed(
    hear: Hear, database: Database, tenant: str, pack: Pack, now: datetime
) -> list[Exhibit]:
    """What leads read when somebody wants them to hear of an impact today, or offers to become a champion."""
    shown: list[Exhibit] = []
    functions = dict(pack.functions)
    for dialog in pack.dialogs.values():
        wanted = [one for one in (dialog.champion, dialog.lead_told) if one is not None]
        told = {one.step for one in wanted}
        for goal in goals(dialog, functions):
            if goal.name != "then" or not any(
                goal.answers.get(one.step or "") == one.equals for one in wanted
            ):
                continue
            async with database.transaction() as connection:
                run = await runs.start(connection, tenant, "dialog", dialog.dialog, ANSWERING, now, {})
            for state, position in walked(dialog, functions, goal):
                answer = answer_for(state, position, goal)
                ref = Ref("run", run.id, position.key, "", state.revision(position))
                click = _click(ref, Given(position.step.id, position.round, answer).value)
                cards = await hear(ANSWERING, "", click)
                if position.step.id in told:
                    shown += _numbered(f"told-{dialog.dialog}-{position.step.id}", cards)
    return shown


def _click(ref: Ref, answer: Answer | None) -> Submission:
    if isinstance(answer, str) and answer.startswith("_"):
        return Submission(Ref(ref.topic, ref.subject, ref.step, answer, ref.revision))
    value: FieldValue = answer if isinstance(answer, tuple) else str(answer)
    return Submission(ref, {FIELD: value})


def _numbered(name: str, cards: list[Card]) -> list[Exhibit]:
    return [Exhibit("bot", name, str(place), card) for place, card in enumerate(cards, 1)]
