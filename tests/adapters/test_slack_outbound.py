"""Messages on their way to Slack, and what becomes of them when Slack is not well."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from adapters.base import (
    Destination,
    Outbound,
    RefusedForGoodError,
    SendError,
    Sent,
    TryLaterError,
    UnknownOutcomeError,
)
from adapters.slack.outbound import SlackOutbound
from adapters.slack.outcome import retry_seconds
from dialogs.card import Card, Choice, Option, Span, Text
from dialogs.ref import Ref
from tests.doubles.slack import Fault, SlackDouble

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
TO = Destination("T0TEAM", user="U0ADVISER")


def card(words: str) -> Card:
    choice = Choice((Option("Oui", Ref("run", "1", "s", "yes")),))
    return Card(f"Titre <!here> {words}", (Text((Span(words),)), choice), "fr")


@pytest.fixture
async def slack() -> AsyncIterator[SlackDouble]:
    async with SlackDouble().running() as double:
        double.people["U0ADVISER"] = {"id": "U0ADVISER"}
        yield double


@pytest.fixture
async def outbound(slack: SlackDouble) -> AsyncIterator[Outbound]:
    sender = SlackOutbound(slack.bot_token, slack.url)
    yield sender
    await sender.close()


async def test_a_message_reaches_a_person_who_never_wrote_to_the_bot(
    slack: SlackDouble, outbound: Outbound
) -> None:
    sent = await outbound.send(TO, card("Bonjour"), "key-1")
    assert sent.conversation == slack.direct("U0ADVISER")
    [posted] = slack.calls("chat.postMessage")
    assert posted.arguments["unfurl_links"] is False
    assert posted.arguments["unfurl_media"] is False
    assert "&lt;!here&gt;" in posted.arguments["text"]
    assert "<" not in posted.arguments["text"]


async def test_a_known_conversation_is_not_opened_again(slack: SlackDouble, outbound: Outbound) -> None:
    await outbound.send(
        Destination("T0TEAM", conversation=slack.direct("U0ADVISER")), card("Bonjour"), "key-1"
    )
    assert slack.calls("conversations.open") == []


@pytest.mark.parametrize("refusal", ["channel_not_found", "not_in_channel"])
async def test_a_conversation_that_is_not_the_bots_gives_way_to_the_persons_own(
    slack: SlackDouble, outbound: Outbound, refusal: str
) -> None:
    """Would have caught: a person never reached again because a foreign conversation was kept for them."""
    if refusal == "not_in_channel":
        slack.open_channel("D0OTHERS", "U0ADVISER", with_bot=False)
    sent = await outbound.send(Destination("T0TEAM", "U0ADVISER", "D0OTHERS"), card("Bonjour"), "key-1")
    assert sent.conversation == slack.direct("U0ADVISER")
    assert [call.answer for call in slack.calls("chat.postMessage")] == [refusal, "ok"]
    with pytest.raises(RefusedForGoodError, match=refusal):
        await outbound.send(Destination("T0TEAM", conversation="D0OTHERS"), card("Bonjour"), "key-2")


async def test_a_whisper_without_a_channel_reaches_the_person_in_their_own_conversation(
    slack: SlackDouble,
) -> None:
    """Would have caught: the word after a form that a command opened, shown to nobody."""
    sender = SlackOutbound(slack.bot_token, slack.url)
    await sender.ephemeral("", "U0ADVISER", "C'est noté")
    await sender.close()
    [whispered] = slack.channels[slack.direct("U0ADVISER")]
    assert (whispered["for"], "C'est noté" in str(whispered)) == ("U0ADVISER", True)


async def test_an_updated_message_shows_the_new_card_in_the_same_place(
    slack: SlackDouble, outbound: Outbound
) -> None:
    sent = await outbound.send(TO, card("Avant"), "key-1")
    await outbound.update(TO, sent.message, card("Après"))
    [message] = slack.channels[sent.conversation]
    assert "Après" in str(message["blocks"])
    with pytest.raises(RefusedForGoodError, match="message_not_found"):
        await outbound.update(TO, "1.000001", card("Après"))


@pytest.mark.parametrize("kind", ["dropped", "half body"])
async def test_a_message_whose_answer_was_lost_is_found_by_its_key_and_not_posted_twice(
    slack: SlackDouble, outbound: Outbound, kind: str
) -> None:
    """The SDK's own retry posted it a second time and reported success."""
    slack.fail("chat.postMessage", Fault(kind))  # type: ignore[arg-type]
    with pytest.raises(UnknownOutcomeError):
        await outbound.send(TO, card("Bonjour"), "key-1")
    assert len(slack.calls("chat.postMessage")) == 1
    found = await outbound.find(TO, "key-1")
    [message] = slack.channels[slack.direct("U0ADVISER")]
    assert found == Sent(message["ts"], slack.direct("U0ADVISER"))
    assert await outbound.find(TO, "key-2") is None


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault("ratelimited", "7"), TryLaterError),
        (Fault("ratelimited"), TryLaterError),
        (Fault("error", "ratelimited"), TryLaterError),
        (Fault("error", "service_unavailable"), TryLaterError),
        (Fault("status", "nope", 500), UnknownOutcomeError),
        (Fault("status", "", 503), UnknownOutcomeError),
        (Fault("status", "too many", 429), TryLaterError),
        (Fault("html"), UnknownOutcomeError),
        (Fault("not json"), UnknownOutcomeError),
        (Fault("error", "fatal_error"), UnknownOutcomeError),
        (Fault("error", "internal_error"), UnknownOutcomeError),
        (Fault("error", "account_inactive"), RefusedForGoodError),
        (Fault("error", "channel_not_found"), RefusedForGoodError),
        (Fault("error", "not_in_channel"), RefusedForGoodError),
        (Fault("error", "token_revoked"), RefusedForGoodError),
        (Fault("error", "invalid_blocks"), RefusedForGoodError),
    ],
)
async def test_each_way_a_post_can_fail_says_whether_to_wait_to_look_or_to_give_up(
    slack: SlackDouble, outbound: Outbound, fault: Fault, error: type[SendError]
) -> None:
    """A refusal taken for a hiccup loops for ever; an unknown outcome taken for a refusal posts twice."""
    slack.fail("chat.postMessage", fault)
    with pytest.raises(SendError) as raised:
        await outbound.send(TO, card("secret words"), "key-1")
    assert type(raised.value) is error
    assert "secret words" not in f"{raised.value!r} {raised.value.__cause__!r}"
    assert len(slack.calls("chat.postMessage")) == 1


