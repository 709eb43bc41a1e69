"""Puts the daemon together: its place, its files, its alarms, its services."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from sniper.awake import kept_awake
from sniper.clock.clock import Clock, SystemClock
from sniper.execution import execute
from sniper.service.daemon import Daemon
from sniper.service.files import Files
from sniper.service.place import Place
from sniper.service.reloading import Reloading
from sniper.service.site_times import SiteTimes
from sniper.service.supervision import Service, Services
from sniper.service.telling import Said, TellAll
from sniper.service.wakes import ScheduledWakes
from sniper.store.planned import OccurrenceState
from sniper.store.repository import Store

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

    try:
        wakes = ScheduledWakes(store, look)
        async with SiteTimes(clock, lambda noted: tell(Said(noted.text, noted.problem))) as times:
            with kept_awake(), wakes.running():
                daemon = Daemon(
                    files, store, clock, times, wakes, execute, tell, leaps=clock.leaps, jumps=jumps
                )
                daemon.begin()
                reloading = Reloading(files, store, number, clock, times, daemon, tell)
                await reloading.begin()
                place = Place(store, number, clock, lambda: not daemon.runs.in_volley)
                services = (
                    Service("saying that the daemon lives", place.keep),
                    Service("reading the files again", reloading.watch),
                )
                yield Serving(daemon, reloading, services, clock, tell)
    finally:
        store.leave_place(number, now=clock.now())
