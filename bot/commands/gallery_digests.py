"""The weekly summary in every kind of week, and its definitions."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

from bot.commands.exhibit import Exhibit
from dialogs.catalog import Pack
from dialogs.digest import definitions_card, digest_card
from dialogs.digest_week import FunctionFigures, GateAhead, Week
from dialogs.measure import Measure, half_width
from dialogs.schema import Digest, Gate
from dialogs.speech import Speech

_MONDAY = date(2026, 11, 23)


def digest_cards_of(pack: Pack, digest: Digest, speech: Speech) -> Iterator[Exhibit]:
    """Draw every card of one digest."""
    gate = max(pack.gates.values(), key=lambda one: len(one.label.say(speech.locale)), default=None)
    for name, week, before in _weeks(pack, gate):
        yield Exhibit("digest", digest.digest, name, digest_card(digest, week, before, speech))
    yield Exhibit("digest", digest.digest, "definitions", definitions_card(digest, speech))


def _weeks(pack: Pack, gate: Gate | None) -> Iterator[tuple[str, Week, Week | None]]:
    before = _week(pack, 47, 0.42, 0.62, 0.48, 0.24, _ahead(gate, 21, 6))
    now = _week(pack, 48, 0.63, 0.85, 0.40, 0.05, _ahead(gate, 14, 9))
    worse = _week(pack, 48, 0.21, 0.31, 0.30, 0.60, _ahead(gate, 14, 4))
    labels = tuple(function.label for function in pack.functions.values())
    waived = ((gate.label, date(2026, 12, 18)),) if gate is not None else ()
    yield "first", now, None
    yield "normal", now, before
    yield "worse", worse, before
    yield "quiet", replace(before, id="2026-W48", number=48, start=_MONDAY), before
    yield (
        "everything",
        replace(now, closed=7, blocked=3, newly_covered=labels, waivers=waived, skewed=True),
        before,
    )
    yield (
        "cause-known",
        replace(now, causes=dict.fromkeys(now.measures, labels[0]) if labels else {}),
        before,
    )
    yield "gate-today", replace(now, gate=_ahead(gate, 0, 9)), before
    yield "gate-late", replace(now, gate=_ahead(gate, -1, 9)), before
    yield "gate-later", replace(now, gate=_ahead(gate, -12, 9)), before
    yield "no-gate", replace(now, gate=None), before
    yield "on-target", _week(pack, 48, 0.99, 1, 0.99, 0, None), None
    yield "nothing-measured", replace(now, measures={}, functions=(), asked=0, answered=0), None
    yield "new-formulas", replace(now, version=now.version + 1), before
    yield "few", replace(now, asked=4, answered=2, closed=1, blocked=1, newly_covered=labels[:1]), before


def _week(
    pack: Pack, number: int, part: float, covered: float, ready: float, late: float, gate: GateAhead | None
) -> Week:
    functions = tuple(
        FunctionFigures(one.code, one.label, {"participation": _people(part, 40)})
        for one in pack.functions.values()
    )
    start = _MONDAY + timedelta(weeks=number - 48)
    measures = {
        "participation": _people(part, 455),
        "coverage": Measure(covered, 13),
        "readiness": Measure(ready, 31),
        "readiness_planned": Measure(0.61, 31),
        "overdue": Measure(late, 25),
    }
    answered = round(455 * part)
    end = start + timedelta(days=6)
    return Week(f"2026-W{number}", number, start, end, measures, 455, answered, gate, functions)


def _ahead(gate: Gate | None, days: int, done: int) -> GateAhead | None:
    return None if gate is None else GateAhead(gate.id, gate.label, days, done, 13)


def _people(share: float, n: int) -> Measure:
    return Measure(share, n, half_width(round(share * n), n))
