"""What may come of a wave: exact, whoever drops out and however fast rivals are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from itertools import product
from math import comb, prod
from typing import NamedTuple

from sniper.core.optimal.shapes import Place, Track

NEVER = 1e-10
"""Who drops out together less often than this is not looked at."""

Win = tuple[int, int, int]
"""An hour, a slot of it, and the kind of account that has won it."""
Who = tuple[int, ...]
"""Of a track, the kinds of those that have not dropped out: as many as can win the same slot."""
Group = tuple[tuple[int, int, Who], int]
"""An hour, a slot of it and who would win it; and how many places are reached in just this way."""


class Lottery(NamedTuple):
    """Results, by their numbers, and their probabilities, which sum to 1."""

    results: tuple[int, ...]
    chances: tuple[float, ...]


class Race:
    """Decides the waves of all stages that have the same odds.

    Who has dropped out makes a difference only by what is then reached at each position, and by whom. Often
    that is the same, so that it is looked at once.

    Attributes:
        results: What can be won together, by number; 0 is nothing.
    """

    def __init__(
        self,
        win: tuple[float, ...],
        capacity: tuple[int, ...],
        *,
        decay: float,
        account_failure: float,
        places_count: bool,
    ) -> None:
        """Nothing is looked at yet.

        Args:
            win: For each hour, the probability that who begins with one of its slots wins it.
            capacity: For each hour, how many accounts can have the same slot.
            decay: What each position leaves of that probability.
            account_failure: The probability that an account drops out.
            places_count: Whether it matters which slot of an hour is won.
        """
        self._win = win
        self._capacity = capacity
        self._decay = decay
        self._account_failure = account_failure
        self._places_count = places_count
        self.results: list[tuple[Win, ...]] = [()]
        self._numbers: dict[tuple[Win, ...], int] = {(): 0}
        self._lotteries: dict[tuple[Track, ...], Lottery] = {}
        self._there: dict[tuple[tuple[int, ...], int], dict[Who, float]] = {}
        self._courses: dict[tuple[tuple[Place, ...], ...], dict[tuple[Who, ...], int]] = {}
        self._decided: dict[tuple[tuple[Group, ...], ...], int] = {}
        self._decisions: list[Lottery] = []

    def lottery(self, tracks: tuple[Track, ...]) -> Lottery:
        """What may come of these tracks."""
        if tracks not in self._lotteries:
            self._lotteries[tracks] = self._lottery(tracks)
        return self._lotteries[tracks]

    def _lottery(self, tracks: tuple[Track, ...]) -> Lottery:
        chains = tuple(track.chain for track in tracks)
        known = self._courses.setdefault(chains, {})
        there = [self._who_is_there(track) for track in tracks]
        chances = map(prod, product(*(one.values() for one in there)))
        found: defaultdict[int, float] = defaultdict(float)
        weights: defaultdict[int, float] = defaultdict(float)
        for who, chance in zip(product(*there), chances, strict=True):
            if chance < NEVER:
                found[0] += chance
                continue
            if who not in known:
                known[who] = self._decide(tuple(self._course(chains, who)))
            weights[known[who]] += chance
        for number, weight in weights.items():
            decision = self._decisions[number]
            for result, chance in zip(decision.results, decision.chances, strict=True):
                found[result] += weight * chance
        return Lottery(tuple(found), tuple(found.values()))

    def _who_is_there(self, track: Track) -> dict[Who, float]:
        """Who has not dropped out of a track, with which probability."""
        several = max(self._capacity[hour] for hour, _ in track.chain)
        key = track.crew, several
        if key not in self._there:
            self._there[key] = self._there_of(*key)
        return self._there[key]

    def _there_of(self, crew: tuple[int, ...], several: int) -> dict[Who, float]:
        fail = self._account_failure
        here: defaultdict[Who, float] = defaultdict(float)
        for pattern in product((True, False), repeat=len(crew)) if several > 1 else _first(crew):
            there = tuple(kind for kind, is_there in zip(crew, pattern, strict=False) if is_there)
            here[there[:several]] += prod(1 - fail if is_there else fail for is_there in pattern)
        return {who: chance for who, chance in here.items() if chance}

    def _course(
        self, chains: tuple[tuple[Place, ...], ...], there: tuple[Who, ...]
    ) -> Iterator[tuple[Group, ...]]:
        """What is reached at each position, and by whom, as long as nothing is won."""
        alive = [(chain, who) for chain, who in zip(chains, there, strict=True) if who]
        tried: set[Place] = set()
        for position in range(max((len(chain) for chain, _ in alive), default=0)):
            claims: dict[Place, Who] = {}
            for chain, who in alive:
                if position < len(chain) and (place := chain[position]) not in tried:
                    claims[place] = claims.get(place, ()) + who
            tried.update(claims)
            alike: dict[tuple[int, int, Who], int] = {}
            for (hour, slot), who in claims.items():
                key = hour, slot if self._places_count else 0, who[: self._capacity[hour]]
                alike[key] = alike.get(key, 0) + 1
            yield tuple(sorted(alike.items()))

    def _decide(self, course: tuple[tuple[Group, ...], ...]) -> int:
        """The number of the decision where all goes this way."""
        if course not in self._decided:
            self._decided[course] = len(self._decisions)
            self._decisions.append(self._decision(course))
        return self._decided[course]

    def _decision(self, course: tuple[tuple[Group, ...], ...]) -> Lottery:
        found: defaultdict[int, float] = defaultdict(float)
        before = 1.0
        for position, groups in enumerate(course):
            p = [self._win[hour] * self._decay**position for (hour, _, _), _ in groups]
            nothing = before
            for won in product(*(range(count + 1) for _, count in groups)):
                chance = before * prod(
                    comb(count, wins) * p_here**wins * (1 - p_here) ** (count - wins)
                    for (_, count), wins, p_here in zip(groups, won, p, strict=True)
                )
                if not any(won):
                    nothing = chance
                elif chance:
                    found[self._number(groups, won)] += chance
            before = nothing
        found[0] += before
        return Lottery(tuple(found), tuple(found.values()))

    def _number(self, groups: tuple[Group, ...], won: tuple[int, ...]) -> int:
        result = tuple(
            (hour, slot, kind)
            for ((hour, slot, who), _), wins in zip(groups, won, strict=True)
            for _ in range(wins)
            for kind in who
        )
        if result not in self._numbers:
            self._numbers[result] = len(self.results)
            self.results.append(result)
        return self._numbers[result]


def _first(crew: tuple[int, ...]) -> Iterator[tuple[bool, ...]]:
    """Up to the first who is there: nobody behind can win what that one does not."""
    for gone in range(len(crew)):
        yield (*(False for _ in range(gone)), True)
    yield tuple(False for _ in crew)
