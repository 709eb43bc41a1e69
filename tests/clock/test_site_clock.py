"""The site's clock: measured, moved, waited on; and what it refuses to believe."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sniper.clock.bracket import Bracket, ClockNonsenseError, Reading
from sniper.clock.clock import SimulatedClock
from sniper.clock.measuring import Probe, measure
from sniper.clock.probes import date_header_probe
from sniper.clock.site import SiteClock
from sniper.core.lead import Known
from sniper.errors import EnvironmentProblem
from tests.aio import run_async
from tests.clock.servers import START, Server, always

second = timedelta(seconds=1)
URL = "https://site.example/clock"
Handler = Callable[[httpx.Request], httpx.Response]


def site_clock(local: SimulatedClock, offset: float, bound: float = 0.01) -> SiteClock:
    """A site that many seconds ahead."""
    return SiteClock(local, Bracket((offset - bound) * second, (offset + bound) * second))


def test_the_sites_time_is_ours_and_the_offset() -> None:
    clock = site_clock(SimulatedClock(START), 1.5)
    assert clock.now() == START + 1.5 * second
    assert clock.offset == 1.5 * second
    assert clock.bound == 0.01 * second


def test_an_instant_of_the_sites_clock_is_waited_for_on_the_sites_clock() -> None:
    local = SimulatedClock(START)
    clock = site_clock(local, -40)
    opening = START + timedelta(minutes=5)
    run_async(clock.sleep_until(opening))
    assert clock.now() == opening
    assert local.now() == opening + 40 * second


def test_a_jump_of_a_practice_site_moves_the_clock_and_keeps_the_bound() -> None:
    clock = site_clock(SimulatedClock(START), 1.5)
    clock.shift(timedelta(hours=1))
    assert clock.offset == timedelta(hours=1) + 1.5 * second
    assert (clock.ahead, clock.behind) == (0.01 * second, 0.01 * second)
    assert clock.bound == 0.01 * second


def test_a_new_measurement_is_adopted_whole() -> None:
    local = SimulatedClock(START)
    clock = site_clock(local, 1.5, bound=0.2)
    local.advance(timedelta(hours=1))
    clock.adopt(site_clock(local, 1.6, bound=0.005))
    assert clock.now() == START + timedelta(hours=1) + 1.6 * second
    assert clock.bound == 0.005 * second


def test_the_bound_grows_for_as_long_as_nobody_measures() -> None:
    """By 100 ppm: 6 ms a minute."""
    local = SimulatedClock(START)
    clock = site_clock(local, 1.5)
    local.advance(timedelta(minutes=1))
    assert clock.ahead == clock.behind == clock.bound == 0.016 * second
    assert clock.now() == START + 61.5 * second


def test_what_will_be_known_at_an_opening_is_what_is_known_then() -> None:
    local = SimulatedClock(START)
    clock = site_clock(local, 1.5)
    opening = START + timedelta(minutes=2)
    foreseen = clock.known_at(opening)
    assert clock.known_at(START - second).ahead == clock.ahead
    run_async(clock.sleep_until(opening))
    assert foreseen == Known(clock.offset, clock.ahead, clock.behind, clock.one_way)


def test_what_is_known_in_the_midst_of_a_measurement_is_taken_over_only_if_it_is_better() -> None:
    local = SimulatedClock(START)
    clock = site_clock(local, 1.5, bound=0.01)
    clock.improve(site_clock(local, 1.4, bound=0.5))
    assert clock.offset == 1.5 * second
    clock.improve(site_clock(local, 1.501, bound=0.005))
    assert clock.offset == 1.501 * second


@pytest.mark.parametrize(("found", "bound", "offset"), [(1.4, 0.5, 1.5), (1.501, 0.005, 1.501), (9, 0.5, 9)])
def test_a_new_measurement_that_is_less_exact_counts_only_if_the_sites_clock_was_set(
    found: float, bound: float, offset: float
) -> None:
    local = SimulatedClock(START)
    clock = site_clock(local, 1.5, bound=0.01)
    clock.renew(site_clock(local, found, bound))
    assert clock.offset == offset * second


def test_measuring_stops_when_the_bound_is_good_enough() -> None:
    server = Server(timedelta(seconds=3.3), always(0.1), always(0.1))
    clock = run_async(measure(server.probe, server.clock, 40))
    assert clock.bound <= timedelta(milliseconds=4)
    assert server.asked < 12


def test_measuring_never_asks_more_often_than_it_may() -> None:
    server = Server(timedelta(seconds=3.3), always(200), always(200))
    run_async(measure(server.probe, server.clock, 5))
    assert server.asked == 5


class Sleepy(SimulatedClock):
    """The clock of a busy machine: whoever sleeps is woken late, as often as it says."""

    def __init__(self, late: int) -> None:
        super().__init__(START)
        self.late = late
        self.slept = 0

    async def sleep_until(self, moment: datetime) -> None:
        self.slept += 1
        await super().sleep_until(moment + (second / 4 if self.late > 0 else timedelta(0)))
        self.late -= 1


def test_who_is_woken_late_lets_the_tick_pass_and_asks_at_the_next_one() -> None:
    server = Server(timedelta(seconds=3.3), always(15), always(15), Sleepy(late=2))
    clock = run_async(measure(server.probe, server.clock, 12))
    in_time = Server(server.offset, always(15), always(15))
    assert clock.bound == run_async(measure(in_time.probe, in_time.clock, 12)).bound
    assert server.asked == in_time.asked


def test_who_is_always_woken_late_asks_in_the_end() -> None:
    local = Sleepy(late=10_000)
    server = Server(timedelta(seconds=3.3), always(15), always(15), local)
    clock = run_async(measure(server.probe, local, 12))
    assert server.asked == 12
    assert local.slept == 4 * 11
    assert abs(clock.offset - server.offset) <= clock.bound


def test_a_clock_that_steps_while_it_is_measured_is_measured_again() -> None:
    server = Server(timedelta(0), always(5), always(5))

    async def probe() -> Reading:
        if server.asked == 2:
            server.offset = timedelta(hours=1)
        return await server.probe()

    clock = run_async(measure(probe, server.clock, 12))
    assert abs(clock.offset - timedelta(hours=1)) <= clock.bound


def test_all_requests_of_both_attempts_together_are_no_more_than_may_be_and_are_told() -> None:
    server = Server(timedelta(0), always(5), always(5))

    async def probe() -> Reading:
        if server.asked == 5:
            server.offset = timedelta(hours=1)
        return await server.probe()

    shown: list[int] = []
    clock = run_async(measure(probe, server.clock, 12, progress=lambda known: shown.append(known.probes)))
    assert clock.probes == server.asked == 12
    assert shown == [1, 2, 3, 4, 5, 7, 8, 9, 10, 11, 12]
    assert abs(clock.offset - server.offset) <= clock.bound


@pytest.mark.parametrize("probes", range(2, 13))
def test_answers_of_a_cache_do_not_take_more_requests_than_may_be(probes: int) -> None:
    server = Server(timedelta(seconds=3.3), always(15), always(15))

    async def probe() -> Reading:
        reading = await server.probe()
        return Reading(reading.sent, reading.received, START.replace(microsecond=0))

    with pytest.raises(EnvironmentProblem, match="stands still"):
        run_async(measure(probe, server.clock, probes))
    assert server.asked <= probes


def losing(server: Server, lost: set[int]) -> Probe:
    """Requests to this server, of which these get lost, the first being 1."""

    async def probe() -> Reading:
        if server.asked + 1 in lost:
            server.asked += 1
            server.clock.advance(10 * second)
            raise EnvironmentProblem("not in time")
        return await server.probe()

    return probe


@pytest.mark.parametrize("lost", [{2}, {7}, {12}, {3, 4}, {11, 12}, {2, 4, 6, 8, 10, 12}])
def test_a_request_that_is_lost_costs_one_request_and_not_the_measurement(lost: set[int]) -> None:
    server = Server(timedelta(seconds=3.3), always(15), always(15))
    clock = run_async(measure(losing(server, lost), server.clock, 12))
    assert clock.probes == server.asked == 12
    assert abs(clock.offset - server.offset) <= clock.bound < second


@pytest.mark.parametrize(("lost", "asked"), [({1}, 1), ({2, 3, 4}, 4), (set(range(5, 13)), 7)])
def test_a_site_that_does_not_answer_or_stops_to_is_not_asked_for_long(lost: set[int], asked: int) -> None:
    server = Server(timedelta(seconds=3.3), always(15), always(15))
    with pytest.raises(EnvironmentProblem, match="not in time"):
        run_async(measure(losing(server, lost), server.clock, 12))
    assert server.asked == asked


def test_that_a_clock_ticks_at_all_has_to_be_seen_also_where_the_last_request_is_lost() -> None:
    server = Server(timedelta(seconds=0.1), always(15), always(15))
    with pytest.raises(EnvironmentProblem, match="not in time"):
        run_async(measure(losing(server, {2}), server.clock, 2))


def test_a_clock_that_contradicts_itself_twice_is_told_with_a_mend() -> None:
    server = Server(timedelta(0), always(5), always(5))

    async def probe() -> Reading:
        server.offset += timedelta(minutes=1)
        return await server.probe()

    with pytest.raises(EnvironmentProblem) as refused:
        run_async(measure(probe, server.clock, 12))
    assert refused.value.explain() == (
        "the site's clock cannot be read: the time the site tells contradicts itself\n"
        "Point the profile's clock.path at something small that no cache answers."
    )
    assert refused.value.exit_code == 3


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
        ("CF-Cache-Status", "STALE"),
        ("Cache-Status", "edge; hit; ttl=3"),
    ],
)
def test_what_a_cache_kept_is_refused_also_in_its_first_second(name: str, value: str) -> None:
    headers = {"Date": "Sat, 21 Nov 2026 12:00:07 GMT", "Age": "0", name: value}
    with pytest.raises(ClockNonsenseError, match=rf"that of a cache \(header {name}\)"):
        probed(with_headers(**headers))


@pytest.mark.parametrize(
    ("name", "value"), [("X-Cache", "Miss from cloudfront"), ("CF-Cache-Status", "DYNAMIC")]
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


@given(
    offset=st.timedeltas(timedelta(0), second),
    takes=st.sampled_from([0.2, 5, 100]),
    probes=st.integers(2, 12),
)
def test_a_date_that_stands_still_is_a_caches(offset: timedelta, takes: float, probes: int) -> None:
    """Also where halving goes towards the tick that never comes: the last request is kept for after it."""
    server = Server(offset, always(takes), always(takes))
    kept: list[datetime] = []

    async def probe() -> Reading:
        reading = await server.probe()
        kept.append(reading.date)
        return Reading(reading.sent, reading.received, kept[0])

    with pytest.raises(EnvironmentProblem, match="stands still: a cache answers, not the site"):
        run_async(measure(probe, server.clock, probes))


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
    ],
)
def test_a_site_that_does_not_answer_is_told_with_a_mend(error: httpx.HTTPError, said: str) -> None:
    def refuse(_: httpx.Request) -> httpx.Response:
        raise error

    with pytest.raises(EnvironmentProblem) as refused:
        probed(refuse)
    assert refused.value.explain() == (
        f"{URL} does not answer: {said}\nCheck the network and the profile's base_url."
    )
