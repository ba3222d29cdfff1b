"""What goes out: a neutral message of a small closed set of blocks, which each adapter draws for its platform."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Literal

from dialogs.ref import Ref

TextStyle = Literal["normal", "heading", "quiet", "quote", "warning"]
OptionStyle = Literal["normal", "primary", "danger", "quiet"]


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of text drawn as it is: never parsed as markup by anyone."""

    text: str
    bold: bool = False


@dataclass(frozen=True, slots=True)
class Text:
    """A paragraph. `quote` is for words that a person typed; line feeds are kept."""

    spans: tuple[Span, ...]
    style: TextStyle = "normal"

    @property
    def plain(self) -> str:
        """The paragraph without emphasis."""
        return self.spans[0].text if len(self.spans) == 1 else "".join([span.text for span in self.spans])


@dataclass(frozen=True, slots=True)
class Facts:
    """Label and value pairs, at most 10."""

    pairs: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Meter:
    """How much of something is done. value: 0 to 1. caption: the figure in words, such as "8 of 13"."""

    label: str
    value: float
    caption: str


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of plain cells, at most 20 columns and 99 rows; at most one table a card."""

    caption: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Series:
    """One line of a chart: a name and a value for each label."""

    name: str
    values: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart with at most 20 labels and 6 series; a platform without charts shows the figures as a table."""

    kind: Literal["bar", "line"]
    title: str
    labels: tuple[str, ...]
    series: tuple[Series, ...]


@dataclass(frozen=True, slots=True)
class Image:
    """A picture at an https address. alt: what it shows, for those who do not see it."""

    url: str
    alt: str


@dataclass(frozen=True, slots=True)
class Link:
    """A link of ours, never one that a person typed."""

    label: str
    url: str


@dataclass(frozen=True, slots=True)
class Option:
    """One button. label: at most 75 characters."""

    label: str
    ref: Ref
    style: OptionStyle = "normal"


@dataclass(frozen=True, slots=True)
class Choice:
    """One to five one-tap buttons in a row. More than five are a Form with a SelectField."""

    options: tuple[Option, ...]


@dataclass(frozen=True, slots=True)
class TextField:
    """Typed text, at most max_length characters."""

    id: str
    label: str
    hint: str = ""
    required: bool = False
    multiline: bool = False
    max_length: int = 280
    value: str = ""


@dataclass(frozen=True, slots=True)
class NumberField:
    """A number, decimal comma or point; minimum and maximum are inclusive."""

    id: str
    label: str
    hint: str = ""
    required: bool = False
    minimum: float | None = None
    maximum: float | None = None
    value: str = ""


@dataclass(frozen=True, slots=True)
class DateField:
    """A calendar date, carried as YYYY-MM-DD."""

    id: str
    label: str
    hint: str = ""
    required: bool = False
    value: date | None = None


@dataclass(frozen=True, slots=True)
class Pick:
    """One entry of a list. label: at most 75 characters. value: at most 75 characters."""

    value: str
    label: str


@dataclass(frozen=True, slots=True)
class SelectField:
    """A list to pick from, at most 100 entries; `many` allows several, at most max_picks."""

    id: str
    label: str
    options: tuple[Pick, ...]
    hint: str = ""
    required: bool = False
    many: bool = False
    max_picks: int = 0
    value: tuple[str, ...] = ()


Field = TextField | NumberField | DateField | SelectField


@dataclass(frozen=True, slots=True)
class Form:
    """Fields and the button that sends them. Each field id is unique in the card."""

    fields: tuple[Field, ...]
    submit: Option


Block = Text | Facts | Meter | Table | Chart | Image | Link | Choice | Form


@dataclass(frozen=True, slots=True)
class Card:
    """One message. title: a plain line for notifications and screen readers; it is not drawn by itself."""

    title: str
    blocks: tuple[Block, ...]
    locale: str

    def options(self) -> Iterator[Option]:
        """Every button of the card, the form's included, in reading order."""
        for block in self.blocks:
            match block:
                case Choice(options):
                    yield from options
                case Form(_, submit):
                    yield submit
                case _:
                    pass

    def form(self) -> Form | None:
        """The form of the card, if it has one."""
        return next((block for block in self.blocks if isinstance(block, Form)), None)

    def plain(self) -> str:
        """The words of the card, a line a block: for the terminal, for tests and as a last resort."""
        return "\n".join(filter(None, (_plain(block, self.locale) for block in self.blocks)))


def _plain(block: Block, locale: str) -> str:
    colon = ": " if locale == "en" else "\u00a0: "
    match block:
        case Text():
            return block.plain
        case Facts(pairs):
            return "\n".join(f"{label}{colon}{value}" for label, value in pairs)
        case Meter(label, _, caption):
            return f"{label}{colon}{caption}"
        case Table(caption, header, rows):
            return "\n".join([caption, *(" | ".join(row) for row in (header, *rows))])
        case Chart(_, title, labels, series):
            lines = (f"{one.name}: {dict(zip(labels, one.values, strict=True))}" for one in series)
            return "\n".join([title, *lines])
        case Image(_, alt):
            return alt
        case Link(label, url):
            return f"{label}{colon}{url}"
        case Choice(options):
            return " ".join(f"[{option.label}]" for option in options)
        case Form(fields, submit):
            return "\n".join([*(one.label for one in fields), f"[{submit.label}]"])
