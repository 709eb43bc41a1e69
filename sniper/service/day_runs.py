"""The runs of a daemon: how one begins, and what becomes of its day."""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sniper.clock.clock import Clock
from sniper.clock.site import SiteClock
from sniper.coordinator import RunResult
from sniper.core.plan import Standing
from sniper.core.trying_again import FIRST, pause_after
from sniper.errors import EnvironmentProblem, SniperError
from sniper.events import Aimed, Event, RunStarted, Tell
from sniper.execution import Prepared
from sniper.service.days import BECAME, Day
from sniper.service.telling import Ended, PutOff, RunTells, Said, TellAll, Woken
from sniper.sites.profile import Profile
from sniper.store.leases import LeaseTakenError
from sniper.store.planned import OccurrenceState
from sniper.store.repository import Store

Prepare = Callable[[Day], Prepared]
"""Makes a run of a day; it may block."""
Execute = Callable[[Prepared, Tell, Callable[[SiteClock], None]], Awaitable[RunResult]]
"""Carries a run out: `sniper.execution.execute`."""

LATE = timedelta(minutes=1)
_OVER_AFTER = timedelta(seconds=5)
"""So long after an opening its requests are out."""
_GLANCE = timedelta(milliseconds=500)


@dataclass(slots=True)
class Running:
    """A day that is being run.

    Attributes:
        clock: The site's, once it was measured.
        aimed_at: The opening of the last wave that was handed to the pages.
    """

    day: Day
    profile: Profile
    since: datetime
    task: asyncio.Task[None] | None = None
    run_id: int | None = None
    clock: SiteClock | None = None
    aimed_at: datetime | None = None

    @property
    def in_volley(self) -> bool:
        """Has it handed a wave to its pages that is not over yet?"""
        if self.clock is None or self.aimed_at is None:
            return False
        return self.clock.now() < self.aimed_at + _OVER_AFTER


