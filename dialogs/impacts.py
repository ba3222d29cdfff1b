"""What an interview says: the impacts of its rounds, or that there is none."""

from collections.abc import Mapping
from dataclasses import dataclass

from dialogs.interview_state import Interview
from dialogs.outcome import DONT_KNOW, SKIPPED, Answer

CAPACITY_SHARE = 0.10
"""Above this share of the weekly contract hours, the added effort raises the capacity flag (blueprint 3a iii)."""


UNKNOWN = "unknown"
"""What a person did not know or did not want to say; the impact counts all the same."""

FIXED = frozenset({"dimension", "polarity", "picks", "severity", "likelihood"})
"""What an impact has a place of its own for."""


@dataclass(frozen=True, slots=True)
class Impact:
    """One impact on one function.

    polarity: "benefit" or "challenge". severity, likelihood: 1 to 5. effort_hours: extra hours a week.
    details: every other answer by its name in the content, such as statement, who or help.
    """

    round: int
    function: str
    dimension: str
    polarity: str
    picks: tuple[str, ...]
    severity: int | None
    likelihood: int | None
    effort_hours: float | None
    details: Mapping[str, Answer]


def impacts(interview: Interview) -> tuple[Impact, ...]:
    """The impacts told so far: those whose question of severity has been answered or passed."""
    function = interview.function()
    if function is None:
        return ()
    rounds = range(1, interview.last_round() + 1)
    return tuple(
        told for told in (_impact(interview, function, round_) for round_ in rounds) if told is not None
    )


def told_no_impact(interview: Interview) -> bool:
    """Whether the person said that the change does not concern their function (it counts for coverage)."""
    return interview.saved("no_impact.reason", 0) is not None


def capacity_flag(told: tuple[Impact, ...], week_hours: float) -> bool:
    """Whether the summed effort is above a tenth of the contract hours."""
    return sum(one.effort_hours or 0 for one in told) > CAPACITY_SHARE * week_hours


def _impact(interview: Interview, function: str, round_: int) -> Impact | None:
    if interview.saved("impact.severity", round_) is None:
        return None
    value = interview.scope(round_).value
    named = {
        short: interview.saved(name, round_) if step is None else value(step)
        for short, name, step in interview.laid_out.impact
    }
    side = named.get("polarity")
    picks = named.get("picks")
    return Impact(
        round_,
        function,
        _known(named.get("dimension")),
        {"difficulty": "challenge", "gain": "benefit", "both": "benefit"}.get(_known(side), UNKNOWN),
        picks if isinstance(picks, tuple) else (),
        _scale(named.get("severity")),
        _scale(named.get("likelihood")),
        _hours(interview, round_),
        {
            name: value
            for name, value in named.items()
            if value is not None and name not in FIXED and value not in (DONT_KNOW, SKIPPED)
        },
    )


def _known(value: Answer | None) -> str:
    return value if isinstance(value, str) and value not in (DONT_KNOW, SKIPPED) else UNKNOWN


def _scale(value: Answer | None) -> int | None:
    return value if isinstance(value, int) else None


def _hours(interview: Interview, round_: int) -> float | None:
    step = next(iter(interview.saving("impact.effort")), None)
    picked = None if step is None else interview.value(step.id, round_)
    return next((option.amount for option in (step.options if step else ()) if option.id == picked), None)
