"""Runs played by chance, as docs/planning.md models them, on the strategies themselves.

A run is what a strategy makes of it: its waves, what it gives back. Rivals, and accounts that drop out, come
from a source of random numbers. Whatever of an hour is not ours when its wave is over has gone to others.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from random import Random

from sniper.core.limits import Per
from sniper.core.optimal.stages import stages_of
from sniper.core.plan import Held, Situation, Standing, Verdict, Wave
from sniper.core.slots import Slot
from sniper.core.standing import verdict
from sniper.core.strategy import Strategy, Terms
from sniper.core.streaks import opening_at

_TOLD_EVERY = 100

Won = tuple[tuple[int, int], ...]
"""Attempts of a wave, and the positions of their chains, that won something."""
Chain = tuple[tuple[int, int, float], ...]
"""The places an attempt tries, by number: the place, its hour, and the speed of rivals it wins against."""


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
    """What a strategy does at a situation: after giving back, its next wave; and what followed so far.

    Attributes:
        chains: Of the wave's attempts, in their order.
        capacity: How many accounts can have each place of them, by its number.
        lost: What is gone after the wave.
    """

    situation: Situation
    wave: Wave | None
    verdict: Verdict
    chains: tuple[Chain, ...] = ()
    capacity: tuple[int, ...] = ()
    lost: frozenset[Slot] = frozenset()
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
        self._hours: dict[tuple[str, datetime], tuple[Slot, ...]] = {
            (priority.location, slots[0].instant): slots
            for priority in terms.goal.priorities
            for start in terms.goal.starts(priority)
            if (slots := priority.slots_at(start))
        }
        self._places_count = any(Per.SUB_LOCATION in limit.per for limit in terms.limits)

    def play(self, runs: int, played: Callable[[int], None] = lambda _: None) -> Tally:
        """Play so many runs; `played` is called now and then with how many were."""
        standings = Counter[Standing]()
        locations = Counter[str]()
        attempts = 0
        first = self._turn(self._begin)
        for number in range(runs):
            if number % _TOLD_EVERY == 0:
                played(number)
            turn = first
            while turn.wave is not None:
                attempts += len(turn.wave.attempts)
                won = self._race(turn)
                if won not in turn.then:
                    turn.then[won] = self._turn(self._after(turn.situation, turn.wave, turn.lost, won))
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
            self._turns[key] = self._taken(self._relabelled(situation))
        return self._turns[key]

    def _taken(self, situation: Situation) -> _Turn:
        wave = self._strategy.next_wave(situation)
        standing = verdict(self._terms.goal, situation)
        if wave is None:
            return _Turn(situation, None, standing)
        win = {
            one: hour.win
            for stage in stages_of(self._terms, situation)
            for hour in stage.hours
            for one in hour.slots
        }
        slots = list(dict.fromkeys(one for attempt in wave.attempts for one in attempt.chain))
        places = {one: number for number, one in enumerate(slots)}
        hours = {one: number for number, one in enumerate(dict.fromkeys(one.instant for one in slots))}
        decay = self._terms.odds.decay
        chains = tuple(
            tuple(
                (places[one], hours[one.instant], win[one] * decay**position)
                for position, one in enumerate(attempt.chain)
            )
            for attempt in wave.attempts
        )
        capacity = tuple(self._capacity[one.location] for one in slots)
        return _Turn(situation, wave, standing, chains, capacity, self._lost_after(situation, wave))

    def _relabelled(self, situation: Situation) -> Situation:
        """The same with accounts and places exchanged for others like them: runs that differ by names only
        are one."""
        held = situation.held if self._places_count else tuple(self._with_first_places(situation))
        mine: defaultdict[str, list[Held]] = defaultdict(list)
        for one in held:
            mine[one.account].append(one)
        order = sorted(
            self._alike,
            key=lambda name: sorted((h.slot.instant, h.slot.place) for h in mine[name]),
            reverse=True,
        )
        new = dict(zip(order, self._alike, strict=True))
        renamed = (
            replace(h, account=new[h.account]) if new.get(h.account, h.account) != h.account else h
            for h in held
        )
        return replace(
            situation, held=tuple(sorted(renamed, key=lambda h: (h.slot.instant, h.account, h.slot.place)))
        )

    def _with_first_places(self, situation: Situation) -> Iterator[Held]:
        """Where nothing is left of an hour to be won, it makes no difference which of its places we have."""
        ours: defaultdict[tuple[str, datetime], set[Slot]] = defaultdict(set)
        for one in situation.held:
            ours[one.slot.location, one.slot.instant].add(one.slot)
        for one in situation.held:
            key = one.slot.location, one.slot.instant
            slots = self._hours.get(key, ())
            if slots and one not in self._begin.held and situation.lost.issuperset(slots):
                had = [slot for slot in slots if slot in ours[key]]
                first = slots[had.index(one.slot)]
                yield one if first == one.slot else replace(one, slot=first)
            else:
                yield one

    def _race(self, turn: _Turn) -> Won:
        """Who wins what: position by position; the first win of an hour stands the others of it down."""
        random, fail = self._random.random, self._terms.odds.account_failure
        alive = [number for number in range(len(turn.chains)) if random() >= fail]
        room = list(turn.capacity)
        speed: dict[int, float] = {}
        won: list[tuple[int, int]] = []
        over: set[int] = set()
        position = 0
        while alive:
            here: set[int] = set()
            left: list[int] = []
            new: set[int] = set()
            for number in alive:
                chain = turn.chains[number]
                if position >= len(chain):
                    continue
                place, hour, beats = chain[position]
                if hour in over:
                    continue
                if place not in speed:
                    speed[place] = random()
                    new.add(place)
                if speed[place] < beats and place in new and room[place]:
                    room[place] -= 1
                    won.append((number, position))
                    here.add(hour)
                else:
                    left.append(number)
            over |= here
            alive, position = left, position + 1
        return tuple(won)

    @staticmethod
    def _after(situation: Situation, wave: Wave, lost: frozenset[Slot], won: Won) -> Situation:
        new = ((wave.attempts[number], position) for number, position in won)
        held = (Held(attempt.account, attempt.chain[position], "") for attempt, position in new)
        now = max(situation.now, wave.opens_at)
        return replace(situation, now=now, held=(*situation.held, *held), lost=lost)

    def _lost_after(self, situation: Situation, wave: Wave) -> frozenset[Slot]:
        now = max(situation.now, wave.opens_at)
        fired = {one.instant for attempt in wave.attempts for one in attempt.chain}
        return situation.lost | {
            one
            for one, opening in self._openings.items()
            if opening <= now and (one.instant in fired or opening > self._begin.now)
        }
