"""Runs played by chance, as docs/planning.md models them, on the strategies themselves.

A run is what a strategy makes of it: its waves, what it gives back. Rivals, and accounts that drop out, come
from a source of random numbers. Whatever of an hour is not ours when its wave is over has gone to others.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from random import Random

from sniper.core.optimal.stages import stages_of
from sniper.core.plan import Attempt, Held, Situation, Standing, Verdict, Wave
from sniper.core.slots import Slot
from sniper.core.standing import verdict
from sniper.core.strategy import Strategy, Terms
from sniper.core.streaks import opening_at

Won = tuple[tuple[str, Slot], ...]


@dataclass(frozen=True, slots=True)
class Tally:
    """What came of many runs.

    Attributes:
        locations: How often the goal was reached at each location.
        attempts: How many attempts were made, in all runs together.
    """

    runs: int
    standings: Mapping[Standing, int]
    locations: Mapping[str, int]
    attempts: int

    def share(self, *standings: Standing) -> float:
        """The share of runs that ended in one of these ways."""
        return sum(self.standings.get(one, 0) for one in standings) / self.runs


@dataclass(frozen=True, slots=True, eq=False)
class _Turn:
    """What a strategy does at a situation: after giving back, its next wave; and what followed so far."""

    situation: Situation
    wave: Wave | None
    verdict: Verdict
    wins: Mapping[Slot, float]
    then: dict[Won, _Turn] = field(default_factory=dict)


class Simulation:
    """Plays runs from one situation on. What a strategy said once to a situation is remembered."""

    def __init__(self, terms: Terms, strategy: Strategy, situation: Situation, random: Random) -> None:
        self._terms = terms
        self._strategy = strategy
        self._begin = situation
        self._random = random
        self._turns: dict[tuple[object, ...], _Turn] = {}
        self._capacity = {priority.location: priority.capacity for priority in terms.goal.priorities}
        self._openings = {
            one: opening_at(priority, start)
            for priority in terms.goal.priorities
            for start in terms.goal.starts(priority)
            for one in priority.slots_at(start)
        }
        begun = {held.account for held in (*situation.held, *situation.doubtful)}
        begun |= {account for account, _ in (*situation.refused, *situation.presses)}
        self._alike = [account for account in situation.accounts if account not in begun]

    def play(self, runs: int) -> Tally:
        """Play so many runs."""
        standings = Counter[Standing]()
        locations = Counter[str]()
        attempts = 0
        for _ in range(runs):
            turn = self._turn(self._begin)
            while turn.wave is not None:
                attempts += len(turn.wave.attempts)
                won = self._race(turn.wave, turn.wins)
                if won not in turn.then:
                    turn.then[won] = self._turn(self._after(turn.situation, turn.wave, won))
                turn = turn.then[won]
            standings[turn.verdict.standing] += 1
            if turn.verdict.standing is Standing.REACHED:
                locations[turn.verdict.streak[0].slot.location] += 1
        return Tally(runs, standings, locations, attempts)

    def _turn(self, situation: Situation) -> _Turn:
        key = (situation.now, situation.held, situation.lost)
        if key not in self._turns:
            while extra := self._strategy.surplus(situation):
                kept = tuple(held for held in situation.held if held not in extra)
                situation = replace(situation, held=kept)
            situation = self._relabelled(situation)
            wins = {
                one: hour.win
                for stage in stages_of(self._terms, situation)
                for hour in stage.hours
                for one in hour.slots
            }
            wave = self._strategy.next_wave(situation)
            self._turns[key] = _Turn(situation, wave, verdict(self._terms.goal, situation), wins)
        return self._turns[key]

    def _relabelled(self, situation: Situation) -> Situation:
        """The same with the accounts' names exchanged, so that runs that differ by names only are one."""
        mine: defaultdict[str, list[Held]] = defaultdict(list)
        for one in situation.held:
            mine[one.account].append(one)
        order = sorted(
            self._alike,
            key=lambda name: sorted((h.slot.instant, h.slot.place) for h in mine[name]),
            reverse=True,
        )
        new = dict(zip(order, self._alike, strict=True))
        renamed = (replace(h, account=new.get(h.account, h.account)) for h in situation.held)
        held = sorted(renamed, key=lambda h: (h.slot.instant, h.account, h.slot.place))
        return replace(situation, held=tuple(held))

    def _race(self, wave: Wave, wins: Mapping[Slot, float]) -> Won:
        """Who wins what: position by position; the first win of an hour stands the others of it down."""
        random, odds = self._random.random, self._terms.odds
        alive = [a for a in wave.attempts if random() >= odds.account_failure]
        speed: dict[Slot, float] = {}
        taken = Counter[Slot]()
        won: list[tuple[str, Slot]] = []
        over: set[datetime] = set()
        position = 0
        while alive:
            here: set[datetime] = set()
            left: list[Attempt] = []
            new: set[Slot] = set()
            for attempt in alive:
                if position >= len(attempt.chain):
                    continue
                one = attempt.chain[position]
                if one.instant in over:
                    continue
                if one not in speed:
                    speed[one] = random()
                    new.add(one)
                fast_enough = speed[one] < wins[one] * odds.decay**position
                if one in new and fast_enough and taken[one] < self._capacity[one.location]:
                    taken[one] += 1
                    won.append((attempt.account, one))
                    here.add(one.instant)
                else:
                    left.append(attempt)
            over |= here
            alive, position = left, position + 1
        return tuple(won)

    def _after(self, situation: Situation, wave: Wave, won: Won) -> Situation:
        now = max(situation.now, wave.opens_at)
        held = (*situation.held, *(Held(account, one, "") for account, one in won))
        fired = {one.instant for attempt in wave.attempts for one in attempt.chain}
        gone = (
            one
            for one, opening in self._openings.items()
            if opening <= now and (one.instant in fired or opening > self._begin.now)
        )
        return replace(situation, now=now, held=held, lost=situation.lost | set(gone))
