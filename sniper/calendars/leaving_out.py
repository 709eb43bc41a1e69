"""A goal without the hours at which the person is busy."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from sniper.calendars.sources import Read
from sniper.core.busy import without
from sniper.core.goals import Goal
from sniper.errors import InputError
from sniper.store.records import ACTIVE, BookingRecord


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A start that nothing is booked for, and what the calendar shows then."""

    start: datetime
    what: str


def less_busy(goal: Goal, read: Read, bookings: Iterable[BookingRecord]) -> Goal:
    """The goal without what overlaps a busy time.

    What is booked already stays in it: what the calendar shows at that hour may be the booking itself.

    Args:
        goal: Of a day.
        read: The calendar.
        bookings: What the record knows at the site, that day and on others.

    Raises:
        InputError: Nothing is left of it.
    """
    if read.calendar is None:
        return goal
    busy = read.calendar.on(goal.target_date, goal.zone)
    lengths = {priority.location: priority.slot_length for priority in goal.priorities}
    for booking in bookings:
        if booking.slot.location in lengths and booking.status in ACTIVE:
            busy = without(busy, booking.slot.start, lengths[booking.slot.location])
    left = replace(goal, busy=busy)
    enough = replace(left, hours=goal.fallback.consecutive_hours or goal.hours)
    if not any(enough.streaks(priority) for priority in goal.priorities):
        hours = f"{enough.hours} hours in a row" if enough.hours > 1 else "any hour"
        what = ", ".join(dict.fromkeys(one.what or "something without a title" for one in left_out(left)))
        raise InputError(
            f"the busy calendar leaves no time for {hours} on {goal.target_date:%a %d %b %Y}: {what}",
            mend="Widen the time window, ask for fewer hours, or mark what may be missed as free.",
        )
    return left


def left_out(goal: Goal) -> tuple[LeftOut, ...]:
    """What a goal does not ask for because the person is busy, in order."""
    free = replace(goal, busy=())
    found = {
        start: next(busy.what for busy in goal.busy if busy.overlaps(start, priority.slot_length))
        for priority in goal.priorities
        for start in free.starts(priority)
        if start not in goal.starts(priority)
    }
    return tuple(LeftOut(start, found[start]) for start in sorted(found))


def in_words(goal: Goal) -> Iterator[str]:
    """A sentence for each of them."""
    for one in left_out(goal):
        because = f": {one.what}" if one.what else ""
        yield f"{one.start:%a %d %b %H:%M} is left out, because you are busy then{because}"
