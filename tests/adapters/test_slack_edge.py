"""Whole requests through Slack's door: what the person sees, and when Slack is told that all is well."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from urllib.parse import urlencode

import aiohttp
import pytest

from adapters.base import Destination, Refused
from adapters.slack.app import SlackEdge
from dialogs.activity import Activity, Kind, Reply
from dialogs.card import Card, Choice, Form, Option, Pick, SelectField, Span, Text, TextField
from dialogs.ref import Ref
from tests.doubles.chat import Chat
from tests.doubles.slack import Fault, SlackDouble
from tests.doubles.slack_door import door
from tests.doubles.slack_person import FORM as FORM_TYPE
from tests.doubles.slack_person import Delivery, SlackPerson

ASK = Ref("run", "ab12", "effect", "", 1)
FIELDS = (
    TextField("why", "Pourquoi ?", required=True, multiline=True),
    SelectField("size", "Ampleur", (Pick("s", "Petite"), Pick("l", "Grande"))),
)
FORM = Form(FIELDS, Option("Envoyer", ASK, "primary"))
FORM_CARD = Card("Décrivez l'effet", (Text((Span("Quel effet ?"),)), FORM), "fr")
START = Card("Bonjour", (Text((Span("On commence ?"),)), Choice((Option("Commencer", ASK),))), "fr")


class Company:
    """A bot with one edge, whose rule a test sets, and everything that reached it."""

    def __init__(self, slack: SlackDouble, edge: SlackEdge) -> None:
        self.slack, self.edge = slack, edge
        self.heard: list[Activity] = []
        self.reply = Reply()
        self.failure: Exception | None = None
        self.marie: SlackPerson
        self.url = ""

    async def turn(self, asked: Activity) -> Reply:
        self.heard.append(asked)
        if self.failure is not None:
            raise self.failure
        return self.reply

    async def posts(self, card: Card) -> str:
        to = Destination(self.slack.team, user=self.marie.user)
        return (await self.edge.outbound.send(to, card, "key-1")).message


@pytest.fixture
async def company() -> AsyncIterator[Company]:
    async with AsyncExitStack() as stack:
        slack = await stack.enter_async_context(SlackDouble().running())
        edge = SlackEdge([slack.signing_secret], slack.bot_token, slack.url, {slack.team}, {slack.app_id})
        stack.push_async_callback(edge.close)
        bot = Company(slack, edge)
        bot.url = await stack.enter_async_context(door(edge, bot.turn))
        bot.marie = SlackPerson(slack, bot.url)
        yield bot


async def test_a_message_reaches_the_turn_as_it_was_typed(company: Company) -> None:
    marie: Chat = company.marie
    await marie.says("Deux < trois & <!here>")
    [asked] = company.heard
    assert (asked.kind, asked.text, asked.actor) == (Kind.MESSAGE, "Deux < trois & <!here>", "U0ADVISER")


async def test_a_command_is_answered_to_the_person_alone(company: Company) -> None:
    company.reply = Reply(toast="Rien à faire *aujourd'hui* <!here>")
    await company.marie.commands("statut")
    assert company.heard[0].text == "statut"
    assert company.marie.newest(1) == "Rien à faire *aujourd'hui* <!here>"


async def test_a_form_opened_by_a_click_comes_back_with_the_message_it_was_opened_from(
    company: Company,
) -> None:
    message = await company.posts(START)
    company.reply = Reply(open=FORM_CARD)
    await company.marie.clicks("Commencer")
    assert "Quel effet ?" in company.marie.newest(1)

    company.reply = Reply(errors={"why": "Dites-en un peu plus."})
    await company.marie.fills({"Pourquoi ?": "Bof", "Ampleur": "Grande"}, "Envoyer")
    assert company.marie.errors() == {"Pourquoi ?": "Dites-en un peu plus."}

    company.reply = Reply(toast="Merci")
    await company.marie.fills({"Pourquoi ?": "Moins de papier", "Ampleur": "Grande"}, "Envoyer")
    sent = company.heard[-1]
    assert sent.submission is not None
    assert (sent.submission.ref, sent.message, sent.place.conversation) == (
        ASK,
        message,
        company.marie.channel,
    )
    assert sent.submission.values == {"why": "Moins de papier", "size": "l"}
    assert company.marie.newest(1) == "Merci"
    assert len({one.event_id for one in company.heard}) == 3


async def test_an_error_about_no_field_of_the_form_stands_under_its_first_field(company: Company) -> None:
    """Slack shows nothing at all when an error names a block that is no input."""
    await company.posts(START)
    company.reply = Reply(open=FORM_CARD)
    await company.marie.clicks("Commencer")
    company.reply = Reply(errors={"gone": "Cette question a changé."})
    await company.marie.fills({"Pourquoi ?": "Oui"}, "Envoyer")
    assert company.marie.errors() == {"Pourquoi ?": "Cette question a changé."}


async def test_the_next_form_takes_the_place_of_the_one_sent(company: Company) -> None:
    await company.posts(START)
    company.reply = Reply(open=FORM_CARD)
    await company.marie.clicks("Commencer")
    company.reply = Reply(open=Card("Suite", (Text((Span("Et ensuite ?"),)), FORM), "fr"))
    await company.marie.fills({"Pourquoi ?": "Oui"}, "Envoyer")
    assert "Et ensuite ?" in company.marie.newest(1)
    company.reply = Reply()
    await company.marie.fills({"Pourquoi ?": "Encore"}, "Envoyer")
    assert "On commence ?" in company.marie.newest(1)


@pytest.mark.parametrize("refusal", ["expired_trigger_id", "fatal_error"])
async def test_a_form_that_cannot_be_opened_is_posted_instead(company: Company, refusal: str) -> None:
    """Otherwise the person clicks and nothing ever happens."""
    await company.posts(START)
    company.slack.fail("views.open", Fault("error", refusal))
    company.reply = Reply(open=FORM_CARD)
    await company.marie.clicks("Commencer")
    company.reply = Reply()
    await company.marie.fills({"Pourquoi ?": "Moins de papier"}, "Envoyer")
    submission = company.heard[-1].submission
    assert submission is not None
    assert submission.values == {"why": "Moins de papier", "size": ""}


async def test_a_form_that_cannot_be_opened_in_a_channel_goes_to_the_person_alone(company: Company) -> None:
    company.slack.open_channel("C1", company.marie.user)
    in_channel = SlackPerson(company.slack, company.url, channel="C1")
    company.slack.fail("views.open", Fault("error", "expired_trigger_id"))
    company.reply = Reply(open=FORM_CARD)
    await in_channel.commands("effet")
    assert company.slack.channels["C1"] == []
    assert "Quel effet ?" in company.marie.newest(1)


async def test_errors_of_a_form_in_a_message_are_whispered_with_the_names_of_the_fields(
    company: Company,
) -> None:
    await company.posts(FORM_CARD)
    company.reply = Reply(errors={"why": "Dites-en un peu plus."}, toast="Presque")
    await company.marie.fills({"Pourquoi ?": ""}, "Envoyer")
    assert company.marie.errors() == {"Pourquoi ?": "Dites-en un peu plus."}
    assert company.marie.newest(1) == "Presque\n• Pourquoi ? — Dites-en un peu plus."


async def test_slack_is_told_only_after_the_turn_has_committed(company: Company) -> None:
    """Acknowledged before it is stored, an event is lost at the next crash: 1,500 of 2,750 were."""
    committed = asyncio.Event()
    told: list[object] = []

    async def slow(asked: Activity) -> Reply:
        await committed.wait()
        return await company.turn(asked)

    async with door(company.edge, slow) as url:
        saying = asyncio.create_task(SlackPerson(company.slack, url).says("Bonjour"))
        saying.add_done_callback(told.append)
        await asyncio.sleep(0.2)
        assert not told
        assert not company.heard
        committed.set()
        await saying
    assert len(company.heard) == 1


@pytest.mark.parametrize("act", ["says", "commands", "clicks"])
async def test_a_turn_that_fails_is_delivered_again_and_nothing_is_lost(
    company: Company, act: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Bolt in its default mode had already said that all was well."""
    await company.posts(START)
    company.failure = RuntimeError("database gone while storing: my private words")
    with pytest.raises(AssertionError, match="503"):
        await getattr(company.marie, act)("Commencer")
    assert "RuntimeError" in caplog.text
    assert "private words" not in caplog.text
    company.failure = None
    assert await company.marie.redeliver() == 200
    first, again = company.heard
    assert first.event_id == again.event_id


