"""Runs of consecutive hours at one location: which can still be completed, and by whom."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from sniper.core.goals import Goal, Priority
from sniper.core.limits import Limit, could_hold
from sniper.core.plan import Held, Situation
from sniper.core.slots import Slot


@dataclass(frozen=True, slots=True)
class Streak:
    """A run of hours at one location that can still become ours.

    Attributes:
        secured: The hours somebody of ours holds.
        by: For every open hour an account that could take it, all of them together within the limits.
    """

    priority: Priority
    starts: tuple[datetime, ...]
    secured: tuple[Held, ...]
    by: dict[datetime, str]

    @property
    def opening(self) -> datetime:
        """The first opening among the hours still to be won."""
        return min(opening_at(self.priority, start) for start in self.by)


def opening_at(priority: Priority, start: datetime) -> datetime:
    """When the hour at `start` opens at that location, in UTC."""
    return priority.opening.opening_of(Slot(priority.location, None, start))


def open_slots(priority: Priority, start: datetime, situation: Situation) -> tuple[Slot, ...]:
    """The places at that hour that are not known to be gone."""
    return tuple(
        slot
        for slot in priority.slots_at(start)
        if slot not in situation.lost and slot.instant > situation.now
    )


def holders(priority: Priority, start: datetime, held: Iterable[Held]) -> tuple[Held, ...]:
    """Who has that hour at that location."""
    instant = start.astimezone(UTC)
    return tuple(h for h in held if h.slot.instant == instant and priority.offers(h.slot))


def viable_streaks(goal: Goal, limits: tuple[Limit, ...], situation: Situation) -> Iterator[Streak]:
    """Every streak that can still be completed and has an hour left to win, best priority first."""
    for priority in sorted(goal.priorities, key=lambda p: p.rank):
        for starts in goal.streaks(priority):
            if streak := viable(priority, starts, limits, situation):
                yield streak


def viable(
    priority: Priority, starts: tuple[datetime, ...], limits: tuple[Limit, ...], situation: Situation
) -> Streak | None:
    """The streak of these hours, if it can still be completed and has an hour left to win."""
    perhaps = (*situation.held, *situation.doubtful)
    held = {start: holders(priority, start, perhaps) for start in starts}
    missing = tuple(start for start in starts if not held[start])
    if not missing:
        return None
    candidates = {
        start: tuple(
            account
            for account in situation.accounts
            if any(
                situation.may_book(account, slot, limits) for slot in open_slots(priority, start, situation)
            )
        )
        for start in missing
    }
    by = _assign(priority, candidates, limits, situation)
    if by is None:
        return None
    return Streak(priority, starts, tuple(held[s][0] for s in starts if held[s]), by)


def _assign(
    priority: Priority,
    candidates: dict[datetime, tuple[str, ...]],
    limits: tuple[Limit, ...],
    situation: Situation,
) -> dict[datetime, str] | None:
    """An account for every hour, or None: bipartite matching by augmenting paths (Kuhn).

    An account has as many places as it could hold of these hours at once, taken greedily over what is free.
    That is exact for limits that count by location, date or start. Where they count by sub-location, and the
    hours have different ones left, it may be off by some; the next wave is planned from what is true then.
    """
    places = [
        (account, index)
        for account in situation.accounts
        for index in range(_could_hold(account, candidates, priority, limits, situation))
    ]
    taken: dict[tuple[str, int], datetime] = {}

    def place(start: datetime, seen: set[tuple[str, int]]) -> bool:
        spots = [spot for spot in places if spot[0] in candidates[start]]
        # Free ones first keeps the file's order: the first account takes the first hour.
        for spot in sorted(spots, key=lambda s: s in taken):
            if spot in seen:
                continue
            seen.add(spot)
            if spot not in taken or place(taken[spot], seen):
                taken[spot] = start
                return True
        return False

    if not all(place(start, set()) for start in candidates):
        return None
    return {start: spot[0] for spot, start in sorted(taken.items(), key=lambda item: item[1])}


def _could_hold(
    account: str,
    candidates: dict[datetime, tuple[str, ...]],
    priority: Priority,
    limits: tuple[Limit, ...],
    situation: Situation,
) -> int:
    hours = [
        [slot for slot in open_slots(priority, start, situation) if situation.may_book(account, slot, limits)]
        for start, accounts in candidates.items()
        if account in accounts
    ]
    return could_hold(limits, situation.held_by(account), hours)


def longest_run(priority: Priority, goal: Goal, situation: Situation) -> tuple[Held, ...]:
    """The longest run of consecutive hours we hold at a location, the earliest of equals."""
    return max(runs_held(priority, goal, situation), key=len, default=())


def runs_held(priority: Priority, goal: Goal, situation: Situation) -> list[tuple[Held, ...]]:
    """The runs of consecutive hours we hold at a location, earliest first."""
    hours = goal.instants(priority)
    owned: dict[datetime, Held] = {}
    for held in situation.held:
        if held.slot.instant in hours and priority.offers(held.slot):
            owned.setdefault(held.slot.instant, held)
    runs: list[tuple[Held, ...]] = []
    for instant in sorted(owned):
        if runs and instant - runs[-1][-1].slot.instant == priority.slot_length:
            runs[-1] = (*runs[-1], owned[instant])
        else:
            runs.append((owned[instant],))
    return runs
