"""Cards that only a turn can draw: real turns over a throw-away database, and what each one said."""

import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from pathlib import Path

from adapters.base import Destination, Sent
from bot.attention import Planned
from bot.clock import FixedClock
from bot.commands.exhibit import Exhibit
from bot.commands.gallery_scenes import IMPACT, SCENES, Scene
from bot.deliveries import Deliveries
from bot.library import Library
from bot.project import ensure_items
from bot.started_cards import Started
from bot.store import people, roster, runs
from bot.store.database import Database, open_database
from bot.store.migrate import migrate
from bot.turns import Turns
from dialogs.activity import Activity, Kind, Place, Platform, Submission
from dialogs.card import Card
from dialogs.catalog import Catalog, Pack
from dialogs.ref import Ref
from dialogs.text import Locale

TENANT, TEAM = "gallery", "gallery"
NOW = datetime(2026, 11, 26, 15, 1, tzinfo=UTC)
_STARTS, _GOES_LIVE = date(2026, 9, 28), date(2027, 7, 5)
_ROLES = {"lead": ("project_lead", "change_lead"), "head": ("function_lead",), "member": (), "stranger": ()}


@dataclass
class _Screen:
    """A platform that keeps what it is given, in order."""

    platform: Platform = Platform.WEB
    can_find: bool = False
    taken: list[tuple[str, Card]] = field(default_factory=list)

    async def send(self, to: Destination, card: Card, key: str) -> Sent:
        """Keep the card."""
        self.taken.append((to.user or to.conversation, card))
        return Sent(key, to.conversation or to.user)

    async def update(self, to: Destination, message: str, card: Card) -> None:
        """Keep the card that takes the place of another."""
        del message
        self.taken.append((to.conversation, card))

    async def find(self, to: Destination, key: str) -> Sent | None:
        """Nothing is ever in doubt here."""
        del to, key
        return None

    async def close(self) -> None:
        """Nothing to give back."""


async def turn_cards(catalog: Catalog, name: str, locale: Locale) -> list[Exhibit]:
    """Every card that commands, launches, champions, help and campaigns of one pack lead to."""
    pack = catalog.packs[name]
    shown: list[Exhibit] = []
    async with _company(catalog, name, locale) as (database, turns, deliveries, screen):
        for scene in SCENES:
            shown += await _played(scene, turns, deliveries, screen)
        shown += await _started(database, catalog, pack, locale)
    return shown


@asynccontextmanager
async def _company(
    catalog: Catalog, name: str, locale: Locale
) -> AsyncIterator[tuple[Database, Turns, Deliveries, _Screen]]:
    pack = catalog.packs[name]
    with tempfile.TemporaryDirectory() as folder:
        database = open_database(f"sqlite+aiosqlite:///{Path(folder, 'gallery.db')}")
        try:
            await migrate(database)
            await _populate(database, pack, name, locale)
            screen, clock = _Screen(), FixedClock(NOW)
            deliveries = Deliveries(database, {"web": screen}, clock, TENANT)
            yield (
                database,
                Turns(database, Library(Path(), catalog), clock, deliveries, TENANT),
                deliveries,
                screen,
            )
        finally:
            await database.close()


async def _populate(database: Database, pack: Pack, name: str, locale: Locale) -> None:
    function = next(iter(pack.functions), None)
    async with database.transaction() as connection:
        project = {"pack": name, "starts_on": _STARTS, "goes_live_on": _GOES_LIVE}
        place = {"zone": "America/Toronto", "region": "CA-QC"}
        await roster.put_project(connection, TENANT, {**project, **place})
        for code in pack.functions:
            await roster.put_function(connection, TENANT, code, 12, "head" if code == function else None)
        for person, roles in _ROLES.items():
            values = {"name": "Marie-Antoinette Archambault-Desrochers", "locale": locale, **place}
            known = {"first_name": "Marie-Antoinette", "function": function} if person != "stranger" else {}
            await roster.add_person(connection, TENANT, person, {**values, **known})
            held = [(role, (function or "") if role == "function_lead" else "") for role in roles]
            await roster.set_roles(connection, TENANT, person, held)
            await roster.set_address(connection, TENANT, ("web", TEAM, person), person)
        company = await people.company(connection, TENANT)
        if company is not None:
            await ensure_items(connection, TENANT, pack, company)


async def _played(scene: Scene, turns: Turns, deliveries: Deliveries, screen: _Screen) -> list[Exhibit]:
    """Say each line; the cards of the last one are on show, all of them when the scene says so."""
    shown: list[Exhibit] = []
    for number, said in enumerate(scene.lines):
        screen.taken.clear()
        submission, text = _clicked(said, shown[-1].card if shown else None)
        kind = Kind.ARRIVED if said == "" else Kind.SUBMIT if submission else Kind.MESSAGE
        place = Place(f"dm:{scene.actor}", shared=scene.shared)
        activity = Activity(
            Platform.WEB, TEAM, scene.actor, kind, f"{scene.name}-{number}", place, NOW, text, submission,
            message="1" if submission else None,
        )  # fmt: skip
        reply = await turns.handle(activity)
        await deliveries.drain()
        cards = [card for _, card in screen.taken] + ([reply.open] if reply.open is not None else [])
        shown = [Exhibit("bot", scene.name, f"{place_ + 1}", card) for place_, card in enumerate(cards)]
    return shown


def _clicked(said: str, before: Card | None) -> tuple[Submission | None, str]:
    """A line such as `do|pause|off` is a control; `>2` is the second button of the card before."""
    if said.startswith(">") and before is not None:
        options = list(before.options())
        return Submission(options[min(int(said[1:]), len(options)) - 1].ref), ""
    if "|" in said:
        topic, subject, step, choice = (*said.split("|"), "", "")[:4]
        return Submission(Ref(topic, subject, step, choice)), ""
    return None, said


async def _started(database: Database, catalog: Catalog, pack: Pack, locale: Locale) -> list[Exhibit]:
    """What the bot sends of its own accord: every invitation, and the way back into what was begun."""
    shown: list[Exhibit] = []
    async with database.transaction() as connection:
        company = await people.company(connection, TENANT)
        for who in ("member", "stranger"):
            person = await people.person(connection, TENANT, who)
            if company is None or person is None:
                continue
            cards = Started(connection, TENANT, NOW, catalog.ui, pack, company, person)
            wanted = [(one.kind, one.campaign, one.campaign) for one in pack.campaigns.values()]
            for dialog in pack.dialogs:
                run = await runs.start(connection, TENANT, "dialog", dialog, who, NOW, {})
                wanted += [("resume", run.id, f"resume-{dialog}"), ("reminder", run.id, f"put-off-{dialog}")]
            for quiz in pack.quizzes.values():
                drawn = {"questions": [one.id for one in quiz.questions[:1]]}
                run = await runs.start(connection, TENANT, "quiz", quiz.quiz, who, NOW, drawn)
                wanted.append(("resume", run.id, f"resume-{quiz.quiz}"))
            for feature, subject, name in wanted:
                card = await cards.card(Planned(f"{who}:{name}", who, feature, subject, NOW))
                if card is not None:
                    shown.append(Exhibit("campaign", name, who, card))
    return shown


__all__ = ["IMPACT", "time", "turn_cards"]
