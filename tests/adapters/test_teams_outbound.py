"""What becomes of a message to Teams: it arrives once, or the bot knows exactly why it did not."""

import asyncio
import socket
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from adapters.base import Destination, RefusedForGoodError, SendError, TryLaterError, UnknownOutcomeError
from adapters.teams.credentials import Credentials
from adapters.teams.failures import retry_after, unanswered
from adapters.teams.outbound import TeamsOutbound
from dialogs.card import Card, Choice, Option, Span, Text
from dialogs.ref import Ref
from tests.doubles.teams import APP_ID, PASSWORD, TENANT, Fault, Teams
from tests.doubles.teams_cards import words

CARD = Card("Votre liste", (Text((Span("Bonjour"),)), Choice((Option("Oui", Ref("run")),))), "fr-CA")
CHANNEL = "19:abc@thread.tacv2"


@asynccontextmanager
async def bot_of(teams: Teams, **changes: str) -> AsyncIterator[TeamsOutbound]:
    credentials = Credentials(
        teams.app_id, changes.get("password", PASSWORD), TENANT, token_url=teams.token_url
    )
    outbound = TeamsOutbound(credentials, service_url=teams.service_url, dev=True)
    try:
        yield outbound
    finally:
        await outbound.close()


@pytest.fixture
async def teams() -> AsyncIterator[Teams]:
    async with Teams() as one:
        yield one


@pytest.fixture
async def outbound(teams: Teams) -> AsyncIterator[TeamsOutbound]:
    async with bot_of(teams) as one:
        yield one


def marie(teams: Teams) -> Destination:
    route = {"service_url": teams.service_url, "user_id": "29:adviser", "bot_id": f"28:{APP_ID}"}
    return Destination(TENANT, "aad-adviser", teams.personal("29:adviser"), route)


async def test_a_card_reaches_the_conversation(teams: Teams, outbound: TeamsOutbound) -> None:
    sent = await outbound.send(marie(teams), CARD, "key-1")
    (shown,) = teams.conversations["a:29:adviser"]
    assert (sent.message, sent.conversation) == (shown.id, "a:29:adviser")
    assert shown.card is not None
    assert (words(shown.card), shown.summary) == ("Bonjour\n[Oui]", "Votre liste")
    (call,) = teams.journal
    assert call.authorization == "Bearer token-1"
    assert call.body["from"]["id"] == f"28:{APP_ID}"


async def test_a_person_who_never_wrote_is_reached_by_their_directory_id(
    teams: Teams, outbound: TeamsOutbound
) -> None:
    sent = await outbound.send(Destination(TENANT, "aad-luc"), CARD, "key-1")
    created, posted = teams.journal
    assert created.body["members"] == [{"id": "aad-luc"}]
    assert created.body["bot"] == {"id": f"28:{APP_ID}"}
    assert created.body["channelData"] == {"tenant": {"id": TENANT}}
    assert (sent.conversation, posted.status) == ("a:aad-luc", 201)
    assert sent.route["service_url"] == teams.service_url


async def test_a_message_to_a_channel_begins_a_thread_that_can_be_answered_and_changed(
    teams: Teams, outbound: TeamsOutbound
) -> None:
    sent = await outbound.send(Destination(TENANT, conversation=CHANNEL), CARD, "key-1")
    assert sent.conversation == f"{CHANNEL};messageid={sent.message}"
    there = Destination(TENANT, conversation=sent.conversation, route=sent.route)
    await outbound.send(there, CARD, "key-2")
    await outbound.update(there, sent.message, Card("Fait", (Text((Span("Fait"),)),), "fr-CA"))
    first, second = teams.conversations[sent.conversation]
    assert (words(first.card or {}), words(second.card or {})) == ("Fait", "Bonjour\n[Oui]")


@pytest.mark.parametrize("kept", ["", "a:29:adviser", f"{CHANNEL};messageid=1"])
async def test_a_message_for_one_person_never_becomes_a_thread_of_the_channel_they_wrote_in(
    teams: Teams, outbound: TeamsOutbound, kept: str
) -> None:
    """Would have caught: private answers posted in public after a person once called the bot in a channel."""
    teams.personal("29:adviser")
    route = {**marie(teams).route, "conversation_type": "channel"}
    sent = await outbound.send(Destination(TENANT, "aad-adviser", kept, route), CARD, "key-1")
    assert (sent.conversation, sent.route["conversation_type"]) == ("a:29:adviser", "personal")
    assert list(teams.conversations) == ["a:29:adviser"]


