"""Puts the daemon together: its place, its files, its alarms, its services."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from sniper.awake import kept_awake
from sniper.clock.clock import Clock, SystemClock
from sniper.execution import execute
from sniper.service.daemon import Daemon
from sniper.service.files import Files
from sniper.service.notices import Notices
from sniper.service.place import Place
from sniper.service.reloading import Reloading
from sniper.service.site_times import SiteTimes
from sniper.service.supervision import Service, Services
from sniper.service.telling import Said, ServiceEvent, TellAll
from sniper.service.wakes import ScheduledWakes
from sniper.store.planned import OccurrenceState
from sniper.store.repository import Store
from sniper.watch.session import watch

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Serving:
    """A daemon that has its place."""

    daemon: Daemon
    reloading: Reloading
    services: tuple[Service, ...]
    clock: Clock
    tell: TellAll

    async def for_ever(self) -> None:
        """Serve until cancelled.

        Raises:
            PlaceLostError: Another daemon has taken over.
        """
        looking = Service("looking what is due", self.daemon.go)
        await self._beside([looking, *self.services], asyncio.Event().wait())

    async def once(self) -> list[OccurrenceState]:
        """Run what is due, wait for its end, and say what became of it."""
        return await self._beside(self.services, self.daemon.once())

    async def _beside(self, services: Sequence[Service], work: Coroutine[Any, Any, Result]) -> Result:
        return await Services(services, self.clock, self.tell).beside(self._to_the_end(work))

    async def _to_the_end(self, work: Coroutine[Any, Any, Result]) -> Result:
        """Do it; at its end the runs are ended in good order, or at once where one asks again."""
        try:
            return await work
        finally:
            try:
                await self.daemon.watches.stop()
                await self.daemon.runs.stop()
            except asyncio.CancelledError:
                await self.daemon.runs.stop_now()


@asynccontextmanager
async def serving(files: Files, store: Store, tell: TellAll, *, jumps: bool = True) -> AsyncIterator[Serving]:
    """Within the block this process is the daemon of the store.

    Args:
        files: Read and right.
        store: Open.
        tell: Called for everything worth showing.
        jumps: May a practice site's clock jump over the waiting?

    Raises:
        PlaceTakenError: Another one is.
        EnvironmentProblem: A practice site, or the database, does not answer.
    """
    clock = SystemClock()
    number = store.take_place(files.paths, now=clock.now())
    daemon: Daemon | None = None

    def look() -> None:
        if daemon is not None:
            daemon.look_soon()

    def in_volley() -> bool:
        return daemon is not None and daemon.runs.in_volley

    notices = Notices(files, clock, in_volley, tell)

    def tell_all(event: ServiceEvent) -> None:
        tell(event)
        notices.tell(event)

    try:
        wakes = ScheduledWakes(store, look)
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(notices.listening())
            times = await stack.enter_async_context(
                SiteTimes(clock, lambda noted: tell(Said(noted.text, noted.problem)))
            )
            stack.enter_context(kept_awake())
            stack.enter_context(wakes.running())
            daemon = Daemon(
                files, store, clock, times, wakes, execute, watch, tell_all, leaps=clock.leaps, jumps=jumps
            )
            daemon.begin()
            reloading = Reloading(files, store, number, clock, times, daemon, tell_all)
            await reloading.begin()
            place = Place(store, number, clock, lambda: not in_volley())
            services = (
                Service("saying that the daemon lives", place.keep),
                Service("reading the files again", reloading.watch),
            )
            yield Serving(daemon, reloading, services, clock, tell_all)
    finally:
        store.leave_place(number, now=clock.now())
