"""The whole bot without a public address: what people see, what is stored, and how it starts and stops."""

import asyncio
import json
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from adapters.slack.app import SlackEdge
from adapters.slack.socket_mode import SlackSocket
from bot.commands.assembly import platforms
from bot.config import Settings
from tests.adapters.socket_company import until
from tests.bot.cli_runner import PEOPLE, Terminal
from tests.company import SHORT, SLACK_CHANNEL
from tests.doubles.slack import Json, SlackDouble
from tests.doubles.slack_person import Delivery, SlackPerson
from tests.doubles.slack_socket_person import SocketPerson, pushed
from tests.ports import free_port
from tests.transcripts.player import plain
from tests.world import company_on

WORDS = {
    "fr-CA": {
        "help": "Que voulez-vous faire?",
        "start": "Trois minutes pour dire",
        "yes": "Oui",
        "next": "Pour quel service répondez-vous?",
        "done": "C'est fait",
        "field": "La preuve",
        "send": "Envoyer",
        "refused": "Donnez un lien https ou un nom de fichier avec son extension",
        "thanks": "Merci, c'est noté.",
    },
    "en": {
        "help": "What would you like to do?",
        "start": "Three minutes to say",
        "yes": "Yes",
        "next": "Which department are you answering for?",
        "done": "Done",
        "field": "The proof",
        "send": "Send",
        "refused": "Give an https link or a file name with its extension",
        "thanks": "Thanks, noted.",
    },
}
SLACK = {"SLACK_BOT_TOKEN": "xoxb-double", "SLACK_TEAM_ID": "T0TEAM"}


@pytest.mark.parametrize("locale", ["fr-CA", "en"])
async def test_everything_that_people_do_on_slack_is_answered(locale: str, tmp_path: Path) -> None:
    """Would catch a company without a public address whose forms, mentions or commands are left alone."""
    words = WORDS[locale]
    async with company_on("slack", tmp_path, locale, sockets=True, http=False) as world:
        advisor, finance = world.person("advisor"), world.person("finance")
        assert isinstance(advisor, SocketPerson)
        assert isinstance(finance, SocketPerson)
        await advisor.calls("aide", SLACK_CHANNEL)
        assert sees(advisor, words["help"])
        await advisor.says("aide")
        assert sees(advisor, words["help"])
        await advisor.commands("impact")
        assert sees(advisor, words["start"])
        await advisor.clicks(words["yes"])
        assert sees(advisor, words["next"])

        await world.at(world.clock.moment)
        await finance.clicks(words["done"])
        assert world.double.views[finance.user], "the form is no modal"
        await finance.fills({words["field"]: "http://example"}, words["send"])
        assert plain(words["refused"]) in plain(finance.errors()[words["field"]])
        await finance.fills({words["field"]: "margin.xlsx"}, words["send"])
        assert not finance.errors()
        assert not world.double.views[finance.user]
        assert plain(words["thanks"]) in plain("\n".join(finance.screen()))
        assert world.double.sockets.strange == []
        async with world.http.get(f"{world.url}/metrics") as answer:
            measures = await answer.text()
        assert 'embarque_requests_total{platform="slack",status="200"}' in measures


def sees(person: object, words: str) -> bool:
    assert isinstance(person, SlackPerson)
    return plain(words) in plain("\n".join(person.heard()[-3:]))


async def test_one_event_over_both_transports_at_once_has_one_effect(tmp_path: Path) -> None:
    """Would catch an answer that is stored twice while a company moves from one transport to the other."""
    async with company_on("slack", tmp_path, sockets=True) as world:
        slack, advisor = world.double, world.person("advisor")
        over_http = SlackPerson(slack, world.url, user=advisor.user, name=advisor.name, settle=world.settled)
        await advisor.commands("impact")
        events = [_said(slack, advisor, f"Ev{n}", text) for n, text in enumerate(("oui", "magasins"))]
        for event in events:
            raw = Delivery("application/json", json.dumps(event).encode())
            ways = [slack.sockets.deliver(*pushed(raw)) for _ in range(3)]
            told = await asyncio.gather(*ways, over_http._post(raw, {}), over_http._post(raw, {}))
            assert told[:3] == [{}, {}, {}]
            assert [status for status, _ in told[3:]] == [200, 200]
            await world.settled()
        assert [row["value"]["is"] for row in await world.rows("answer")] == ["start", "STO"]
        assert "\n".join(advisor.heard()).count("Pour quel service répondez-vous?") == 1


@pytest.mark.parametrize("point", ["recorded", "decided", "committed"])
async def test_a_turn_that_breaks_anywhere_is_delivered_again_and_takes_effect_once(
    point: str, tmp_path: Path
) -> None:
    """Would catch an event acknowledged before it is stored, or stored again when it comes again."""
    async with company_on("slack", tmp_path, sockets=True, http=False) as world:
        pushes, advisor = world.double.sockets, world.person("advisor")
        pushes.resend, pushes.resends = 1, 20
        await advisor.commands("impact")
        before = len(pushes.pushes)
        world.app.turns.failpoint = _breaks_once(point)
        await advisor.says("oui")
        first, *others = pushes.pushes[before:]
        assert first.answer is None
        assert any(one.answer == {} for one in others)
        assert [row["value"] for row in await world.rows("answer")] == [{"is": "start"}]


