"""The shape of a content pack: what an editor may write in YAML, and nothing else."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from dialogs.text import Wording

Id = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_-]{0,39}$")]
DueRule = Annotated[str, Field(pattern=r"^(T0|L)([+-]\d{1,3}[dw])?$")]
"""A date told from the project's start T0 or its go-live L: T0, L-2w, T0+9w, L-14d."""
Clock = Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
Day = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
StepType = Literal["yesno", "single", "multi", "scale5", "num", "date", "person", "text"]
RuleName = Literal[
    "gain",  # this impact is asked as a gain (a gain, or both with the gain first)
    "difficulty",  # this impact is asked as a difficulty
    "heard_before",  # at least five colleagues reported the same
    "small_function",  # fewer than five people work in the function
    "has_text",  # the concrete example was typed in this impact
    "side_to_come",  # "both" was picked and the other side has not been asked yet
    "out_of_time",  # the dialog has lasted longer than its max_seconds
    "last_round",  # no further impact can follow
]
MAX_EXAMPLE = 280


class Model(BaseModel):
    """Every part of the content: unknown keys are mistakes, nothing changes after loading."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Choosable(Model):
    """One entry that people may pick: the code that is stored, its label, what it counts for if anything."""

    id: Id
    label: Wording
    amount: float | None = None


class Condition(Model):
    """One condition on an earlier answer of the same run, or a named rule. Exactly one test each."""

    step: Id | None = None
    equals: str | int | None = None
    one_of: tuple[str | int, ...] | None = None
    includes: str | None = None
    at_least: float | None = None
    at_most: float | None = None
    answered: bool | None = None
    rule: RuleName | None = None
    no_rule: RuleName | None = None


When = tuple[Condition, ...]
"""All of them must hold; an empty list always holds."""


class Variant(Model):
    """Another way to ask the same question when a condition holds."""

    when: When
    ask: Wording


class Step(Model):
    """One question. It is asked when all of `when` holds and it has no valid answer yet."""

    id: Id
    type: StepType
    ask: Wording
    variants: tuple[Variant, ...] = ()
    hint: Wording | None = None
    options: tuple[Choosable, ...] = ()
    options_from: Literal["functions", "function_picks", "function_tap"] | None = None
    required: bool = False
    required_when: When | None = None
    when: When = ()
    save: str | None = Field(default=None, pattern=r"^[a-z_]+(\.[a-z_]+)?$")
    max_picks: int = Field(default=0, ge=0, le=20)
    was: Id | None = None
    warn_personal: bool = False
    prefill: Literal["function"] | None = None


class Rounds(Model):
    """The steps first..last may be gone through again, once for each impact."""

    first: Id
    last: Id
    max: int = Field(ge=1, le=9)
    again: Condition
    at_ease: int = Field(default=2, ge=1, le=9)


class Slot(Model):
    """A later moment that a person may pick: in some hours, or at a time of a working day ahead."""

    id: Id
    label: Wording
    in_hours: int | None = Field(default=None, ge=1, le=12)
    in_workdays: int | None = Field(default=None, ge=1, le=10)
    at: Clock | None = None


class Later(Model):
    """Which answer puts the dialog off, and the moments offered. `step` is asked when `equals` was picked."""

    step: Id
    equals: str
    ask: Wording
    slots: tuple[Slot, ...] = Field(min_length=2, max_length=5)
    said: Wording


class Closing(Model):
    """The last word of a dialog; the first whose `when` holds is said."""

    when: When = ()
    say: Wording


class Dialog(Model):
    """A guided dialog."""

    dialog: Id
    version: int = Field(ge=1)
    title: Wording
    max_seconds: int = Field(default=165, ge=30, le=900)
    steps: tuple[Step, ...] = Field(min_length=1)
    rounds: Rounds | None = None
    later: Later | None = None
    closings: tuple[Closing, ...] = Field(min_length=1)
    resume: Wording
    champion: Condition | None = None
    lead_told: Condition | None = None


class FollowUp(Model):
    """A question of one function: picked from a list, or one extra tap or number."""

    ask: Wording
    type: StepType
    options: tuple[Choosable, ...] = ()


class Function(Model):
    """A department of the company."""

    code: Id
    label: Wording
    core10: bool = True
    picks: FollowUp
    tap: FollowUp


class Functions(Model):
    """The file of all functions."""

    functions: tuple[Function, ...] = Field(min_length=1)


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
