"""Divide and conquer: accounts are dealt out to the places, backups behind leads, and fall through.

As it was first written down, everybody who can fires at every opening. Where two of ours win the same hour,
and the site takes nothing back, the account that was too much is missed later. `Sparing` keeps those back
whom later hours need. Neither looks further ahead; `optimal` is compared with them.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import datetime
from itertools import chain, cycle, repeat

from sniper.core.budget import presses_left, without_the_spent
from sniper.core.goals import Goal, Priority
from sniper.core.limits import Limit
from sniper.core.plan import Attempt, Held, Role, Situation, Standing, Wave
from sniper.core.slots import Slot
from sniper.core.standing import verdict
from sniper.core.strategy import Terms
from sniper.core.streaks import (
    Streak,
    holders,
    open_slots,
    opening_at,
    viable,
    viable_streaks,
)
from sniper.core.surplus import doubles, needless


class DivideAndConquer:
    """The streak that is furthest goes first, then the better rank, then the earlier hour.

    When no streak of the full length is left, the same is asked for the shorter one the fallback accepts.
    Each open hour gets one leading account, and everybody else backs one up from other sub-locations.
    """

    _spares = False

    def __init__(self, terms: Terms) -> None:
        self._terms = terms

    def next_wave(self, situation: Situation) -> Wave | None:
        """The next wave, or None when the goal is reached, or would be by what is in doubt, or nothing can be
        won any more."""
        return _next_wave(self._terms, situation, sparing=self._spares)

    def doubles(self, situation: Situation) -> tuple[Held, ...]:
        """See `Strategy.doubles`: the first is kept."""
        return doubles(self._terms.goal, situation)

    def surplus(self, situation: Situation) -> tuple[Held, ...]:
        """What this run won and should give back now.

        Two of ours at one location and hour: all but the first. When the goal is reached, all that is not
        part of it. And when nothing can be completed any more only because lonely hours use up the accounts,
        those hours, unless they are what the fallback accepts. The same for the shorter streak of the
        fallback.
        """
        if not self._terms.can_give_back:
            return ()
        goal = self._terms.goal
        extra = doubles(goal, situation)
        rest = tuple(h for h in situation.held if h not in extra)
        return extra + _unneeded(goal, self._terms.limits, replace(situation, held=rest))


class Sparing(DivideAndConquer):
    """The same, but accounts that a later hour of the streak needs back nobody up."""

    _spares = True


def _next_wave(terms: Terms, situation: Situation, *, sparing: bool) -> Wave | None:
    goal, limits, attempts_each = terms.goal, terms.limits, terms.attempts_each
    situation = without_the_spent(goal, situation.if_doubts_hold, attempts_each)
    standing = verdict(goal, situation).standing
    if standing is Standing.REACHED:
        return None
    main = _furthest(goal, limits, situation)
    if main is None and standing is Standing.MISSED and goal.fallback.consecutive_hours is not None:
        goal = replace(goal, hours=goal.fallback.consecutive_hours)
        main = _furthest(goal, limits, situation)
    if main is None:
        return None
    opens_at = max(main.opening, situation.now)
    due = [start for start in main.by if opening_at(main.priority, start) <= opens_at]
    reserved = set(main.by.values() if sparing else (main.by[start] for start in due))
    attempts = _attempts(goal, main, due, reserved, limits, situation, attempts_each)
    return Wave(main.opening, attempts, _reason(main, attempts, goal))


def _unneeded(goal: Goal, limits: tuple[Limit, ...], situation: Situation) -> tuple[Held, ...]:
    """What is beyond the goal, or blocks it, when nothing is doubled."""
    now = verdict(goal, situation)
    if now.standing is Standing.REACHED:
        return needless(goal, situation, now.streak)
    if verdict(goal, situation.if_doubts_hold).standing is not Standing.MISSED:
        return ()
    for wanted in _by_length(goal):
        if _furthest(wanted, limits, situation):
            return ()
        if lonely := _in_the_way(wanted, limits, situation):
            return lonely
    return ()


def _in_the_way(goal: Goal, limits: tuple[Limit, ...], situation: Situation) -> tuple[Held, ...]:
    """The lonely hours without which the best streak could be completed; hours of the streak itself stay."""
    options = []
    for priority in goal.priorities:
        for starts in goal.streaks(priority):
            run = {slot for start in starts for slot in priority.slots_at(start)}
            lonely = tuple(
                h for h in situation.held if h.by_us and h.slot not in run and goal.priority_of(h.slot)
            )
            freed = replace(situation, held=tuple(h for h in situation.held if h not in lonely))
            if streak := viable(priority, starts, limits, freed):
                options.append((streak, lonely))
    if not options:
        return ()
    streak, lonely = min(options, key=lambda option: _preference(option[0]))
    return tuple(h for h in lonely if h.account in streak.by.values())


def _furthest(goal: Goal, limits: tuple[Limit, ...], situation: Situation) -> Streak | None:
    return min(viable_streaks(goal, limits, situation), key=_preference, default=None)


def _preference(streak: Streak) -> tuple[int, int, tuple[datetime, ...]]:
    """The smaller, the rather: what is furthest, then the better rank, then the earlier hours."""
    return -len(streak.secured), streak.priority.rank, streak.starts


def _by_length(goal: Goal) -> tuple[Goal, ...]:
    """The goal, and the same for the shorter streak its fallback accepts."""
    shorter = goal.fallback.consecutive_hours
    return (goal,) if shorter is None else (goal, replace(goal, hours=shorter))


def _attempts(
    goal: Goal,
    main: Streak,
    due: list[datetime],
    reserved: set[str],
    limits: tuple[Limit, ...],
    situation: Situation,
    attempts_each: int,
) -> tuple[Attempt, ...]:
    """Leads for the hours due, then backups in turn, up to the priority's number of accounts.

    An account fires once: when it leads two hours that are due together, the later one waits for the next
    wave. Each starts where the fewest others of its hour do.
    """
    leads = [(main.by[start], start, Role.LEAD) for start in due]
    spare = (account for account in situation.accounts if account not in reserved)
    attempts: list[Attempt] = []
    begun = Counter[Slot]()
    for account, start, role in chain(leads, zip(spare, cycle(due), repeat(Role.BACKUP))):
        if len(attempts) == main.priority.max_accounts:
            break
        if any(attempt.account == account for attempt in attempts):
            continue
        slots = _chain(goal, main.priority, start, begun, account, limits, situation)
        if slots and slots[0].location == main.priority.location:
            left = presses_left(goal, situation, account, slots[0], attempts_each)
            attempts.append(Attempt(account, slots[:left], role))
    return tuple(attempts)


def _chain(
    goal: Goal,
    first: Priority,
    start: datetime,
    begun: Counter[Slot],
    account: str,
    limits: tuple[Limit, ...],
    situation: Situation,
) -> tuple[Slot, ...]:
    """The main location's places, then those of other priorities that open with them.

    At each location the chain begins where the fewest others did (`begun`, which counts it in), and goes
    round. What has been open for long and is still free does not run away: it is not taken in a hurry.
    """
    others = sorted((p for p in goal.priorities if p is not first), key=lambda p: p.rank)
    slots: list[Slot] = []
    for priority in (first, *others):
        if priority is not first and (
            start not in goal.starts(priority)
            or opening_at(priority, start) != opening_at(first, start)
            or holders(priority, start, situation.held)
        ):
            continue
        free = [
            slot
            for slot in open_slots(priority, start, situation)
            if situation.may_book(account, slot, limits)
        ]
        if not free:
            if priority is first:
                return ()
            continue
        shift = min(range(len(free)), key=lambda i: begun[free[i]])
        begun[free[shift]] += 1
        slots += free[shift:] + free[:shift]
    return tuple(slots)


def _reason(main: Streak, attempts: tuple[Attempt, ...], goal: Goal) -> str:
    hours = ", ".join(f"{start:%H:%M}" for start in sorted({a.target.start for a in attempts}))
    run = f"{main.starts[0]:%H:%M}–{main.starts[-1] + main.priority.slot_length:%H:%M}"
    done = f", {len(main.secured)} of {goal.hours} hours are ours" if main.secured else ""
    return f"{main.priority.location} {hours}, for {run} in a row{done}"
