"""When a slot can first be booked. The only place in the product that computes it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum

from sniper.core.slots import Slot


class Counted(StrEnum):
    """How the time between the opening and the start is counted across a change of the clocks."""

    ELAPSED = "elapsed"
    """As a stopwatch would: 72 h before Sunday 13:00 is Thursday 14:00 when the clocks go back in between."""
    WALL_CLOCK = "wall_clock"
    """As a calendar would: three days before Sunday 13:00 is Thursday 13:00."""


_CLOCKS_MOVE = timedelta(hours=24)
"""At the most, by the wall clock: Samoa and others have changed sides of the date line."""


@dataclass(frozen=True, slots=True)
class OpeningRule:
    """A slot opens `before_start` ahead of its start."""

    before_start: timedelta
    counted: Counted = Counted.ELAPSED

    def __post_init__(self) -> None:
        if self.before_start < timedelta(0):
            raise ValueError(f"a slot cannot open after its start: before_start is {self.before_start}")

    def opening_of(self, slot: Slot) -> datetime:
        """The instant from which `slot` can be booked, in UTC.

        By the wall clock, an opening that falls into the hour skipped in spring comes an hour later by the
        new time (but never after the start), and one in the repeated hour of autumn is the first of the two
        (PEP 495, `fold=0`).
        """
        if self.counted is Counted.ELAPSED:
            return slot.instant - self.before_start
        return min((slot.start - self.before_start).replace(fold=0).astimezone(UTC), slot.instant)

    @property
    def longest(self) -> timedelta:
        """No slot opens longer before its start than this."""
        return self.before_start + _CLOCKS_MOVE * (self.counted is Counted.WALL_CLOCK)

    def __str__(self) -> str:
        return f"{self.before_start / timedelta(hours=1):g} h"


@dataclass(frozen=True, slots=True)
class DayOpeningRule:
    """All slots of a day open at one instant: so many days before, at a time of day.

    Attributes:
        days_before: 0 for the same day.
        at: On the site's wall clock.
    """

    days_before: int
    at: time

    def __post_init__(self) -> None:
        if self.days_before < 0:
            raise ValueError(f"a slot cannot open after its day: days_before is {self.days_before}")
        if self.at.tzinfo is not None:
            raise ValueError(f"the time of day is the site's, and has no time zone of its own: {self.at}")

    @property
    def counted(self) -> Counted:
        """Who goes by days goes by the wall clock."""
        return Counted.WALL_CLOCK

    def opening_of(self, slot: Slot) -> datetime:
        """The instant from which `slot` can be booked, in UTC.

        The day is that of the slot's start, in the site's time zone. Where the clocks change over the
        opening it is as for `OpeningRule` by the wall clock: what is skipped in spring comes an hour later
        by the new time, and of the repeated hour of autumn it is the first. It is never after the start:
        what starts before that time of its own day opens when it starts.
        """
        day = slot.day - timedelta(days=self.days_before)
        opens = datetime.combine(day, self.at.replace(fold=0), slot.start.tzinfo)
        return min(opens.astimezone(UTC), slot.instant)

    @property
    def longest(self) -> timedelta:
        """No slot opens longer before its start than this."""
        at = self.at
        since_midnight = timedelta(
            hours=at.hour, minutes=at.minute, seconds=at.second, microseconds=at.microsecond
        )
        return timedelta(days=self.days_before + 1) - since_midnight + _CLOCKS_MOVE

    def __str__(self) -> str:
        return f"{self.days_before} d at {self.at:%H:%M}"


AnyOpeningRule = OpeningRule | DayOpeningRule
"""How a slot's opening is computed."""
