"""What comes in: one event of a chat platform in the words of the house, and the answer that a turn returns."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from dialogs.card import Card
from dialogs.ref import Ref

FieldValue = str | tuple[str, ...]
"""What one form field carries: text as typed, or the ids of the options picked."""


class Platform(StrEnum):
    """A chat platform."""

    SLACK = "slack"
    TEAMS = "teams"
    WEB = "web"


class Kind(StrEnum):
    """What happened."""

    MESSAGE = "message"  # free text in a conversation with the bot
    COMMAND = "command"  # a slash command; text holds the words after its name
    SUBMIT = "submit"  # a control was used; submission is set
    ARRIVED = "arrived"  # the bot was installed for, or opened by, a person


@dataclass(frozen=True, slots=True)
class Submission:
    """All field values of one click. `ref` is None when the control carried nothing that we wrote."""

    ref: Ref | None
    values: Mapping[str, FieldValue] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Place:
    """The conversation where something happened. `shared` is true outside a one-to-one conversation.

    `route` holds what the platform needs to write there again (for Teams the service URL and so on).
    """

    conversation: str
    shared: bool = False
    route: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Activity:
    """One inbound event.

    tenant: the workspace or directory that the platform authenticated. actor: the platform's user id.
    event_id: what the platform repeats when it delivers the same event again. message: the platform's
    reference of the message that carried the control, where there is one. inline: the platform replaces that
    message with the card that the turn returns, so that no update needs to be sent. can_open: a form can be
    opened on the spot (a modal).
    """

    platform: Platform
    tenant: str
    actor: str
    kind: Kind
    event_id: str
    place: Place
    at: datetime
    text: str = ""
    submission: Submission | None = None
    message: str | None = None
    inline: bool = False
    can_open: bool = False
    locale_hint: str | None = None
    zone_hint: str | None = None
    name_hint: str | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """What the platform must be told at once; everything else is a delivery.

    card: takes the place of the message that was clicked (only when the activity said `inline`).
    open: a form to show on the spot (only when the activity said `can_open`).
    errors: field id to sentence; the form stays open. toast: one short line for the person alone.
    """

    card: Card | None = None
    open: Card | None = None
    errors: Mapping[str, str] = field(default_factory=dict)
    toast: str = ""
