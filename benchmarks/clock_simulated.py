"""A server of known skew, and the network to it, in simulated time."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random

from benchmarks.networks import Network
from sniper.clock.bracket import Reading
from sniper.clock.clock import SimulatedClock

START = datetime(2026, 11, 21, 12, tzinfo=UTC)
MOST_SKEW_SECONDS = 90.0


@dataclass
class SimulatedServer:
    """Its clock is `skew` ahead of ours, and its Date whole seconds, rounded down."""

    skew: timedelta
    network: Network
    random: Random
    clock: SimulatedClock = field(init=False)
    asked: int = 0

    def __post_init__(self) -> None:
        self.clock = SimulatedClock(START + timedelta(seconds=self.random.random()))

    async def probe(self) -> Reading:
        """Ask once."""
        self.asked += 1
        there, back = self.network(self.random)
        sent = self.clock.now()
        self.clock.advance(timedelta(milliseconds=there))
        date = (self.clock.now() + self.skew).replace(microsecond=0)
        self.clock.advance(timedelta(milliseconds=back))
        return Reading(sent, self.clock.now(), date)
