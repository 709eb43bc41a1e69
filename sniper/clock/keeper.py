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
MEASURE_AHEAD = timedelta(seconds=25)
"""A measurement takes about twelve seconds; it shall be over, and its result still be fresh."""
TRY_AGAIN_AFTER = timedelta(seconds=5)
_WORTH_MEASURING = timedelta(seconds=1)
_LATE_AT_MOST = timedelta(seconds=2)
"""The first answer after a leap, which comes at once, tells the time to half a second."""
_ROUGHLY = timedelta(seconds=1)
_GLANCE = timedelta(milliseconds=50)


class ClockKeeper:
    """Measures again; when that fails, the last measurement stays, and after a leap it is tried again."""

    def __init__(
        self,
        clock: SiteClock,
        remeasure: Callable[[], Awaitable[None]],
        failed: Callable[[EnvironmentProblem], None],
        leaps: Leaps | None = None,
        *,
        try_again_after: timedelta = TRY_AGAIN_AFTER,
    ) -> None:
        """Nothing happens yet.

        Args:
            clock: What is kept right.
            remeasure: Brings `clock` up to date.
            failed: Called each time that fails.
            leaps: Of the machine's clock.
            try_again_after: The pause before the next try, where a measurement after a leap has failed.
        """
        self._clock = clock
        self._remeasure = remeasure
        self._failed = failed
        self._leaps = leaps
        self._try_again_after = try_again_after
        self._measuring = asyncio.Lock()
        self._after_a_leap: asyncio.Task[None] | None = None

    async def sleep_until(self, moment: datetime) -> None:
        """Wait on the site's clock, measured every ten minutes and a last time shortly before `moment`.

        No measurement is waited for beyond the moment, but for the two seconds in which a leap of our clock
        shows whether this is the moment at all.
        """
        while moment - self._clock.now() > MEASURE_AHEAD + _WORTH_MEASURING:
            await self._clock.sleep_until(min(moment - MEASURE_AHEAD, self._clock.now() + MEASURE_EVERY))
            measuring = asyncio.create_task(self.measure_again())
            try:
                await self._wait_for(measuring, moment)
                if measuring.done():
                    measuring.result()
            finally:
                await _cancelled(measuring)
        while moment > self._clock.now():
            await self._clock.sleep_until(moment)
            # Our clock may have been set forward: then it is not the moment yet.
            await self._wait_while_in_doubt()

    async def measure_again(self) -> None:
        """Measure now, one at a time. A leap stays noticed until a measurement after it succeeds."""
        async with self._measuring:
            in_vain = self._leap_is_noticed
            if self._leaps:
                self._leaps.noticed.clear()
            try:
                await self._remeasure()
                in_vain = False
            except EnvironmentProblem as error:
                self._failed(error)
            finally:
                if self._leaps and in_vain:
                    self._leaps.noticed.set()

    @asynccontextmanager
    async def watching(self) -> AsyncIterator[None]:
        """Within this block a leap of the machine's clock is followed by a measurement, whoever waits."""
        watch = asyncio.create_task(self._watch(self._leaps)) if self._leaps else None
        try:
            yield
        finally:
            await _cancelled(watch, self._after_a_leap)

    async def _watch(self, leaps: Leaps) -> None:
        while True:
            await leaps.noticed.wait()
            await asyncio.wait({self._resolving()})
            if leaps.noticed.is_set():
                await self._clock.pause(self._try_again_after)

    @property
    def _leap_is_noticed(self) -> bool:
        return self._leaps is not None and self._leaps.noticed.is_set()

    def _resolving(self) -> asyncio.Task[None]:
        """The one measurement that follows a leap, whoever waits for it."""
        if self._after_a_leap is None or self._after_a_leap.done():
            self._after_a_leap = asyncio.create_task(self._measure_unless_done())
        return self._after_a_leap

    async def _measure_unless_done(self) -> None:
        """A measurement that was under way when the leap was noticed may have begun after it."""
        async with self._measuring:
            pass
        if self._leap_is_noticed:
            await self.measure_again()

    async def _wait_while_in_doubt(self) -> None:
        until = self._clock.now() + _LATE_AT_MOST
        while self._clock.in_doubt and self._clock.bound > _ROUGHLY and self._clock.now() < until:
            resolving = self._resolving()
            await asyncio.wait({resolving}, timeout=0)
            if resolving.done():
                return
            await self._clock.pause(_GLANCE)

    async def _wait_for(self, measuring: asyncio.Task[None], moment: datetime) -> None:
        """Wait until it is done, but only up to an instant of the site's clock."""
        # The alarm is only set when there is something to wait for.
        await asyncio.wait({measuring}, timeout=0)
        if not measuring.done():
            alarm = asyncio.create_task(self._clock.sleep_until(moment))
            await asyncio.wait({measuring, alarm}, return_when=asyncio.FIRST_COMPLETED)
            await _cancelled(alarm)


async def _cancelled(*tasks: asyncio.Task[None] | None) -> None:
    """Cancel tasks, and wait until they are."""
    running = [task for task in tasks if task]
    for task in running:
        task.cancel()
    await asyncio.gather(*running, return_exceptions=True)
