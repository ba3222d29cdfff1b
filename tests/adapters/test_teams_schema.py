"""Whether an activity is one: the quick check says what botbuilder's own deserializer says."""

from typing import Any

import pytest
from botbuilder import schema
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msrest import Deserializer
from msrest.exceptions import DeserializationError

from adapters.teams.schema import is_activity
from tests.doubles.teams_activities import message

SERVICE = "https://smba.trafficmanager.net/amer/"
MODELS = {name: kind for name, kind in vars(schema).items() if isinstance(kind, type)}
MOMENTS = [
    "2026-11-23T13:30:00.123Z", "2026-11-23T13:30:00", "2026-02-30T13:30:00Z", "2026-11-23t13:30:00z",
    "2026-11-23T08:30:00.1234567-05:00", "2026-11-23T24:00:00Z", "2026-11-23T13:30:60Z", "20261123T133000Z",
    "2026-11-23T13:30:00+99:00", "2026-11-23T13:30:00+0500", "2026-11-23 13:30:00", "2026-11-23", "yesterday",
    "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "２０２６-11-23T13:30:00Z", "2026-11-23T13:30:00Zx", "",
]  # fmt: skip


def made_by_botbuilder(body: dict[str, Any]) -> bool:
    try:
        Deserializer(MODELS)("Activity", body)
    except DeserializationError:
        return False
    return True


leaves = st.one_of(
    st.none(), st.booleans(), st.integers(-3, 3), st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from([*MOMENTS, "true", "FALSE", "0", "2", "x", "message"]), st.text(max_size=3),
)  # fmt: skip
names = st.sampled_from(
    sorted({one["key"] for model in MODELS.values() for one in getattr(model, "_attribute_map", {}).values()})
)
values = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(names | st.sampled_from(["key", "value"]), inner, max_size=4),
        st.lists(st.fixed_dictionaries({"key": st.text(max_size=2), "value": inner}), max_size=2),
    ),
    max_leaves=8,
)
OWN = sorted(one["key"] for one in schema.Activity._attribute_map.values())


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=400)
@given(st.dictionaries(st.sampled_from(OWN), values, min_size=1, max_size=4))
def test_a_body_is_an_activity_exactly_when_botbuilder_says_so(changes: dict[str, Any]) -> None:
    """Would catch a check that lets more through than the deserializer whose place it takes, or less."""
    body = message(SERVICE, "Bonjour") | changes
    assert is_activity(body) is made_by_botbuilder(body)


@pytest.mark.parametrize("field", OWN)
@pytest.mark.parametrize(
    "value",
    [5, -1, 1.0, True, "x", "", [], [None], ["x"], [5], [[]], [{}], {}, {"id": []}, {"isGroup": "no"}],
    ids=repr,
)  # fmt: skip
def test_every_field_takes_what_botbuilder_takes(field: str, value: object) -> None:
    """Would catch a field whose type was read wrongly from the tables."""
    body = message(SERVICE, "Bonjour") | {field: value}
    assert is_activity(body) is made_by_botbuilder(body)


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("field", ["timestamp", "localTimestamp", "expiration"])
def test_a_moment_is_one_exactly_when_botbuilder_can_read_it(field: str, moment: str) -> None:
    """Would catch a short cut for the usual form that takes the thirtieth of February."""
    body = message(SERVICE, "Bonjour") | {field: moment}
    assert is_activity(body) is made_by_botbuilder(body)


@pytest.mark.parametrize(
    ("entities", "good"),
    [
        ({"day": {"type": "x"}}, True), ({"day": None}, True), ({"day": "x"}, False), ("x", False), ([], True),
        ([{"key": "day", "value": {}}], True), ([{"key": "day"}], False), (["x"], False),
    ],
)  # fmt: skip
def test_a_map_may_be_written_in_two_ways(entities: object, good: bool) -> None:
    """Would catch a map that is read more loosely than it was before."""
    body = message(SERVICE, "Bonjour", semanticAction={"entities": entities})
    assert (is_activity(body), made_by_botbuilder(body)) == (good, good)
