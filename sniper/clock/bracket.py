"""How far a site's clock is from ours, from answers that tell it in whole seconds only.

A reading says that the site's second changed neither before nor after certain instants of ours, which
brackets the offset. Probes are sent so that they straddle the expected tick: each halves the bracket, down to
about the round trip's jitter. Rounding one reading to its middle would be off by a quarter of a second in the
median.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta


class ClockNonsenseError(Exception):
    """The readings contradict each other: a cached answer, or a clock that was set in between."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One answer: our clock before and after, and the `Date` the site put on it (whole seconds, floored)."""

    sent: datetime
    received: datetime
    date: datetime

    @property
    def round_trip(self) -> timedelta:
        """From sending to receiving."""
        return self.received - self.sent


@dataclass(frozen=True, slots=True)
class Bracket:
    """The offset lies between `low` and `high`: site time = our time + offset."""

    low: timedelta
    high: timedelta

    @classmethod
    def around(cls, reading: Reading) -> Bracket:
        """What one reading says.

        The site wrote `date` at some instant between sent and received, when its clock stood within
        [date, date + 1 s): so date − received ≤ offset < date + 1 s − sent.

        Raises:
            ClockNonsenseError: The answer came before it was asked for.
        """
        if reading.received < reading.sent:
            raise ClockNonsenseError("our own clock was set back while we measured")
        return cls(reading.date - reading.received, reading.date + timedelta(seconds=1) - reading.sent)

    def narrowed(self, other: Bracket) -> Bracket:
        """What both say together.

        Raises:
            ClockNonsenseError: They cannot both be true.
        """
        low, high = max(self.low, other.low), min(self.high, other.high)
        if low > high:
            raise ClockNonsenseError("the site's Date header contradicts itself")
        return Bracket(low, high)

    @property
    def offset(self) -> timedelta:
        """The middle."""
        return (self.low + self.high) / 2

    @property
    def bound(self) -> timedelta:
        """The offset is off by no more than this."""
        return (self.high - self.low) / 2

    def next_probe(self, now: datetime, round_trip: timedelta) -> datetime:
        """When to send next, on our clock, so that the site answers at the tick this bracket expects."""
        tick_phase = (-self.offset - round_trip / 2) % timedelta(seconds=1)
        since_epoch = now - datetime(1970, 1, 1, tzinfo=UTC)
        whole = math.ceil((since_epoch - tick_phase) / timedelta(seconds=1))
        return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=whole) + tick_phase
