"""The weekly digest of the leadership channel as one card: roles and functions, never a person."""

from collections.abc import Iterator

from dialogs.adoption_index import TARGETS
from dialogs.card import Block, Card, Choice, Facts, Meter, Span, Text, TextStyle
from dialogs.digest_changes import GATE, Moved, compared, quiet, real_changes, told
from dialogs.digest_week import GateAhead, Week
from dialogs.measure import Measure, confidence
from dialogs.ref import Ref
from dialogs.schema import Digest
from dialogs.speech import Speech
from dialogs.text import Value, percent

TOPIC, DEFINITIONS, FEEDBACK = "digest", "definitions", "feedback"
USEFUL, NOT_USEFUL = "useful", "not_useful"
NAMED = 5
"""Up to so many functions are named in a line; more are counted."""
_INDEX = {"participation": TARGETS["P"], "coverage": TARGETS["IC"], "readiness": TARGETS["R"]}
WORDS: dict[str, frozenset[str]] = {
    "header": frozenset({"week", "gate", "days"}),
    "header_no_gate": frozenset({"week"}),
    "verdict": frozenset({"weakest", "value"}),
    "verdict_gate": frozenset({"gate", "done", "total", "days"}),
    "quiet": frozenset(),
    "first_week": frozenset(),
    "changes_title": frozenset(),
    "change": frozenset({"metric", "before", "after"}),
    "change_function": frozenset({"function", "metric", "before", "after"}),
    "numbers_title": frozenset(),
    "method": frozenset({"asked", "answered", "version"}),
    "confidence": frozenset({"level"}),
    "confidence_high": frozenset(),
    "confidence_medium": frozenset(),
    "confidence_low": frozenset(),
    "waiver_open": frozenset({"gate", "date"}),
    "readiness_planned": frozenset(),
    **{name: frozenset() for name in ("participation", "coverage", "readiness", "overdue")},
    **{f"definition_{name}": frozenset() for name in ("participation", "coverage", "readiness", "overdue")},
}
"""The keys that a digest of the content must have, and the placeholders of each."""


def digest_card(
    digest: Digest, week: Week, previous: Week | None, speech: Speech, earlier: Week | None = None
) -> Card:
    """The card of a week; at most 250 words.

    previous: the week before, from which the changes are told. earlier: the week four weeks back, with which
    the figures are compared; without it, in a younger project, they are compared with the previous one.
    """
    blocks: list[Block] = []
    for section in digest.sections:
        match section:
            case "header":
                blocks += _header(digest, week, speech)
            case "verdict":
                blocks += _verdict(digest, week, previous, speech)
            case "numbers":
                blocks += _numbers(digest, week, earlier or previous, speech)
            case "changes":
                blocks += _changes(digest, week, previous, speech)
            case "method":
                blocks += _method(digest, week, speech)
    blocks.append(_buttons(week, speech))
    title = f"{digest.title.say(speech.locale)} · {_heading(digest, week, speech).plain}"
    return Card(title, tuple(blocks), speech.locale)


def definitions_card(digest: Digest, speech: Speech) -> Card:
    """What each figure of the digest means and how it is counted."""
    title = speech.text("digest.definitions", "heading")
    blocks: list[Block] = [title]
    for name in digest.metrics:
        label = digest.words[name].say(speech.locale)
        blocks += [Text((Span(label, bold=True),)), _say(digest, speech, f"definition_{name}")]
    return Card(f"{digest.title.say(speech.locale)} · {title.plain}", tuple(blocks), speech.locale)


def _header(digest: Digest, week: Week, speech: Speech) -> Iterator[Block]:
    yield _heading(digest, week, speech)
    yield speech.text("digest.dates", "quiet", start=week.start, end=week.end)


def _heading(digest: Digest, week: Week, speech: Speech) -> Text:
    gate = week.gate
    if gate is None or gate.days < 0:
        return _say(digest, speech, "header_no_gate", "heading", week=week.number)
    label = gate.label.say(speech.locale)
    return _say(digest, speech, "header", "heading", week=week.number, gate=label, days=gate.days)


def _verdict(digest: Digest, week: Week, previous: Week | None, speech: Speech) -> Iterator[Block]:
    """One paragraph: the weakest link and the next gate; then whether anything could be compared."""
    weakest = _weakest(digest, week)
    parts: list[Text] = []
    if weakest is not None:
        name, measure = weakest
        label, value = digest.words[name].say(speech.locale), percent(measure.value, speech.locale)
        parts.append(_say(digest, speech, "verdict", weakest=label, value=value))
    elif any(name in week.measures for name in _INDEX):
        parts.append(speech.text("digest.on_target"))
    else:
        parts.append(speech.text("digest.nothing_measured"))
    if week.gate is not None and week.gate.total:
        parts.append(_gate_sentence(digest, week.gate, speech))
    spans = [span for part in parts for span in (*part.spans, Span(" "))]
    yield Text(tuple(spans[:-1]))
    if previous is None:
        yield _say(digest, speech, "first_week", "quiet")
    elif previous.version != week.version:
        yield speech.text("digest.new_formulas", "quiet")
    elif quiet(week, previous):
        yield _say(digest, speech, "quiet", "quiet")


def _gate_sentence(digest: Digest, gate: GateAhead, speech: Speech) -> Text:
    values: dict[str, Value] = {"gate": gate.label.say(speech.locale), "done": gate.done, "total": gate.total}
    if gate.days < 0:
        return speech.text("digest.gate_late", "normal", n=-gate.days, **values)
    return _say(digest, speech, "verdict_gate", days=gate.days, **values)


