"""How the goal stands, by what is held."""

from __future__ import annotations

from sniper.core.goals import Goal
from sniper.core.plan import Situation, Standing, Verdict
from sniper.core.streaks import longest_run


def verdict(goal: Goal, situation: Situation) -> Verdict:
    """How the goal stands: the longest run at one location counts, the better rank among equals."""
    runs = [longest_run(priority, goal, situation) for priority in goal.ranked]
    best = max(runs, key=len)
    if len(best) >= goal.hours:
        return Verdict(Standing.REACHED, best)
    enough = goal.fallback.consecutive_hours
    if enough is not None and len(best) >= enough:
        return Verdict(Standing.FALLBACK, best)
    return Verdict(Standing.MISSED, best)
