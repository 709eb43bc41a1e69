"""Clocks that are set and machines that sleep while one waits: noticed, and followed by a measurement."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from sniper.clock.bracket import Bracket, Reading
from sniper.clock.clock import SimulatedClock, SystemClock
from sniper.clock.keeper import ClockKeeper
from sniper.clock.site import SiteClock, measure
from sniper.errors import EnvironmentProblem
from tests.aio import run_async
from tests.clock.servers import START, Server, always

second = timedelta(seconds=1)
hour = timedelta(hours=1)
exact = Bracket(timedelta(0), timedelta(0))


class Machine:
    """A machine whose clock can be set, and that can fall asleep: `at_sleep` maps a step to what happens."""

    def __init__(self, at_sleep: dict[int, timedelta] | None = None) -> None:
        self.time = START
        self.running = timedelta(0)
        self.at_sleep = at_sleep or {}
        self.slept: list[timedelta] = []

    def wall(self) -> datetime:
        return self.time

    def monotonic(self) -> timedelta:
        return self.running

    async def sleep(self, duration: timedelta) -> None:
        self.slept.append(duration)
        self.running += duration
        self.time += duration + self.at_sleep.get(len(self.slept), timedelta(0))
        await asyncio.sleep(0)


@pytest.mark.parametrize("leap", [hour, -hour, 0.003 * second])
def test_a_clock_that_was_set_is_noticed_by_who_waits_on_it(leap: timedelta) -> None:
    clock = SystemClock(Machine({3: leap}))
    run_async(clock.sleep_until(START + 60 * second))
    assert clock.leaps.noticed.is_set()


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


def test_a_clock_set_during_a_measurement_makes_it_start_again() -> None:
    server = Server(timedelta(0), always(5), always(5))
    machine = Machine()
    local = SystemClock(machine)

    async def probe() -> Reading:
        reading = await server.probe()
        machine.running += reading.round_trip
        machine.time += reading.round_trip + (hour if server.asked == 3 else timedelta(0))
        return reading

    clock = run_async(measure(probe, server.clock, 12, leaps=local.leaps))
    assert server.asked == 3 + clock.probes
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


class Keeping:
    """A keeper over a machine, and when it measured."""

    def __init__(self, machine: Machine) -> None:
        self.local = SystemClock(machine)
        self.clock = SiteClock(self.local, exact)
        self.at: list[timedelta] = []
        self.failed: list[str] = []
        self.then: Callable[[], None] = lambda: None
        self.keeper = ClockKeeper(
            self.clock, self.remeasure, lambda error: self.failed.append(str(error)), self.local.leaps
        )

    async def remeasure(self) -> None:
        self.at.append(self.clock.now() - START)
        self.then()


def test_a_long_wait_measures_every_ten_minutes_and_a_minute_before() -> None:
    kept = Keeping(Machine())
    run_async(kept.keeper.sleep_until(START + timedelta(minutes=25)))
    assert kept.at == [timedelta(minutes=m) for m in (10, 20, 24)]


def test_a_short_wait_measures_nothing() -> None:
    kept = Keeping(Machine())
    run_async(kept.keeper.sleep_until(START + 50 * second))
    assert kept.at == []


def test_a_clock_set_forward_does_not_end_a_wait_before_its_time() -> None:
    """An hour forward, half a minute before the moment: the measurement finds the site an hour behind."""
    machine = Machine({3: hour})
    kept = Keeping(machine)
    kept.then = lambda: kept.clock.adopt(SiteClock(kept.local, Bracket(-hour, -hour)))
    run_async(kept.keeper.sleep_until(START + 30 * second))
    assert len(kept.at) == 1
    assert kept.clock.now() == START + 30 * second
    assert machine.running == 30 * second


def test_a_leap_is_followed_by_a_measurement_whoever_waits() -> None:
    kept = Keeping(Machine({2: hour}))

    async def somebody_waits() -> None:
        async with kept.keeper.watching():
            await kept.local.sleep_until(START + 2 * hour)

    run_async(somebody_waits())
    assert len(kept.at) == 1


def test_measuring_again_that_keeps_failing_is_told_once_and_the_clock_stays() -> None:
    kept = Keeping(Machine())

    def fail() -> None:
        raise EnvironmentProblem("the site does not answer")

    kept.then = fail
    run_async(kept.keeper.sleep_until(START + hour))
    assert len(kept.at) == 6
    assert kept.failed == ["the site does not answer"]
    assert kept.clock.now() == START + hour
