"""Services beside each other: one that fails is begun again, after pauses that grow, and told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from sniper.clock.clock import Clock
from sniper.errors import EnvironmentProblem
from sniper.service.supervision import LONGEST_PAUSE, Service, Services
from sniper.service.telling import Said, ServiceEvent
from sniper.store.serving import PlaceLostError
from tests.aio import run_async
from tests.coordinator.conftest import OrderedClock

NOW = datetime(2026, 11, 21, 11, tzinfo=UTC)


class Failing:
    """Fails after so long, every time."""

    def __init__(self, clock: Clock, error: Exception, after: timedelta = timedelta(0)) -> None:
        self.clock = clock
        self.error = error
        self.after = after
        self.begun: list[datetime] = []

    async def run(self) -> None:
        self.begun.append(self.clock.now())
        await self.clock.sleep_until(self.clock.now() + self.after)
        raise self.error


def beside(*services: Service, clock: OrderedClock, lasts: timedelta) -> list[str]:
    """What was told while some work lasted so long beside them."""
    told: list[ServiceEvent] = []

    async def work() -> str:
        await clock.sleep_until(NOW + lasts)
        return "done"

    async def go() -> str:
        return await Services(services, clock, told.append).beside(work())

    assert run_async(go()) == "done"
    return [event.text for event in told if isinstance(event, Said) and event.problem]


@pytest.mark.parametrize("error", [EnvironmentProblem("the disk is full"), ZeroDivisionError("a mistake")])
def test_a_service_that_fails_is_told_and_begun_again_ever_later(error: Exception) -> None:
    clock = OrderedClock(NOW)
    failing = Failing(clock, error)
    told = beside(Service("the failing one", failing.run), clock=clock, lasts=timedelta(hours=1))
    pauses = [later - earlier for earlier, later in pairwise(failing.begun)]
    assert pauses == sorted(pauses)
    assert pauses[0] == timedelta(seconds=1)
    assert pauses[-1] == LONGEST_PAUSE
    assert len(told) == len(failing.begun)
    assert all(str(error) in one and "the failing one" in one for one in told)


def test_one_that_ran_for_long_has_not_failed_in_a_row() -> None:
    clock = OrderedClock(NOW)
    failing = Failing(clock, EnvironmentProblem("now and then"), after=timedelta(minutes=15))
    beside(Service("the failing one", failing.run), clock=clock, lasts=timedelta(hours=2))
    assert {later - earlier for earlier, later in pairwise(failing.begun)} == {
        timedelta(minutes=15, seconds=1)
    }


def test_the_others_go_on_beside_one_that_fails() -> None:
    clock = OrderedClock(NOW)
    beats = []

    async def beat() -> None:
        while True:
            beats.append(clock.now())
            await clock.sleep_until(clock.now() + timedelta(minutes=1))

    failing = Failing(clock, EnvironmentProblem("the disk is full"))
    beside(
        Service("the failing one", failing.run),
        Service("the other", beat),
        clock=clock,
        lasts=timedelta(minutes=30),
    )
    assert len(beats) >= 30


def test_who_has_lost_its_place_stops_all() -> None:
    clock = OrderedClock(NOW)
    failing = Failing(clock, PlaceLostError(), after=timedelta(minutes=1))
    with pytest.raises(PlaceLostError):
        beside(Service("the beat", failing.run), clock=clock, lasts=timedelta(hours=1))
    assert clock.now() < NOW + timedelta(minutes=2)
