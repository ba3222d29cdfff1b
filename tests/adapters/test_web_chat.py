"""A person's minutes in the browser chat: sending, answering, reading, staying in step."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import aiohttp
import pytest

from adapters.base import Destination, RefusedForGoodError, Turn
from adapters.web.app import WebEdge
from adapters.web.company import Move, Moved
from adapters.web.outbound import WebOutbound
from dialogs.activity import Activity, Kind, Reply
from dialogs.card import Card, Choice, Form, Option, Pick, SelectField, Span, Text, TextField
from dialogs.ref import Ref
from tests.doubles.web import WebPerson
from tests.doubles.web_company import TENANT, SmallCompany, served, small_edge

HOSTILE = "<img src=x onerror=alert(1)></script><b>gras</b> {{7*7}} [x](javascript:alert(1))"


def card(text: str, *blocks: Choice | Form) -> Card:
    return Card(text, (Text((Span(text),)), *blocks), "fr-CA")


def sender(edge: WebEdge) -> WebOutbound:
    return WebOutbound(edge.mailbox, edge.streams, edge.company.now)


def interview(edge: WebEdge) -> Turn:
    """A turn that asks, opens a form, corrects it once, and thanks."""
    out = sender(edge)

    async def turn(activity: Activity) -> Reply:
        to = Destination(activity.tenant, activity.actor)
        step = activity.submission.ref.step if activity.submission and activity.submission.ref else ""
        if activity.kind is Kind.COMMAND:
            choice = Choice((Option("Oui", Ref("run", "r1", "start", "yes"), "primary"),))
            await out.send(to, card("On commence?", choice), f"{activity.event_id}:ask")
        elif step == "start":
            await out.update(to, activity.message or "", card("On a commencé."))
            where = SelectField("where", "Où", (Pick("q", "Québec"), Pick("l", "Lyon")), many=True)
            form = Form(
                (TextField("why", "Pourquoi", required=True), where),
                Option("Envoyer", Ref("run", "r1", "why")),
            )
            return Reply(open=card("Dites-nous", form))
        elif step == "why" and activity.submission:
            if activity.submission.values["why"] != "Retours":
                return Reply(errors={"why": "Précisez."})
            await out.send(
                to, card(f"Merci pour {activity.submission.values['where']}"), f"{activity.event_id}:thanks"
            )
            return Reply(toast="Noté")
        else:
            await out.send(to, card(f"Vous dites: {activity.text}"), f"{activity.event_id}:echo")
        return Reply()

    return turn


async def test_a_person_is_asked_corrected_and_thanked() -> None:
    edge = small_edge()
    async with served(edge, interview(edge)) as address, aiohttp.ClientSession() as session:
        maude = WebPerson(session, address, "u-log")
        await maude.commands("impact")
        assert "[Oui]" in maude.newest(1)
        await maude.clicks("Oui")
        assert "On a commencé." in maude.screen()
        assert "Pourquoi" in maude.newest(1), "the form is open"
        await maude.fills({"Pourquoi": "Stock", "Où": ["Lyon"]}, "Envoyer")
        assert maude.errors() == {"Pourquoi": "Précisez."}
        await maude.fills({"Pourquoi": "Retours", "Où": ["Lyon"]}, "Envoyer")
        assert maude.errors() == {}
        assert maude.screen() == ["/embarque impact", "On a commencé.", "Oui", "Merci pour ('l',)"]
        assert maude.toast == "Noté"


async def test_the_same_send_twice_is_shown_once() -> None:
    """Would have caught a double bubble after a lost answer: the page tries again with the same id."""
    edge = small_edge()
    body = {"id": "6a1f9d52-6f0c-4ad5-8a52-3f0a5f0d3c11", "as": "u-log", "kind": "message", "text": "Bonjour"}
    async with served(edge, interview(edge)) as address, aiohttp.ClientSession() as session:
        for _ in range(2):
            async with session.post(f"{address}/web/act", json=body) as answer:
                assert answer.status == 200
        maude = WebPerson(session, address, "u-log")
        await maude.looks()
        assert maude.screen() == ["Bonjour", "Vous dites: Bonjour"]


async def test_hostile_words_travel_as_data_only() -> None:
    edge = small_edge()
    async with served(edge, interview(edge)) as address, aiohttp.ClientSession() as session:
        maude = WebPerson(session, address, "u-log")
        await maude.says(HOSTILE)
        assert maude.screen() == [HOSTILE, f"Vous dites: {HOSTILE}"]
        for path in ("/web/state?as=u-log", "/?as=" + HOSTILE, "/?lang=" + HOSTILE):
            async with session.get(address + path) as answer:
                text = await answer.text()
                assert answer.content_type == "application/json" or "<img src=x" not in text


async def test_a_company_name_with_marks_stays_text_in_the_page() -> None:
    edge = small_edge(SmallCompany(name=HOSTILE))
    async with (
        served(edge, interview(edge)) as address,
        aiohttp.ClientSession() as session,
        session.get(address) as answer,
    ):
        page = await answer.text()
    assert "<img src=x" not in page
    assert "&lt;img src=x" in page


@pytest.mark.parametrize(
    "what",
    [
        {"as": "stranger", "kind": "message", "text": "Bonjour"},
        {"as": "u-log", "kind": "submit", "ref": "x||||0", "conversation": "channel:direction"},
        {"as": "u-dir", "kind": "submit", "ref": "x||||0", "conversation": "channel:secret"},
    ],
)
async def test_strangers_and_non_readers_of_a_channel_are_refused(what: dict[str, str]) -> None:
    edge = small_edge()
    body = {"id": "6a1f9d52-6f0c-4ad5-8a52-3f0a5f0d3c11", **what}
    async with (
        served(edge, interview(edge)) as address,
        aiohttp.ClientSession() as session,
        session.post(f"{address}/web/act", json=body) as answer,
    ):
        assert answer.status == 403


async def test_a_channel_is_seen_by_its_readers_alone() -> None:
    """Would have caught the leadership summary on an employee's screen."""
    edge = small_edge()
    await sender(edge).send(Destination(TENANT, conversation="channel:direction"), card("Bilan"), "d1")
    async with served(edge, interview(edge)) as address, aiohttp.ClientSession() as session:
        for user, sees in (("u-log", False), ("u-dir", True)):
            async with session.get(f"{address}/web/state", params={"as": user}) as answer:
                assert ("Bilan" in await answer.text()) is sees