async def test_an_update_of_a_message_that_is_gone_is_refused_for_good(
    teams: Teams, outbound: TeamsOutbound
) -> None:
    with pytest.raises(RefusedForGoodError, match="404 ActivityNotFoundInConversation"):
        await outbound.update(marie(teams), "123", CARD)


async def test_teams_has_no_history_to_look_in(outbound: TeamsOutbound, teams: Teams) -> None:
    assert (outbound.can_find, await outbound.find(marie(teams), "key-1")) == (False, None)


FAULTS: list[tuple[Fault, type[SendError], str, float]] = [
    (Fault(412, "PreconditionFailed"), TryLaterError, "412 PreconditionFailed", 2),
    (Fault(429, headers={"Retry-After": "7"}), TryLaterError, "429", 7),
    (Fault(429), TryLaterError, "429", 10),
    (Fault(429, headers={"Retry-After": "soon"}), TryLaterError, "429", 10),
    (Fault(502, html=True), TryLaterError, "502", 5),
    (Fault(503, headers={"Retry-After": "120"}), TryLaterError, "503", 120),
    (Fault(504, html=True), TryLaterError, "504", 5),
    (Fault(401, "BadToken"), TryLaterError, "401 BadToken", 60),
    (Fault(400, "BadSyntax"), RefusedForGoodError, "400 BadSyntax", 0),
    (Fault(403, "BotNotInConversationRoster"), RefusedForGoodError, "403 BotNotInConversationRoster", 0),
    (Fault(403, "ConversationBlockedByUser"), RefusedForGoodError, "403 ConversationBlockedByUser", 0),
    (Fault(404, "ConversationNotFound"), RefusedForGoodError, "404 ConversationNotFound", 0),
    (Fault(413, html=True), RefusedForGoodError, "413", 0),
    (Fault(307, headers={"Location": "https://evil.example/"}), RefusedForGoodError, "307", 0),
    (Fault(500, "ServiceError"), UnknownOutcomeError, "500 ServiceError", 0),
    (Fault(500, html=True), UnknownOutcomeError, "500", 0),
    (Fault(200, html=True), UnknownOutcomeError, "no_answer", 0),
    (Fault(drop=True), UnknownOutcomeError, "no_answer", 0),
]


@pytest.mark.parametrize("change", [False, True], ids=["send", "update"])
@pytest.mark.parametrize(("fault", "kind", "reason", "seconds"), FAULTS)
async def test_each_failure_says_whether_to_try_again(
    teams: Teams,
    outbound: TeamsOutbound,
    fault: Fault,
    kind: type[SendError],
    reason: str,
    seconds: float,
    change: bool,
) -> None:
    """Catches a message doubled by a blind retry, and one lost because a pause was taken for a refusal."""
    known = await outbound.send(marie(teams), CARD, "key-0")
    teams.faults.append(fault)
    calls = len(teams.journal)
    there = marie(teams)
    call = outbound.update(there, known.message, CARD) if change else outbound.send(there, CARD, "key-1")
    with pytest.raises(SendError) as told:
        await call
    assert (type(told.value), told.value.reason) == (kind, reason)
    if isinstance(told.value, TryLaterError):
        assert told.value.seconds == seconds
    assert len(teams.journal) == calls + 1


@pytest.mark.parametrize("fault", [Fault(500, "ServiceError"), Fault(200, html=True)])
async def test_opening_a_conversation_may_always_be_tried_again(
    teams: Teams, outbound: TeamsOutbound, fault: Fault
) -> None:
    """Catches giving up on a message that was never posted: only opening its conversation failed."""
    teams.faults.append(fault)
    with pytest.raises(TryLaterError):
        await outbound.send(Destination(TENANT, "aad-luc"), CARD, "key-1")


async def test_a_card_that_teams_finds_wrong_is_refused_for_good(
    teams: Teams, outbound: TeamsOutbound
) -> None:
    huge = Card("x", (Text((Span("é" * 60_000),)),), "fr-CA")
    with pytest.raises(RefusedForGoodError, match="413"):
        await outbound.send(marie(teams), huge, "key-1")


async def test_a_host_that_cannot_be_reached_certainly_took_nothing(
    teams: Teams, outbound: TeamsOutbound
) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    there = Destination(TENANT, "a", "a:x", {"service_url": f"http://127.0.0.1:{port}/"})
    with pytest.raises(TryLaterError, match="unreachable"):
        await outbound.send(there, CARD, "key-1")


