"""Leaps of this machine's clock: somebody set it, or the machine slept.

Either way what was measured against it is in doubt. Both show in the same place: the wall clock goes on by
another span than the monotonic one, which nobody sets and which stands while the machine sleeps. A clock that
is only slewed takes the monotonic one with it and is no leap.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

NOTICED = timedelta(milliseconds=2)
"""What is less is no leap, but how exactly the two clocks can be compared."""
_LOOKS = 3


class TimeSource(Protocol):
    """Where a machine's time comes from; tests put a simulated one in its place."""

    def wall(self) -> datetime:
        """The time of day, aware, in UTC. It may be set at any moment."""
        ...

    def monotonic(self) -> timedelta:
        """Time since some beginning. Nobody sets it."""
        ...

    async def sleep(self, duration: timedelta) -> None:
        """Sleep for about this long."""
        ...


class MachineTime:
    """This machine's own time."""

    def wall(self) -> datetime:
        """The machine's time, in UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> timedelta:
        """The machine's monotonic time."""
        return timedelta(seconds=time.monotonic())

    async def sleep(self, duration: timedelta) -> None:
        """Let other tasks run meanwhile."""
        await asyncio.sleep(duration.total_seconds())


@dataclass(frozen=True, slots=True)
class Leapt:
    """How far a clock has leapt, all its leaps together.

    Attributes:
        forward: It was set forward, or the machine slept.
        back: It was set back: no sleep does that.
    """

    forward: timedelta = timedelta(0)
    back: timedelta = timedelta(0)

    def by(self, leap: timedelta) -> Leapt:
        """After one leap more."""
        return Leapt(self.forward + max(leap, timedelta(0)), self.back + max(-leap, timedelta(0)))

    def since(self, earlier: Leapt) -> Leapt:
        """What came after an earlier look."""
        return Leapt(self.forward - earlier.forward, self.back - earlier.back)


class Leaps:
    """Compares the two clocks of a machine whenever somebody looks.

    Attributes:
        noticed: Set by a leap; who has measured again clears it.
        leapt: All leaps since the beginning.
    """

    def __init__(self, source: TimeSource) -> None:
        self._source = source
        self._ahead = self._read()
        self.noticed = asyncio.Event()
        self.leapt = Leapt()

    def look(self) -> timedelta:
        """How far the clock leapt since the last look: forward is positive, nought means not at all."""
        ahead = self._read()
        leap = ahead - self._ahead
        if abs(leap) < NOTICED:
            return timedelta(0)
        self._ahead = ahead
        self.leapt = self.leapt.by(leap)
        self.noticed.set()
        return leap

    def _read(self) -> datetime:
        """When the monotonic clock began, by the wall clock.

        We may be held up between reading the one and the other, which would look like a leap: of some
        readings the one that took the shortest counts.
        """
        readings = []
        for _ in range(_LOOKS):
            before = self._source.monotonic()
            wall = self._source.wall()
            after = self._source.monotonic()
            readings.append((after - before, wall - (before + after) / 2))
        return min(readings)[1]
