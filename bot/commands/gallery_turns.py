"""Cards that only a turn can draw: real turns over a throw-away database, and what each one said."""

import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path

from adapters.base import Budget, Destination, Sent
from bot.attention import Planned
from bot.clock import FixedClock
from bot.commands.exhibit import Exhibit
from bot.commands.gallery_asked import asked_for_help, interviewed
from bot.commands.gallery_scenes import SCENES, Scene
from bot.deliveries import Deliveries
from bot.library import Library
from bot.project import ensure_items
from bot.recipient import Feature
from bot.started_cards import Drawing
from bot.store import AsyncConnection, people, roster, runs
from bot.store.database import Database, open_database
from bot.store.migrate import migrate
from bot.store.people import Person
from bot.turns import Turns
from dialogs.activity import Activity, Kind, Place, Platform, Submission
from dialogs.card import Card
from dialogs.catalog import Catalog, Pack
from dialogs.interview import text_card
from dialogs.ref import Ref
from dialogs.speech import Speech
from dialogs.text import Locale

TENANT, TEAM = "gallery", "gallery"
NOW = datetime(2026, 11, 26, 15, 1, tzinfo=UTC)
_STARTS, _GOES_LIVE = date(2026, 9, 28), date(2027, 7, 5)
_ROLES = {"lead": ("project_lead", "change_lead"), "head": ("function_lead",), "member": (), "stranger": ()}


NO_HURRY = 60.0
"""Seconds for a turn: nobody waits for the answer but the person who runs the command."""


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

    def budgets(self, to: Destination, operation: str) -> tuple[Budget, ...]:
        """No limits."""
        del to, operation
        return ()

    async def find(self, to: Destination, key: str) -> Sent | None:
        """Nothing is ever in doubt here."""
        del to, key
        return None

    async def close(self) -> None:
        """Nothing to give back."""


@dataclass
class Stage:
    """A company that lives as long as its cards are drawn. said: lines and clicks so far."""

    database: Database
    turns: Turns
    deliveries: Deliveries
    screen: _Screen
    said: int = 0

    async def hear(
        self, actor: str, text: str = "", click: Submission | None = None, *, shared: bool = False
    ) -> list[Card]:
        """Take a line, a click, or the arrival of a person; the cards that come of it, in order."""
        self.said += 1
        self.screen.taken.clear()
        kind = Kind.SUBMIT if click else Kind.MESSAGE if text else Kind.ARRIVED
        place, message = Place(f"dm:{actor}", shared=shared), "1" if click else None
        activity = Activity(
            Platform.WEB, TEAM, actor, kind, str(self.said), place, NOW, text, click, message
        )  # fmt: skip
        reply = await self.turns.handle(activity)
        await self.deliveries.settled()  # a drain alone misses what is on its way already
        opened = [reply.open] if reply.open is not None else []
        return [*(card for _, card in self.screen.taken), *opened]


async def turn_cards(catalog: Catalog, name: str, locale: Locale) -> list[Exhibit]:
    """Every card that commands, launches, champions, help and campaigns of one pack lead to."""
    pack, speech = catalog.packs[name], Speech(catalog.ui, locale)
    shown = [
        Exhibit("bot", key.replace("_", "-"), "1", text_card(speech, key))
        for key in ("refused_nobody", "quiz_none")
    ]
    async with _stage(catalog, name, locale) as stage:
        for scene in SCENES:
            shown += await _played(scene, stage, pack, locale)
        shown += await asked_for_help(stage.hear, stage.database, TENANT, pack)
        shown += await interviewed(stage.hear, stage.database, TENANT, pack, NOW)
        shown += await _started(stage.database, catalog, pack)
    return shown


@asynccontextmanager
async def _stage(catalog: Catalog, name: str, locale: Locale) -> AsyncIterator[Stage]:
    with tempfile.TemporaryDirectory() as folder:
        database = open_database(f"sqlite+aiosqlite:///{Path(folder, 'gallery.db')}")
        try:
            await migrate(database)
            await _populate(database, catalog.packs[name], name, locale)
            screen, clock = _Screen(), FixedClock(NOW)
            deliveries = Deliveries(database, {"web": screen}, clock, TENANT)
            turns = Turns(database, Library(Path(), catalog), clock, deliveries, TENANT, seconds=NO_HURRY)
            yield Stage(database, turns, deliveries, screen)
        finally:
            await database.close()