def _weakest(digest: Digest, week: Week) -> tuple[str, Measure] | None:
    """The measure furthest below its target in the index; None when all reach theirs."""
    reached = {
        name: measure.value / _INDEX[name]
        for name in digest.metrics
        if name in _INDEX and (measure := week.measures.get(name)) is not None
    }
    name = min(reached, key=lambda one: reached[one], default=None)
    return None if name is None or reached[name] >= 1 else (name, week.measures[name])


def _numbers(digest: Digest, week: Week, previous: Week | None, speech: Speech) -> Iterator[Block]:
    yield _say(digest, speech, "numbers_title", "heading")
    pairs: list[tuple[str, str]] = []
    for name in digest.metrics:
        pairs.append((digest.words[name].say(speech.locale), _figure(name, week, previous, speech)))
        if name == "readiness" and "readiness_planned" in week.measures:
            label = digest.words["readiness_planned"].say(speech.locale)
            pairs.append((label, percent(week.measures["readiness_planned"].value, speech.locale)))
    pairs.append((speech("digest.closed"), speech("digest.count", n=week.closed)))
    if week.newly_covered:
        pairs.append((speech("digest.newly_covered"), _functions(week, speech)))
    if week.blocked:
        pairs.append((speech("digest.blocked"), speech("digest.count", n=week.blocked)))
    yield Facts(tuple(pairs))
    gate = week.gate
    if gate is not None and gate.total:
        caption = speech("digest.of", done=gate.done, total=gate.total)
        yield Meter(gate.label.say(speech.locale), gate.done / gate.total, caption)


def _figure(name: str, week: Week, previous: Week | None, speech: Speech) -> str:
    measure, change = week.measures.get(name), compared(name, week, previous)
    if measure is None:
        return speech("digest.no_figure")
    value = percent(measure.value, speech.locale)
    if change is None or previous is None:
        return value
    if not change.real:
        return speech("digest.stable", value=value)
    # The difference of the figures as printed, so that nobody finds that 52 and 58 differ by 5.
    points = round(measure.value * 100) - round(previous.measures[name].value * 100)
    return speech("digest.up" if points > 0 else "digest.down", value=value, n=abs(points))


def _functions(week: Week, speech: Speech) -> str:
    count, names = len(week.newly_covered), [label.say(speech.locale) for label in week.newly_covered]
    listed = speech("digest.count", n=count)
    return f"{listed} ({', '.join(names)})" if count <= NAMED else listed


def _changes(digest: Digest, week: Week, previous: Week | None, speech: Speech) -> Iterator[Block]:
    changes = real_changes(week, previous)
    if not changes or quiet(week, previous):
        return
    yield _say(digest, speech, "changes_title", "heading")
    for one in told(changes):
        yield _change(digest, week, one, speech)


def _change(digest: Digest, week: Week, moved: Moved, speech: Speech) -> Text:
    metric, before, after = _told_as(digest, week, moved, speech)
    function = moved.function.label.say(speech.locale) if moved.function is not None else ""
    cause = week.causes.get(moved.key)
    if cause is not None:
        subject = f"{function} · {metric}" if function else metric
        words = cause.say(speech.locale)
        return speech.text("digest.change_known", metric=subject, before=before, after=after, cause=words)
    if function:
        return _say(
            digest, speech, "change_function", function=function, metric=metric, before=before, after=after
        )
    return _say(digest, speech, "change", metric=metric, before=before, after=after)


def _told_as(digest: Digest, week: Week, moved: Moved, speech: Speech) -> tuple[str, str, str]:
    if moved.theme == GATE and week.gate is not None:
        pairs = [(round(one.value * one.n), one.n) for one in (moved.before, moved.after)]
        before, after = (speech("digest.of", done=done, total=total) for done, total in pairs)
        return week.gate.label.say(speech.locale), before, after
    before, after = (percent(one.value, speech.locale) for one in (moved.before, moved.after))
    return digest.words[moved.theme].say(speech.locale), before, after


def _method(digest: Digest, week: Week, speech: Speech) -> Iterator[Block]:
    yield _say(
        digest, speech, "method", "quiet", asked=week.asked, answered=week.answered, version=week.version
    )
    measure = week.measures.get("participation")
    if measure is not None and week.asked:
        response = week.answered / week.asked
        level = confidence(response, week.answered, measure.half_width, skewed=week.skewed)
        words = digest.words[f"confidence_{level}"].say(speech.locale)
        yield _say(digest, speech, "confidence", "quiet", level=words)
    for gate, until in week.waivers:
        yield _say(digest, speech, "waiver_open", "warning", gate=gate.say(speech.locale), date=until)


def _buttons(week: Week, speech: Speech) -> Choice:
    options = (
        speech.option("digest.definitions", Ref(TOPIC, week.id, DEFINITIONS), "quiet"),
        speech.option("digest.useful", Ref(TOPIC, week.id, FEEDBACK, USEFUL), "quiet"),
        speech.option("digest.not_useful", Ref(TOPIC, week.id, FEEDBACK, NOT_USEFUL), "quiet"),
    )
    return Choice(options)


def _say(digest: Digest, speech: Speech, key: str, style: TextStyle = "normal", /, **values: Value) -> Text:
    return speech.wording(digest.words[key], style, **values)