async def test_a_refusal_of_the_turn_keeps_its_status(company: Company) -> None:
    company.failure = Refused(429, "busy")
    with pytest.raises(AssertionError, match="429"):
        await company.marie.says("Bonjour")


async def test_a_whisper_that_fails_does_not_undo_a_committed_turn(company: Company) -> None:
    """A 5xx here would make Slack deliver an event that is stored already."""
    await company.posts(START)
    company.slack.fail("chat.postEphemeral", Fault("html"))
    company.reply = Reply(toast="Noté")
    await company.marie.clicks("Commencer")
    assert len(company.heard) == 1


async def test_an_unsigned_request_gets_a_bare_401(company: Company) -> None:
    headers = {"Content-Type": "application/json"}
    async with (
        aiohttp.ClientSession() as http,
        http.post(
            f"{company.url}/slack/events",
            data=b'{"type":"url_verification","challenge":"x"}',
            headers=headers,
        ) as answer,
    ):
        assert (answer.status, await answer.read()) == (401, b"")
    assert company.heard == []


async def test_slack_can_verify_the_address(company: Company) -> None:
    raw = json.dumps({"type": "url_verification", "challenge": "3eZbrw", "token": "x"}).encode()
    status, body = await company.marie._post(Delivery("application/json", raw), {})
    assert (status, json.loads(body)) == (200, {"challenge": "3eZbrw"})


