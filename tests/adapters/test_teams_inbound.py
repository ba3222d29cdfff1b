"""What an activity of Teams means in the words of the house."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.teams.fields import escaped_pick, unescaped_pick
from adapters.teams.inbound import read, tenant_of
from dialogs.activity import Activity, Kind, Platform, Submission
from dialogs.ref import Ref
from tests.doubles.teams import APP_ID, TENANT
from tests.doubles.teams_activities import activity, message, tap

SERVICE = "https://smba.trafficmanager.net/amer/"
NOW = datetime(2026, 11, 23, 13, 30, tzinfo=UTC)
BOT = f"28:{APP_ID}"
REF = Ref("run", "r1", "q1", "yes", 2)
EXECUTE = {"type": "Action.Execute", "verb": "run", "data": {"ref": REF.encode()}}


def seen(body: dict[str, Any]) -> Activity:
    found = read(body, NOW)
    assert found is not None
    return found


def test_a_typed_message_says_who_where_and_in_which_language() -> None:
    found = seen(message(SERVICE, "  Bonjour  "))
    assert (found.platform, found.kind, found.text) == (Platform.TEAMS, Kind.MESSAGE, "Bonjour")
    assert (found.tenant, found.actor, found.at) == (TENANT, "aad-adviser", NOW)
    assert (found.locale_hint, found.zone_hint, found.name_hint) == (
        "fr-CA",
        "America/Toronto",
        "Conseil en magasin",
    )
    assert (found.inline, found.can_open, found.message, found.submission) == (False, False, None, None)
    assert (found.place.conversation, found.place.shared) == ("a:29:adviser", False)
    assert found.place.route == {
        "service_url": SERVICE,
        "tenant_id": TENANT,
        "conversation_type": "personal",
        "user_id": "29:adviser",
        "bot_id": BOT,
    }


def test_hints_may_be_missing_and_a_guest_has_only_the_platform_id() -> None:
    body = message(
        SERVICE, "x", locale=None, localTimezone=None, entities=None, **{"from": {"id": "29:guest"}}
    )
    found = seen(body)
    assert (found.actor, found.locale_hint, found.zone_hint, found.name_hint) == (
        "29:guest",
        None,
        None,
        None,
    )


def test_language_and_zone_are_found_in_the_client_information_too() -> None:
    found = seen(message(SERVICE, "x", locale=None, localTimezone=None))
    assert (found.locale_hint, found.zone_hint) == ("fr-CA", "America/Toronto")


def mention(text: str, who: str, name: str) -> dict[str, Any]:
    return {"type": "mention", "text": text, "mentioned": {"id": who, "name": name}}


@pytest.mark.parametrize(
    ("typed", "entities", "text"),
    [
        ("<at>Embarque</at>&nbsp;liste", [mention("<at>Embarque</at>", BOT, "Embarque")], "liste"),
        ('<at id="0">Embarque</at> liste', [mention('<at id="0">Embarque</at>', BOT, "Embarque")], "liste"),
        ("le Embarque est bon", [], "le Embarque est bon"),
        ("<at>Embarque</at> demande à <at>Achats</at>",
         [mention("<at>Embarque</at>", BOT, "E"), mention("<at>Achats</at>", "29:achats", "Responsable des achats")],
         "demande à Responsable des achats"),
        ("R&amp;D &lt;3", [], "R&D <3"),
        ("a\u202eb\u0000c", [], "abc"),
        ("x" * 9000, [], "x" * 4000),
        ("", [], ""),
    ],
)  # fmt: skip
def test_only_our_own_mention_leaves_the_text(typed: str, entities: list[Any], text: str) -> None:
    """The library's own stripping deletes the bot's name everywhere: "le Embarque est bon" lost a word."""
    assert seen(message(SERVICE, typed, entities=entities)).text == text


def test_a_tap_is_a_submission_that_may_be_answered_in_place() -> None:
    found = seen(tap(SERVICE, EXECUTE, {}, "170"))
    assert (found.kind, found.inline, found.message) == (Kind.SUBMIT, True, "170")
    assert found.submission == Submission(REF, {})


def test_an_older_client_sends_the_same_submission_as_a_message() -> None:
    found = seen(
        tap(SERVICE, {"type": "Action.Submit", "data": {"ref": REF.encode()}}, {"f.why": "Parce que"}, "170")
    )
    assert (found.kind, found.inline, found.message) == (Kind.SUBMIT, False, "170")
    assert found.submission == Submission(REF, {"why": "Parce que"})


def test_values_are_cleaned_and_lists_are_split() -> None:
    data = {"ref": REF.encode(), "many": ["teams", "none"]}
    lists = {"f.teams": "a, b%2Cc,", "f.none": ""}
    texts = {
        "f.one": "x,y",
        "f.n": 12,
        "f.b": True,
        "f.text": " \u200bO\u0301k\r\nvu ",
        "f.o": {},
        "other": "z",
    }
    found = seen(tap(SERVICE, {**EXECUTE, "data": data}, lists | texts, "170"))
    assert found.submission is not None
    assert found.submission.values == {
        "teams": ("a", "b,c"), "none": (), "one": "x,y", "n": "12", "b": "true", "text": "Ók\nvu",
    }  # fmt: skip


@pytest.mark.parametrize(
    "data", [{}, {"ref": 5}, {"ref": "x"}, {"ref": "../1|||x|1"}, {"many": "x", "ref": None}]
)
def test_a_forged_control_carries_no_reference(data: dict[str, Any]) -> None:
    found = seen(tap(SERVICE, {**EXECUTE, "data": data}, {}, "170"))
    assert found.submission == Submission(None, {})


def test_a_field_cannot_take_the_place_of_our_own_data() -> None:
    """Catches a form whose field is called ref: its text would have been read as our reference."""
    found = seen(tap(SERVICE, EXECUTE, {"f.ref": "run|other|q1|yes|2"}, "170"))
    assert found.submission == Submission(REF, {"ref": "run|other|q1|yes|2"})


@pytest.mark.parametrize(
    "body",
    [
        activity("installationUpdate", SERVICE, action="add"),
        activity("installationUpdate", SERVICE, action="add-upgrade"),
        activity("conversationUpdate", SERVICE, membersAdded=[{"id": BOT}]),
        activity("conversationUpdate", SERVICE, membersAdded=[{"id": "29:adviser"}]),
    ],
)
def test_the_bot_was_installed(body: dict[str, Any]) -> None:
    assert seen(body).kind is Kind.ARRIVED


CHANNEL = {"conversationType": "channel", "tenantId": TENANT, "id": "19:x@thread.tacv2;messageid=5"}


@pytest.mark.parametrize(
    "body",
    [
        activity("installationUpdate", SERVICE, action="remove"),
        activity("conversationUpdate", SERVICE, membersAdded=[{"id": "29:achats"}], conversation=CHANNEL),
        activity("conversationUpdate", SERVICE, membersRemoved=[{"id": BOT}]),
        activity("typing", SERVICE),
        activity("messageReaction", SERVICE, reactionsAdded=[{"type": "like"}]),
        activity("invoke", SERVICE, name="task/fetch", value={}),
        activity("invoke", SERVICE, name="adaptiveCard/action", value={}),
        activity(
            "invoke",
            SERVICE,
            name="adaptiveCard/action",
            value={"action": {"data": {}}, "trigger": "automatic"},
        ),
        message(SERVICE, "echo", **{"from": {"id": BOT}}),
        message(SERVICE, "echo", **{"from": {"id": "28:other", "role": "bot"}}),
    ],
)
def test_what_is_no_business_of_the_house_is_nothing(body: dict[str, Any]) -> None:
    assert read(body, NOW) is None


def test_a_channel_is_a_shared_place() -> None:
    found = seen(message(SERVICE, "x", conversation=CHANNEL))
    assert (found.place.shared, found.place.conversation) == (True, "19:x@thread.tacv2;messageid=5")


def test_an_event_has_the_same_id_each_time_it_is_delivered_and_no_other_has_it() -> None:
    bodies = [
        message(SERVICE, "x"),
        message(SERVICE, "x", id="2"),
        message(SERVICE, "x", conversation={"id": "a:other", "conversationType": "personal"}),
        message(SERVICE, "x", id=None),
        message(SERVICE, "y", id=None),
        tap(SERVICE, EXECUTE, {}, "170", id=None),
        message(SERVICE, "x", id="9" * 5000),
    ]
    ids = [seen(body).event_id for body in bodies]
    assert len(set(ids)) == len(ids)
    assert ids == [seen(body).event_id for body in bodies]
    assert max(map(len, ids)) <= 300


def test_the_tenant_must_not_contradict_itself() -> None:
    assert tenant_of(message(SERVICE, "x")) == TENANT
    assert tenant_of(message(SERVICE, "x", channelData=None)) == TENANT
    assert tenant_of(message(SERVICE, "x", channelData={"tenant": {"id": "other"}})) == ""
    assert tenant_of(message(SERVICE, "x", channelData=None, conversation={"id": "a"})) == ""


WORDS = st.text("ab,.é<&; 🙂\u202e", max_size=8)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | WORDS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORDS, inner, max_size=4),
    max_leaves=6,
)
NAMES = st.sampled_from(
    [
        "type",
        "id",
        "from",
        "conversation",
        "recipient",
        "value",
        "entities",
        "membersAdded",
        "text",
        "channelData",
        "locale",
        "replyToId",
        "name",
        "action",
        "localTimezone",
    ]
)


@given(
    st.sampled_from(["message", "invoke", "conversationUpdate", "x"]),
    st.dictionaries(NAMES, JSON, max_size=6),
)
def test_reading_never_fails_whatever_comes(kind: str, changes: dict[str, Any]) -> None:
    """Catches a crash on a shape that nobody thought of: it would be a 5xx to a stranger's body."""
    body = activity(kind, SERVICE, name="adaptiveCard/action") | changes
    found = read(body, NOW)
    assert found is None or found.platform is Platform.TEAMS


@given(st.text("ab,%2C é", max_size=12).filter(lambda text: text == text.strip()))
def test_an_entry_with_a_comma_survives_a_multiple_choice(value: str) -> None:
    assert unescaped_pick(escaped_pick(value)) == value
    assert "," not in escaped_pick(value)
