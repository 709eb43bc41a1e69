"""Clocks that are handed in."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from sniper.clock.clock import SimulatedClock, SystemClock
from sniper.clock.leaps import MachineTime
from tests.aio import run_async
from tests.clock.servers import START


def test_a_simulated_clock_stands_until_somebody_waits() -> None:
    clock = SimulatedClock(START.astimezone(ZoneInfo("Europe/Amsterdam")))
    assert clock.now() == START
    assert clock.now().tzinfo is UTC
    run_async(clock.sleep_until(START + timedelta(days=3)))
    assert clock.now() == START + timedelta(days=3)


def test_a_simulated_clock_never_goes_back() -> None:
    clock = SimulatedClock(START)
    run_async(clock.sleep_until(START - timedelta(hours=1)))
    assert clock.now() == START
    clock.advance(timedelta(seconds=2))
    assert clock.now() == START + timedelta(seconds=2)


def test_others_run_while_one_waits_on_a_simulated_clock() -> None:
    clock = SimulatedClock(START)
    seen: list[str] = []

    async def both() -> None:
        async def wait() -> None:
            await clock.sleep_until(START + timedelta(seconds=1))
            seen.append("waited")

        async def other() -> None:
            seen.append("ran meanwhile")

        await asyncio.gather(wait(), other())

    run_async(both())
    assert seen == ["ran meanwhile", "waited"]


def test_the_machines_clock_is_aware_and_in_utc() -> None:
    assert SystemClock().now().tzinfo is UTC


def test_the_machines_clock_sleeps_in_short_steps_and_never_wakes_early() -> None:
    """The machine's time is simulated: an hour is waited for in no time, and one step is slept through."""
    now = START
    slept: list[float] = []

    class Machine(MachineTime):
        def wall(self) -> datetime:
            return now

        async def sleep(self, duration: timedelta) -> None:
            nonlocal now
            slept.append(duration.total_seconds())
            # The laptop sleeps along with the third step, and the first step ends early.
            now += timedelta(minutes=30) if len(slept) == 3 else duration * 0.9

    run_async(SystemClock(Machine()).sleep_until(START + timedelta(hours=1)))
    assert now >= START + timedelta(hours=1)
    assert now < START + timedelta(hours=1, seconds=1)
    assert max(slept) <= 5
    assert len(slept) < 500


def test_a_moment_that_is_past_is_not_waited_for() -> None:
    clock = SystemClock()
    run_async(clock.sleep_until(datetime(2020, 1, 1, tzinfo=UTC)))


def test_the_system_clock_tells_the_machines_time() -> None:
    before = datetime.now(UTC)
    assert before <= SystemClock().now() <= datetime.now(UTC)
