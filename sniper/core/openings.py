"""When a slot can first be booked. The only place in the product that computes it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from sniper.core.slots import Slot


class Counted(StrEnum):
    """How the time between the opening and the start is counted across a change of the clocks."""

    ELAPSED = "elapsed"
    """As a stopwatch would: 72 h before Sunday 13:00 is Thursday 14:00 when the clocks go back in between."""
    WALL_CLOCK = "wall_clock"
    """As a calendar would: three days before Sunday 13:00 is Thursday 13:00."""


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
