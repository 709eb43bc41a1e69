"""What is told of a run, in words: on the terminal and in notifications alike."""

from __future__ import annotations

from datetime import timedelta

from sniper.core.goals import Goal
from sniper.core.plan import Standing, Verdict
from sniper.core.tries import Try

_STANDING = {
    Standing.REACHED: "Goal reached",
    Standing.FALLBACK: "Accepted fallback reached",
    Standing.MISSED: "Not reached",
}


def describe_goal(goal: Goal) -> str:
    """The goal in one phrase."""
    hours = "1 hour" if goal.hours == 1 else f"{goal.hours} hours in a row"
    places = " before ".join(p.location for p in goal.ranked)
    window = f"{goal.window_start:%H:%M}–{goal.window_end:%H:%M}"
    return f"{hours} on {goal.target_date:%A %d %B} between {window}, {places}"


def describe_try(result: Try) -> str:
    """What the site said to a slot, and after how long."""
    words = f": {result.message}" if result.message else ""
    took = f" ({result.took / timedelta(milliseconds=1):.0f} ms)" if result.took else ""
    return f"{result.slot}: {result.outcome.meaning}{took}{words}"


def describe_verdict(verdict: Verdict, *, doubled: bool) -> str:
    """How the goal stands. `doubled`: something is held that others have as well."""
    words, streak = _STANDING[verdict.standing], verdict.streak
    if not streak:
        return f"{words}: {'nothing for certain' if doubled else 'nothing booked'}."
    hours = f"{len(streak)} hour{'s' if len(streak) > 1 else ''} at {streak[0].slot.location}"
    return f"{words}: {hours} from {streak[0].slot.start:%H:%M}."


def describe_dry_run(*, ready: bool) -> str:
    """How a dry run ended."""
    words = "every page got to the press" if ready else "not every page got to the press"
    return f"Dry run: {words}, nothing was pressed."
