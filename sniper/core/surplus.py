"""What is given back, whatever the strategy."""

from __future__ import annotations

from collections.abc import Collection

from sniper.core.goals import Goal
from sniper.core.plan import Held, Situation
from sniper.core.streaks import holders


def doubles(goal: Goal, situation: Situation) -> tuple[Held, ...]:
    """Of two of ours at one location and hour, all but the first; what was there before the run stays."""
    return tuple(
        extra
        for priority in goal.priorities
        for start in goal.starts(priority)
        for extra in _spare(holders(priority, start, situation.held))
    )


def needless(goal: Goal, situation: Situation, needed: Collection[Held]) -> tuple[Held, ...]:
    """What this run won for the goal, and what is not needed of it."""
    return tuple(h for h in situation.held if h.by_us and h not in needed and goal.priority_of(h.slot))


def _spare(owned: tuple[Held, ...]) -> tuple[Held, ...]:
    ours = sorted(owned, key=lambda h: h.by_us)
    return tuple(h for h in ours[1:] if h.by_us)
