"""The shape of guided dialogs and of the functions that they ask about."""

from typing import Literal

from pydantic import Field

from dialogs.schema_base import Choosable, Clock, Id, Model
from dialogs.text import Wording

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
    """Which answer puts the dialog off, and the moments offered.

    `step` is asked again when the moment has come; `reminder` says so, `resume` of the dialog without it.
    """

    step: Id
    equals: str
    ask: Wording
    slots: tuple[Slot, ...] = Field(min_length=2, max_length=5)
    said: Wording
    reminder: Wording | None = None


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
