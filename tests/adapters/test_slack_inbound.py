"""Slack's payloads, as recorded shapes, in the words of the house."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from adapters.slack.envelope import Envelope
from adapters.slack.inbound import activity
from dialogs.activity import Kind, Place
from dialogs.ref import Ref

Json = dict[str, Any]
NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
REF = Ref("run", "ab12", "budget", "yes", 3)
SAID: Json = {
    "type": "message",
    "channel_type": "im",
    "channel": "D1",
    "user": "U1",
    "team": "T1",
    "text": "Deux &lt;3 &amp; <@U2|Chef> <https://a.example|le lien> <!here>\u202e\u0000",
    "ts": "1784700000.000100",
}


def event(inner: Json, **outer: Any) -> Envelope:
    body = {"type": "event_callback", "team_id": "T1", "api_app_id": "A1", "event_id": "Ev1", **outer}
    return Envelope("event", {**body, "event": inner})


def click(**more: Any) -> Json:
    button = {"type": "button", "block_id": "b", "action_id": "option-0", "value": REF.encode()}
    return {
        "type": "block_actions",
        "team": {"id": "T1"},
        "user": {"id": "U1", "name": "marie", "team_id": "T1"},
        "trigger_id": "1.2.abc",
        "channel": {"id": "D1", "name": "directmessage"},
        "container": {
            "type": "message",
            "message_ts": "1784700000.000200",
            "channel_id": "D1",
            "is_ephemeral": False,
        },
        "actions": [{**button, "action_ts": "1784700009.5"}],
        **more,
    }


def test_a_direct_message_is_what_the_person_typed_cleaned() -> None:
    found = activity(event(SAID), NOW)
    assert found is not None
    assert (found.kind, found.tenant, found.actor, found.event_id) == (Kind.MESSAGE, "T1", "U1", "Ev1")
    assert found.text == "Deux <3 & @Chef le lien @here"
    assert found.place == Place("D1")
    assert found.at == datetime.fromtimestamp(1784700000.0001, UTC)
    assert not found.inline
    assert not found.can_open


@pytest.mark.parametrize(
    "change",
    [
        {"bot_id": "B1"},
        {"bot_profile": {}},
        {"subtype": "message_changed"},
        {"subtype": "message_deleted"},
        {"subtype": "bot_message"},
        {"user": "USLACKBOT"},
        {"user": None},
        {"user": 5},
        {"channel": "C1"},
        {"channel": None},
        {"user_team": "T9"},
        {"team": "T9"},
        {"type": "reaction_added"},
    ],
)
def test_echoes_edits_other_channels_and_other_companies_are_not_for_the_bot(change: Json) -> None:
    """An echo taken for an answer makes the bot talk to itself."""
    assert activity(event({**SAID, **change}), NOW) is None


def test_a_message_with_a_file_keeps_its_words() -> None:
    found = activity(event({**SAID, "subtype": "file_share", "files": []}), NOW)
    assert found is not None
    assert found.text.startswith("Deux")


def test_a_mention_in_a_channel_loses_the_bots_name_and_is_shared() -> None:
    called = {**SAID, "type": "app_mention", "channel": "C1", "text": "<@U0BOT>: aide"}
    found = activity(event(called), NOW)
    assert found is not None
    assert (found.text, found.place) == ("aide", Place("C1", shared=True))


def test_opening_the_bot_and_joining_the_company_are_arrivals() -> None:
    opened = activity(
        event({"type": "app_home_opened", "user": "U1", "channel": "D1", "event_ts": "1.1"}), NOW
    )
    person = {
        "id": "U2",
        "team_id": "T1",
        "real_name": "Direction générale",
        "tz": "Europe/Paris",
        "locale": "fr-FR",
    }
    joined = activity(event({"type": "team_join", "user": person}), NOW)
    assert opened is not None
    assert joined is not None
    assert (opened.kind, opened.place) == (Kind.ARRIVED, Place("D1"))
    assert (joined.actor, joined.zone_hint, joined.locale_hint, joined.name_hint) == (
        "U2",
        "Europe/Paris",
        "fr-FR",
        "Direction générale",
    )
    assert activity(event({"type": "team_join", "user": {**person, "is_bot": True}}), NOW) is None


def test_a_command_carries_its_words_and_can_open_a_form() -> None:
    form = {
        "command": "/embarque",
        "text": " aide ",
        "user_id": "U1",
        "channel_id": "C1",
        "team_id": "T1",
        "trigger_id": "9",
    }
    found = activity(Envelope("command", form), NOW)
    again = activity(Envelope("command", form), datetime(2027, 1, 1, tzinfo=UTC))
    other = activity(Envelope("command", {**form, "trigger_id": "10"}), NOW)
    assert found is not None
    assert again is not None
    assert other is not None
    assert (found.kind, found.text, found.can_open, found.place) == (
        Kind.COMMAND,
        "aide",
        True,
        Place("C1", shared=True),
    )
    assert found.event_id == again.event_id != other.event_id


def test_a_command_typed_between_two_people_does_not_name_their_conversation() -> None:
    """Would have caught: the answer sent to a conversation that the bot is not in, and remembered as its own."""
    form = {"command": "/embarque", "text": "", "user_id": "U1", "channel_id": "D0OTHERS", "team_id": "T1"}
    found = activity(Envelope("command", form), NOW)
    assert found is not None
    assert found.place == Place("")


def test_a_click_gives_its_ref_and_every_field_of_the_message() -> None:
    values = {
        "why": {"a": {"type": "plain_text_input", "value": "Parce que\u202e "}},
        "none": {"a": {"type": "plain_text_input", "value": None}},
        "hours": {"a": {"type": "number_input", "value": "12.5"}},
        "by": {"a": {"type": "datepicker", "selected_date": "2026-12-01"}},
        "one": {"a": {"type": "radio_buttons", "selected_option": {"value": "v1"}}},
        "some": {"a": {"type": "checkboxes", "selected_options": [{"value": "v1"}, {"value": "v2"}]}},
        "list": {"a": {"type": "static_select", "selected_option": None}},
        "lists": {"a": {"type": "multi_static_select", "selected_options": []}},
        "odd": {"a": {"type": "file_input"}},
        "empty": {},
        "wrong": 5,
    }
    found = activity(Envelope("interaction", click(state={"values": values})), NOW)
    assert found is not None
    assert found.submission is not None
    assert found.submission.ref == REF
    assert found.submission.values == {
        "why": "Parce que",
        "none": "",
        "hours": "12.5",
        "by": "2026-12-01",
        "one": "v1",
        "some": ("v1", "v2"),
        "list": "",
        "lists": (),
    }
    assert (found.kind, found.message, found.place, found.can_open) == (
        Kind.SUBMIT,
        "1784700000.000200",
        Place("D1"),
        True,
    )


def test_the_same_click_delivered_twice_is_one_event_and_another_click_is_another() -> None:
    first, again = (activity(Envelope("interaction", click()), NOW) for _ in range(2))
    other = activity(Envelope("interaction", click(trigger_id="other")), NOW)
    assert first is not None
    assert again is not None
    assert other is not None
    assert first.event_id == again.event_id != other.event_id


@pytest.mark.parametrize(
    "value", ["", "../1", "x" * 10_000, None, 5, "a|b|c|d|-1", "a|b|c|d|e", {"action": "approve"}]
)
def test_a_forged_button_value_is_a_submission_that_refers_to_nothing(value: object) -> None:
    forged = click()
    forged["actions"][0]["value"] = value
    found = activity(Envelope("interaction", forged), NOW)
    assert found is not None
    assert found.submission is not None
    assert found.submission.ref is None


def test_a_click_by_somebody_of_another_company_is_ignored() -> None:
    """In a shared channel Slack lets them click; Bolt would run it."""
    assert activity(Envelope("interaction", click(user={"id": "U9", "team_id": "T9"})), NOW) is None


def test_a_click_in_a_whisper_names_no_message_since_none_can_be_updated() -> None:
    container = {"type": "message", "message_ts": "1.1", "channel_id": "D1", "is_ephemeral": True}
    found = activity(Envelope("interaction", click(container=container)), NOW)
    assert found is not None
    assert found.message is None


def _sent(metadata: str, **more: Any) -> Json:
    view = {"id": "V1", "hash": "h1", "callback_id": "embarque", "private_metadata": metadata}
    values = {"why": {"a": {"type": "plain_text_input", "value": "Oui"}}}
    user = {"id": "U1", "team_id": "T1"}
    whole = {"type": "view_submission", "team": {"id": "T1"}, "user": user, "trigger_id": "7", **more}
    return {**whole, "view": {**view, "state": {"values": values}}}


def test_a_sent_form_points_to_the_message_it_was_opened_from() -> None:
    metadata = json.dumps({"ref": REF.encode(), "channel": "D1", "message": "1784700000.000200"})
    found = activity(Envelope("interaction", _sent(metadata)), NOW)
    assert found is not None
    assert found.submission is not None
    assert (found.submission.ref, found.submission.values) == (REF, {"why": "Oui"})
    assert (found.message, found.place) == ("1784700000.000200", Place("D1"))


def test_a_form_sent_again_after_an_error_sentence_is_a_new_event() -> None:
    """Its view id and hash are the same; taken for a duplicate, the corrected answer would be lost."""
    first = activity(Envelope("interaction", _sent("")), NOW)
    again = activity(Envelope("interaction", _sent("", trigger_id="8")), NOW)
    assert first is not None
    assert again is not None
    assert first.event_id != again.event_id


@pytest.mark.parametrize(
    "metadata", ["", "no json", "[]", '{"ref":5,"channel":[],"message":null}', "[" * 3000]
)
def test_foreign_metadata_of_a_view_grants_and_breaks_nothing(metadata: str) -> None:
    found = activity(Envelope("interaction", _sent(metadata)), NOW)
    assert found is not None
    assert found.submission is not None
    assert (found.submission.ref, found.message, found.place) == (None, None, Place(""))
