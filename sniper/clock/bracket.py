"""How far a site's clock is from ours, from answers that tell it in whole seconds only.

A reading says that the site's second changed neither before nor after certain instants of ours, which
brackets the offset. Probes are sent so that they straddle the expected tick: each halves the bracket, down to
about the round trip's jitter. Rounding one reading to its middle would be off by a quarter of a second in the
median.

The bracket holds the site's offset for certain as long as the site writes its clock, rounded down, into the
answer while it answers, and as long as nobody sets either clock meanwhile. A server that writes the header
ahead of time, once a second by a timer of its own, is late by up to that second: nobody can tell from here.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

MEND_SITE = "Point the profile's clock.path at something small that no cache answers."
MEND_OURS = "Let the machine's own clock settle (NTP), keep it awake, and try again."
_SECOND = timedelta(seconds=1)
_WOBBLE = timedelta(milliseconds=20)
"""Servers that write the header by a timer are late by some milliseconds, now more, now less."""

SURELY_TICKED = _SECOND + 2 * _WOBBLE
"""An answer asked for so long after another one was received has another date, or `check_after` says no."""


class ClockNonsenseError(Exception):
    """The readings contradict each other: a cached answer, or a clock that was set in between."""

    def __init__(self, message: str, mend: str = MEND_SITE) -> None:
        super().__init__(message)
        self.mend = mend


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

    def check_after(self, earlier: Reading) -> None:
        """Does the site's clock go on between two readings? A bracket says so too, but not why not.

        Raises:
            ClockNonsenseError: It stands, or goes back.
        """
        if self.date < earlier.date:
            raise ClockNonsenseError(
                "the site's Date header goes back: several clocks, or caches, answer in turn"
            )
        if self.date == earlier.date and self.sent - earlier.received > _SECOND + _WOBBLE:
            raise ClockNonsenseError("the site's Date header stands still: a cache answers, not the site")


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
            raise ClockNonsenseError("our own clock was set back while we measured", MEND_OURS)
        return cls(reading.date - reading.received, reading.date + _SECOND - reading.sent)

    def narrowed(self, other: Bracket) -> Bracket:
        """What both say together. If they miss each other by a little, the tick wobbles: the bound says so.

        Raises:
            ClockNonsenseError: They cannot both be true.
        """
        low, high = max(self.low, other.low), min(self.high, other.high)
        missing = low - high
        if missing > _WOBBLE:
            raise ClockNonsenseError("the site's Date header contradicts itself")
        if missing > timedelta(0):
            return Bracket(high - 2 * missing, low + 2 * missing)
        return Bracket(low, high)

    @property
    def middle(self) -> timedelta:
        """As far from the one end as from the other."""
        return (self.low + self.high) / 2

    def moved(self, by: timedelta) -> Bracket:
        """The same after the site's clock was set forward by exactly this much."""
        return Bracket(self.low + by, self.high + by)


def next_probe(now: datetime, offset: timedelta, way_there: timedelta) -> datetime:
    """When to send next, on our clock, so that the site answers just at the tick this offset expects."""
    tick_phase = (-offset - way_there) % _SECOND
    since_epoch = now - datetime(1970, 1, 1, tzinfo=UTC)
    whole = math.ceil((since_epoch - tick_phase) / _SECOND)
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=whole) + tick_phase