@pytest.mark.parametrize(
    "payload",
    [
        {"type": "shortcut", "callback_id": "x"},
        {"type": "message_action", "callback_id": "x"},
        {"type": "block_suggestion", "action_id": "x", "block_id": "b", "value": ""},
        {"type": "view_closed", "view": {"callback_id": "embarque"}},
        {"type": "something_new"},
    ],
)
async def test_what_nobody_asked_for_is_acknowledged_and_goes_no_further(
    company: Company, payload: dict[str, object]
) -> None:
    """Bolt answers 404 to it; below 5 % of success Slack switches the events off."""
    who = {
        "team": {"id": company.slack.team},
        "api_app_id": company.slack.app_id,
        "user": {"id": "U0ADVISER"},
    }
    raw = urlencode({"payload": json.dumps({**who, **payload})}).encode()
    status, _ = await company.marie._post(Delivery(FORM_TYPE, raw), {})
    assert status == 200
    assert company.heard == []


async def test_headers_that_the_signature_does_not_cover_choose_nothing(company: Company) -> None:
    """Bolt runs a function by name when X-Slack-Bolt-Lazy-Only asks for it."""
    await company.marie.says("Un")
    assert company.marie._last is not None
    lazy = {"X-Slack-Bolt-Lazy-Only": "1", "X-Slack-Bolt-Lazy-Function-Name": "_hear"}
    status, _ = await company.marie._post(company.marie._last, lazy)
    assert status == 200
    assert len(company.heard) == 2


async def test_bolt_asks_the_network_nothing_and_heeds_no_variable(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With SLACK_CLIENT_ID and its secret set, Bolt drops the token and keeps tokens in files."""
    monkeypatch.setenv("SLACK_CLIENT_ID", "1")
    monkeypatch.setenv("SLACK_CLIENT_SECRET", "2")
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-other")
    slack = company.slack
    edge = SlackEdge([slack.signing_secret], slack.bot_token, slack.url)
    assert edge._bolt.oauth_flow is None
    async with door(edge, company.turn) as url:
        await SlackPerson(slack, url).says("Bonjour")
    await edge.close()
    assert len(company.heard) == 1
    assert slack.journal == []


async def test_the_modal_keeps_its_form_when_a_required_field_is_empty(company: Company) -> None:
    await company.posts(START)
    company.reply = Reply(open=FORM_CARD)
    await company.marie.clicks("Commencer")
    heard = len(company.heard)
    await company.marie.fills({"Ampleur": "Petite"}, "Envoyer")
    assert list(company.marie.errors()) == ["Pourquoi ?"]
    assert len(company.heard) == heard
    await company.marie.clicks("Annuler")
    assert "On commence ?" in company.marie.newest(1)
