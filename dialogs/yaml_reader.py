"""Reads one YAML file as plain data with the place of every entry, and refuses what could surprise.

Only the core of YAML 1.2 is understood, event by event: nothing is built before it has been judged, so a file
made to grow or to nest without end costs no more than its first refused line.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

import yaml

from dialogs.mistakes import Mistake, Mistakes, Said
from dialogs.yaml_mistakes import (
    ALIAS,
    ANCHOR,
    DOCUMENTS,
    EMPTY,
    ENCODING,
    KEY_NOT_WORD,
    MERGE,
    NO_VALUE_KEY,
    TAB,
    TAG,
    TOO_BIG,
    TOO_DEEP,
    TOO_MANY,
    duplicate,
    number_too_long,
    syntax,
    unprintable,
)  # fmt: skip
from dialogs.yaml_scalars import NumberTooLongError, resolve

Path = tuple[str | int, ...]
"""Where an entry is: keys and places in lists (from 0), outermost first."""
Data = str | int | float | bool | None | list["Data"] | dict[str, "Data"]
Spot = tuple[int, int]
"""Line and column, counted from 1."""

MAX_BYTES = 256_000
MAX_DEPTH = 20
MAX_ENTRIES = 20_000
MAX_MISTAKES = 100
_TAB = re.compile(r"^ *(\t)[ \t]*\S", re.MULTILINE)
_UNPRINTABLE = re.compile(
    "[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff\ufffe\uffff]"
)
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The C parser where PyYAML has it (50 times faster), else its equal in Python."""


@dataclass(frozen=True, slots=True)
class Document:
    """A file that could be read. mistakes: what was refused in it; the data stands without those parts."""

    file: str
    data: Data
    places: Mapping[Path, Spot]
    mistakes: Mistakes = ()
    refused: frozenset[Path] = frozenset()

    def spot(self, path: Path) -> Spot:
        """The place of an entry, or of the nearest entry around it that is written in the file."""
        while path and path not in self.places:
            path = path[:-1]
        return self.places.get(path, (1, 1))


def dotted(path: Path) -> str:
    """A path as an editor reads it: steps[3].ask.en, the third step counted as a person counts."""
    parts = (f"[{part + 1}]" if isinstance(part, int) else f".{part}" for part in path)
    return "".join(parts).removeprefix(".")


def read(text: str | bytes, file: str) -> Document | Mistakes:
    """The data of a file; or, when it cannot be read to its end, what is wrong. Raises nothing."""
    decoded = _decoded(text, file)
    if isinstance(decoded, tuple):
        return decoded
    found = _UNPRINTABLE.search(decoded)
    if found:
        return (_at(file, _spot_of(decoded, found.start()), unprintable(found[0])),)
    found = _TAB.search(decoded)
    if found:
        return (_at(file, _spot_of(decoded, found.start(1)), TAB),)
    reading = _Reading(file)
    try:
        for event in yaml.parse(decoded, Loader=_Loader):
            reading.take(event)
            if reading.over:
                return tuple(reading.mistakes)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        spot = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        return (*reading.mistakes, _at(file, spot, syntax(str(error.problem or ""))))
    except (yaml.YAMLError, ValueError, OverflowError):
        return (*reading.mistakes, _at(file, reading.last, syntax("")))
    if not reading.begun:
        return (_at(file, (1, 1), EMPTY),)
    return Document(file, reading.root, reading.places, tuple(reading.mistakes), frozenset(reading.refused))


def _decoded(text: str | bytes, file: str) -> str | Mistakes:
    try:
        raw = text.encode() if isinstance(text, str) else text
        if len(raw) > MAX_BYTES:
            return (_at(file, (1, 1), TOO_BIG),)
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        return (_at(file, (line, 1), ENCODING),)
    except UnicodeEncodeError as error:
        return (_at(file, _spot_of(error.object, error.start), ENCODING),)


def _spot_of(text: str, index: int) -> Spot:
    return text.count("\n", 0, index) + 1, index - text.rfind("\n", 0, index)


def _at(file: str, spot: Spot, words: tuple[Said, Said], path: Path = ()) -> Mistake:
    return Mistake(file, *spot, dotted(path), *words)


@dataclass(slots=True)
class _Level:
    """An open list or mapping. key: the key whose value comes next; None where a key comes next."""

    holder: list[Data] | dict[str, Data]
    path: Path
    key: str | None = None
    dropped: bool = False


