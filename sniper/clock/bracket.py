"""How far a site's clock is from ours, from answers that tell it rounded down, mostly to whole seconds.

A reading says that the site's second changed neither before nor after certain instants of ours, which
brackets the offset. Probes are sent so that they straddle the expected tick: each halves the bracket, down to
about the round trip's jitter. Rounding one reading to its middle would be off by a quarter of a second in the
median.

The bracket holds the site's offset for certain as long as the site writes its clock, rounded down, into the
answer while it answers, and as long as nobody sets either clock meanwhile. A server that writes the header
ahead of time, once a second by a timer of its own, is late by up to that second: nobody can tell from here.
One that is late by some milliseconds, now more, now less, is often not seen to be, for its readings need not
contradict each other. Its clock is then ahead of what we think: who goes by it comes later, not early.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

MEND_SITE = "Point the profile's clock.path at something small that no cache answers."
MEND_OURS = "Let the machine's own clock settle (NTP), keep it awake, and try again."
_SECOND = timedelta(seconds=1)
WOBBLE = timedelta(milliseconds=20)
"""Servers that write the header by a timer are late by some milliseconds, now more, now less."""

SURELY_TICKED = _SECOND + 2 * WOBBLE
"""An answer asked for so long after another one was received has another date, or `check_after` says no."""


class ClockNonsenseError(Exception):
    """The readings contradict each other: a cached answer, or a clock that was set in between."""

    def __init__(self, message: str, mend: str = MEND_SITE) -> None:
        super().__init__(message)
        self.mend = mend


@dataclass(frozen=True, slots=True)
class Reading:
    """One answer: our clock before and after, and what the site says its own said in between.

    Attributes:
        date: Rounded down to `resolution`: a second in a `Date` header.
    """

    sent: datetime
    received: datetime
    date: datetime
    resolution: timedelta = _SECOND

    @property
    def round_trip(self) -> timedelta:
        """From sending to receiving."""
        return self.received - self.sent

    def check_after(self, earlier: Reading) -> None:
        """Does the site's clock go on between two readings? A bracket says so too, but not why not.

        Raises:
            ClockNonsenseError: It stands, or goes back.
        """
        if self.date < earlier.date:
            raise ClockNonsenseError(
                "the time the site tells goes back: several clocks, or caches, answer in turn"
            )
        if self.date == earlier.date and self.sent - earlier.received > _SECOND + WOBBLE:
            raise ClockNonsenseError("the time the site tells stands still: a cache answers, not the site")


@dataclass(frozen=True, slots=True)
class Bracket:
    """The offset lies between `low` and `high`: site time = our time + offset.

    Attributes:
        wobbles: Readings have contradicted each other by a little: the site is sometimes late with what it
            tells. Its clock is then ahead of what a reading says by up to `WOBBLE`, and `high` allows for it.
    """

    low: timedelta
    high: timedelta
    wobbles: bool = False

    @classmethod
    def around(cls, reading: Reading) -> Bracket:
        """What one reading says.

        The site wrote `date` at some instant between sent and received, when its clock stood within
        [date, date + resolution): so date − received ≤ offset < date + resolution − sent.

        Raises:
            ClockNonsenseError: The answer came before it was asked for.
        """
        if reading.received < reading.sent:
            raise ClockNonsenseError("our own clock was set back while we measured", MEND_OURS)
        return cls(reading.date - reading.received, reading.date + reading.resolution - reading.sent)

    def narrowed(self, other: Bracket) -> Bracket:
        """What both say together.

        If they miss each other by a little, some reading was late, and any may have been: from then on all
        are taken to be late by up to `WOBBLE`. By how much they miss each other says how late
        one was at least, not how late another was at most.

        Raises:
            ClockNonsenseError: They cannot both be true.
        """
        wobbles = self.wobbles or other.wobbles
        high = min(self._high(wobbling=wobbles), other._high(wobbling=wobbles))
        low = max(self.low, other.low)
        if low > high and not wobbles:
            wobbles, high = True, high + WOBBLE
        if low > high:
            raise ClockNonsenseError("the time the site tells contradicts itself")
        return Bracket(low, high, wobbles)

    def _high(self, *, wobbling: bool) -> timedelta:
        return self.high + WOBBLE if wobbling and not self.wobbles else self.high

    @property
    def middle(self) -> timedelta:
        """As far from the one end as from the other."""
        return (self.low + self.high) / 2

    def moved(self, by: timedelta) -> Bracket:
        """The same after the site's clock was set forward by exactly this much."""
        return Bracket(self.low + by, self.high + by, self.wobbles)


def next_probe(now: datetime, offset: timedelta, way_there: timedelta) -> datetime:
    """When to send next, on our clock, so that the site answers just at the tick this offset expects."""
    tick_phase = (-offset - way_there) % _SECOND
    since_epoch = now - datetime(1970, 1, 1, tzinfo=UTC)
    whole = math.ceil((since_epoch - tick_phase) / _SECOND)
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=whole) + tick_phase
