"""The watch itself: look, tell what came and went, book if told to, wait, look again."""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sniper.clock.clock import Clock
from sniper.coordinator import RunResult
from sniper.core.availability import Look
from sniper.core.plan import Held, Situation, Standing
from sniper.core.slots import Slot
from sniper.core.standing import verdict
from sniper.core.watching import (
    gone,
    is_over,
    next_look,
    openings,
    pause_after_failures,
    worth_having,
)
from sniper.errors import EnvironmentProblem
from sniper.events import Noted
from sniper.store.looks import Fresh, NotYet, WatchMemory
from sniper.store.repository import Store
from sniper.watch.callbacks import Calls
from sniper.watch.happenings import (
    BookingBegins,
    BookingEnded,
    Happening,
    Kind,
    Looked,
    Paused,
    TellWatch,
    WatchBegins,
    WatchEnded,
)
from sniper.watch.reader import Lists, NotReadError, Reader
from sniper.watch.site_time import SiteTime
from sniper.watch.task import WatchTask, holding

Book = Callable[[frozenset[Slot]], Awaitable[RunResult]]
"""Carries a run out; handed the slots that cannot be had just now."""

_REFUSED_ENOUGH = 3
"""A site that refuses so often in a row, or answers what nobody understands, is not asked any more."""
_BOOK_AGAIN_AFTER = timedelta(minutes=1)
_CALLED_WITHIN = timedelta(seconds=60)
_SOON = 10
"""Where somebody else has just asked, their answer is looked for after this part of the floor."""


@dataclass(frozen=True, slots=True)
class _Seen:
    """What a look showed.

    Attributes:
        at: When that was so, on the site's clock.
        requests: How many it took.
    """

    at: datetime
    free: frozenset[Slot]
    requests: int
    unchanged: bool


