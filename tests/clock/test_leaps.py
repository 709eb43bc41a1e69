"""Clocks that are set and machines that sleep while one waits: noticed, and followed by a measurement."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from sniper.clock.bracket import Bracket, Reading
from sniper.clock.clock import SimulatedClock, SystemClock
from sniper.clock.measuring import measure
from sniper.clock.site import SiteClock
from sniper.errors import EnvironmentProblem
from tests.aio import run_async
from tests.clock.machines import Machine
from tests.clock.servers import START, Server, always

second = timedelta(seconds=1)
hour = timedelta(hours=1)
exact = Bracket(timedelta(0), timedelta(0))


@pytest.mark.parametrize("leap", [hour, -hour, 0.003 * second])
def test_a_clock_that_was_set_is_noticed_by_who_waits_on_it(leap: timedelta) -> None:
    clock = SystemClock(Machine({3: leap}))
    run_async(clock.sleep_until(START + 60 * second))
    assert clock.leaps.noticed.is_set()


@pytest.mark.parametrize("back", [0.5 * second, 10 * second, hour])
def test_who_waits_while_the_clock_is_set_back_does_not_wait_longer(back: timedelta) -> None:
    machine = Machine({3: -back})
    run_async(SystemClock(machine).sleep_until(START + 60 * second))
    assert 60 * second <= machine.running < 60.01 * second


def test_a_clock_that_only_runs_has_not_leapt() -> None:
    clock = SystemClock(Machine({2: timedelta(microseconds=300)}))
    run_async(clock.sleep_until(START + 60 * second))
    assert not clock.leaps.noticed.is_set()


def test_a_leap_is_told_once_with_its_size() -> None:
    machine = Machine()
    leaps = SystemClock(machine).leaps
    machine.time -= hour
    assert leaps.look() == -hour
    assert leaps.look() == timedelta(0)


def asked_by(machine: Machine, server: Server, *, leap_at: int) -> Callable[[], Awaitable[Reading]]:
    """Ask the server from this machine, whose clock is set an hour ahead during that request."""

    async def probe() -> Reading:
        reading = await server.probe()
        machine.running += reading.round_trip
        machine.time += reading.round_trip + (hour if server.asked == leap_at else timedelta(0))
        return reading

    return probe


def test_a_clock_set_during_a_measurement_makes_it_start_again() -> None:
    server = Server(timedelta(0), always(5), always(5))
    machine = Machine()
    local = SystemClock(machine)
    probe = asked_by(machine, server, leap_at=3)

    clock = run_async(measure(probe, server.clock, 12, leaps=local.leaps))
    assert server.asked == clock.probes
    assert server.asked > 3
    assert abs(clock.offset) <= clock.bound


def test_a_sleep_follows_an_offset_that_changes_meanwhile() -> None:
    local = SimulatedClock(START)
    clock = SiteClock(local, exact)

    async def both() -> None:
        waiting = asyncio.create_task(clock.sleep_until(START + hour))
        await asyncio.sleep(0)
        clock.shift(timedelta(minutes=30))
        await waiting

    run_async(both())
    assert clock.now() == START + hour
    assert local.now() == START + timedelta(minutes=30)


def test_a_leap_is_noticed_by_a_measurement_also_where_somebody_else_saw_it_first() -> None:
    server = Server(timedelta(0), always(5), always(5))
    machine = Machine()
    local = SystemClock(machine)

    ask = asked_by(machine, server, leap_at=12)

    async def probe() -> Reading:
        reading = await ask()
        assert local.leaps.look() == (hour if server.asked == 12 else timedelta(0))
        return reading

    with pytest.raises(EnvironmentProblem, match="our own clock was set, or this machine slept"):
        run_async(measure(probe, server.clock, 12, leaps=local.leaps))


# -- what a leap makes of a site's clock that was measured before it


def leapt(by: timedelta) -> SiteClock:
    """A site five seconds ahead, known to ± 10 ms, and then our clock leaps."""
    machine = Machine()
    local = SystemClock(machine)
    clock = SiteClock(local, Bracket(4.99 * second, 5.01 * second), leaps=local.leaps)
    machine.time += by
    local.leaps.look()
    return clock


@pytest.mark.parametrize("leap", [hour, -hour, 0.003 * second])
def test_after_a_leap_the_bound_holds_whether_the_clock_was_set_or_the_machine_slept(leap: timedelta) -> None:
    clock = leapt(leap)
    assert clock.in_doubt
    was_set = 5 * second - leap
    slept = 5 * second
    for true in (was_set, slept):
        assert clock.offset - clock.ahead <= true <= clock.offset + clock.behind
    assert clock.bound >= 0.01 * second + abs(leap)


def test_a_clock_that_was_set_back_still_tells_the_sites_time() -> None:
    assert leapt(-hour).now() == START + 5 * second


def test_a_machine_that_slept_still_tells_the_sites_time() -> None:
    assert leapt(hour).now() == START + hour + 5 * second


def test_a_clock_that_was_measured_after_the_leap_is_not_in_doubt() -> None:
    clock = leapt(hour)
    local = clock.local_now()
    clock.adopt(SiteClock(SimulatedClock(local), exact))
    assert not clock.in_doubt
    assert clock.bound == timedelta(0)


def test_a_clock_is_in_doubt_after_a_leap_until_a_measurement_is_finished() -> None:
    clock = leapt(hour)
    local = SimulatedClock(clock.local_now())
    clock.improve(SiteClock(local, Bracket(-0.5 * second, 0.5 * second)))
    assert clock.in_doubt
    assert clock.bound == 0.5 * second
    clock.renew(SiteClock(local, exact))
    assert not clock.in_doubt
