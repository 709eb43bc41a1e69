"""Every account on every target at once, within the budget: for sites whose own rule lets one through."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from sniper.core.budget import presses_left, without_the_spent
from sniper.core.limits import allowed
from sniper.core.plan import Attempt, Held, Role, Situation, Standing, Wave
from sniper.core.slots import Slot
from sniper.core.standing import verdict
from sniper.core.strategy import Terms
from sniper.core.streaks import opening_at
from sniper.core.surplus import doubles, needless


class Spam:
    """At every opening each account tries all places of all locations, each beginning with another one.

    Of hours that are open together an account tries one; the accounts are dealt out to the hours in turn.
    """

    def __init__(self, terms: Terms) -> None:
        self._terms = terms
        self._hours = tuple(
            (opening_at(priority, start), priority, priority.slots_at(start))
            for priority in terms.goal.ranked
            for start in terms.goal.starts(priority)
        )

    def next_wave(self, situation: Situation) -> Wave | None:
        """Everybody at what opens next; None when the goal is reached, or would be by what is in doubt, or
        when nothing is left."""
        goal = self._terms.goal
        known = without_the_spent(goal, situation.if_doubts_hold, self._terms.attempts_each)
        if verdict(goal, known).standing is Standing.REACHED:
            return None
        targets: dict[tuple[datetime, datetime], list[Slot]] = {}
        for opens_at, one in self._targets(known):
            targets.setdefault((opens_at, one.instant), []).append(one)
        for opens_at in sorted({opening for opening, _ in targets}):
            until = max(opens_at, known.now)
            hours = [slots for (opening, _), slots in sorted(targets.items()) if opens_at <= opening <= until]
            if attempts := self._attempts(known, hours):
                places = ", ".join(dict.fromkeys(f"{s.location} {s.start:%H:%M}" for h in hours for s in h))
                return Wave(opens_at, attempts, f"{places} with everybody")
        return None

    def doubles(self, situation: Situation) -> tuple[Held, ...]:
        """See `Strategy.doubles`: the first is kept."""
        return doubles(self._terms.goal, situation)

    def surplus(self, situation: Situation) -> tuple[Held, ...]:
        """Second bookings of an hour, and when the goal is reached all that is not part of it."""
        if not self._terms.can_give_back:
            return ()
        goal = self._terms.goal
        now = verdict(goal, situation)
        if now.standing is Standing.REACHED:
            return needless(goal, situation, now.streak)
        return doubles(goal, situation)

    def _targets(self, situation: Situation) -> Iterator[tuple[datetime, Slot]]:
        for opens_at, priority, slots in self._hours:
            hour = slots[0].instant
            if hour > situation.now and not any(
                held.slot.instant == hour and priority.offers(held.slot) for held in situation.held
            ):
                for one in slots:
                    if one not in situation.lost:
                        yield opens_at, one

    def _attempts(self, situation: Situation, hours: list[list[Slot]]) -> tuple[Attempt, ...]:
        goal, limits, each = self._terms.goal, self._terms.limits, self._terms.attempts_each
        attempts: list[Attempt] = []
        room = {priority.location: priority.max_accounts for priority in goal.priorities}
        for number, account in enumerate(situation.accounts):
            mine = situation.held_by(account)
            for turn in range(len(hours)):
                slots = hours[(number + turn) % len(hours)]
                able = [
                    one
                    for one in slots
                    if room[one.location] > 0
                    and (account, one) not in situation.refused
                    and allowed(limits, mine, one)
                ]
                if not able:
                    continue
                first = number // len(hours) % len(able)
                chain = (able[first:] + able[:first])[: presses_left(goal, situation, account, able[0], each)]
                for location in {one.location for one in chain}:
                    room[location] -= 1
                led = any(a.target.instant == chain[0].instant and a.role is Role.LEAD for a in attempts)
                attempts.append(Attempt(account, tuple(chain), Role.BACKUP if led else Role.LEAD))
                break
        return tuple(attempts)
