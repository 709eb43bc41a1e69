"""Measuring a site's clock: when it stops, how often it asks, and what it refuses to believe."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sniper.clock.bracket import Reading
from sniper.clock.clock import SimulatedClock
from sniper.clock.measuring import Probe, measure
from sniper.errors import EnvironmentProblem
from tests.aio import run_async
from tests.clock.servers import START, Server, always

second = timedelta(seconds=1)
ms = timedelta(milliseconds=1)


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


@given(offset=st.timedeltas(-10_000 * second, 10_000 * second), digits=st.sampled_from([1, 3, 6]))
def test_a_time_told_with_more_digits_is_known_to_half_the_round_trip_and_the_last_digit(
    offset: timedelta, digits: int
) -> None:
    server = Server(offset, always(15), always(15))
    resolution = max(second / 10**digits, timedelta(microseconds=1))

    async def probe() -> Reading:
        sent = server.clock.now()
        server.clock.advance(server.there())
        told = server.clock.now() + server.offset
        server.clock.advance(server.back())
        date = told - timedelta(microseconds=told.microsecond) % resolution
        return Reading(sent, server.clock.now(), date, resolution)

    clock = run_async(measure(probe, server.clock, 4))
    assert clock.bound <= 15 * ms + resolution
    assert abs(clock.offset - offset) <= clock.bound