class DayRuns:
    """Begins runs, and sees to what they leave. One that fails does not concern the others."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        prepare: Prepare,
        execute: Execute,
        tell: TellAll,
        changed: Callable[[], None],
    ) -> None:
        """Nothing runs yet.

        Args:
            store: Open.
            clock: This machine's.
            prepare: Makes a run of a day.
            execute: Carries it out.
            tell: Called for everything worth showing.
            changed: Called when a run hands a wave over, and when one ends.
        """
        self._store = store
        self._clock = clock
        self._prepare = prepare
        self._execute = execute
        self._tell = tell
        self._changed = changed
        self._failures: dict[int, int] = {}
        self._not_before: dict[int, datetime] = {}
        self._why_not: dict[int, str] = {}
        self.running: dict[int, Running] = {}

    @property
    def in_volley(self) -> bool:
        """Is one between the hand-over and its requests? Then nothing of ours shall be in its way."""
        return any(run.in_volley for run in self.running.values())

    async def volley_over(self) -> None:
        """Wait until none is in it."""
        while self.in_volley:
            await self._clock.sleep_until(self._clock.now() + _GLANCE)

    def at(self, profile: Profile) -> bool:
        """Does one run at that site?"""
        return any(run.profile.url == profile.url for run in self.running.values())

    def put_off_until(self, day: Day) -> datetime | None:
        """When a day that failed may be tried again, by this machine's clock."""
        return self._not_before.get(day.id)

    def why_not(self, occurrence_id: int) -> str | None:
        """Why a day could not be run the last time it was tried."""
        return self._why_not.get(occurrence_id)

    def forgive(self) -> None:
        """What failed may be tried again at once: something was mended."""
        self._failures.clear()
        self._not_before.clear()

    def begin(self, profile: Profile, day: Day, now: datetime) -> bool:
        """Begin the run for a day.

        Args:
            profile: Of its site.
            day: Due.
            now: The time there.

        Returns:
            Whether it is being run now; not where it is not to be run any more.
        """
        if day.id in self.running:
            return True
        if not self._store.begin_occurrence(day.id, now=self._clock.now()):
            return False
        late = now - day.wake_at
        if day.id not in self._failures:
            self._tell(Woken(day.record, late if late >= LATE else None))
        run = Running(day, profile, self._clock.now())
        self.running[day.id] = run
        run.task = asyncio.create_task(self._carry_out(run), name=f"run for {day.record.schedule}")
        return True

    async def all_ended(self) -> None:
        """Wait until none is running."""
        while tasks := [run.task for run in self.running.values() if run.task]:
            await asyncio.wait(tasks)

    async def stop(self) -> None:
        """Let what was handed to the pages fire, then end all runs in good order."""
        for run in list(self.running.values()):
            while run.in_volley and run.task and not run.task.done():
                await self._clock.sleep_until(self._clock.now() + _GLANCE)
        await self.stop_now()

    async def stop_now(self) -> None:
        """End all runs: what was pressed is still read back, and written down."""
        tasks = [run.task for run in self.running.values() if run.task]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _carry_out(self, run: Running) -> None:
        day = run.day
        # Where nothing else is said below, it was interrupted, and is to be gone on with.
        state, reason = OccurrenceState.PENDING, None
        prepared: Prepared | None = None
        try:
            prepared = await asyncio.to_thread(self._prepare, day)
            request = replace(prepared.request, failed_before=self._why_not.get(day.id))
            prepared = replace(prepared, request=request)
            result = await self._execute(prepared, lambda event: self._hear(run, event), self._clock_of(run))
            if result.failure is not None and result.verdict.standing is Standing.MISSED:
                self._put_off(run, "\n".join(result.problems[-1:]) or "the run failed")
            else:
                state = BECAME[result.verdict.standing]
                reason = "nothing was left to win" if _lost_without_a_try(result) else None
                self._forget(day)
                self._tell(Ended(day.record, state, prepared, result))
        except SniperError as error:
            pause = FIRST if isinstance(error, LeaseTakenError) else None
            self._put_off(run, str(error), mend=error.mend, pause=pause, told=prepared is not None)
        except Exception as error:  # noqa: BLE001 - a bug in one run must not end those of the others
            self._tell(Said("".join(traceback.format_exception(error)).rstrip(), problem=True))
            self._put_off(run, f"{type(error).__name__}: {error}", told=prepared is not None)
        finally:
            del self.running[day.id]
            self._write_down(day, state, reason)
            self._changed()

    def _write_down(self, day: Day, state: OccurrenceState, reason: str | None) -> None:
        try:
            self._store.end_occurrence(day.id, state, reason, now=self._clock.now())
        except EnvironmentProblem as error:
            # The day is found to be left alone when the store answers again, and its run tells its end.
            self._tell(Said(error.explain(), problem=True))

    def _clock_of(self, run: Running) -> Callable[[SiteClock], None]:
        def show(clock: SiteClock) -> None:
            run.clock = clock

        return show

    def _hear(self, run: Running, event: Event) -> None:
        match event:
            case RunStarted(run_id):
                run.run_id = run_id
                self._store.occurrence_has_run(run.day.id, run_id, now=self._clock.now())
            case Aimed(aim):
                run.aimed_at = aim.opens_at
                self._changed()
        self._tell(RunTells(run.day.record, event))

    def _put_off(
        self,
        run: Running,
        why: str,
        *,
        mend: str | None = None,
        pause: timedelta | None = None,
        told: bool = True,
    ) -> None:
        """Try it again later; said once where the reason stays the same, whatever the mend says by then."""
        day = run.day
        failures = self._failures[day.id] = self._failures.get(day.id, 0) + 1
        now = self._clock.now()
        at_site = run.clock.now() if run.clock else now
        until = now + (pause or pause_after(failures, day.opens_at - at_site))
        self._not_before[day.id] = until
        if self._why_not.get(day.id) != why:
            self._why_not[day.id] = why
            self._tell(PutOff(day.record, f"{why}\n{mend}" if mend else why, until, told))

    def _forget(self, day: Day) -> None:
        for known in (self._failures, self._not_before, self._why_not):
            known.pop(day.id, None)


def _lost_without_a_try(result: RunResult) -> bool:
    return result.verdict.standing is Standing.MISSED and not result.attempts