@dataclass(slots=True)
class _Reading:
    """The data as far as it has been read."""

    file: str
    mistakes: list[Mistake] = field(default_factory=list)
    places: dict[Path, Spot] = field(default_factory=dict)
    refused: set[Path] = field(default_factory=set)
    root: Data = None
    begun: bool = False
    over: bool = False
    last: Spot = (1, 1)
    _open: list[_Level] = field(default_factory=list)
    _entries: int = 0

    def take(self, event: yaml.Event) -> None:
        """Take the next event; `over` tells that the rest is not worth reading."""
        mark = event.start_mark
        if mark is not None:
            self.last = (mark.line + 1, mark.column + 1)
        match event:
            case yaml.DocumentStartEvent() if self.begun:
                self._stop(DOCUMENTS)
            case yaml.AliasEvent():
                self._refuse_alias()
            case yaml.ScalarEvent():
                self._scalar(event)
            case yaml.SequenceStartEvent():
                self._opened(event, [])
            case yaml.MappingStartEvent():
                self._opened(event, {})
            case yaml.SequenceEndEvent() | yaml.MappingEndEvent():
                self._open.pop()
                self._valued()
            case _:
                pass

    def _scalar(self, event: yaml.ScalarEvent) -> None:
        self._judge(event)
        plain = event.style is None or event.style == ""
        if self._wants_key():
            self._key(event.value, plain)
            return
        try:
            value = resolve(event.value) if plain else event.value
        except NumberTooLongError:
            self._refuse(number_too_long(event.value))
            value = None
        bad = _UNPRINTABLE.search(event.value)
        if bad:
            self._refuse(unprintable(bad[0]))
            value = None
        self._put(value)
        self._valued()

    def _key(self, text: str, plain: bool) -> None:
        level = self._open[-1]
        level.key, level.dropped = text, True
        if plain and text == "<<":
            self._note(MERGE)
        elif _UNPRINTABLE.search(text):
            self._note(unprintable(text))
        elif plain and not _is_word(text):
            self._note(KEY_NOT_WORD if text else NO_VALUE_KEY)
        elif text in level.holder:
            first = self.places[(*level.path, text)]
            self._note(duplicate(text, first[0]), (*level.path, text))
        else:
            level.dropped = False
            self.places[(*level.path, text)] = self.last

    def _opened(self, event: yaml.CollectionStartEvent, holder: list[Data] | dict[str, Data]) -> None:
        if len(self._open) >= MAX_DEPTH:
            self._stop(TOO_DEEP)
            return
        self._judge(event)
        if self._wants_key():
            self._stop(KEY_NOT_WORD)
            return
        self._open.append(_Level(holder, self._put(holder)))

    def _refuse_alias(self) -> None:
        if self._wants_key():
            self._stop(ALIAS)
            return
        self._refuse(ALIAS)
        self._put(None)
        self._valued()

    def _judge(self, event: yaml.NodeEvent) -> None:
        self._entries += 1
        if self._entries > MAX_ENTRIES:
            self._stop(TOO_MANY)
        if event.anchor is not None:
            self._note(ANCHOR)
        if getattr(event, "tag", None) is not None:
            self._note(TAG)

    def _wants_key(self) -> bool:
        return bool(self._open) and isinstance(self._open[-1].holder, dict) and self._open[-1].key is None

    def _here(self) -> Path:
        """The path of the value that comes next."""
        if not self._open:
            return ()
        level = self._open[-1]
        return (*level.path, len(level.holder) if level.key is None else level.key)

    def _put(self, value: Data) -> Path:
        """Hang the value in its place; what stands under a refused key is read but hangs nowhere."""
        path = self._here()
        self.begun = True
        if not self._open:
            self.root = value
            self.places[()] = self.last
            return path
        level = self._open[-1]
        if isinstance(level.holder, list):
            level.holder.append(value)
            self.places.setdefault(path, self.last)
        elif level.key is not None and not level.dropped:
            level.holder[level.key] = value
        return path

    def _valued(self) -> None:
        if self._open:
            self._open[-1].key = None

    def _refuse(self, words: tuple[Said, Said]) -> None:
        path = self._here()
        self.refused.add(path)
        self._note(words, path)

    def _note(self, words: tuple[Said, Said], path: Path | None = None) -> None:
        self.over = self.over or len(self.mistakes) >= MAX_MISTAKES
        self.mistakes.append(_at(self.file, self.last, words, self._here() if path is None else path))

    def _stop(self, words: tuple[Said, Said]) -> None:
        self._note(words, ())
        self.over = True


def _is_word(text: str) -> bool:
    try:
        return isinstance(resolve(text), str)
    except NumberTooLongError:
        return False
