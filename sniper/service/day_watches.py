"""The watches of a daemon: for what comes back of days whose runs have not reached their goal."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Protocol

from sniper.clock.clock import Clock
from sniper.clock.site import SiteClock
from sniper.core.plan import Standing
from sniper.errors import EnvironmentProblem, InputError, SniperError
from sniper.events import Event, RunStarted, Tell
from sniper.scheduling import FromFile
from sniper.service.day_runs import DayRuns
from sniper.service.days import BECAME, Day, is_practice
from sniper.service.supervision import Service, kept_going
from sniper.service.telling import Ended, RunTells, Said, ServiceEvent, TellAll, WatchTells, name_of
from sniper.sites.profile import Profile
from sniper.store.repository import Store
from sniper.watch.happenings import BookingEnded, TellWatch, WatchEvent
from sniper.watch.reader import NotReadError
from sniper.watch.session import PreparedWatch, WatchResult
from sniper.watch.turns import Turn

Prepare = Callable[[Day], PreparedWatch]
"""Makes a watch of a day; it may block."""


class Watch(Protocol):
    """Watches to the end: `sniper.watch.session.watch`."""

    def __call__(
        self,
        prepared: PreparedWatch,
        terminal: TellWatch,
        tell_run: Tell,
        show_clock: Callable[[SiteClock], None],
        *,
        turn: Turn | None,
    ) -> Awaitable[WatchResult]:
        """See there."""
        ...


@dataclass(frozen=True, slots=True)
class Watchable:
    """A day that is to be watched, by what its file says."""

    day: Day
    profile: Profile
    file: FromFile


@dataclass(slots=True)
class Watching:
    """A day that is being watched.

    Attributes:
        books: Just now a run books what has appeared.
        is_over: It has come to an end, and is not begun again unless the file is read again.
        why_not: How the last try ended.
        has_told: The watch has told that by itself: to whom its file names, and in the log.
    """

    what: Watchable
    task: asyncio.Task[None] | None = None
    books: bool = False
    is_over: bool = False
    why_not: str | None = field(default=None, repr=False)
    has_told: bool = False


class DayWatches:
    """Begins watches, and sees to what they leave. None of them is in the way of a run."""

    def __init__(
        self, store: Store, clock: Clock, prepare: Prepare, watch: Watch, runs: DayRuns, tell: TellAll
    ) -> None:
        """Nothing is watched yet.

        Args:
            store: Open.
            clock: This machine's.
            prepare: Makes a watch of a day.
            watch: Watches to the end.
            runs: Those that watches have to stand aside for.
            tell: Called for everything worth showing.
        """
        self._store = store
        self._clock = clock
        self._prepare = prepare
        self._watch = watch
        self._runs = runs
        self._tell = tell
        self._known: dict[int, Watching] = {}
        self._ending: set[asyncio.Task[None]] = set()

    @property
    def days(self) -> tuple[Day, ...]:
        """What is being watched."""
        return tuple(one.what.day for one in self._known.values() if not one.is_over)

    def book_at(self, profile: Profile) -> bool:
        """Does one book at that site just now?"""
        return any(one.books and one.what.profile.url == profile.url for one in self._known.values())

    def keep(self, wanted: Mapping[int, Watchable]) -> None:
        """From now on watch these, by their numbers, and no others.

        One that books is let do so. One whose file was read again since is begun anew.
        """
        for number, watching in list(self._known.items()):
            now = wanted.get(number)
            if watching.books or (now is not None and now.file is watching.what.file):
                continue
            del self._known[number]
            if watching.task is not None:
                self._ending.add(watching.task)
                watching.task.add_done_callback(self._ending.discard)
                watching.task.cancel()
        for number, what in wanted.items():
            if number not in self._known:
                watching = self._known[number] = Watching(what)
                name = f"the watch for {name_of(what.day.record)}"
                service = Service(name, partial(self._go_on, watching))
                tell = partial(self._tell_failure, watching)
                watching.task = asyncio.create_task(kept_going(service, self._clock, tell), name=name)

    async def stop(self) -> None:
        """End all watches; one that books reads back what it has pressed."""
        tasks = [*self._ending, *(one.task for one in self._known.values() if one.task)]
        self._known.clear()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _go_on(self, watching: Watching) -> None:
        """Watch to the end.

        Raises:
            SniperError: It has to be begun again.
        """
        day = watching.what.day
        watching.has_told = False
        try:
            prepared = await asyncio.to_thread(self._prepare, day)
            prepared = replace(prepared, failed_before=watching.why_not)
            try:
                await self._watch(
                    prepared,
                    partial(self._hear, watching, prepared),
                    partial(self._hear_run, watching),
                    lambda _: None,
                    turn=_Turn(self._runs, watching),
                )
            except SniperError:
                watching.has_told = True
                raise
        except SniperError as error:
            watching.why_not = str(error)
            if not _is_lasting(error):
                raise
            again = "it is watched again when its file is read again, or by the next start"
            text = f"the watch for {name_of(day.record)} has ended; {again}: {error}"
            self._tell(Said(text, problem=True, told=watching.has_told))
        watching.is_over = True

    def _tell_failure(self, watching: Watching, event: ServiceEvent) -> None:
        self._tell(replace(event, told=watching.has_told) if isinstance(event, Said) else event)

    def _hear(self, watching: Watching, prepared: PreparedWatch, event: WatchEvent) -> None:
        day = watching.what.day
        self._tell(WatchTells(day.record, prepared, event))
        if isinstance(event, BookingEnded) and event.result is not None:
            state = BECAME[event.result.verdict.standing]
            if event.result.verdict.standing is not Standing.MISSED:
                self._store.end_occurrence(day.id, state, now=self._clock.now())
            self._tell(Ended(day.record, state, prepared.run, event.result))

    def _hear_run(self, watching: Watching, event: Event) -> None:
        day = watching.what.day
        if isinstance(event, RunStarted):
            self._store.occurrence_has_run(day.id, event.run_id, now=self._clock.now())
        self._tell(RunTells(day.record, event))


@dataclass(frozen=True, slots=True)
class _Turn:
    """A watch stands aside while a run is about to fire."""

    runs: DayRuns
    watching: Watching

    async def to_look(self) -> None:
        """When the requests of every wave are out."""
        await self.runs.volley_over()

    @asynccontextmanager
    async def to_book(self) -> AsyncIterator[None]:
        """When the requests of every wave are out.

        Raises:
            EnvironmentProblem: It is a practice site, and something runs there.
        """
        profile = self.watching.what.profile
        if is_practice(profile) and self.runs.at(profile):
            raise EnvironmentProblem(
                "a run is under way there, and a practice site's clock jumps for one only"
            )
        await self.to_look()
        self.watching.books = True
        try:
            yield
        finally:
            self.watching.books = False


def _is_lasting(error: SniperError) -> bool:
    """Will it be the same the next time?"""
    return isinstance(error, InputError) or (isinstance(error, NotReadError) and error.is_lasting)
