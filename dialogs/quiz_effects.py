"""What a quiz session asks to be stored besides the answers themselves."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reviewed:
    """One question was answered: the person's memory of it has to be brought up to date, exactly once.

    question: its id in the content as it is now. sure: what the person said of the answer, None if nothing.
    """

    question: str
    correct: bool
    sure: bool | None
