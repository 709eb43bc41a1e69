"""The days of a schedule to come: when each is, when its slots open, and when to wake for that."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

from sniper.core.goals import Goal
from sniper.core.recurrence import Recurrence, wall_time

MOST = 52
"""So many occurrences are looked ahead, no more."""
WAKES_AHEAD = timedelta(minutes=65)
"""A run looks whether all is ready an hour before an opening, too."""


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One day of a schedule.

    Attributes:
        starts_at: The first slot that is wanted, in the site's zone.
        opens_at: The first opening of what is wanted that day, UTC.
        why_not: Why there is nothing to book that day; then the other two are None.
    """

    day: date
    starts_at: datetime | None = None
    opens_at: datetime | None = None
    why_not: str | None = None

    @property
    def wake_at(self) -> datetime | None:
        """When a run for it should begin; it waits by itself from then on."""
        return None if self.opens_at is None else self.opens_at - WAKES_AHEAD


def occurrences(
    recurrence: Recurrence, goal_of: Callable[[date], Goal], zone: ZoneInfo, now: datetime
) -> tuple[Occurrence, ...]:
    """The next days of a schedule, in order; one whose last start has passed is not among them.

    Args:
        recurrence: Which days.
        goal_of: What is wanted on a day.
        zone: The site's.
        now: The time there.
    """
    return tuple(islice(_each(recurrence, goal_of, zone, now), MOST))


def _each(
    recurrence: Recurrence, goal_of: Callable[[date], Goal], zone: ZoneInfo, now: datetime
) -> Iterator[Occurrence]:
    for day in recurrence.days(now.astimezone(zone).date()):
        if recurrence.at is not None and wall_time(day, recurrence.at, zone) is None:
            yield Occurrence(day, why_not=f"the clocks go forward over {recurrence.at:%H:%M} that day")
            continue
        goal = goal_of(day)
        slots = [
            (start, priority.opening.opening_of(priority.slots_at(start)[0]))
            for priority in goal.priorities
            for streak in goal.streaks(priority)
            for start in streak
        ]
        if not slots:
            hours = "no hour is" if goal.hours == 1 else f"no {goal.hours} hours in a row are"
            yield Occurrence(day, why_not=f"the clocks change that day, and {hours} left")
        elif any(start > now for start, _ in slots):
            yield Occurrence(day, min(start for start, _ in slots), min(opens for _, opens in slots))
