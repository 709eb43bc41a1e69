"""Asking a site for its time once: what is read, when it counts, and what is refused."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from sniper.clock.bracket import ClockNonsenseError, Reading
from sniper.clock.clock import SimulatedClock
from sniper.clock.probes import date_header_probe, json_probe
from sniper.errors import EnvironmentProblem
from sniper.sites.answers import JsonPath
from tests.aio import run_async
from tests.clock.servers import START

URL = "https://site.example/clock"
Handler = Callable[[httpx.Request], httpx.Response]
ms = timedelta(milliseconds=1)


# -- the probe that reads the Date header


def probed(handler: Handler, *, takes: timedelta = timedelta(0)) -> Reading:
    """One probe of a site that answers like this."""
    local = SimulatedClock(START)

    def answer(request: httpx.Request) -> httpx.Response:
        local.advance(takes)
        return handler(request)

    async def probe() -> Reading:
        async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as client:
            return await date_header_probe(client, URL, local)()

    return run_async(probe())


def with_headers(**headers: str) -> Handler:
    """A site that sends these."""
    return lambda _: httpx.Response(200, headers=headers)


def test_the_date_header_is_read_between_sending_and_receiving() -> None:
    reading = probed(with_headers(Date="Sat, 21 Nov 2026 12:00:07 GMT"), takes=timedelta(milliseconds=30))
    assert reading == Reading(
        START, START + timedelta(milliseconds=30), datetime(2026, 11, 21, 12, 0, 7, tzinfo=UTC)
    )
    assert reading.round_trip == timedelta(milliseconds=30)


def test_the_site_is_asked_for_headers_only() -> None:
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(405, headers={"Date": "Sat, 21 Nov 2026 12:00:07 GMT"})

    probed(answer)
    assert [(request.method, str(request.url)) for request in asked] == [("HEAD", URL)]


def test_an_age_of_nought_is_the_sites_own_time() -> None:
    probed(with_headers(Date="Sat, 21 Nov 2026 12:00:07 GMT", Age="0"))


def test_a_date_without_a_zone_is_utc() -> None:
    reading = probed(with_headers(Date="Sat, 21 Nov 2026 12:00:07 -0000"))
    assert reading.date == datetime(2026, 11, 21, 12, 0, 7, tzinfo=UTC)


@pytest.mark.parametrize(
    ("headers", "said"),
    [
        ({}, f"{URL} does not tell its time (no Date header)"),
        ({"Date": "soon"}, f"{URL} tells its time as 'soon', which is no date"),
        (
            {"Date": "Sat, 21 Nov 2026 12:00:07 GMT", "Age": "17"},
            f"{URL} does not tell its own time, but that of a cache (header Age)",
        ),
        (
            {"Date": "Sat, 21 Nov 2026 12:00:07 GMT", "Age": "old"},
            f"{URL} does not tell its own time, but that of a cache (header Age)",
        ),
    ],
)
def test_what_is_not_the_sites_own_time_is_refused(headers: dict[str, str], said: str) -> None:
    with pytest.raises(ClockNonsenseError) as refused:
        probed(with_headers(**headers))
    assert str(refused.value) == said


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("X-Cache", "Hit from cloudfront"),
        ("X-Cache", "MISS, HIT"),
        ("X-Cache", "TCP_HIT from a23-1-2-3.deploy.akamaitechnologies.com"),
        ("X-Cache", "TCP_MEM_HIT"),
        ("X-Cache", "TCP_REFRESH_HIT"),
        ("CF-Cache-Status", "STALE"),
        ("Cache-Status", "edge; hit; ttl=3"),
    ],
)
def test_what_a_cache_kept_is_refused_also_in_its_first_second(name: str, value: str) -> None:
    headers = {"Date": "Sat, 21 Nov 2026 12:00:07 GMT", "Age": "0", name: value}
    with pytest.raises(ClockNonsenseError, match=rf"that of a cache \(header {name}\)"):
        probed(with_headers(**headers))


@pytest.mark.parametrize(
    ("name", "value"),
    [("X-Cache", "Miss from cloudfront"), ("X-Cache", "TCP_MISS"), ("CF-Cache-Status", "DYNAMIC")],
)
def test_a_cache_that_asked_the_site_is_believed(name: str, value: str) -> None:
    probed(with_headers(**{"Date": "Sat, 21 Nov 2026 12:00:07 GMT", name: value}))


@pytest.mark.parametrize("status", [407, 502, 504, 511])
def test_what_a_proxy_or_gateway_answers_by_itself_is_refused(status: int) -> None:
    with pytest.raises(ClockNonsenseError, match=f"proxy or gateway \\(status {status}\\)"):
        probed(lambda _: httpx.Response(status, headers={"Date": "Sat, 21 Nov 2026 12:00:07 GMT"}))


@pytest.mark.parametrize("status", [200, 302, 403, 404, 405, 503])
def test_the_date_counts_whatever_else_the_site_answers(status: int) -> None:
    probed(lambda _: httpx.Response(status, headers={"Date": "Sat, 21 Nov 2026 12:00:07 GMT"}))


def test_connecting_is_no_part_of_the_way_to_the_site() -> None:
    """Nor is what the HTTP client does before and after: it says itself when it sends and has received."""
    local = SimulatedClock(START)
    ms = timedelta(milliseconds=1)

    class Slow(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            trace = request.extensions["trace"]
            for event, takes in (
                ("connection.connect_tcp.started", 70 * ms),
                ("connection.connect_tcp.complete", 2 * ms),
                ("http11.send_request_headers.started", 1 * ms),
                ("http11.send_request_headers.complete", 29 * ms),
                ("http11.receive_response_headers.complete", 40 * ms),
            ):
                await trace(event, {})
                local.advance(takes)
            return httpx.Response(200, headers={"Date": "Sat, 21 Nov 2026 12:00:07 GMT"})

    async def probe() -> Reading:
        async with httpx.AsyncClient(transport=Slow()) as client:
            return await date_header_probe(client, URL, local)()

    reading = run_async(probe())
    assert (reading.sent - START, reading.round_trip) == (72 * ms, 30 * ms)


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (httpx.ConnectError("connection refused"), "connection refused"),
        (httpx.ConnectTimeout(""), "not in time"),
        (httpx.ReadError(""), "ReadError"),
        (OverflowError("port must be 0-65535"), "port must be 0-65535"),
    ],
)
def test_a_site_that_does_not_answer_is_told_with_a_mend(error: Exception, said: str) -> None:
    def refuse(_: httpx.Request) -> httpx.Response:
        raise error

    with pytest.raises(EnvironmentProblem) as refused:
        probed(refuse)
    assert refused.value.explain() == (
        f"{URL} does not answer: {said}\nCheck the network and the profile's base_url."
    )


# -- the probe that reads a JSON answer


def told(answer: httpx.Response, path: str = "$.now") -> Reading:
    """One probe of a site that answers like this."""
    local = SimulatedClock(START)

    def take_a_while(_: httpx.Request) -> httpx.Response:
        local.advance(30 * ms)
        return answer

    async def probe() -> Reading:
        async with httpx.AsyncClient(transport=httpx.MockTransport(take_a_while)) as client:
            return await json_probe(client, URL, JsonPath.parse(path).of, local)()

    return run_async(probe())


def test_the_time_in_a_json_answer_is_read_with_as_many_digits_as_it_has() -> None:
    reading = told(
        httpx.Response(200, json={"clock": [{"now": "2026-11-21T13:00:07.250+01:00"}]}), "$.clock[0].now"
    )
    assert reading == Reading(
        START, START + 30 * ms, datetime(2026, 11, 21, 12, 0, 7, 250_000, tzinfo=UTC), ms
    )


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (httpx.Response(200, json={"time": 1}), "nothing at the profile's clock.time"),
        (httpx.Response(200, text="<html>"), "no JSON"),
        (httpx.Response(404, json={"now": 1_763_726_347_123}), "status 404"),
        (httpx.Response(200, json={"now": 1_763_726_347_123}, headers={"Age": "3"}), "that of a cache"),
        (httpx.Response(200, json={"now": {"s": 1}}), "tells its time as {'s': 1}, which is no instant"),
    ],
)
def test_an_answer_without_the_time_in_it_is_refused(answer: httpx.Response, said: str) -> None:
    with pytest.raises(ClockNonsenseError) as refused:
        told(answer)
    assert said in str(refused.value)


def test_a_json_answer_counts_as_received_when_all_of_it_is_there() -> None:
    """The site may read its clock only while it writes the body."""
    local = SimulatedClock(START)

    class Slow(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            trace: Callable[[str, Any], Any] = request.extensions["trace"]
            await trace("http11.send_request_headers.started", {})
            for event in (
                "http11.receive_response_headers.complete",
                "http11.receive_response_body.complete",
            ):
                local.advance(20 * ms)
                await trace(event, {})
            local.advance(5 * ms)
            return httpx.Response(200, json={"now": 1_763_726_347_123})

    async def probe() -> Reading:
        async with httpx.AsyncClient(transport=Slow()) as client:
            return await json_probe(client, URL, JsonPath.parse("$.now").of, local)()

    assert run_async(probe()).round_trip == 40 * ms
