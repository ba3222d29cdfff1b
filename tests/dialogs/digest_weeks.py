"""Weeks of a company for the digest tests, and any week that hypothesis can think of."""

from datetime import date, timedelta

from hypothesis import strategies as st

from dialogs.digest_week import FunctionFigures, GateAhead, Week
from dialogs.measure import Measure, half_width
from tests.dialogs.spoken import said

MONDAY = date(2026, 11, 23)
LOGISTICS, LEGAL = said("Logistique", "Logistics"), said("Juridique", "Legal")
MODEL = said("Modèle d'affaires", "Business model")
FUNCTIONS = tuple(said(f"Service {letter}", f"Function {letter}") for letter in "ABCDEFGHIJKLM")


def people(share: float, n: int) -> Measure:
    return Measure(share, n, half_width(round(share * n), n))


def week(number: int = 48, **changes: object) -> Week:
    plain: dict[str, object] = {
        "id": f"2026-W{number}",
        "number": number,
        "start": MONDAY + timedelta(weeks=number - 48),
        "end": MONDAY + timedelta(weeks=number - 48, days=6),
        "measures": {
            "participation": people(0.42, 455),
            "coverage": Measure(8 / 13, 13),
            "readiness": Measure(0.55, 31),
            "readiness_planned": Measure(0.61, 31),
            "overdue": Measure(0.2, 25),
        },
        "asked": 455,
        "answered": 191,
        "gate": GateAhead("G2", MODEL, 21, 8, 13),
    }
    return Week(**(plain | changes))  # type: ignore[arg-type]


def with_measures(base: Week, **measures: Measure) -> dict[str, Measure]:
    return {**base.measures, **measures}


shares = st.floats(0, 1)
_measures = st.fixed_dictionaries(
    {},
    optional={
        "participation": st.builds(people, shares, st.integers(1, 900)),
        "coverage": st.builds(Measure, shares, st.integers(1, 13)),
        "readiness": st.builds(Measure, shares, st.integers(1, 60)),
        "readiness_planned": st.builds(Measure, shares, st.integers(1, 60)),
        "overdue": st.builds(Measure, shares, st.integers(1, 60)),
    },
)
_labels = st.sampled_from(FUNCTIONS)
_gates = st.none() | st.integers(0, 30).flatmap(
    lambda total: st.builds(
        GateAhead, st.just("G2"), st.just(MODEL), st.integers(-90, 200), st.integers(0, total), st.just(total)
    )
)
weeks = st.builds(
    Week,
    st.just("2026-W48"),
    st.integers(1, 53),
    st.just(MONDAY),
    st.just(MONDAY + timedelta(days=6)),
    _measures,
    st.integers(0, 3000),
    st.integers(0, 3000),
    _gates,
    st.lists(
        st.builds(FunctionFigures, st.sampled_from(["LOG", "LEG"]), _labels, _measures),
        max_size=2,
        unique_by=lambda one: one.code,
    ).map(tuple),
    st.integers(0, 99),
    st.integers(0, 99),
    st.lists(_labels, max_size=13, unique_by=lambda one: one.en).map(tuple),
    st.just(()),
    st.lists(st.tuples(st.just(MODEL), st.just(date(2026, 12, 3))), max_size=2).map(tuple),
    st.dictionaries(
        st.sampled_from(["coverage", "LOG.readiness"]),
        st.just(said("la fiche est signée", "the sheet is signed")),
    ),
    st.booleans(),
    st.sampled_from([1, 2]),
)
