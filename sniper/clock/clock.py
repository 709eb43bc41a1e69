"""Clocks. Every part that needs the time is handed one; none reads the machine's by itself."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Protocol

from sniper.clock.leaps import NOTICED, Leaps, MachineTime, TimeSource

_LONGEST_SLEEP = timedelta(seconds=5)


class Clock(Protocol):
    """Tells the time, and waits for one."""

    @property
    def in_doubt(self) -> bool:
        """Is what it tells known to be in doubt, until it is measured again?"""
        ...

    def now(self) -> datetime:
        """The instant, aware, in UTC."""
        ...

    async def sleep_until(self, moment: datetime) -> None:
        """Return at `moment` or, when it is past, at once; never before it.

        Where the clock is set back meanwhile, return when it would have been there otherwise.
        """
        ...


class SystemClock:
    """This machine's clock. Whoever waits on it notices when it was set, or the machine slept: `leaps`."""

    def __init__(self, source: TimeSource | None = None) -> None:
        self._source = source or MachineTime()
        self.leaps = Leaps(self._source)

    @property
    def in_doubt(self) -> bool:
        """It is what others are measured against."""
        return False

    def now(self) -> datetime:
        """The machine's time, in UTC."""
        return self._source.wall()

    async def sleep_until(self, moment: datetime) -> None:
        """Sleep in short steps: machines sleep and clocks are set while one waits."""
        # By what would be a leap later: where nobody set the clock, the time of day decides.
        in_any_case = self._source.monotonic() + (moment - self.now()) + NOTICED
        while (left := min(moment - self.now(), in_any_case - self._source.monotonic())) > timedelta(0):
            await self._source.sleep(min(left, _LONGEST_SLEEP))
            self.leaps.look()


class SimulatedClock:
    """A clock that stands until somebody waits on it, and is then at once where they waited for."""

    def __init__(self, start: datetime) -> None:
        self._now = start.astimezone(UTC)

    @property
    def in_doubt(self) -> bool:
        """Never."""
        return False

    def now(self) -> datetime:
        """The simulated time, in UTC."""
        return self._now

    def advance(self, by: timedelta) -> None:
        """Let time pass."""
        self._now += by

    async def sleep_until(self, moment: datetime) -> None:
        """Let time pass up to `moment`, and other tasks run."""
        self._now = max(self._now, moment.astimezone(UTC))
        await asyncio.sleep(0)