@pytest.mark.parametrize(
    "url", ["https://evil.example/", "http://10.0.0.1/", "https://x@127.0.0.1/", "ftp://127.0.0.1/"]
)
async def test_no_token_and_no_byte_goes_to_a_host_that_is_not_listed(
    teams: Teams, outbound: TeamsOutbound, url: str
) -> None:
    there = Destination(TENANT, "a", "a:x", {"service_url": url})
    with pytest.raises(RefusedForGoodError, match="service_url_not_allowed"):
        await outbound.send(there, CARD, "key-1")
    assert teams.token_calls == 0


async def test_one_token_serves_many_messages_and_is_fetched_once(
    teams: Teams, outbound: TeamsOutbound
) -> None:
    teams.token_delay = 0.1
    await asyncio.gather(*(outbound.send(marie(teams), CARD, f"key-{number}") for number in range(10)))
    assert (teams.token_calls, len(teams.conversations["a:29:adviser"])) == (1, 10)


async def test_a_refused_token_is_fetched_anew_for_the_next_message(
    teams: Teams, outbound: TeamsOutbound
) -> None:
    teams.faults.append(Fault(401, "BadToken"))
    with pytest.raises(TryLaterError):
        await outbound.send(marie(teams), CARD, "key-1")
    await outbound.send(marie(teams), CARD, "key-1")
    assert [call.authorization for call in teams.journal] == ["Bearer token-1", "Bearer token-2"]


async def test_a_token_is_renewed_before_it_ends_and_nobody_waits_for_it(teams: Teams) -> None:
    now = [0.0]
    credentials = Credentials(APP_ID, PASSWORD, TENANT, token_url=teams.token_url, clock=lambda: now[0])
    assert await credentials.token() == "token-1"
    now[0] = 3301.0
    teams.token_delay = 1.5
    started = time.perf_counter()
    assert await credentials.token() == "token-1"
    assert time.perf_counter() - started < 1.2
    for _ in range(500):
        await asyncio.sleep(0.01 if await credentials.token() == "token-1" else 0)
    assert teams.token_calls == 2
    now[0] = 20_000.0
    assert await credentials.token() == "token-3"


async def test_without_a_token_nothing_is_sent_and_it_is_tried_later(teams: Teams) -> None:
    async with bot_of(teams, password="wrong") as outbound:
        with pytest.raises(TryLaterError, match="no_token 401 invalid_client"):
            await outbound.send(marie(teams), CARD, "key-1")
    assert teams.journal == []


async def test_a_failed_renewal_leaves_the_old_token_good_until_its_end(teams: Teams) -> None:
    now = [0.0]
    credentials = Credentials(APP_ID, PASSWORD, TENANT, token_url=teams.token_url, clock=lambda: now[0])
    await credentials.token()
    teams.token_status = 500
    now[0] = 3400.0
    assert await credentials.token() == "token-1"
    await asyncio.sleep(0.1)
    assert await credentials.token() == "token-1"


async def test_in_development_no_token_is_asked_for() -> None:
    async with Teams(app_id="") as teams, bot_of(teams) as outbound:
        await outbound.send(marie(teams), CARD, "key-1")
        assert (teams.token_calls, teams.journal[0].authorization) == (0, "")


async def test_slow_answers_do_not_stop_the_loop(teams: Teams, outbound: TeamsOutbound) -> None:
    """Catches blocking calls on the loop: two login calls a turn were 0.84 s of standstill."""
    teams.token_delay = 1.5
    teams.faults += [Fault(delay=1.5) for _ in range(20)]
    longest, started = 0.0, time.perf_counter()

    async def probe() -> None:
        nonlocal longest
        while True:
            before = time.perf_counter()
            await asyncio.sleep(0.01)
            longest = max(longest, time.perf_counter() - before)

    watching = asyncio.create_task(probe())
    await asyncio.gather(*(outbound.send(marie(teams), CARD, f"key-{number}") for number in range(20)))
    watching.cancel()
    assert longest < 1.2
    # One after the other they would take 30 seconds.
    assert time.perf_counter() - started < 15


def test_a_pause_given_as_a_date_is_counted_from_the_answer() -> None:
    date = {"Date": "Mon, 23 Nov 2026 13:30:00 GMT", "Retry-After": "Mon, 23 Nov 2026 13:31:30 GMT"}
    assert retry_after(date, 5) == 90
    assert retry_after({"Retry-After": date["Retry-After"]}, 5) == 5
    assert retry_after({"Retry-After": "-5"}, 5) == 0
    assert retry_after({"Retry-After": "nan"}, 5) == 5
    assert retry_after({"Retry-After": "1e9"}, 5) == 3600


def test_a_fault_of_our_own_is_never_taken_for_a_refusal() -> None:
    assert isinstance(unanswered(KeyError("x")), UnknownOutcomeError)
