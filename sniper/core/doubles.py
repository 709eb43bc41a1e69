"""Slots that a site gave to more people than they have places for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC

from sniper.core.goals import Goal
from sniper.core.limits import Limit, allowed
from sniper.core.plan import Held, Situation
from sniper.core.slots import Slot
from sniper.core.streaks import holders, open_slots, viable


def certain(situation: Situation, doubled: Iterable[Held]) -> Situation:
    """The same without what is doubled: what the goal is judged by."""
    out = set(doubled)
    return replace(situation, held=tuple(one for one in situation.held if one not in out))


def to_plan_from(
    goal: Goal,
    limits: tuple[Limit, ...],
    situation: Situation,
    doubled: Iterable[Held],
    *,
    can_release: bool,
) -> Situation:
    """What the next wave is planned from.

    A doubled hour counts as open while it is ours for certain elsewhere at that location, or can still become
    so; its account goes on holding it, and nobody else of ours tries that place. Where there is nothing
    better it counts as ours: what may be had is not given away for nothing.

    Args:
        goal: What is wanted.
        limits: What one account may hold.
        situation: All that is known, what is doubled held.
        doubled: Of what is held.
        can_release: A doubled booking can be given back for a certain one, which frees its account.
    """
    known = [one for one in situation.held if one in set(doubled)]
    sure = certain(situation, known)
    for one in known:
        opened = replace(
            situation,
            held=tuple(held for held in situation.held if held != one),
            lost=situation.lost | {one.slot},
            refused=situation.refused | _ruled_out(goal, limits, situation, one),
        )
        if _is_held(goal, sure, one) or (
            _can_be_had(goal, limits, opened, one)
            and _is_worth_it(
                goal, limits, replace(opened, refused=situation.refused) if can_release else opened, one
            )
        ):
            situation = opened
    return situation


def needless(goal: Goal, situation: Situation, doubled: Iterable[Held]) -> tuple[Held, ...]:
    """The doubled bookings of this run whose hour is ours for certain, at the same location."""
    known = [one for one in situation.held if one in set(doubled)]
    sure = certain(situation, known)
    return tuple(one for one in known if one.by_us and _is_held(goal, sure, one))


def _is_held(goal: Goal, sure: Situation, one: Held) -> bool:
    priority = goal.priority_of(one.slot)
    return priority is not None and bool(holders(priority, one.slot.start, sure.held))


def _can_be_had(goal: Goal, limits: tuple[Limit, ...], opened: Situation, one: Held) -> bool:
    """Could somebody book another place at that hour and location now?"""
    priority = goal.priority_of(one.slot)
    return priority is not None and any(
        opened.may_book(account, slot, limits)
        for account in opened.accounts
        for slot in open_slots(priority, one.slot.start, opened)
    )


def _is_worth_it(goal: Goal, limits: tuple[Limit, ...], opened: Situation, one: Held) -> bool:
    """Can a streak with that hour in it still be completed: are there accounts enough for all of it?"""
    priority = goal.priority_of(one.slot)
    hours = {goal.hours, goal.fallback.consecutive_hours or goal.hours}
    return priority is not None and any(
        viable(priority, starts, limits, opened)
        for length in hours
        for starts in replace(goal, hours=length).streaks(priority)
        if one.slot.instant in {start.astimezone(UTC) for start in starts}
    )


def _ruled_out(
    goal: Goal, limits: tuple[Limit, ...], situation: Situation, one: Held
) -> frozenset[tuple[str, Slot]]:
    """What the account may not book besides what it holds, this booking included."""
    held = situation.held_by(one.account)
    wanted = (
        slot
        for priority in goal.priorities
        for start in goal.starts(priority)
        for slot in priority.slots_at(start)
    )
    return frozenset((one.account, slot) for slot in wanted if not allowed(limits, held, slot))
