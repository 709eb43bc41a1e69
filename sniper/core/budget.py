"""How often an account may still press at an opening, by the site's budget."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sniper.core.goals import Goal
from sniper.core.plan import Situation
from sniper.core.slots import Slot
from sniper.core.streaks import opening_at


def presses_left(goal: Goal, situation: Situation, account: str, slot: Slot, attempts_each: int) -> int:
    """How often an account may still press at the opening of a slot, whichever waves it fired in before."""
    opening = _opening_of(goal, slot)
    return attempts_each - sum(
        times
        for (who, other), times in situation.presses.items()
        if who == account and _opening_of(goal, other) == opening
    )


def without_the_spent(goal: Goal, situation: Situation, attempts_each: int) -> Situation:
    """Who has pressed at an opening as often as it may tries nothing more of what opened then."""
    pressed = {(account, _opening_of(goal, slot)): slot for account, slot in situation.presses}
    spent = {
        (account, opening)
        for (account, opening), slot in pressed.items()
        if presses_left(goal, situation, account, slot, attempts_each) <= 0
    }
    refused = {
        (account, slot)
        for account, opening in spent
        for priority in goal.priorities
        for start in goal.starts(priority)
        if opening_at(priority, start) == opening
        for slot in priority.slots_at(start)
    }
    return replace(situation, refused=situation.refused | refused) if refused else situation


def _opening_of(goal: Goal, slot: Slot) -> datetime | None:
    priority = goal.priority_of(slot)
    return priority.opening.opening_of(slot) if priority else None
