"""The part of a profile that says from when on slots can be booked."""

from __future__ import annotations

from datetime import timedelta
from typing import Self

from pydantic import Field, model_validator

from sniper.core.openings import AnyOpeningRule, Counted, DayOpeningRule, OpeningRule
from sniper.documents import StrictModel, misplaced
from sniper.sites.steps import Duration
from sniper.times_of_day import TimeOfDay


class Opens(StrictModel):
    """From when on a slot can be booked: so long before it starts, or before it ends, or all slots of a day
    together, so many days before."""

    before_start: Duration | None = None
    before_end: Duration | None = None
    """Where the site wants all of the slot within the time ahead; at least as long as a slot lasts."""
    days_before: int | None = Field(None, ge=0)
    """Where a whole day is opened at once: so many days before it, on the site's calendar, `at` that time."""
    at: TimeOfDay | None = None
    """With `days_before`, on the site's wall clock. Where the clocks change over it, it is an hour later in
    spring, and the first of the two in autumn."""
    counted: Counted | None = None
    """How `before_start` and `before_end` are counted across a change of the clocks: `elapsed` when left
    out. Days go by the wall clock."""

    def rule(self, slot: timedelta) -> AnyOpeningRule:
        """The same for the core.

        Args:
            slot: How long one lasts.
        """
        if self.days_before is not None and self.at is not None:
            return DayOpeningRule(self.days_before, self.at)
        before = self.before_start if self.before_end is None else self.before_end - slot
        return OpeningRule(before or timedelta(0), self.counted or Counted.ELAPSED)

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        ways = (self.before_start, self.before_end, self.days_before)
        if sum(one is not None for one in ways) != 1:
            raise ValueError(
                "say when slots open: by one of before_start or before_end, 72h say, or by days_before and at"
            )
        if (self.days_before is None) != (self.at is None):
            key, other = ("at", "days_before") if self.days_before is None else ("days_before", "at")
            raise misplaced((key,), f"goes with {other}: days_before: 7 and at: 06:00, say")
        if self.days_before is not None and self.counted is not None:
            raise misplaced(
                ("counted",), "is of before_start and before_end; whole days go by the wall clock"
            )
        return self
