"""A server of known skew, and the network to it, in simulated time."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random

from sniper.clock.bracket import Reading
from sniper.clock.clock import SimulatedClock

ONE_WAY_MS = (10.0, 20.0)
"""Each way takes from 10 to 20 ms: a round trip of 30 ms ± 10 ms, shared out as chance has it."""
START = datetime(2026, 11, 21, 12, tzinfo=UTC)
MOST_SKEW_SECONDS = 90.0


def one_way(random: Random) -> timedelta:
    """How long one request, or one answer, takes."""
    return timedelta(milliseconds=random.uniform(*ONE_WAY_MS))


@dataclass
class SimulatedServer:
    """Its clock is `skew` ahead of ours, and its Date whole seconds, rounded down."""

    skew: timedelta
    random: Random
    clock: SimulatedClock = field(init=False)
    asked: int = 0

    def __post_init__(self) -> None:
        self.clock = SimulatedClock(START + timedelta(seconds=self.random.random()))

    async def probe(self) -> Reading:
        """Ask once."""
        self.asked += 1
        sent = self.clock.now()
        self.clock.advance(one_way(self.random))
        date = (self.clock.now() + self.skew).replace(microsecond=0)
        self.clock.advance(one_way(self.random))
        return Reading(sent, self.clock.now(), date)
