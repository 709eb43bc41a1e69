"""What is given back, whatever the strategy."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace

from sniper.core.goals import Goal
from sniper.core.plan import Held, Situation
from sniper.core.streaks import holders


def doubles(goal: Goal, situation: Situation) -> tuple[Held, ...]:
    """Of two of ours at one location and hour, all but the first; what was there before the run stays."""
    return tuple(extra for owned in shared_hours(goal, situation) for extra in owned[1:] if extra.by_us)


def shared_hours(goal: Goal, situation: Situation) -> Iterator[tuple[Held, ...]]:
    """Several bookings of one location and hour, those that were there before the run first."""
    hours = [(held.slot.location, held.slot.instant) for held in situation.held]
    if len(hours) == len(set(hours)):
        return
    for priority in goal.priorities:
        for start in goal.starts(priority):
            owned = holders(priority, start, situation.held)
            if len(owned) > 1:
                yield tuple(sorted(owned, key=lambda held: held.by_us))


def needless(goal: Goal, situation: Situation, needed: Collection[Held]) -> tuple[Held, ...]:
    """What this run won for the goal, and what is not needed of it."""
    return tuple(h for h in situation.held if h.by_us and h not in needed and goal.priority_of(h.slot))


def without(situation: Situation, given_back: Collection[Held]) -> Situation:
    """The same when these have been given back."""
    return replace(situation, held=tuple(held for held in situation.held if held not in given_back))
