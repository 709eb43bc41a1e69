"""Servers that tell their time in whole seconds over a network, all in simulated time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from sniper.clock.bracket import Reading
from sniper.clock.clock import SimulatedClock

START = datetime(2026, 11, 21, 11, 59, 12, 345_678, tzinfo=UTC)
Way = Callable[[], timedelta]


@dataclass
class Server:
    """Its clock is `offset` ahead of ours; a request takes `there`, its answer `back`."""

    offset: timedelta
    there: Way
    back: Way
    clock: SimulatedClock = field(default_factory=lambda: SimulatedClock(START))
    asked: int = 0

    async def probe(self) -> Reading:
        """Ask once."""
        self.asked += 1
        sent = self.clock.now()
        self.clock.advance(self.there())
        date = (self.clock.now() + self.offset).replace(microsecond=0)
        self.clock.advance(self.back())
        return Reading(sent, self.clock.now(), date)


def always(milliseconds: float) -> Way:
    """The same each time."""
    return lambda: timedelta(milliseconds=milliseconds)