async def frames(answer: aiohttp.ClientResponse) -> AsyncIterator[tuple[str, Any, str]]:
    kind, cursor = "", ""
    async for line in answer.content:
        name, _, value = line.decode().strip().partition(": ")
        if name == "event":
            kind = value
        elif name == "id":
            cursor = value
        elif name == "data":
            yield kind, json.loads(value), cursor


async def following(stream: AsyncIterator[tuple[str, Any, str]], kind: str) -> tuple[Any, str]:
    async with asyncio.timeout(60):
        async for event, data, cursor in stream:
            if event == kind:
                return data, cursor
    raise AssertionError(f"the stream ended without {kind}")


async def test_a_page_that_lost_the_line_gets_what_it_missed_and_no_older_message_as_new() -> None:
    """Would have caught a message lost, or read aloud again, because the connection broke."""
    edge = small_edge()
    out = sender(edge)
    to = Destination(TENANT, "u-log")
    async with served(edge, interview(edge)) as address, aiohttp.ClientSession() as session:
        url = f"{address}/web/stream?as=u-log&after=0"
        async with session.get(url) as answer:
            first = await out.send(to, card("Un"), "k1")
            seen, cursor = await following(frames(answer), "message")
            assert (seen["text"], cursor) == ("Un", first.message)
        await out.send(to, card("Deux"), "k2")
        await out.update(to, first.message, card("Un, corrigé"))
        async with session.get(url, headers={"Last-Event-ID": cursor}) as answer:
            stream = frames(answer)
            replaced, _ = await following(stream, "replaced")
            assert (replaced["text"], replaced["revision"]) == ("Un, corrigé", 1)
            missed, _ = await following(stream, "message")
            assert missed["text"] == "Deux"


