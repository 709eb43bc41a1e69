"""The daemon: looks what is due, has it run, and sets the alarms for the rest."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Protocol

from sniper.clock.clock import Clock
from sniper.clock.leaps import Leaps
from sniper.errors import EnvironmentProblem, InputError
from sniper.service.day_runs import DayRuns, Execute
from sniper.service.day_watches import DayWatches, Watch, Watchable
from sniper.service.days import Day, Days, is_practice
from sniper.service.files import Files
from sniper.service.telling import ComesNext, Missed, Next, Said, TellAll, name_of
from sniper.service.wakes import Wakes
from sniper.sites.profile import Profile
from sniper.store.planned import OccurrenceRecord, OccurrenceState, Schedule
from sniper.store.repository import Store

LOOK_EVERY = timedelta(seconds=30)
"""Also where nothing says that anything has changed: `sniper schedule` writes to the store, too."""
RENEW_EVERY = timedelta(minutes=10)
_GLANCE = timedelta(milliseconds=500)


class Times(Protocol):
    """What time it is at a site, and the jumps of a practice site's clock."""

    async def now(self, profile: Profile) -> datetime:
        """The time there, in UTC."""
        ...

    async def jump(self, profile: Profile, moment: datetime) -> bool:
        """Jump close to `moment`, never past it, where that can be done."""
        ...


@dataclass(frozen=True, slots=True)
class Coming:
    """A day that will be run, and from when on by this machine's clock."""

    day: Day
    at: datetime


