"""Hours that were won and serve nothing, where the goal was missed."""

from __future__ import annotations

from enum import StrEnum

from sniper.core.goals import Goal
from sniper.core.plan import Held, Situation, Standing
from sniper.core.standing import verdict


class GiveBack(StrEnum):
    """Whether a run that misses its goal gives back the hours that nobody wants."""

    ASK = "ask"
    """The person is asked. Where nobody can be, the hours are kept, and told."""
    ALWAYS = "always"
    NEVER = "never"


def unwanted(goal: Goal, situation: Situation) -> tuple[Held, ...]:
    """What this run has won and is no part of the goal, nor of what its fallback accepts, in order of time.

    What was held before the run is never among it; nor is anything where the goal is reached: what is then
    beyond it is given back at once.
    """
    now = verdict(goal, situation)
    if now.standing is Standing.REACHED:
        return ()
    wanted = now.streak if now.standing is Standing.FALLBACK else ()
    ours = (one for one in situation.held if one.by_us and goal.priority_of(one.slot) and one not in wanted)
    return tuple(sorted(ours, key=lambda one: (one.slot.instant, one.slot.place, one.account)))
