"""What every part of the content is made of: codes, dates told from the project, and labels."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from dialogs.text import Wording

Id = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_-]{0,39}$")]
DueRule = Annotated[str, Field(pattern=r"^(T0|L)([+-]\d{1,3}[dw])?$")]
"""A date told from the project's start T0 or its go-live L: T0, L-2w, T0+9w, L-14d."""
Clock = Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
Day = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]


class Model(BaseModel):
    """Every part of the content: unknown keys are mistakes, nothing changes after loading."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Choosable(Model):
    """One entry that people may pick: the code that is stored, its label, what it counts for if anything."""

    id: Id
    label: Wording
    amount: float | None = None
