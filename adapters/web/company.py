"""What the page must know of the company that tries Embarque: its people, channels, clock and story."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from dialogs.text import Locale


class Move(StrEnum):
    """Where the clock of the company may be put."""

    HOUR = "hour"  # one hour on
    MORNING = "next_morning"  # 08:30 of the next working day, in the company's zone
    THURSDAY = "next_thursday"  # Thursday 10:00, when the weekly summary is due


@dataclass(frozen=True, slots=True)
class Persona:
    """Somebody whose place a visitor may take.

    function, site and roles are written in the language of the page; `locale` is the person's own, in which
    the bot talks to them. waiting: messages of the bot that this person has not looked at. channels: names of
    the channels that this person may read. seen: the newest message of all when this person last looked; None
    where nobody counts.
    """

    user: str
    name: str
    function: str
    locale: str
    site: str
    roles: tuple[str, ...] = ()
    waiting: int = 0
    channels: tuple[str, ...] = ()
    seen: int | None = None


@dataclass(frozen=True, slots=True)
class Channel:
    """A channel to read. title: its name for readers, without a sign in front."""

    name: str
    title: str


@dataclass(frozen=True, slots=True)
class Scene:
    """One step of the guided visit; its words are `tour.<id>.title`, `.text` and `.button` of the page.

    user: whose place the visitor takes. conversation: what is shown, the person's own when empty. to: where
    the clock is put first. command: what is then said to the bot, such as `/embarque impact`; empty while the
    question that it brings already waits. done: the company's records show that it happened.
    """

    id: str
    user: str
    conversation: str = ""
    to: Move | None = None
    command: str = ""
    done: bool = False


@dataclass(frozen=True, slots=True)
class Moved:
    """What happened while the clock moved. sent: messages to people. in_channels: messages in channels.

    lines: explanations in the language of the page, above all why somebody got nothing.
    """

    now: datetime
    sent: int
    in_channels: int
    lines: tuple[str, ...] = ()


class Company(Protocol):
    """The application's side of the page. name: the company's. zone: an IANA zone such as America/Toronto."""

    name: str
    zone: str

    async def personas(self, locale: Locale) -> tuple[Persona, ...]:
        """The people to choose from, in the order to show them."""
        ...

    async def channels(self, locale: Locale) -> tuple[Channel, ...]:
        """Every channel of the company."""
        ...

    async def story(self, locale: Locale) -> tuple[Scene, ...]:
        """The guided visit in order, with people who speak the language of the page where there are any."""
        ...

    async def looked(self, user: str) -> None:
        """This person's conversation is on a screen: nothing waits there unseen."""
        ...

    def now(self) -> datetime:
        """The company's present moment, aware."""
        ...

    async def move(self, to: Move, locale: Locale) -> Moved:
        """Put the clock there, let everything that is due happen, and tell what did."""
        ...

    def mistakes(self, locale: Locale) -> tuple[str, ...]:
        """Mistakes in the content as it stands on disk, one sentence each; empty when all is well."""
        ...

    def words(self, locale: Locale) -> Mapping[str, str]:
        """The page's own words by key, as `adapters.web.page.flat_words` gives them."""
        ...
