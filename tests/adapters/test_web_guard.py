"""Another web site must not be able to act in the local chat, and every answer carries the strict headers."""

import aiohttp
import pytest

from adapters.base import Refused, Turn
from adapters.web.guard import check_json, check_site
from dialogs.activity import Activity, Reply
from tests.doubles.web_company import served, small_edge

ACT = {"id": "6a1f9d52-6f0c-4ad5-8a52-3f0a5f0d3c11", "as": "u-log", "kind": "message", "text": "Bonjour"}


def heard_by(activities: list[Activity]) -> Turn:
    async def turn(activity: Activity) -> Reply:
        activities.append(activity)
        return Reply()

    return turn


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Host": "127.0.0.1.evil.example:8080"},
        {"Host": "localhost:8080@evil.example"},
        {"Host": ""},
        {},
        {"Host": "127.0.0.1:8080", "Origin": "http://evil.example"},
        {"Host": "127.0.0.1:8080", "Origin": "null"},
        {"Host": "127.0.0.1:8080", "Origin": "http://127.0.0.1:9999"},
        {"Host": "127.0.0.1:8080", "Sec-Fetch-Site": "cross-site"},
        {"Host": "127.0.0.1:8080", "Sec-Fetch-Site": "same-site"},
    ],
)
def test_a_request_that_another_site_caused_is_refused(headers: dict[str, str]) -> None:
    """Would have caught DNS rebinding and cross-site posts to the loopback port."""
    with pytest.raises(Refused) as refused:
        check_site(headers)
    assert refused.value.status == 403


@pytest.mark.parametrize(
    "host", ["127.0.0.1:8080", "localhost:8080", "[::1]:8080", "LOCALHOST:80", "127.0.0.1"]
)
def test_the_page_itself_is_let_in(host: str) -> None:
    check_site({"host": host, "origin": f"http://{host}", "sec-fetch-site": "same-origin"})


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "", "multipart/form-data; a=b"]
)
def test_what_a_form_of_another_site_can_send_is_refused(kind: str) -> None:
    """Would have caught a cross-site form: those content types need no permission of the browser."""
    with pytest.raises(Refused) as refused:
        check_json({"Content-Type": kind})
    assert refused.value.status == 415


@pytest.mark.parametrize(
    ("method", "path"), [("POST", "/web/act"), ("POST", "/web/clock"), ("GET", "/web/state")]
)
async def test_a_foreign_origin_changes_and_reads_nothing(method: str, path: str) -> None:
    heard: list[Activity] = []
    edge = small_edge()
    async with served(edge, heard_by(heard)) as address, aiohttp.ClientSession() as session:
        headers = {"Origin": "http://evil.example"}
        async with session.request(method, address + path, json=ACT, headers=headers) as answer:
            assert answer.status == 403
            assert await answer.read() == b""
    assert heard == []
    assert edge.company.now().hour == 13, "the clock did not move"


async def test_every_answer_carries_the_policy_even_refusals() -> None:
    """Would have caught one forgotten response: a page without policy is where a script gets in."""
    edge = small_edge()
    paths = [
        "/",
        "/static/main.js",
        "/static/none.js",
        "/web/state",
        "/web/state?as=<b>",
        "/web/stream?as=nobody",
    ]
    async with served(edge, heard_by([])) as address, aiohttp.ClientSession() as session:
        for path in paths:
            async with session.get(address + path) as answer:
                policy = answer.headers["Content-Security-Policy"]
                assert "default-src 'none'" in policy, path
                assert "unsafe" not in policy
                assert "frame-ancestors 'none'" in policy
                assert answer.headers["X-Content-Type-Options"] == "nosniff"
                assert answer.headers["Referrer-Policy"] == "no-referrer"
                assert answer.headers["Cache-Control"] in {"no-store", "no-cache"}
        async with session.post(f"{address}/web/act", json=ACT) as answer:
            assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    "name", ["..%2fapp.py", "%2e%2e/app.py", "../templates/page.html", "app.py", "a" * 5000]
)
async def test_only_the_pages_own_files_are_given_out(name: str) -> None:
    async with (
        served(small_edge(), heard_by([])) as address,
        aiohttp.ClientSession() as session,
        session.get(f"{address}/static/{name}") as answer,
    ):
        assert answer.status == 404


async def test_an_oversized_or_broken_body_is_turned_away_without_a_fault() -> None:
    edge = small_edge()
    bodies = [b"", b"[" * 60_000, b"{", b"\xff\xfe", b'"\\ud800"', b"[]", b"9" * 5000, b'{"id":1}']
    async with served(edge, heard_by([])) as address, aiohttp.ClientSession() as session:
        for body in bodies:
            for path in ("/web/act", "/web/clock"):
                headers = {"Content-Type": "application/json"}
                async with session.post(address + path, data=body, headers=headers) as answer:
                    assert 400 <= answer.status < 500, (path, body[:20])
        headers = {"Content-Type": "application/json"}
        async with session.post(f"{address}/web/act", data=b" " * 70_000, headers=headers) as answer:
            assert answer.status == 413
