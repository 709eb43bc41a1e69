"""Keeps the site's clock right for as long as one waits: measures it again now and then, and after a leap."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

from sniper.clock.leaps import Leaps
from sniper.clock.site import SiteClock
from sniper.errors import EnvironmentProblem

MEASURE_EVERY = timedelta(minutes=10)
MEASURE_AHEAD = timedelta(seconds=60)
_WORTH_MEASURING = timedelta(seconds=1)


class ClockKeeper:
    """Measures again; when that fails, the last measurement stays."""

    def __init__(
        self,
        clock: SiteClock,
        remeasure: Callable[[], Awaitable[None]],
        failed: Callable[[EnvironmentProblem], None],
        leaps: Leaps | None = None,
    ) -> None:
        """Nothing happens yet.

        Args:
            clock: What is kept right.
            remeasure: Brings `clock` up to date.
            failed: Called when that fails after it worked.
            leaps: Of the machine's clock.
        """
        self._clock = clock
        self._remeasure = remeasure
        self._failed = failed
        self._leaps = leaps
        self._measuring = asyncio.Lock()
        self._fails = False

    async def sleep_until(self, moment: datetime) -> None:
        """Wait on the site's clock, measured every ten minutes and a last time a minute before `moment`."""
        while moment - self._clock.now() > MEASURE_AHEAD + _WORTH_MEASURING:
            await self._clock.sleep_until(min(moment - MEASURE_AHEAD, self._clock.now() + MEASURE_EVERY))
            await self.measure_again()
        while moment > self._clock.now():
            await self._clock.sleep_until(moment)
            # The clock may have been set forward: then it is not the moment yet.
            await self.measure_again(only_after_a_leap=True)

    async def measure_again(self, *, only_after_a_leap: bool = False) -> None:
        """Measure now; one measurement at a time."""
        async with self._measuring:
            if only_after_a_leap and not (self._leaps and self._leaps.noticed.is_set()):
                return
            if self._leaps:
                self._leaps.noticed.clear()
            try:
                await self._remeasure()
            except EnvironmentProblem as error:
                if not self._fails:
                    self._failed(error)
                self._fails = True
            else:
                self._fails = False

    @asynccontextmanager
    async def watching(self) -> AsyncIterator[None]:
        """Within this block a leap of the machine's clock is followed by a measurement, whoever waits."""
        watch = asyncio.create_task(self._watch(self._leaps)) if self._leaps else None
        try:
            yield
        finally:
            if watch:
                watch.cancel()
                await asyncio.gather(watch, return_exceptions=True)

    async def _watch(self, leaps: Leaps) -> None:
        while True:
            await leaps.noticed.wait()
            await self.measure_again(only_after_a_leap=True)
