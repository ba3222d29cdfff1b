"""The shape of a content pack: what an editor may write in YAML, and nothing else.

This is the place to import from; the parts stand in `schema_base`, `schema_dialog` and `schema_programme`.
"""

from typing import Annotated, Literal

from pydantic import Field

from dialogs.schema_base import Choosable, Clock, Day, DueRule, Id, Model
from dialogs.schema_dialog import (
    MAX_EXAMPLE,
    Closing,
    Condition,
    Dialog,
    FollowUp,
    Function,
    Functions,
    Later,
    Rounds,
    RuleName,
    Slot,
    Step,
    StepType,
    Variant,
    When,
)
from dialogs.schema_programme import (
    Attention,
    Checklist,
    ChecklistItem,
    Digest,
    Domain,
    EvidenceRule,
    Gate,
    Gates,
    Nudges,
    Question,
    Quiz,
    QuizOption,
    Rung,
    Waivable,
)
from dialogs.text import Wording

__all__ = [
    "MAX_EXAMPLE",
    "Attention",
    "Campaign",
    "Checklist",
    "ChecklistItem",
    "Choosable",
    "Clock",
    "Closing",
    "Condition",
    "Day",
    "Dialog",
    "Digest",
    "Domain",
    "DueRule",
    "EvidenceRule",
    "FollowUp",
    "Function",
    "Functions",
    "Gate",
    "Gates",
    "Id",
    "Later",
    "Model",
    "Nudges",
    "PackHead",
    "Question",
    "Quiz",
    "QuizOption",
    "Rounds",
    "RuleName",
    "Rung",
    "Slot",
    "Step",
    "StepType",
    "UiWords",
    "Variant",
    "Waivable",
    "When",
]


class Campaign(Model):
    """A dialog, quiz or digest with its audience and calendar."""

    campaign: Id
    starts: Id
    kind: Literal["dialog", "quiz"]
    audience: tuple[str, ...] = Field(min_length=1)
    opens: DueRule
    closes: DueRule
    day: Day | None = None
    at: Clock
    invite: Wording


class PackHead(Model):
    """What the pack is about. project: the name that messages use. weeks: from T0 to L."""

    pack: Id
    title: Wording
    project: Wording
    weeks: int = Field(ge=4, le=260)
    holidays: tuple[str, ...] = ()


class UiWords(Model):
    """The bot's own words, by key."""

    words: dict[Annotated[str, Field(pattern=r"^[a-z0-9_]+(\.[a-z0-9_]+)*$")], Wording]