class Watcher:
    """Watches for one task. What it must not forget is in the store: it may be killed at any time."""

    def __init__(
        self,
        task: WatchTask,
        reader: Reader,
        time: SiteTime,
        local: Clock,
        store: Store,
        tell: TellWatch,
        calls: Calls,
        book: Book | None = None,
        lot: Callable[[], float] = random.random,
        *,
        turn: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        """Nothing is asked yet.

        Args:
            task: What is watched.
            reader: Asks the site.
            time: The site's clock.
            local: This machine's clock.
            store: Open.
            tell: Called for everything worth showing.
            calls: Calls whom the person wants to be told.
            book: Books what appears; None where it is only told.
            lot: Draws from 0 to 1, so that watchers do not come in step.
            turn: Waits until the site may be asked; that is at any time, if None.
        """
        self._task = task
        self._reader = reader
        self._time = time
        self._clock = time.clock
        self._local = local
        self._store = store
        self._tell = tell
        self._calls = calls
        self._book = book
        self._lot = lot
        self._turn = turn
        self._site = task.profile.name
        self._memory = store.watch_memory(self._site, task.key)
        self._held: tuple[Held, ...] = ()
        self._refused = 0
        self._book_pause = _BOOK_AGAIN_AFTER
        self._book_from: datetime | None = None
        self._noted: set[str] = set()

    async def run(self) -> WatchEnded:
        """Watch until the goal is reached or the day is over; once where that is asked for.

        Raises:
            EnvironmentProblem: The site refuses for good, or answers what the profile does not know; where it
                is looked once only, also when it does not answer.
        """
        task = self._task
        rehearsal = task.profile.practice is not None
        begins = WatchBegins(
            self._clock.now(), task.profile.title, rehearsal, task.goal, self._book is not None
        )
        self._tell(begins)
        self._held = tuple(holding(self._store, task, ()))
        try:
            while not (why := self._why_over()):
                if self._turn is not None:
                    await self._turn()
                seen, then = await self._look()
                if seen is not None:
                    await self._consider(seen, then)
                    if task.once and not self._why_over():
                        why = "it was looked once"
                        break
                if not self._why_over():
                    await self._clock.sleep_until(then)
        finally:
            await self._calls.done(_CALLED_WITHIN)
        ended = WatchEnded(self._clock.now(), self._standing(), why)
        self._tell(ended)
        return ended

    @property
    def to_be_had(self) -> frozenset[Slot]:
        """What was worth having at the last look."""
        return self._memory.told

    # -- looking

    async def _look(self) -> tuple[_Seen | None, datetime]:
        """What is free, asked for or as another process has just seen it; and when to look next."""
        task, now = self._task, self._local.now()
        locations = self._reader.lists(self._locations)
        day = task.goal.target_date
        claim = self._store.claim_look(self._site, day, locations, task.pace.floor, now=now)
        if isinstance(claim, NotYet):
            return None, self._not_yet(claim, now)
        if isinstance(claim, Fresh):
            at = self._clock.now() - (now - claim.read_at)
            return _Seen(at, self._free(), 0, unchanged=True), self._next_after(at)
        try:
            lists = await self._reader.read(day, self._locations)
        except NotReadError as error:
            return None, self._not_read(error, claim.failures + 1)
        self._refused = 0
        look = self._looked(lists)
        self._store.note_look(
            self._site,
            day,
            locations,
            self._slots(),
            lists.entries,
            task.opening_of,
            look,
            rehearsal=task.profile.practice is not None,
            now=self._local.now(),
        )
        at = self._at_site(lists.received)
        return _Seen(at, self._free(), lists.requests, lists.unchanged), self._next_after(at)

    def _looked(self, lists: Lists) -> Look:
        """When that was, by the site's clock, which the answers tell as well."""
        for reading in lists.readings:
            if by := self._time.heard(reading):
                way = "forward" if by > timedelta(0) else "back"
                self._note(f"the site's clock was set {way} by {abs(by).total_seconds():.0f} s", again=True)
        if not lists.readings:
            self._note("the site does not tell the time with its lists: going by what was read at first")
        if lists.is_cut:
            self._note("the list has more pages than the profile's `availability.pages.at_most`: cut off")
        if not lists.entries:
            self._note("the list names no slot of that day yet that the profile knows")
        return self._time.look(lists.sent, lists.received)

    def _not_yet(self, claim: NotYet, now: datetime) -> datetime:
        until = claim.until
        if claim.is_left_alone:
            self._paused("the site is left alone", until, claim.failures)
        else:
            until = min(until, now + self._task.pace.floor / _SOON)
        return self._at_site(until)

    def _not_read(self, error: NotReadError, failures: int) -> datetime:
        """The site did not answer: it is left alone, by all processes.

        Raises:
            NotReadError: That will not be otherwise the next time.
        """
        pause = pause_after_failures(failures, self._task.pace, error.pause, self._lot())
        now = self._local.now()
        self._store.note_failure(self._site, now + pause, now=now)
        self._refused = self._refused + 1 if error.is_lasting else 0
        if self._refused >= _REFUSED_ENOUGH or (self._task.once and error.is_lasting):
            raise error
        self._paused(str(error), now + pause, failures)
        return self._at_site(now + pause)

    def _paused(self, why: str, until: datetime, failures: int) -> None:
        if self._task.once:
            raise EnvironmentProblem(
                f"{why} until {until.astimezone(self._task.profile.timezone):%a %H:%M:%S}",
                mend="Try again later; without --once a watch does so by itself.",
            )
        self._tell(Paused(self._clock.now(), why, self._at_site(until), failures))

    def _next_after(self, looked_at: datetime) -> datetime:
        return next_look(looked_at, self._task.pace, openings(self._task.goal), self._lot())

    def _at_site(self, moment: datetime) -> datetime:
        """An instant of our clock on the site's."""
        return moment + self._clock.offset

    def _free(self) -> frozenset[Slot]:
        seen = self._store.seen(self._site, self._task.goal.target_date)
        return frozenset(slot for slot, one in seen.items() if one.is_free)

    # -- telling and booking

    async def _consider(self, seen: _Seen, next_at: datetime) -> None:
        goal, now = self._task.goal, self._clock.now()
        self._held = tuple(holding(self._store, self._task, self._held))
        free = frozenset(slot for slot in seen.free if slot.instant > now)
        limits = self._task.profile.limits_per_account()
        worth = worth_having(goal, limits, self._situation(), free)
        told = self._memory.told
        appeared = tuple(slot for slot in worth if slot not in told)
        ours = {one.slot for one in self._held}
        went = tuple(sorted(told - ours - set(worth), key=lambda slot: (slot.instant, slot.place)))
        self._tell(
            Looked(seen.at, worth, seen.requests, seen.unchanged, None if self._task.once else next_at)
        )
        for kind, slots in ((Kind.WENT, went), (Kind.APPEARED, appeared)):
            if slots:
                self._happened(Happening(kind, slots, seen.at, self._site, *self._named))
        self._remember(frozenset(worth), self._memory.tried & free)
        if self._book is not None and set(worth) - self._memory.tried:
            await self._try_to_book(self._book, worth, free)

    async def _try_to_book(self, book: Book, worth: tuple[Slot, ...], free: frozenset[Slot]) -> None:
        """Begin a run for what appeared. What it could not get is not tried again until it has been gone."""
        now = self._clock.now()
        if self._book_from is not None and self._local.now() < self._book_from:
            return
        self._tell(BookingBegins(now, worth))
        try:
            result = await book(frozenset(gone(self._task.goal, now, free)))
        except EnvironmentProblem as error:
            self._put_off_booking()
            self._tell(BookingEnded(self._clock.now(), None, error.explain()))
            return
        self._held = result.counted
        self._tell(BookingEnded(self._clock.now(), result))
        if result.failure is not None:
            self._put_off_booking()
            return
        self._book_pause, self._book_from = _BOOK_AGAIN_AFTER, None
        self._remember(self._memory.told, self._memory.tried | set(worth))

    def _put_off_booking(self) -> None:
        """It did not come about, for a reason that is none of the slots': again, but not at once."""
        self._book_from = self._local.now() + self._book_pause
        self._book_pause *= 2

    def _happened(self, happening: Happening) -> None:
        self._tell(happening)
        self._calls.about(happening)

    @property
    def _named(self) -> tuple[str, bool]:
        profile = self._task.profile
        return profile.title, profile.practice is not None

    def _remember(self, told: frozenset[Slot], tried: frozenset[Slot]) -> None:
        memory = WatchMemory(told, tried)
        if memory != self._memory:
            self._memory = memory
            day = self._task.goal.target_date
            self._store.remember_watch(self._site, self._task.key, day, memory, now=self._local.now())

    def _note(self, text: str, *, again: bool = False) -> None:
        if again or text not in self._noted:
            self._noted.add(text)
            self._tell(Noted(text))

    # -- what is known

    @property
    def _locations(self) -> tuple[str, ...]:
        return tuple(priority.location for priority in self._task.goal.ranked)

    def _slots(self) -> Iterator[Slot]:
        for priority in self._task.goal.priorities:
            for start in self._task.goal.starts(priority):
                yield from priority.slots_at(start)

    def _situation(self) -> Situation:
        return Situation(self._clock.now(), self._task.accounts, self._held)

    def _standing(self) -> Standing:
        return verdict(self._task.goal, self._situation()).standing

    def _why_over(self) -> str:
        if self._standing() is Standing.REACHED:
            return "the goal is reached"
        if is_over(self._task.goal, self._clock.now()):
            return "the last hour of the day has begun"
        return ""
