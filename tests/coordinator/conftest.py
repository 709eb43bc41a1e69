"""A run without a browser and without waiting: the venue in memory, a simulated clock, a real store."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from heapq import heappop, heappush
from itertools import count
from pathlib import Path
from typing import TypeVar
from zoneinfo import ZoneInfo

import pytest

from sniper.clock.bracket import Bracket
from sniper.clock.clock import SimulatedClock, SystemClock
from sniper.clock.site import SiteClock
from sniper.config.planning import terms_of
from sniper.config.snipe_config import PlanningConfig
from sniper.coordinator import Coordinator, Lease, RunResult, Task
from sniper.coordinator.planning import Apart
from sniper.coordinator.task import TimeTravel
from sniper.core.goals import Fallback, Goal, Priority
from sniper.core.lead import Known
from sniper.core.policy import StrategyName
from sniper.core.slots import Slot
from sniper.core.strategy import Terms
from sniper.engine.protocol import Credentials
from sniper.errors import EnvironmentProblem
from sniper.events import Event
from sniper.sites.library import find_profile, load_profile
from sniper.sites.profile import Profile
from sniper.store.leases import Job
from sniper.store.records import RunState
from sniper.store.repository import Store
from tests.aio import run_async
from tests.coordinator.mortal import Life
from tests.coordinator.venue_engine import VenueEngine

DAY = date(2026, 11, 24)
DELFT = ZoneInfo("Europe/Amsterdam")


Answer = TypeVar("Answer")


def slot(place: str, hour: int) -> Slot:
    """A slot of the day by its short name: "X1 A", "Fitness"."""
    location, _, sub = place.partition(" ")
    return Slot(location, f"{location} {sub}" if sub else None, datetime.combine(DAY, time(hour), DELFT))


@pytest.fixture(scope="session")
def profile() -> Profile:
    return load_profile(find_profile("tudelft-x", Path.cwd()))


@pytest.fixture
def store(tmp_path: Path, template: Path) -> Iterator[Store]:
    shutil.copy(template, tmp_path / "sniper.sqlite3")
    with Store.open(f"sqlite:///{tmp_path / 'sniper.sqlite3'}") as opened:
        yield opened


@pytest.fixture
def clock() -> SimulatedClock:
    """Ours. Saturday before the Tuesday that is wanted, a minute before one in the afternoon in Delft."""
    return SimulatedClock(datetime(2026, 11, 21, 11, 59, tzinfo=UTC))


def goal(profile: Profile, **changes: object) -> Goal:
    """Three hours between 13 and 18, X1 before X3 before Fitness, two are accepted."""
    priorities = tuple(
        Priority(
            rank,
            name,
            tuple(profile.locations[name].sub_locations) or (None,),
            3,
            profile.locations[name].opening,
        )
        for rank, name in enumerate(("X1", "X3", "Fitness"), 1)
    )
    wanted = Goal(DAY, profile.timezone, 3, time(13), time(18), priorities, Fallback(2))
    return replace(wanted, **changes)  # type: ignore[arg-type]


def terms(profile: Profile, wanted: Goal) -> Terms:
    """What a strategy goes by where there is no history yet."""
    return terms_of(wanted, profile, PlanningConfig(), {})


class TimeMachine:
    """Of a venue that goes by our clock, which jumps with it, in whole seconds as a practice site's does."""

    before_opening = timedelta(seconds=5)

    def __init__(self, clock: SimulatedClock) -> None:
        self._clock = clock

    async def jump_to(self, moment: datetime) -> timedelta:
        """Up to a second before; the site's clock has not moved against ours."""
        self._clock.advance((moment - self._clock.now()) // timedelta(seconds=1) * timedelta(seconds=1))
        return timedelta(0)


class ExactClock(SiteClock):
    """The site's clock as if nothing drifted: these runs are about what happens, not about milliseconds."""

    def known_at(self, moment: datetime) -> Known:  # noqa: ARG002
        return Known(self.offset, timedelta(0), timedelta(0), timedelta(0))


OPENINGS = [datetime(2026, 11, 21, hour, tzinfo=UTC) for hour in (12, 13, 14)]
"""Of the three hours that are won."""


async def at_once(work: Callable[[], Answer]) -> Answer:
    """Where a strategy is asked whose runs are simulated: real time does not pass there."""
    return work()


class OrderedClock(SimulatedClock):
    """A clock for those who wait at the same time: it moves when nobody has anything left to do, to what is
    waited for first."""

    def __init__(self, start: datetime) -> None:
        super().__init__(start)
        self._waiting: list[tuple[datetime, int, asyncio.Future[None]]] = []
        self._number = count()
        self._moving: asyncio.Task[None] | None = None

    async def sleep_until(self, moment: datetime) -> None:
        """Wait until it is `moment`."""
        due = asyncio.get_running_loop().create_future()
        heappush(self._waiting, (moment, next(self._number), due))
        if self._moving is None or self._moving.done():
            self._moving = asyncio.create_task(self._move())
        await due

    async def _move(self) -> None:
        while self._waiting:
            # Some of what goes on is in threads, of which the loop knows nothing.
            for _ in range(50):
                await asyncio.sleep(0)
            moment, _, due = heappop(self._waiting)
            if not due.done():
                self._now = max(self._now, moment)
                due.set_result(None)


async def hangs() -> None:
    """Work that does not come to its end."""
    await asyncio.Event().wait()


async def hangs_and_does_not_hear() -> None:
    """As Playwright may when a page does not answer to what ends the work on it."""
    with suppress(asyncio.CancelledError):
        await asyncio.Event().wait()
    await asyncio.Event().wait()


@dataclass
class Rig:
    """A run that is ready to start."""

    profile: Profile
    engine: VenueEngine
    store: Store
    clock: SimulatedClock
    events: list[Event]
    run_id: int = 0
    remeasure_fails: bool = False
    time_travel: TimeTravel | None = None
    life: Life | None = None
    apart: Apart = at_once

    @property
    def priorities(self) -> tuple[Priority, ...]:
        """X1, X3 and Fitness, in order of rank."""
        return goal(self.profile).priorities

    def run(
        self,
        accounts: int = 3,
        *,
        first: int = 1,
        later: timedelta = timedelta(0),
        press: bool = True,
        stop: Callable[[asyncio.Task[RunResult]], None] | None = None,
        strategy: StrategyName = StrategyName.SPARING,
        **changes: object,
    ) -> RunResult:
        """Carry the run out. `stop` is handed the running task, to cancel it.

        `first`: the number of the first account, `accounts` that of the last.
        `later`: how much later than now it begins, by this machine's clock. A run that was killed in this
        very process looks alive until its lease ends.
        """
        wanted = goal(self.profile, **changes)
        crew = tuple(Credentials(f"user{n}", f"secret{n}") for n in range(first, accounts + 1))
        task = Task(
            self.profile,
            wanted,
            crew,
            strategy.on(terms(self.profile, wanted)),
            {"consecutive_hours": 3},
            press,
        )
        self.run_id = self.store.start_run(
            "tudelft-x",
            task.described,
            rehearsal=False,
            now=datetime.now(UTC) + later,
            job=Job(DAY, tuple(one.account for one in crew)),
            presses=press,
        )
        store, engine = self.store.for_run(self.run_id), self.engine
        if self.life:
            store, engine = self.life.of(store), self.life.of(engine)
        site_clock = ExactClock(self.clock, Bracket(timedelta(0), timedelta(0)))

        async def remeasure() -> None:
            if self.remeasure_fails:
                raise EnvironmentProblem("the site does not answer")

        async def go() -> RunResult:
            coordinator = Coordinator(
                task,
                engine,
                site_clock,
                store,
                self.events.append,
                self.run_id,
                Lease(store, self.run_id, SystemClock(), lambda error: pytest.fail(str(error))),
                remeasure=remeasure,
                time_travel=self.time_travel,
                apart=self.apart,
            )
            if self.life:
                return await self.life.to_its_end(coordinator.run())
            running = asyncio.create_task(coordinator.run())
            if stop:
                stop(running)
            return await running

        result = run_async(go())
        self.store.finish_run(
            self.run_id,
            RunState.FINISHED,
            result.verdict.standing,
            result.exit_code,
            now=datetime.now(UTC) + later,
        )
        return result


@pytest.fixture
def rig(profile: Profile, store: Store, clock: SimulatedClock) -> Rig:
    return Rig(profile, VenueEngine(clock, profile, profile.limits_per_account()), store, clock, [])