async def _populate(database: Database, pack: Pack, name: str, locale: Locale) -> None:
    function = _head_of(pack) or None
    async with database.transaction() as connection:
        project = {"pack": name, "starts_on": _STARTS, "goes_live_on": _GOES_LIVE}
        place = {"zone": "America/Toronto", "region": "CA-QC"}
        await roster.put_project(connection, TENANT, {**project, **place})
        for code in pack.functions:
            await roster.put_function(connection, TENANT, code, 12, "head" if code == function else None)
        for person, roles in _ROLES.items():
            values = {"name": "Prénom-Composé Nom-Particulièrement-Long", "locale": locale, **place}
            known = {"first_name": "Prénom-Composé", "function": function} if person != "stranger" else {}
            await roster.add_person(connection, TENANT, person, {**values, **known})
            held = [(role, (function or "") if role == "function_lead" else "") for role in roles]
            await roster.set_roles(connection, TENANT, person, held)
            await roster.set_address(connection, TENANT, ("web", TEAM, person), person)
        company = await people.company(connection, TENANT)
        if company is not None:
            await ensure_items(connection, TENANT, pack, company)


async def _played(scene: Scene, stage: Stage, pack: Pack, locale: Locale) -> list[Exhibit]:
    """Say each line; the cards of the last one are on show."""
    cards: list[Card] = []
    for line in scene.lines:
        text, click = _meant(line.replace("{function}", _head_of(pack)).replace("{locale}", locale), cards)
        cards = await stage.hear(scene.actor, text, click, shared=scene.shared)
    return [Exhibit("bot", scene.name, str(place), card) for place, card in enumerate(cards, 1)]


def _meant(line: str, before: list[Card]) -> tuple[str, Submission | None]:
    if line.startswith(">"):
        options = [option for card in before for option in card.options()]
        return "", Submission(options[int(line[1:]) - 1].ref)
    if "|" in line:
        topic, subject, step, choice = (line + "|||").split("|")[:4]
        return "", Submission(Ref(topic, subject, step, choice))
    return line, None


def _head_of(pack: Pack) -> str:
    """A function whose lead owns an item, so that there is somebody to ask for help."""
    owners = [item.owner_role for checks in pack.checklists.values() for item in checks.items]
    led = [role.partition(".")[2] for role in owners if role.startswith("function_lead.")]
    return next((code for code in (*led, *pack.functions) if code in pack.functions), "")


async def _started(database: Database, catalog: Catalog, pack: Pack) -> list[Exhibit]:
    """What the bot sends of its own accord: every invitation, and the way back into what was begun."""
    shown: list[Exhibit] = []
    async with database.transaction() as connection:
        company = await people.company(connection, TENANT)
        for who in ("member", "stranger"):
            person = await people.person(connection, TENANT, who)
            if company is None or person is None:
                continue
            drawing = Drawing(TENANT, catalog, pack, company, NOW)
            wanted: list[tuple[Feature, str, str]] = [
                (one.kind, one.campaign, one.campaign) for one in pack.campaigns.values()
            ]
            shown += await _drawn(connection, drawing, person, wanted)  # before anything is begun
            wanted = []
            for dialog in pack.dialogs:
                run = await runs.start(connection, TENANT, "dialog", dialog, who, NOW, {})
                wanted += [("resume", run.id, f"resume-{dialog}"), ("reminder", run.id, f"put-off-{dialog}")]
            for quiz in pack.quizzes.values():
                drawn = {"questions": [one.id for one in quiz.questions[:1]]}
                run = await runs.start(connection, TENANT, "quiz", quiz.quiz, who, NOW, drawn)
                wanted.append(("resume", run.id, f"resume-{quiz.quiz}"))
            shown += await _drawn(connection, drawing, person, wanted)
    return shown


async def _drawn(
    connection: AsyncConnection, drawing: Drawing, person: Person, wanted: list[tuple[Feature, str, str]]
) -> list[Exhibit]:
    planned = [Planned(name, person.id, feature, subject, NOW) for feature, subject, name in wanted]
    table = await drawing.table(connection, planned)
    drawn = [(one.key, await table.card(one, person)) for one in planned]
    return [Exhibit("campaign", name, person.id, one.card) for name, one in drawn if one is not None]
