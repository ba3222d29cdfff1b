"""The shape of checklists, gates, nudges, quizzes and the weekly summary."""

from typing import Literal

from pydantic import Field

from dialogs.schema_base import Choosable, Clock, Day, DueRule, Id, Model
from dialogs.text import Wording


class EvidenceRule(Model):
    """What proves an item: which types count, and in words what is expected."""

    types: tuple[Literal["link", "file", "number", "attestation"], ...] = Field(min_length=1)
    what: Wording


class ChecklistItem(Model):
    """One point of the readiness checklist."""

    id: Id
    domain: Id
    phase: Literal["before", "during", "after"] = "before"
    blocking: bool = False
    weight: int = Field(default=0, ge=0, le=10)
    gates: dict[Id, Literal[1, 2, 3]] = Field(default_factory=dict)
    owner_role: str = Field(pattern=r"^(owner|sponsor|project_lead|change_lead|function_lead\.[A-Z]{3})$")
    due: DueRule
    evidence: EvidenceRule
    depends_on: tuple[Id, ...] = ()
    ask: Wording

    @property
    def effective_weight(self) -> int:
        """The weight given, else 2 for a blocking item and 1 for another (blueprint 3j)."""
        return self.weight or (2 if self.blocking else 1)


class Domain(Model):
    """A group of items."""

    id: Id
    label: Wording


class Checklist(Model):
    """The readiness checklist."""

    checklist: Id
    title: Wording
    domains: tuple[Domain, ...] = Field(min_length=1)
    items: tuple[ChecklistItem, ...] = Field(min_length=1)


class Waivable(Model):
    """Who may waive a gate, and for how long at most."""

    by: Literal["sponsor"]
    max_days: int = Field(ge=1, le=30)


class Gate(Model):
    """A decision point."""

    id: Id
    label: Wording
    due: DueRule
    needs_gates: tuple[Id, ...] = ()
    waiver: Waivable | None = None


class Gates(Model):
    """The file of all gates."""

    gates: tuple[Gate, ...] = Field(min_length=1)


class Rung(Model):
    """One step of the nudge ladder. Days are working days from the due date, negative before it."""

    id: Literal["K1", "K2", "K3", "K4", "K7"]
    days: int | None = Field(default=None, ge=-30, le=60)
    after_ignored: int | None = Field(default=None, ge=1, le=5)
    say: Wording
    options: tuple[Choosable, ...] = Field(default=(), max_length=5)


class Attention(Model):
    """The attention budget: how much the bot may start with one person (blueprint 3k)."""

    from_time: Clock
    to_time: Clock
    nudges_per_day: int = Field(ge=1, le=5)
    nudges_per_week: int = Field(ge=1, le=20)
    messages_per_day: int = Field(ge=1, le=5)
    messages_per_week: int = Field(ge=1, le=20)
    hours_between_on_item: int = Field(ge=1, le=240)
    items_per_card: int = Field(ge=1, le=5)
    unanswered: int = Field(ge=1, le=9)
    silent_days: int = Field(ge=1, le=60)
    max_snoozes: int = Field(ge=0, le=9)
    late_after_hours: int = Field(ge=1, le=72)


class Nudges(Model):
    """The ladder and its limits."""

    nudges: Id
    rungs: tuple[Rung, ...] = Field(min_length=1)
    attention: Attention
    blackouts: tuple[tuple[str, str], ...] = ()


class QuizOption(Model):
    """One of the three options; exactly one is right."""

    id: Id
    right: bool = False
    label: Wording


class Question(Model):
    """One quiz question with its explanation, shown after every answer, right or wrong."""

    id: Id
    difficulty: Literal[1, 2, 3]
    tags: tuple[str, ...] = Field(min_length=1)
    ask: Wording
    options: tuple[QuizOption, ...]
    because: Wording
    retention: float = Field(default=0.85, gt=0.5, lt=1)
    was: Id | None = None


class Quiz(Model):
    """A quiz. audience: function codes, or "all"."""

    quiz: Id
    version: int = Field(ge=1)
    title: Wording
    audience: tuple[str, ...] = Field(min_length=1)
    per_session: int = Field(default=3, ge=1, le=10)
    new_per_session: int = Field(default=2, ge=1, le=10)
    sessions_per_week: int = Field(default=2, ge=1, le=7)
    questions: tuple[Question, ...] = Field(min_length=1)


class Digest(Model):
    """The weekly summary: when it is posted and which sections it has, in this order."""

    digest: Id
    title: Wording
    day: Day
    at: Clock
    sections: tuple[Literal["header", "verdict", "changes", "numbers", "method"], ...] = Field(min_length=1)
    metrics: tuple[Literal["participation", "coverage", "readiness", "overdue"], ...] = Field(min_length=1)
    words: dict[str, Wording]
