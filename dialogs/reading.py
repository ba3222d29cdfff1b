"""How the answer to a question is read: from a tap, a form or a typed message."""

import re
from collections.abc import Mapping
from datetime import date
from functools import lru_cache

from dialogs.interview_state import Interview, Position
from dialogs.outcome import DONT_KNOW, SKIPPED, Answer
from dialogs.schema import MAX_EXAMPLE
from dialogs.text import Value, Wording
from dialogs.words import folded

SURE = "_sure"
"""The choice of a form that is sent again after a warning."""
FIELD = "value"
_PERSONAL = re.compile(r"[\w.+-]+@[\w-]+\.\w+|(?:\+?\d[\s().-]?){9,}")
_WAYS = {
    "dont_know": {
        "?",
        "je ne sais pas",
        "sais pas",
        "i don't know",
        "don't know",
        "dont know",
        "i dont know",
    },
    "skip": {"passer", "skip", "-"},
    "yes": {"oui", "yes", "o", "y"},
    "no": {"non", "no", "n"},
}


class UnreadableError(ValueError):
    """What was typed or picked cannot be taken; the key of the sentence in ui.yaml says why."""

    def __init__(self, key: str, **values: Value) -> None:
        super().__init__(key)
        self.key = key
        self.values = values


def read(
    interview: Interview, position: Position, values: Mapping[str, str | tuple[str, ...]], choice: str
) -> Answer:
    """The answer in a submission: a button's choice, or the form's field. Raises UnreadableError."""
    if choice and choice != SURE:
        return _tapped(interview, position, choice)
    raw = values.get(FIELD, "")
    answer = _typed(interview, position, raw)
    if (
        position.step.warn_personal
        and choice != SURE
        and isinstance(answer, str)
        and _PERSONAL.search(answer)
    ):
        raise UnreadableError("warn_personal")
    return answer


def understood(interview: Interview, position: Position, text: str) -> Answer:
    """The answer in a typed message: a label, its number in the list, or the value itself.

    Raises UnreadableError.
    """
    kind, options, said = interview.kind(position.step), interview.options(position), folded(text)
    for key, value in (("dont_know", DONT_KNOW), ("skip", SKIPPED)):
        if said in _WAYS[key] and not interview.required(position):
            return value
    if kind == "yesno":
        return _tapped(
            interview, position, "yes" if said in _WAYS["yes"] else "no" if said in _WAYS["no"] else said
        )
    if kind in {"single", "multi"}:
        names = [(option.id, _ways_to_pick(option.id, *_labels(option.label))) for option in options]
        wanted = [part.strip() for part in re.split(r"[,;+]", said)] if kind == "multi" else [said]
        picked = [
            next(
                (name for place, (name, known) in enumerate(names, 1) if part in known or part == str(place)),
                "",
            )
            for part in wanted
        ]
        if not all(picked):
            raise UnreadableError("pick_from_list")
        return _typed(interview, position, tuple(picked) if kind == "multi" else picked[0])
    return _typed(interview, position, text)


@lru_cache(maxsize=4096)
def _ways_to_pick(name: str, *labels: str) -> frozenset[str]:
    """An option of the content as people type it: its id, a label whole, or without what it adds in brackets."""
    bare = (re.sub(r"\s*\([^()]*\)", "", label) for label in labels)
    return frozenset(map(folded, (name, *labels, *bare)))


def _labels(label: Wording) -> tuple[str, ...]:
    return tuple(one for one in (label.fr_ca, label.en, label.fr_fr) if isinstance(one, str))


def _tapped(interview: Interview, position: Position, choice: str) -> Answer:
    answer: Answer = choice
    if choice in (DONT_KNOW, SKIPPED):
        if interview.required(position):
            raise UnreadableError("answer_needed")
        return choice
    if interview.kind(position.step) == "scale5" and choice in {"1", "2", "3", "4", "5"}:
        answer = int(choice)
    if not interview.valid(position, answer):
        raise UnreadableError("pick_from_list")
    return answer


def _typed(interview: Interview, position: Position, raw: str | tuple[str, ...]) -> Answer:
    kind = interview.kind(position.step)
    text = raw if isinstance(raw, str) else next(iter(raw), "")
    if not raw or not text:
        raise UnreadableError(
            "answer_needed_or_skip" if not interview.required(position) else "answer_needed"
        )
    match kind:
        case "multi":
            answer: Answer = tuple(dict.fromkeys(raw if isinstance(raw, tuple) else (raw,)))
            limit = position.step.max_picks or len(interview.options(position))
            if len(answer) > limit:  # type: ignore[arg-type]
                raise UnreadableError("too_many_picks", n=limit)
        case "num":
            answer = _number(text)
        case "scale5":
            answer = int(text) if text.strip() in {"1", "2", "3", "4", "5"} else text
        case "date":
            answer = _date(text)
        case "text" | "person":
            if len(text) > MAX_EXAMPLE:
                raise UnreadableError("too_long", n=MAX_EXAMPLE, given=len(text))
            answer = text
        case "single" | "yesno":
            answer = text
    if not interview.valid(position, answer):
        raise UnreadableError("pick_from_list" if kind != "scale5" else "one_to_five")
    return answer


def _number(text: str) -> float:
    compact = re.sub(r"[\s\u00a0\u202f%]", "", text).replace(",", ".")
    if not re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,4})?", compact):
        raise UnreadableError("number_needed")
    return float(compact)


def _date(text: str) -> str:
    try:
        return date.fromisoformat(text.strip()).isoformat()
    except ValueError:
        raise UnreadableError("date_needed") from None
