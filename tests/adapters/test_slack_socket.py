"""Slack over its own sockets: what is heard, what is answered, what is acknowledged and when."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator

import pytest

from adapters.base import Refused
from dialogs.activity import Reply
from dialogs.card import Card, Form, Option, Span, Text, TextField
from dialogs.ref import Ref
from tests.adapters.socket_company import Company, company_with_sockets, until
from tests.doubles.slack import Json

ASK = Ref("run", "ab12", "effect", "", 1)
FORM = Form((TextField("why", "Pourquoi ?", required=True),), Option("Envoyer", ASK, "primary"))
FORM_CARD = Card("Décrivez l'effet", (Text((Span("Quel effet ?"),)), FORM), "fr")


@pytest.fixture
async def company() -> AsyncIterator[Company]:
    async with company_with_sockets() as made:
        yield made


async def test_a_message_a_command_a_click_and_a_form_are_answered_as_over_http(company: Company) -> None:
    """Would catch a form that closes on a mistake, or a command without an answer, where there is no address."""
    await company.listens()
    await company.marie.says("Deux < trois & <!here>")
    assert company.heard[0].text == "Deux < trois & <!here>"

    company.reply = Reply(toast="Rien à faire *aujourd'hui*")
    await company.marie.commands("statut")
    assert company.marie.newest(1) == "Rien à faire *aujourd'hui*"

    company.reply = Reply(open=FORM_CARD)
    await company.marie.commands("effet")
    company.reply = Reply(errors={"why": "Dites-en un peu plus."})
    await company.marie.fills({"Pourquoi ?": "Bof"}, "Envoyer")
    assert company.marie.errors() == {"Pourquoi ?": "Dites-en un peu plus."}
    company.reply = Reply(toast="Merci")
    await company.marie.fills({"Pourquoi ?": "Moins de papier"}, "Envoyer")
    assert company.marie.newest(1) == "Merci"
    assert len({one.event_id for one in company.heard}) == len(company.heard) == 5
    assert company.pushes.strange == []


async def test_an_event_gets_a_bare_acknowledgement(company: Company) -> None:
    """Would catch an acknowledgement with a payload that Slack takes for none of its own."""
    await company.listens()
    company.reply = Reply(toast="Bonjour")
    assert await company.pushes.deliver("events_api", company.event()) == {}


async def test_nothing_is_acknowledged_before_the_turn_has_committed(company: Company) -> None:
    """Would catch an event that is lost at a crash, since Slack was told that all is well."""
    await company.listens()
    company.goes_on.clear()
    saying = asyncio.create_task(company.pushes.deliver("events_api", company.event()))
    await until(lambda: len(company.heard) == 1)
    await asyncio.sleep(0.1)
    assert [one.answer for one in company.pushes.pushes] == [None]
    company.goes_on.set()
    assert await saying == {}


@pytest.mark.parametrize(
    "failure", [RuntimeError("my private words"), Refused(503, "one moment"), TimeoutError()]
)
async def test_a_turn_that_fails_or_finds_no_place_comes_again_as_the_same_event(
    company: Company, failure: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    """Would catch a refusal that Slack takes for success, and a second delivery taken for a second message."""
    company.pushes.resend = 0.4
    await company.listens()
    company.failures = [failure]
    assert await company.pushes.deliver("events_api", company.event()) == {}
    first, again, *_ = company.pushes.pushes
    assert (first.answer, again.attempt) == (None, 1)
    assert first.envelope_id != again.envelope_id
    assert {one.event_id for one in company.heard[:2]} == {"Ev1"}
    assert "private" not in caplog.text


async def test_where_too_many_wait_events_come_later_and_clicks_are_heard_at_once(company: Company) -> None:
    """Would catch a crowd that is read and forgotten, or a person who clicks into the void."""
    company.pushes.resend = 0.4
    await company.listens()
    company.is_full = True
    delivering = asyncio.create_task(company.pushes.deliver("events_api", company.event()))
    await until(lambda: len(company.pushes.pushes) >= 2)
    assert company.heard == []
    await company.marie.commands("statut")
    assert len(company.heard) == 1
    company.is_full = False
    assert await delivering == {}


@pytest.mark.parametrize("changed", [{"team_id": "T0OTHER"}, {"api_app_id": "A0OTHER"}, {"event": "none"}])
async def test_what_is_not_ours_is_acknowledged_and_has_no_effect(company: Company, changed: Json) -> None:
    """Would catch another workspace's words in our company, or the same refusal again and again."""
    await company.listens()
    assert await company.pushes.deliver("events_api", company.event(**changed)) == {}
    assert company.heard == []


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hello",
        "[]",
        "null",
        '{"type": 7}',
        '{"envelope_id": "e"}',
        '{"type": "events_api", "envelope_id": "e"}',
        '{"type": "slash_commands", "envelope_id": "e", "payload": {"command": 1}}',
        '{"type": "interactive", "envelope_id": "e", "payload": {"type": "block_actions", "actions": []}}',
        '{"type": "something_new", "envelope_id": "e", "payload": {}}',
        '{"type": "hello"}',
        '{"a":' * 5000 + "1" + "}" * 5000,
        '{"type": "events_api", "payload": "' + "x" * 600_000 + '"}',
        "{" + ",".join(f'"{n}": 1' for n in range(3000)) + "}",
    ],
    ids=range(14),
)
async def test_a_frame_that_is_none_of_slacks_harms_nothing(
    company: Company, text: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Would catch a line that dies, or a bot that stops, at one strange frame."""
    await company.listens()
    for one in company.pushes.usable:
        await company.pushes.say(one, text)
    await company.marie.says("Toujours là ?")
    assert [one.text for one in company.heard] == ["Toujours là ?"]
    assert company.pushes.opened == 2
    assert "xxx" not in caplog.text


async def test_a_stop_takes_nothing_more_and_acknowledges_what_was_under_way(company: Company) -> None:
    """Would catch a release during which answers are lost, or done twice."""
    company.pushes.resend, company.pushes.resends = 10, 0
    await company.listens()
    company.goes_on.clear()
    working = asyncio.create_task(company.pushes.deliver("events_api", company.event()))
    await until(lambda: len(company.heard) == 1)
    stopping = asyncio.create_task(company.socket.stop())
    await asyncio.sleep(0.1)
    company.pushes.resend = 0.5
    late = asyncio.create_task(company.pushes.deliver("events_api", company.event("Ev2")))
    await until(lambda: len(company.pushes.pushes) == 2)
    await asyncio.sleep(0.1)
    company.goes_on.set()
    assert await working == {}
    await stopping
    assert await late is None  # Slack gives it to the next process
    assert [one.event_id for one in company.heard] == ["Ev1"]
    await until(lambda: company.pushes.connections == [])


async def test_no_proxy_stands_before_this_machine_and_nothing_is_logged_of_what_people_say(
    company: Company, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Would catch a test that goes out to a company's proxy, and words or tokens in a debug log."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "https_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    caplog.set_level(logging.DEBUG)
    await company.listens()
    company.reply = Reply(toast="réponse secrète")
    await company.marie.commands("parole secrète")
    await company.marie.says("parole secrète")
    for kept in ("secrète", json.dumps("secrète")[1:-1], company.pushes.app_token, "ticket-"):
        assert not [
            one for one in caplog.records if kept in one.getMessage() and one.name.startswith("adapters")
        ]
