"""A person's day on Teams against the edge: messages, buttons, forms, and turns that fail."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from adapters.base import Destination, Outbound, Refused
from adapters.teams.app import TeamsEdge
from adapters.teams.credentials import Credentials
from adapters.teams.keys import SigningKeys
from adapters.teams.outbound import TeamsOutbound
from dialogs.activity import Activity, Kind, Reply
from dialogs.card import Card, Choice, Form, NumberField, Option, Pick, SelectField, Span, Text, TextField
from dialogs.ref import Ref
from tests.doubles.chat import Chat
from tests.doubles.issuer import Issuer
from tests.doubles.teams import APP_ID, PASSWORD, TENANT, Teams
from tests.doubles.teams_door import door
from tests.doubles.teams_person import TeamsPerson

REF = Ref("run", "r1", "q1")
MENU = Card(
    "Menu",
    (Text((Span("Bonjour !"),)), Choice((Option("Commencer", REF), Option("Aide", Ref("help"))))),
    "fr-CA",
)
FORM = Card(
    "Question",
    (
        Text((Span("Quel effet ?"),)),
        Form(
            (
                TextField("why", "Pourquoi ?", required=True),
                NumberField("hours", "Heures", minimum=0, maximum=40),
                SelectField("teams", "Équipes", (Pick("a,b", "A et B"), Pick("c", "C")), many=True),
            ),
            Option("Envoyer", Ref("run", "r1", "q2")),
        ),
        Choice((Option("Plus tard", Ref("later")),)),
    ),
    "fr-CA",
)
THANKS = Card("Merci", (Text((Span("Merci !"),)),), "fr-CA")


class House:
    """Answers every activity with what the test says, and keeps what it was asked."""

    def __init__(self) -> None:
        self.seen: list[Activity] = []
        self.answer: Callable[[Activity], Reply] = lambda _: Reply()
        self.outbound: Outbound | None = None
        self.sends: Card | None = None
        self.stored: asyncio.Event | None = None

    async def turn(self, one: Activity) -> Reply:
        self.seen.append(one)
        if self.stored:
            await self.stored.wait()
        reply = self.answer(one)
        if self.sends and self.outbound:
            there = Destination(one.tenant, one.actor, one.place.conversation, one.place.route)
            await self.outbound.send(there, self.sends, "key")
        return reply


@asynccontextmanager
async def company(*, old_client: bool = False) -> AsyncIterator[tuple[TeamsPerson, House, Teams]]:
    house = House()
    async with Issuer() as issuer, Teams() as teams:
        edge = TeamsEdge(APP_ID, [TENANT], keys=SigningKeys(issuer.metadata_url), dev=True)
        credentials = Credentials(APP_ID, PASSWORD, TENANT, token_url=teams.token_url)
        house.outbound = TeamsOutbound(credentials, service_url=teams.service_url, dev=True)
        async with door(edge, house.turn) as url:
            yield TeamsPerson(teams, url, issuer=issuer, old_client=old_client), house, teams
        await house.outbound.close()


async def test_a_message_is_heard_and_the_answer_is_seen() -> None:
    async with company() as (marie, house, _):
        house.sends = MENU
        chat: Chat = marie
        await chat.says("Bonjour")
        assert house.seen[0].text == "Bonjour"
        assert marie.screen() == ["Bonjour", "Bonjour !\n[Commencer] [Aide]"]


async def test_installing_the_bot_arrives_even_though_teams_tells_it_twice() -> None:
    async with company() as (marie, house, _):
        await marie.arrives()
        assert [one.kind for one in house.seen] == [Kind.ARRIVED, Kind.ARRIVED]
        assert len({one.event_id for one in house.seen}) == 2


async def test_a_card_turns_into_the_form_and_the_form_into_thanks_in_place() -> None:
    async with company() as (marie, house, teams):
        house.sends = MENU
        await marie.says("Bonjour")
        house.sends, house.answer = None, lambda _: Reply(open=FORM)
        await marie.clicks("Commencer")
        assert "Quel effet ?" in marie.newest(1)
        house.answer = lambda _: Reply(card=THANKS)
        await marie.fills({"Pourquoi ?": "Parce que", "Heures": "2,5", "Équipes": ["A et B", "C"]}, "Envoyer")
        assert marie.screen() == ["Bonjour", "Merci !"]
        sent = house.seen[-1]
        assert sent.inline
        assert sent.submission is not None
        assert sent.submission.ref == Ref("run", "r1", "q2")
        assert sent.submission.values == {"why": "Parce que", "hours": "2.5", "teams": ("a,b", "c")}
        assert sent.message == teams.conversations[marie.conversation][-1].id


async def test_the_client_checks_before_it_sends_but_not_for_the_other_buttons() -> None:
    async with company() as (marie, house, _):
        house.sends = FORM
        await marie.says("Bonjour")
        house.sends = None
        await marie.fills({"Heures": "41"}, "Envoyer")
        assert marie.errors() == {
            "Pourquoi ?": "Écrivez une réponse.",
            "Heures": "Entrez un nombre de 0 à 40.",
        }
        assert len(house.seen) == 1
        await marie.clicks("Plus tard")
        later = house.seen[-1].submission
        assert later is not None
        assert (later.ref, later.values) == (Ref("later"), {})


async def test_an_error_stands_under_its_field_and_what_was_typed_is_still_there() -> None:
    async with company() as (marie, house, _):
        house.sends = FORM
        await marie.says("Bonjour")
        fields = FORM.form()
        assert fields is not None
        again = replace(fields, fields=(replace(fields.fields[0], value="x"), *fields.fields[1:]))  # type: ignore[arg-type]
        house.sends = None
        house.answer = lambda _: Reply(
            open=Card("Question", (again,), "fr-CA"), errors={"why": "Plus long, svp."}
        )
        await marie.fills({"Pourquoi ?": "x"}, "Envoyer")
        assert marie.errors() == {"Pourquoi ?": "Plus long, svp."}
        house.answer = lambda _: Reply(card=THANKS)
        await marie.fills({"Pourquoi ?": "xyz"}, "Envoyer")
        assert (marie.errors(), marie.newest(1)) == ({}, "Merci !")


async def test_a_short_line_is_seen_after_a_tap() -> None:
    async with company() as (marie, house, _):
        house.sends = MENU
        await marie.says("Bonjour")
        house.sends, house.answer = None, lambda _: Reply(toast="Cette carte est ancienne.")
        await marie.clicks("Commencer")
        assert marie.newest(1) == "Cette carte est ancienne."


async def test_an_older_client_gets_its_answers_as_messages() -> None:
    async with company(old_client=True) as (marie, house, _):
        house.sends = FORM
        await marie.says("Bonjour")
        house.sends = THANKS
        await marie.fills({"Pourquoi ?": "Parce que"}, "Envoyer")
        assert (house.seen[-1].kind, house.seen[-1].inline) == (Kind.SUBMIT, False)
        assert marie.newest(1) == "Merci !"


def _fail(_: Activity) -> Reply:
    raise RuntimeError("secret detail")


def _busy(_: Activity) -> Reply:
    raise Refused(503, "too_busy")


async def test_a_button_whose_turn_fails_says_so_and_no_more(caplog: pytest.LogCaptureFixture) -> None:
    """The stock adapter answers 501 with the word null, and the person sees nothing happen."""
    async with company() as (marie, house, _):
        house.sends = MENU
        await marie.says("Bonjour")
        for fails in (_fail, _busy):
            house.sends, house.answer = None, fails
            await marie.clicks("Commencer")
            assert marie.newest(1) == "Un problème est survenu de notre côté. Réessayez dans un instant."
    assert "RuntimeError" in caplog.text
    assert "secret" not in caplog.text


async def test_a_message_whose_turn_fails_is_delivered_again(caplog: pytest.LogCaptureFixture) -> None:
    async with company() as (marie, house, _):
        for fails in (_fail, _busy):
            house.answer = fails
            with pytest.raises(AssertionError, match="answered 503"):
                await marie.says("Bonjour")
        house.answer = lambda _: Reply()
        assert await marie.redeliver() == 200
        assert house.seen[-1].event_id == house.seen[-2].event_id
    assert "secret" not in caplog.text


async def test_the_answer_comes_after_the_turn_never_before() -> None:
    """Catches acknowledging first: an event acknowledged before it is stored is lost at the next crash."""
    async with company() as (marie, house, _):
        house.stored = asyncio.Event()
        saying = asyncio.create_task(marie.says("Bonjour"))
        await asyncio.sleep(0.3)
        assert not saying.done()
        house.stored.set()
        await saying


async def test_a_control_that_means_nothing_gets_an_answer_all_the_same() -> None:
    async with company() as (marie, house, _):
        told = await marie.invokes("task/fetch", {})
        assert (told["type"], told["statusCode"]) == ("application/vnd.microsoft.error", 400)
        assert house.seen == []


async def test_in_development_everything_works_without_an_account() -> None:
    house = House()
    async with Teams(app_id="") as teams:
        house.outbound = TeamsOutbound(Credentials("", "", ""), service_url=teams.service_url, dev=True)
        house.sends = MENU
        async with door(TeamsEdge("", [], dev=True), house.turn) as url:
            marie = TeamsPerson(teams, url)
            await marie.says("Bonjour")
            assert marie.newest(1) == "Bonjour !\n[Commencer] [Aide]"
        await house.outbound.close()
