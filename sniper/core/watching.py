"""Watching: which free slots are worth having, and when to look next."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sniper.core.goals import Goal
from sniper.core.limits import Limit
from sniper.core.plan import Situation, Standing
from sniper.core.slots import Slot
from sniper.core.standing import verdict
from sniper.core.streaks import open_slots, viable_streaks

_SPREAD = 0.2
"""Pauses are longer or shorter by up to this share of theirs, by lot: watchers shall not come in step."""
KEEN = timedelta(minutes=2)
"""For so long after an opening it is looked as often as may be: what nobody took goes then."""
_SETTLES = timedelta(seconds=1)
"""The first look after an opening leaves so much to those who book."""
LONGEST_PAUSE = timedelta(minutes=15)
"""Between two looks at a site that does not answer, unless it asks for more."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How often it is looked.

    Attributes:
        usually: From one look to the next, give or take a fifth.
        floor: Never sooner, whoever looks.
    """

    usually: timedelta
    floor: timedelta

    def __post_init__(self) -> None:
        if not timedelta(0) < self.floor <= self.usually:
            raise ValueError(f"a pace needs a floor, and looks no faster: {self}")


def worth_having(
    goal: Goal, limits: tuple[Limit, ...], situation: Situation, free: Collection[Slot]
) -> tuple[Slot, ...]:
    """The free slots with which something can be completed that is better than what is held.

    A run of hours counts when each of them is held, free, or still to open, and the accounts can hold it
    within the limits: an hour that comes back between two that are taken is worth nothing to who wants three.

    Args:
        goal: What is wanted.
        limits: Of one account.
        situation: What is held, by whom, and the time. What is lost is taken from `free`.
        free: All slots that can be booked now.
    """
    able = replace(situation, lost=frozenset(gone(goal, situation.now, free)))
    found: dict[Slot, None] = {}
    for wanted in _better(goal, situation):
        for streak in viable_streaks(wanted, limits, able):
            for start in streak.by:
                found.update(
                    (slot, None) for slot in open_slots(streak.priority, start, able) if slot in free
                )
    return tuple(sorted(found, key=lambda slot: (_rank(goal, slot), slot.instant, slot.place)))


def gone(goal: Goal, now: datetime, free: Collection[Slot]) -> Iterator[Slot]:
    """What the goal asks for, should be open by now, and cannot be booked."""
    for priority in goal.priorities:
        for start in goal.starts(priority):
            for slot in priority.slots_at(start):
                if slot not in free and priority.opening.opening_of(slot) <= now:
                    yield slot


def next_look(last: datetime, pace: Pace, openings: Iterable[datetime], lot: float) -> datetime:
    """When to look next.

    Args:
        last: When it was last looked, by anybody.
        pace: Of the site.
        openings: Of the slots that are wanted. Before the first of them there is nothing to be had, and it is
            looked once, just before. After each, for some minutes, it is looked as often as may be; never
            sooner than the floor.
        lot: From 0 to 1.
    """
    openings = tuple(openings)
    usual = last + max(pace.floor, pace.usually * (1 + _SPREAD * (2 * lot - 1)))
    if openings and last < (first := min(openings)):
        usual = max(usual, first - pace.floor)
    soonest = last + pace.floor
    keen = [
        max(soonest + pace.floor * (_SPREAD * lot), opening + _SETTLES)
        for opening in openings
        if last < opening + KEEN
    ]
    return min([usual, *keen])


def pause_after_failures(failures: int, pace: Pace, asked: timedelta | None, lot: float) -> timedelta:
    """How long a site that did not answer is left alone: twice as long each time, or as long as it asks for.

    Args:
        failures: How many there were in a row, this one included.
        pace: Of the site.
        asked: What the site asks for itself.
        lot: From 0 to 1.
    """
    # More doublings than these are beyond any pause, and soon beyond what a duration can hold.
    doubled = pace.floor * float(2 ** min(failures, 20))
    grown = min(doubled, max(LONGEST_PAUSE, pace.usually))
    return max(grown * (1 + _SPREAD * lot), asked or timedelta(0))


def next_opening(goal: Goal, now: datetime) -> datetime | None:
    """The next opening of anything the goal asks for."""
    return min((opening for opening in openings(goal) if opening > now), default=None)


def openings(goal: Goal) -> frozenset[datetime]:
    """All openings of what the goal asks for."""
    return frozenset(
        priority.opening.opening_of(slot)
        for priority in goal.priorities
        for start in goal.starts(priority)
        for slot in priority.slots_at(start)
    )


def is_over(goal: Goal, now: datetime) -> bool:
    """Has every hour of the goal begun?"""
    return all(start <= now for priority in goal.priorities for start in goal.starts(priority))


def _better(goal: Goal, situation: Situation) -> tuple[Goal, ...]:
    """What would be better than what is held: the goal, and the shorter run that the fallback accepts."""
    standing = verdict(goal, situation).standing
    if standing is Standing.REACHED:
        return ()
    shorter = goal.fallback.consecutive_hours
    if standing is Standing.FALLBACK or shorter is None or shorter == goal.hours:
        return (goal,)
    return (goal, replace(goal, hours=shorter))


def _rank(goal: Goal, slot: Slot) -> int:
    priority = goal.priority_of(slot)
    assert priority is not None
    return priority.rank
