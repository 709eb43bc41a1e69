"""A site's clock is kept right while one waits: measured now and then, and after every leap of ours."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from sniper.clock.bracket import Bracket
from sniper.clock.clock import SystemClock
from sniper.clock.keeper import ClockKeeper
from sniper.clock.site import SiteClock
from sniper.errors import EnvironmentProblem
from tests.aio import run_async
from tests.clock.machines import Machine
from tests.clock.servers import START

second = timedelta(seconds=1)
hour = timedelta(hours=1)
opening = START + 50 * second


class Keeping:
    """A keeper over a machine, and how long the machine had run when it measured: then `then` happens."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.local = SystemClock(machine)
        self.clock = self.measured(timedelta(0))
        self.at: list[timedelta] = []
        self.failed: list[str] = []
        self.then: Callable[[], Awaitable[None]] = self.done
        self.keeper = ClockKeeper(
            self.clock, self.remeasure, lambda error: self.failed.append(str(error)), self.local.leaps
        )

    def measured(self, offset: timedelta, bound: timedelta = timedelta(0)) -> SiteClock:
        """What a measurement finds."""
        return SiteClock(self.local, Bracket(offset - bound, offset + bound), leaps=self.local.leaps)

    async def remeasure(self) -> None:
        self.at.append(self.machine.running)
        await self.then()

    async def done(self) -> None:
        """It is as it was."""
        self.clock.adopt(self.measured(timedelta(0)))

    async def fail(self) -> None:
        """There is no network."""
        raise EnvironmentProblem("the site does not answer")

    def finds(self, offset: timedelta) -> Callable[[], Awaitable[None]]:
        """From now on measurements find this."""

        async def find() -> None:
            self.clock.adopt(self.measured(offset))

        return find

    def wait(self, for_: timedelta) -> None:
        """Wait for so long, watched."""

        async def watched() -> None:
            async with self.keeper.watching():
                await self.keeper.sleep_until(START + for_)

        run_async(watched())


def test_a_long_wait_measures_every_ten_minutes_and_once_more_when_a_measurement_is_just_over_in_time() -> (
    None
):
    kept = Keeping(Machine())
    kept.wait(timedelta(minutes=25))
    assert kept.at == [timedelta(minutes=10), timedelta(minutes=20), timedelta(minutes=25) - 25 * second]


def test_a_short_wait_measures_nothing() -> None:
    kept = Keeping(Machine())
    kept.wait(20 * second)
    assert kept.at == []


@pytest.mark.parametrize("back", [10 * second, hour])
def test_a_clock_set_back_does_not_make_a_wait_longer(back: timedelta) -> None:
    kept = Keeping(Machine({2: -back}))
    kept.then = kept.finds(back)
    kept.wait(50 * second)
    assert len(kept.at) == 2
    assert abs(kept.machine.running - 50 * second) < 0.1 * second
    assert kept.clock.now() - opening < 0.1 * second


def test_a_clock_set_back_does_not_make_a_wait_longer_even_if_nothing_can_be_measured() -> None:
    kept = Keeping(Machine({2: -hour}))
    kept.then = kept.fail
    kept.wait(50 * second)
    assert abs(kept.machine.running - 50 * second) < 0.1 * second


def test_a_clock_set_forward_does_not_end_a_wait_before_its_time() -> None:
    """An hour forward, half a minute before the moment: the measurement finds the site an hour behind."""
    kept = Keeping(Machine({3: hour}))
    kept.then = kept.finds(-hour)
    run_async(kept.keeper.sleep_until(START + 20 * second))
    assert len(kept.at) == 1
    assert kept.clock.now() == START + 20 * second
    assert kept.machine.running == 20 * second


def test_a_leap_is_followed_by_a_measurement_whoever_waits() -> None:
    kept = Keeping(Machine({2: hour}))

    async def somebody_waits() -> None:
        async with kept.keeper.watching():
            await kept.local.sleep_until(START + 2 * hour)

    run_async(somebody_waits())
    assert len(kept.at) == 1
    assert not kept.local.leaps.noticed.is_set()


def test_a_measurement_after_a_leap_that_fails_is_tried_again_every_few_seconds_until_one_succeeds() -> None:
    """A machine wakes, and its network is not up yet."""
    kept = Keeping(Machine({2: hour}))
    kept.then = kept.fail

    async def somebody_waits() -> None:
        async with kept.keeper.watching():
            await kept.local.sleep_until(kept.local.now() + hour + 30 * second)
            assert kept.clock.in_doubt
            assert kept.clock.bound >= hour
            kept.then = kept.done
            await kept.local.sleep_until(kept.local.now() + 60 * second)

    run_async(somebody_waits())
    pauses = [after - before for before, after in zip(kept.at, kept.at[1:], strict=False)]
    assert len(kept.at) >= 4
    assert all(5 * second <= pause <= 10 * second for pause in pauses)
    assert kept.failed == ["the site does not answer"] * (len(kept.at) - 1)
    assert not kept.clock.in_doubt
    assert kept.clock.bound < 0.1 * second


def test_a_measurement_after_a_leap_that_takes_long_does_not_hold_up_what_was_waited_for() -> None:
    """The watcher is measuring when the moment comes; the first answer already showed the time."""
    kept = Keeping(Machine({4: 3 * second}))

    async def first_answer_and_then_long() -> None:
        kept.clock.improve(kept.measured(timedelta(0), bound=0.5 * second))
        await asyncio.Event().wait()

    kept.then = first_answer_and_then_long
    kept.wait(20 * second)
    assert len(kept.at) == 1
    assert kept.machine.running <= 17.6 * second


def test_no_answer_after_a_leap_holds_up_what_was_waited_for_by_two_seconds_at_most() -> None:
    kept = Keeping(Machine({4: 3 * second}))

    async def for_ever() -> None:
        await asyncio.Event().wait()

    kept.then = for_ever
    kept.wait(20 * second)
    assert 19.5 * second <= kept.machine.running <= 19.6 * second


def test_a_scheduled_measurement_that_takes_long_ends_when_what_was_waited_for_comes() -> None:
    kept = Keeping(Machine())

    async def for_ever() -> None:
        await asyncio.Event().wait()

    kept.then = for_ever
    kept.wait(50 * second)
    assert kept.at == [25 * second]
    assert kept.machine.running == 50 * second


def test_each_measurement_that_fails_is_told_and_the_clock_stays() -> None:
    kept = Keeping(Machine())
    kept.then = kept.fail
    kept.wait(hour)
    assert len(kept.at) == 6
    assert kept.failed == ["the site does not answer"] * 6
    assert kept.clock.now() == START + hour


def test_a_leap_during_a_measurement_stays_noticed() -> None:
    kept = Keeping(Machine())

    async def leap_meanwhile() -> None:
        kept.machine.time += hour
        kept.local.leaps.look()

    kept.then = leap_meanwhile
    run_async(kept.keeper.measure_again())
    assert kept.local.leaps.noticed.is_set()