class Daemon:
    """Runs every day that is due. What it knows beyond the store is what it has begun itself."""

    def __init__(
        self,
        files: Files,
        store: Store,
        clock: Clock,
        times: Times,
        wakes: Wakes,
        execute: Execute,
        watch: Watch,
        tell: TellAll,
        *,
        leaps: Leaps | None = None,
        jumps: bool = True,
    ) -> None:
        """Nothing happens yet.

        Args:
            files: Read and right.
            store: Open.
            clock: This machine's.
            times: What time it is at the sites.
            wakes: Alarms, running.
            execute: Carries out a run.
            watch: Watches for what comes back.
            tell: Called for everything worth showing.
            leaps: Of this machine's clock; after one everything is looked at anew.
            jumps: May a practice site's clock jump over the waiting while nothing runs there?
        """
        self._files = files
        self._store = store
        self._days = Days(store)
        self._clock = clock
        self._times = times
        self._wakes = wakes
        self._tell = tell
        self._leaps = leaps
        self._jumps = jumps
        self._looking = asyncio.Lock()
        self._look_now = asyncio.Event()
        self._renewed_at: datetime | None = None
        self._missed: set[int] = set()
        self._said: dict[object, str] = {}
        self.runs = DayRuns(store, clock, files.prepared, execute, tell, self.look_soon)
        self.watches = DayWatches(store, clock, files.watch_of, watch, self.runs, tell)
        self.coming: tuple[Coming, ...] = ()
        self._next: int | None = -1  # nobody was told yet

    def begin(self) -> None:
        """Learn what was missed before: it was told then. To be called before anything else writes days."""
        self._missed = set(self._days.missed())

    def look_soon(self) -> None:
        """Look at the next opportunity."""
        self._look_now.set()

    def renew_soon(self) -> None:
        """Look at the next opportunity, and bring the days of the schedules up to date before."""
        self._renewed_at = None
        self.look_soon()

    async def go(self) -> None:
        """Look again and again, for ever."""
        while True:
            await self._until_quiet()
            self._look_now.clear()
            leapt = self._leapt()
            try:
                await self.look(renew=leapt)
            except EnvironmentProblem as error:
                self._problem("look", error.explain())
            else:
                self._mended("look")
            await self._until_the_next_look()

    async def once(self) -> list[OccurrenceState]:
        """Run what is due, and return what became of it."""
        await self.look()
        begun = list(self.runs.running)
        await self.runs.all_ended()
        found = self._store.occurrences_by_id(begun)
        return [found[number][0] for number in begun if number in found]

    async def look(self, *, renew: bool = False) -> None:
        """Begin what is due, and set the alarms for the rest.

        Args:
            renew: Bring the days of the schedules up to date first, as is done now and then in any case.

        Raises:
            EnvironmentProblem: The store does not answer.
        """
        async with self._looking:
            self._take_up()
            now = self._clock.now()
            if renew or self._renewed_at is None or now - self._renewed_at >= RENEW_EVERY:
                await self._renew()
            pending = [(self._site(day.schedule), day) for day in self._days.pending()]
            known = [(profile, day) for profile, day in pending if profile is not None]
            known.sort(key=lambda one: one[0].url)
            coming: list[Coming] = []
            for _, at_site in groupby(known, key=lambda one: one[0].url):
                days = list(at_site)
                coming += await self._look_at(days[0][0], [day for _, day in days])
            self.coming = tuple(sorted(coming, key=lambda one: (one.at, one.day.opens_at)))
            self._wakes.set({one.day.id: one.at for one in self.coming})
            await self._keep_watches()
        self._tell_next()

    async def _look_at(self, profile: Profile, days: list[Day]) -> list[Coming]:
        """Begin what is due at one site; returns the rest."""
        try:
            now = await self._times.now(profile)
            rest = self._begin_due(profile, days, now)
            if self._jumps and is_practice(profile) and rest and not self._is_busy(profile, rest):
                next_one = min(day.wake_at for day in rest)
                if next_one - now > timedelta(seconds=1) and await self._times.jump(profile, next_one):
                    now = await self._times.now(profile)
                    rest = self._begin_due(profile, rest, now)
        except EnvironmentProblem as error:
            self._problem(profile.url, error.explain())
            return []
        self._mended(profile.url)
        return [Coming(day, self._due_here(day, now)) for day in rest]

    async def _keep_watches(self) -> None:
        """Watch the days that were not won, where their files want that, for as long as they last."""
        wanted: dict[int, Watchable] = {}
        known: list[Watchable] = []
        for day in self._days.not_won():
            profile, file = self._site(day.schedule), self._files.watching(day)
            if profile is not None and file is not None:
                known.append(Watchable(day, profile, file))
        known.sort(key=lambda one: one.profile.url)
        for _, at_site in groupby(known, key=lambda one: one.profile.url):
            days = list(at_site)
            profile = days[0].profile
            try:
                today = (await self._times.now(profile)).astimezone(profile.timezone).date()
            except EnvironmentProblem as error:
                # What is watched there already goes on, and sees for itself.
                self._problem(profile.url, error.explain())
                watched = {day.id for day in self.watches.days}
                going = [one for one in days if one.day.id in watched]
            else:
                going = [one for one in days if one.day.record.day >= today]
            wanted |= {one.day.id: one for one in going}
        self.watches.keep(wanted)

    def _due_here(self, day: Day, now: datetime) -> datetime:
        """When a day is due by this machine's clock; one that has to wait for something is looked at soon."""
        local = self._clock.now()
        put_off = self.runs.put_off_until(day) or local
        return max(local + (day.wake_at - now), put_off, local + _GLANCE)

    def _begin_due(self, profile: Profile, days: Iterable[Day], now: datetime) -> list[Day]:
        rest = []
        for day in days:
            put_off = self.runs.put_off_until(day)
            waits = put_off is not None and self._clock.now() < put_off
            # A clock that jumps can jump for one run at a time only.
            waits = waits or (is_practice(profile) and self._is_used(profile))
            if day.wake_at > now or waits or not self.runs.begin(profile, day, now):
                rest.append(day)
        return rest

    def _is_busy(self, profile: Profile, rest: Iterable[Day]) -> bool:
        """Does something run there, or wait to be tried again?"""
        return self._is_used(profile) or any(self.runs.put_off_until(day) for day in rest)

    def _is_used(self, profile: Profile) -> bool:
        """Does a run go on there, one of a watch perhaps?"""
        return self.runs.at(profile) or self.watches.book_at(profile)

    async def _renew(self) -> None:
        """Bring the days of all schedules up to date, and tell which were missed."""
        self._files.forget_profiles()
        for record in self._days.schedules():
            profile = self._site(record.schedule)
            if profile is None:
                continue
            key = ("days", record.id)
            try:
                now = await self._times.now(profile)
            except EnvironmentProblem as error:
                self._problem(profile.url, error.explain())
                continue
            if problem := await asyncio.to_thread(self._days.renew, record, now):
                self._problem(key, problem)
            else:
                self._mended(key)
        self._renewed_at = self._clock.now()
        missed = self._days.missed()
        for number in missed.keys() - self._missed:
            self._tell_missed(missed[number])
        self._missed = set(missed)

    def _take_up(self) -> None:
        """What was begun and is not being run here was left: by a daemon that was killed, as a rule."""
        for record, state in self._days.take_up(self.runs.running, self._clock.now()):
            became = "it is gone on with" if state is OccurrenceState.PENDING else f"it ended: {state.value}"
            self._tell(Said(f"the run for {name_of(record)} was left alone; {became}"))

    def _tell_missed(self, record: OccurrenceRecord) -> None:
        tried = self.runs.why_not(record.id)
        if tried is not None:
            state = OccurrenceState.MISSED
            self._store.end_occurrence(record.id, state, tried, now=self._clock.now())
        self._tell(Missed(record, tried or record.reason or ""))

    def _site(self, schedule: Schedule) -> Profile | None:
        """The profile of a schedule's site; None where this daemon does not serve it, which is told once."""
        key = ("schedule", schedule.origin, schedule.name)
        if not self._files.are_served(schedule.origin):
            self._problem(key, f"schedule {schedule.name!r} of {schedule.origin} is not served here")
            return None
        try:
            profile = self._files.profile_of(schedule)
        except InputError as error:
            self._problem(key, f"schedule {schedule.name!r} is not run: {error}")
            return None
        self._mended(key)
        return profile

    # -- waiting

    async def _until_the_next_look(self) -> None:
        waits = {
            asyncio.create_task(self._look_now.wait()),
            asyncio.create_task(self._clock.sleep_until(self._clock.now() + LOOK_EVERY)),
        }
        if self._leaps:
            waits.add(asyncio.create_task(self._leaps.noticed.wait()))
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in waits:
                task.cancel()
            await asyncio.gather(*waits, return_exceptions=True)

    async def _until_quiet(self) -> None:
        """From the hand-over until its requests are out, nothing here is in the way of a run."""
        if not self.runs.in_volley:
            return
        self._wakes.pause()
        try:
            await self.runs.volley_over()
        finally:
            self._wakes.resume()

    def _leapt(self) -> bool:
        """Was this machine's clock set, or did it sleep? Then alarms are wrong, and days may have passed."""
        if self._leaps is None or not self._leaps.noticed.is_set():
            return False
        self._leaps.noticed.clear()
        self._tell(Said("this machine slept, or its clock was set: looking anew what is due"))
        return True

    # -- telling

    def _tell_next(self) -> None:
        """Say what comes next, where that is another day than before."""
        first = self.coming[0] if self.coming else None
        number = first.day.id if first else None
        if number != self._next:
            self._next = number
            self._tell(ComesNext(Next(first.day.record, first.at) if first else None))

    def _problem(self, key: object, text: str) -> None:
        """Said once, until it is mended or another."""
        if self._said.get(key) != text:
            self._said[key] = text
            self._tell(Said(text, problem=True))

    def _mended(self, key: object) -> None:
        self._said.pop(key, None)