async def test_slack_out_of_reach_has_certainly_taken_nothing() -> None:
    sender = SlackOutbound("xoxb-1", "http://127.0.0.1:1/api/")
    with pytest.raises(TryLaterError):
        await sender.send(Destination("T0TEAM", conversation="D0MARIE"), card("Bonjour"), "key-1")
    await sender.close()


async def test_nothing_was_posted_when_the_conversation_could_not_be_opened(
    slack: SlackDouble, outbound: Outbound
) -> None:
    """An unknown outcome here would send the delivery looking in a conversation that it does not have."""
    slack.fail("conversations.open", Fault("html"))
    with pytest.raises(TryLaterError):
        await outbound.send(TO, card("Bonjour"), "key-1")


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("7", 7.0),
        ("0", 1.0),
        ("999999", 3600.0),
        ("Mon, 23 Nov 2026 12:00:20 GMT", 20.0),
        ("Mon, 23 Nov 2020 12:00:20 GMT", 1.0),
        (None, 30.0),
        ("soon", 30.0),
        ("-5", 30.0),
        ("", 30.0),
        ("9" * 400, 30.0),
    ],
)
def test_retry_after_is_understood_in_every_form(header: str | None, seconds: float) -> None:
    """The SDK's handler raised ValueError at a date."""
    assert retry_seconds(header, NOW) == seconds


async def test_no_word_of_a_message_is_logged_even_at_debug(
    slack: SlackDouble, outbound: Outbound, caplog: pytest.LogCaptureFixture
) -> None:
    """The SDK logs the text of messages at DEBUG."""
    caplog.set_level("DEBUG")
    await outbound.send(TO, card("secret words"), "key-1")
    assert "secret words" not in caplog.text


@pytest.mark.parametrize("url", ["http://slack.example/api/", "ftp://127.0.0.1/", "slack.com/api"])
def test_the_token_is_never_sent_in_the_clear(url: str) -> None:
    with pytest.raises(ValueError, match="https"):
        SlackOutbound("xoxb-1", url)