def _breaks_once(point: str) -> Callable[[str], None]:
    left = [point]

    def reached(name: str) -> None:
        if name in left:
            left.remove(name)
            raise RuntimeError("the database is gone")

    return reached


async def test_a_stop_in_the_middle_of_many_events_loses_none_and_doubles_none(tmp_path: Path) -> None:
    """Would catch a release in which what people just said is forgotten, or is done by both processes."""
    async with company_on("slack", tmp_path, sockets=True, http=False) as world:
        pushes, people = world.double.sockets, ("lead", "change", "finance", "stores", "advisor")
        pushes.resend, pushes.resends = 0.5, 100
        [listener] = world.app.listeners
        events = [
            _said(world.double, world.person(who), f"Ev{who}{n}", "aide") for who in people for n in range(6)
        ]
        working = [asyncio.create_task(pushes.deliver("events_api", one)) for one in events]
        await until(lambda: any(one.answer == {} for one in pushes.pushes))
        await listener.stop()
        stored = len(await world.rows("inbound_event"))
        acknowledged = sum(one.answer is not None for one in pushes.pushes)
        assert stored >= acknowledged > 0
        await listener.start(world.app.turns.handle, lambda: world.app.turns.full)  # as the next process does
        assert await asyncio.gather(*working) == [{}] * len(events)
        await world.settled()
        seen = [row["event"] for row in await world.rows("inbound_event")]
        assert sorted(seen) == sorted(one["event_id"] for one in events)


async def test_a_refused_token_leaves_http_and_the_rest_running(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Would catch a bot that is dead on every platform because one of its tokens was revoked."""
    async with company_on("slack", tmp_path) as world:
        world.double.sockets.app_token = "xapp-another"
        [edge] = world.app.edges
        assert isinstance(edge, SlackEdge)
        listener = SlackSocket(edge, "xapp-revoked", SHORT)
        await listener.start(world.app.turns.handle)
        await until(lambda: "copy the token" in caplog.text)
        await world.person("advisor").says("aide")
        assert sees(world.person("advisor"), "Que voulez-vous faire?")
        async with world.http.get(f"{world.url}/readyz") as answer:
            assert answer.status == 200
        await listener.stop()
        assert "xapp-revoked" not in caplog.text


def test_the_doors_follow_the_settings() -> None:
    """Would catch an HTTP door that nobody can sign for, or one of two transports left out."""
    token, secret = {"SLACK_APP_TOKEN": "xapp-1"}, {"SLACK_SIGNING_SECRET": "s"}
    for given, doors, listeners in ((token, 0, 1), (secret, 1, 0), ({**token, **secret}, 1, 1)):
        ours = platforms(Settings(**SLACK, **given))
        assert (len(ours.edges), len(ours.listeners), ours.names) == (doors, listeners, ["slack"])
        assert "slack" in ours.senders


@pytest.mark.parametrize(
    ("lang", "words"),
    [("fr_CA.UTF-8", "doit commencer par xapp-: un jeton d'app"), ("en_CA.UTF-8", "must begin with xapp-")],
)
def test_a_token_of_another_kind_is_refused_in_words_that_say_where_the_right_one_is(
    lang: str, words: str, tmp_path: Path
) -> None:
    """Would catch the bot token pasted twice, which is only noticed when nobody is answered."""
    done = Terminal(tmp_path, lang).types("run", **SLACK, SLACK_APP_TOKEN="xoxb-canari")
    assert done.exit_code == 1
    assert words in plain(done.output)
    assert "SLACK_SIGNING_SECRET" not in done.output
    assert "canari" not in done.output


async def test_the_program_starts_answers_and_stops_without_a_signing_secret(tmp_path: Path) -> None:
    """Would catch a bot that works in tests and not from its command, or that has to be killed."""
    terminal, port = Terminal(tmp_path), str(free_port())
    await asyncio.to_thread(terminal.imports, PEOPLE, SLACK_TEAM_ID="T0TEAM")
    async with SlackDouble().running() as slack:
        given = {**SLACK, "SLACK_APP_TOKEN": slack.sockets.app_token, "SLACK_API_URL": slack.url}
        process = terminal.starts("run", EMBARQUE_PORT=port, **given)
        try:
            await until(lambda: len(slack.sockets.usable) == 2 or process.poll() is not None, 120)
            person = SocketPerson(slack, "", user="U2", name="First Last", locale="en")
            await person.says("help")
            await until(lambda: "What would you like to do?" in person.newest(2), 60)
            process.send_signal(signal.SIGTERM)
            said, _ = await asyncio.to_thread(process.communicate, timeout=60)
        finally:
            process.kill()
    assert process.returncode == 0, said
    assert "Traceback" not in said
    assert "Socket Mode is connected" in said
    assert slack.sockets.app_token not in said


def _said(slack: SlackDouble, person: object, event_id: str, text: str) -> Json:
    assert isinstance(person, SlackPerson)
    said = {
        "type": "message",
        "channel": person.channel,
        "user": person.user,
        "text": text,
        "ts": slack.stamp(),
    }
    outer = {"type": "event_callback", "team_id": slack.team, "api_app_id": slack.app_id}
    return {**outer, "event_id": event_id, "event": said}
