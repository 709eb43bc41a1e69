"""What may come of a wave: exact, whoever drops out and however fast rivals are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from itertools import product
from math import comb, prod
from operator import mul
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
Passage = tuple[tuple[Group, ...], ...]
"""What is reached at each position, as long as nothing is won."""


class Lottery(NamedTuple):
    """Results, by their numbers, and their probabilities, which sum to 1."""

    results: tuple[int, ...]
    chances: tuple[float, ...]

    def mean(self, worth: dict[int, float]) -> float:
        """What is to be expected if each result is worth so much."""
        return float(sum(map(mul, self.chances, map(worth.__getitem__, self.results))))


class Race:
    """Decides waves at all stages where as many accounts can have the same slot.

    Who has dropped out makes a difference only by what is then reached at each position, and by whom: the
    *passage*. It is often the same, and does not depend on how fast rivals are, so that it is looked at once.

    Attributes:
        results: What can be won together, by number; 0 is nothing.
    """

    def __init__(
        self, capacity: tuple[int, ...], *, decay: float, account_failure: float, places_count: bool
    ) -> None:
        """Nothing is looked at yet.

        Args:
            capacity: For each hour, how many accounts can have the same slot.
            decay: What each position leaves of the probability to win.
            account_failure: The probability that an account drops out.
            places_count: Whether it matters which slot of an hour is won.
        """
        self._capacity = capacity
        self._decay = decay
        self._account_failure = account_failure
        self._places_count = places_count
        self.results: list[tuple[Win, ...]] = [()]
        self._numbers: dict[tuple[Win, ...], int] = {(): 0}
        self._there: dict[tuple[tuple[int, ...], int], dict[Who, float]] = {}
        self._spreads: dict[tuple[Track, ...], dict[int, float]] = {}
        self._met: dict[tuple[tuple[Place, ...], ...], dict[tuple[Who, ...], int]] = {}
        self._passages: list[Passage] = [()]
        self._passage_numbers: dict[Passage, int] = {(): 0}
        self._decided: defaultdict[tuple[float, ...], dict[int, Lottery]] = defaultdict(dict)
        self._lotteries: defaultdict[tuple[float, ...], dict[tuple[Track, ...], Lottery]] = defaultdict(dict)

    def lottery(self, tracks: tuple[Track, ...], win: tuple[float, ...]) -> Lottery:
        """What may come of these tracks, if who begins with a slot of an hour wins it with `win` of it."""
        lotteries = self._lotteries[win]
        if tracks not in lotteries:
            lotteries[tracks] = self._lottery(tracks, win)
        return lotteries[tracks]

    @property
    def lotteries(self) -> int:
        """How many were computed."""
        return sum(len(some) for some in self._lotteries.values())

    def _lottery(self, tracks: tuple[Track, ...], win: tuple[float, ...]) -> Lottery:
        decided = self._decided[win]
        found: defaultdict[int, float] = defaultdict(float)
        for passage, weight in self._spread(tracks).items():
            if passage not in decided:
                decided[passage] = self._decide(self._passages[passage], win)
            decision = decided[passage]
            for result, chance in zip(decision.results, decision.chances, strict=True):
                found[result] += weight * chance
        return Lottery(tuple(found), tuple(found.values()))

    def _spread(self, tracks: tuple[Track, ...]) -> dict[int, float]:
        """The passages that there may be, by number, and how likely each is."""
        if tracks in self._spreads:
            return self._spreads[tracks]
        chains = tuple(track.chain for track in tracks)
        met = self._met.setdefault(chains, {})
        there = [self._who_is_there(track) for track in tracks]
        chances = map(prod, product(*(one.values() for one in there)))
        found: defaultdict[int, float] = defaultdict(float)
        for who, chance in zip(product(*there), chances, strict=True):
            if chance < NEVER:
                found[0] += chance
                continue
            if who not in met:
                met[who] = self._passage_number(tuple(self._passage(chains, who)))
            found[met[who]] += chance
        self._spreads[tracks] = dict(found)
        return self._spreads[tracks]

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

    def _passage_number(self, passage: Passage) -> int:
        if passage not in self._passage_numbers:
            self._passage_numbers[passage] = len(self._passages)
            self._passages.append(passage)
        return self._passage_numbers[passage]

    def _passage(
        self, chains: tuple[tuple[Place, ...], ...], there: tuple[Who, ...]
    ) -> Iterator[tuple[Group, ...]]:
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

    def _decide(self, passage: Passage, win: tuple[float, ...]) -> Lottery:
        found: defaultdict[int, float] = defaultdict(float)
        before = 1.0
        for position, groups in enumerate(passage):
            p = [win[hour] * self._decay**position for (hour, _, _), _ in groups]
            nothing = before
            for won in product(*(range(count + 1) for _, count in groups)):
                chance = before
                for (_, count), wins, here in zip(groups, won, p, strict=True):
                    chance *= comb(count, wins) * here**wins * (1 - here) ** (count - wins)
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
