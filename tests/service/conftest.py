"""A daemon without a browser and without waiting: a real store, real files, a simulated clock."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from heapq import heappop
from pathlib import Path
from typing import Any

import pytest

from sniper.clock.bracket import Bracket
from sniper.clock.leaps import Leaps
from sniper.clock.site import SiteClock
from sniper.config.goal import goal_of
from sniper.coordinator import RunResult
from sniper.core.goals import Goal
from sniper.core.lead import Aim
from sniper.core.plan import Standing, Verdict
from sniper.errors import SniperError
from sniper.events import Aimed, RunStarted, Tell
from sniper.execution import Prepared
from sniper.service.daemon import Daemon
from sniper.service.files import Files
from sniper.service.place import Place
from sniper.service.reloading import Reloading
from sniper.service.site_times import SiteTimes
from sniper.service.telling import ServiceEvent
from sniper.store import Job, RunState, Store
from sniper.store.planned import OccurrenceState
from sniper.watch.happenings import BookingEnded, TellWatch, WatchEnded
from sniper.watch.session import PreparedWatch, WatchResult
from sniper.watch.turns import Turn
from tests.aio import run_async
from tests.coordinator.conftest import OrderedClock
from tests.store.conftest import store, url

__all__ = ["store", "url"]

OPENING = datetime(2026, 11, 21, 12, tzinfo=UTC)
"""Of X1 on the Tuesday at 13:00."""
WAKES = OPENING - timedelta(minutes=65)
TUESDAY = date(2026, 11, 24)


class _OneThread(ThreadPoolExecutor):
    """Knows how much it was given to do."""

    def __init__(self) -> None:
        super().__init__(max_workers=1)
        self.given = 0

    def submit(self, *work: Any, **more: Any) -> Any:
        self.given += 1
        return super().submit(*work, **more)


async def nobody_has_anything_to_do() -> None:
    """Wait until all others of this event loop wait as well."""
    loop: Any = asyncio.get_running_loop()
    others_work = True
    while others_work:
        await asyncio.sleep(0)
        others_work = bool(loop._ready)


class ThreadedClock(OrderedClock):
    """Moves when nobody has anything left to do, here or in the thread."""

    def __init__(self, start: datetime) -> None:
        super().__init__(start)
        self.thread = _OneThread()

    async def _move(self) -> None:
        loop = asyncio.get_running_loop()
        while self._waiting:
            given = -1
            while given != self.thread.given:
                given = self.thread.given + 1
                # It is done when all that was given before is.
                await loop.run_in_executor(self.thread, lambda: None)
                await nobody_has_anything_to_do()
            moment, _, due = heappop(self._waiting)
            if not due.done():
                self._now = max(self._now, moment)
                due.set_result(None)


class Alarms:
    """Those that are set. They never ring: every look finds what is due."""

    def __init__(self) -> None:
        self.set_for: dict[int, datetime] = {}
        self.is_paused = False

    def set(self, moments: Any) -> None:
        assert not self.is_paused
        self.set_for = dict(moments)

    def pause(self) -> None:
        self.is_paused = True

    def resume(self) -> None:
        self.is_paused = False


@dataclass
class Runner:
    """Instead of the browser: a run that takes its leases, waits for its opening, and ends as it is told."""

    store: Store
    clock: OrderedClock
    standing: Standing = Standing.REACHED
    lasts: timedelta = timedelta(minutes=1)
    """How long it takes, unless it is to wait for its opening (None)."""
    before: Callable[[Prepared], Awaitable[None]] | None = None
    begun: list[tuple[str, datetime]] = field(default_factory=list)
    fired: list[date] = field(default_factory=list)
    to_the_opening: bool = False

    async def __call__(
        self, prepared: Prepared, tell: Tell, show_clock: Callable[[SiteClock], None]
    ) -> RunResult:
        day = prepared.request.day
        assert day is not None
        accounts = tuple(one.netid for one in prepared.bookings.accounts)
        self.begun.append((f"{day} {','.join(accounts)}", self.clock.now()))
        site_clock = SiteClock(self.clock, Bracket(timedelta(0), timedelta(0)))
        show_clock(site_clock)
        if self.before:
            await self.before(prepared)
        profile = prepared.profile
        run_id = self.store.start_run(
            profile.name,
            {},
            rehearsal=False,
            now=self.clock.now(),
            job=Job(day, accounts),
        )
        wanted = goal_of(prepared.bookings.snipe_config, prepared.bookings.active, profile, day)
        try:
            result = await self._run(run_id, wanted, tell)
        except asyncio.CancelledError:
            self.store.finish_run(run_id, RunState.INTERRUPTED, None, 130, now=self.clock.now())
            raise
        except SniperError as error:
            self.store.finish_run(run_id, RunState.FINISHED, None, error.exit_code, now=self.clock.now())
            raise
        self.store.finish_run(
            run_id, RunState.FINISHED, result.verdict.standing, result.exit_code, now=self.clock.now()
        )
        return result

    async def _run(self, run_id: int, wanted: Goal, tell: Tell) -> RunResult:
        tell(RunStarted(run_id, "X", False, wanted, (), ()))
        if self.to_the_opening:
            (first, *_) = wanted.priorities
            opens_at = first.opening.opening_of(first.slots_at(wanted.starts(first)[0])[0])
            await self.clock.sleep_until(opens_at - timedelta(seconds=10))
            nothing = timedelta(0)
            tell(Aimed(Aim(opens_at, nothing, nothing, nothing, nothing, nothing)))
            await self.clock.sleep_until(opens_at)
            self.fired.append(wanted.target_date)
            await self.clock.sleep_until(opens_at + timedelta(seconds=20))
        else:
            await self.clock.sleep_until(self.clock.now() + self.lasts)
        return RunResult(run_id, True, Verdict(self.standing, ()), (), (), (), ())


@dataclass
class Lookout:
    """Instead of asking a site: a watch that looks every half minute, and books what `appears`."""

    store: Store
    clock: OrderedClock
    appears: Standing | None = None
    """What the run comes to that books it; None while nothing appears."""
    fails: SniperError | None = None
    books_for: timedelta = timedelta(minutes=1)
    begun: list[PreparedWatch] = field(default_factory=list)
    looks: list[datetime] = field(default_factory=list)
    read_back: int = 0

    async def __call__(
        self,
        prepared: PreparedWatch,
        terminal: TellWatch,
        tell_run: Tell,
        show_clock: Callable[[SiteClock], None],
        *,
        turn: Turn | None,
    ) -> WatchResult:
        del show_clock
        assert turn is not None
        self.begun.append(prepared)
        while True:
            await turn.to_look()
            self.looks.append(self.clock.now())
            if self.fails:
                raise self.fails
            if self.appears:
                async with turn.to_book():
                    result = await self._book(prepared, tell_run)
                terminal(BookingEnded(self.clock.now(), result))
                if self.appears is Standing.REACHED:
                    ended = WatchEnded(self.clock.now(), self.appears, "the goal is reached")
                    return WatchResult(ended, frozenset())
            await self.clock.sleep_until(self.clock.now() + timedelta(seconds=30))

    async def _book(self, prepared: PreparedWatch, tell_run: Tell) -> RunResult:
        assert self.appears is not None
        assert prepared.run.request.day is not None
        accounts = tuple(one.netid for one in prepared.run.bookings.accounts)
        site = prepared.run.profile.name
        job = Job(prepared.run.request.day, accounts)
        run_id = self.store.start_run(site, {}, rehearsal=False, now=self.clock.now(), job=job)
        wanted = goal_of(prepared.run.bookings.snipe_config, 1, prepared.run.profile, job.day)
        tell_run(RunStarted(run_id, "X", False, wanted, (), ()))
        try:
            await self.clock.sleep_until(self.clock.now() + self.books_for)
        finally:
            self.read_back += 1
        return RunResult(run_id, True, Verdict(self.appears, ()), (), (), (), ())


@dataclass
class House:
    """A folder with a bookings.json, a store and a clock; daemons live and die in it."""

    folder: Path
    store: Store
    clock: ThreadedClock
    runner: Runner
    lookout: Lookout
    told: list[ServiceEvent] = field(default_factory=list)
    alarms: Alarms = field(default_factory=Alarms)

    @property
    def path(self) -> Path:
        return self.folder / "bookings.json"

    def write(
        self, *schedules: dict[str, Any], text: str | None = None, accounts: int = 2, **more: Any
    ) -> None:
        """Write bookings.json; `more` are its other keys."""
        people = [{"netid": f"user{n}", "password": f"pass{n}"} for n in range(1, accounts + 1)]
        config = {
            "consecutive_hours": 1,
            "time_window": {"start": "13:00", "end": "14:00"},
            "priorities": [{"rank": 1, "location": "X1", "max_accounts": 1}],
        }
        root = {
            "site": "tudelft-x",
            "accounts": people,
            "snipe_config": config,
            "schedules": schedules,
            **more,
        }
        self.path.write_text(text if text is not None else json.dumps(root), encoding="utf-8")

    @asynccontextmanager
    async def serving(
        self, *, leaps: Leaps | None = None, watching: bool = False
    ) -> AsyncIterator[tuple[Daemon, Reloading]]:
        """A daemon that is stopped in good order at the end of the block; `watching` its files, too."""
        files = Files([self.path])
        number = self.store.take_place(files.paths, now=self.clock.now())
        async with SiteTimes(self.clock, lambda noted: pytest.fail(noted.text)) as times:
            daemon = Daemon(
                files,
                self.store,
                self.clock,
                times,
                self.alarms,
                self.runner,
                self.lookout,
                self.told.append,
                leaps=leaps,
            )
            reloading = Reloading(files, self.store, number, self.clock, times, daemon, self.told.append)
            daemon.begin()
            await reloading.begin()
            place = Place(self.store, number, self.clock, lambda: not daemon.runs.in_volley)
            work = [daemon.go(), place.keep(), *([reloading.watch()] if watching else [])]
            tasks = [asyncio.create_task(one) for one in work]
            try:
                yield daemon, reloading
            finally:
                failed = [task.exception() for task in tasks if task.done()]
                assert not failed, failed
                await daemon.watches.stop()
                await daemon.runs.stop()
                for task in tasks:
                    task.cancel()
                    with suppress(asyncio.CancelledError):
                        await task
                self.store.leave_place(number, now=self.clock.now())

    async def until(self, moment: datetime) -> None:
        """Let time pass."""
        await self.clock.sleep_until(moment)

    def live(self, life: Callable[[], Awaitable[None]]) -> None:
        """Let it happen."""

        async def go() -> None:
            self.clock.thread = _OneThread()
            asyncio.get_running_loop().set_default_executor(self.clock.thread)
            await life()

        run_async(go())

    def serve_until(self, moment: datetime, *, watching: bool = False) -> None:
        """A daemon's life from now on up to an instant."""

        async def life() -> None:
            async with self.serving(watching=watching):
                await self.until(moment)

        self.live(life)

    @property
    def became(self) -> dict[str, tuple[OccurrenceState, str | None]]:
        """What became of each day."""
        return {f"{one.schedule} {one.day}": (one.state, one.reason) for one in self.store.occurrences()}

    def heard(self, kind: type[Any]) -> list[Any]:
        """What was told of one kind."""
        return [event for event in self.told if isinstance(event, kind)]


def once(name: str = "squash", day: date = TUESDAY, hour: int = 13, **more: Any) -> dict[str, Any]:
    """A schedule of one day."""
    return {"name": name, "when": f"{day} at {hour}:00", **more}


@pytest.fixture
def house(tmp_path: Path, store: Store, url: str, monkeypatch: pytest.MonkeyPatch) -> House:
    monkeypatch.setenv("SNIPER_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.setenv("SNIPER_DATABASE_URL", url)
    clock = ThreadedClock(WAKES - timedelta(minutes=2))
    return House(tmp_path, store, clock, Runner(store, clock), Lookout(store, clock))