async def test_a_page_from_before_a_fresh_start_is_told_to_begin_again() -> None:
    """Would have caught an old tab that shows yesterday's demo and never anything new, as ids start over."""
    edge = small_edge()
    await sender(edge).send(Destination(TENANT, "u-log"), card("Un"), "k1")
    async with (
        served(edge, interview(edge)) as address,
        aiohttp.ClientSession() as session,
        session.get(f"{address}/web/stream?as=u-log", headers={"Last-Event-ID": "40"}) as answer,
    ):
        await following(frames(answer), "reload")


async def test_the_stream_tells_the_clock_and_mistakes_in_the_content() -> None:
    company = SmallCompany()
    edge = small_edge(company)
    async with (
        served(edge, interview(edge)) as address,
        aiohttp.ClientSession() as session,
        session.get(f"{address}/web/stream?as=u-log") as answer,
    ):
        stream = frames(answer)
        before, _ = await following(stream, "clock")
        assert before["now"] == "2026-11-23T13:30:00+00:00"
        company.wrong = ("quiz A, A4: the English text is missing; add en:",)
        async with session.post(f"{address}/web/clock?lang=en", json={"to": "hour"}) as moved:
            happened = await moved.json()
        assert happened["lines"] == ["Nothing was due."]
        after, _ = await following(stream, "clock")
        assert after["now"] == "2026-11-23T14:30:00+00:00"
        mistakes, _ = await following(stream, "content")
        assert mistakes == ["quiz A, A4: the English text is missing; add en:"]
    assert company.seen[0] == "u-log", "what the page shows is no longer waiting"


async def test_a_quiet_stream_gives_a_sign_of_life() -> None:
    edge = small_edge(heartbeat=0.05)
    async with (
        served(edge, interview(edge)) as address,
        aiohttp.ClientSession() as session,
        session.get(f"{address}/web/stream?as=u-log") as answer,
        asyncio.timeout(60),
    ):
        async for line in answer.content:
            if line.startswith(b":"):
                return
    raise AssertionError("no sign of life")


@pytest.mark.parametrize("to", ["yesterday", "", None, 3, ["hour"]])
async def test_the_clock_goes_only_to_the_three_places(to: object) -> None:
    company = SmallCompany(happens=lambda _: Moved(datetime(2030, 1, 1, tzinfo=UTC), 9, 9))
    edge = small_edge(company)
    async with (
        served(edge, interview(edge)) as address,
        aiohttp.ClientSession() as session,
        session.post(f"{address}/web/clock", json={"to": to}) as answer,
    ):
        assert answer.status == 400
    assert company.now() == SmallCompany().now()
    assert [one.value for one in Move] == ["hour", "next_morning", "next_thursday"]


async def test_a_delivery_sent_twice_is_one_message_and_can_be_found_again() -> None:
    """Would have caught a doubled message after a crash between sending and recording."""
    out = sender(small_edge())
    to = Destination(TENANT, "u-log")
    first = await out.send(to, card("Rappel"), "nudge:1")
    assert await out.send(to, card("Rappel"), "nudge:1") == first
    assert await out.find(to, "nudge:1") == first
    assert await out.find(to, "nudge:2") is None


@pytest.mark.parametrize("message", ["77", "x", ""])
async def test_a_message_that_is_not_there_is_refused_for_good(message: str) -> None:
    with pytest.raises(RefusedForGoodError):
        await sender(small_edge()).update(Destination(TENANT, "u-log"), message, card("Corrigé"))
