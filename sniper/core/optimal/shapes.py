"""Who is sent where in one wave, and what may come of it.

A *shape* says how many places of each location are reached at the first position of the chains, at the
second, and so on. Its *tracks* are the chains themselves, each with the accounts that go along it, one behind
the other.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import product
from math import comb, prod

MOST_SHAPES = 40
"""Where a stage has more, only those are looked at that go on singly, or all at once, after the first
position."""
NEVER = 1e-10
"""Who drops out together less often than this is not looked at."""

Place = tuple[int, int]
"""An hour of the stage, and one of its slots, by their places."""
Shape = tuple[tuple[int, ...], ...]
"""For each position of the chains, how many places of each hour are reached."""
Win = tuple[int, int, int]
"""An hour, a slot of it, and the kind of account that has won it."""
Lottery = tuple[tuple[tuple[Win, ...], float], ...]
"""What may come of a wave, with probabilities that sum to 1."""


@dataclass(frozen=True, slots=True)
class Track:
    """A chain, and the kinds of the accounts that go along it."""

    chain: tuple[Place, ...]
    crew: tuple[int, ...]


@cache
def shapes(places: tuple[int, ...], width: int) -> tuple[Shape, ...]:
    """The shapes that reach all places of some hours, no more than `width` at a time."""
    whole: list[Shape] = []
    for chosen in product(*((0, count) if count else (0,) for count in places)):
        if any(chosen):
            for shape in _fillings(chosen, width):
                whole.append(shape)
                if len(whole) > MOST_SHAPES:
                    return tuple(dict.fromkeys(_wide_first(places, width)))
    return tuple(whole)


def _fillings(left: tuple[int, ...], width: int) -> Iterator[Shape]:
    if not any(left):
        yield ()
        return
    for level in product(*(range(count + 1) for count in left)):
        if 0 < sum(level) <= width:
            for rest in _fillings(tuple(a - b for a, b in zip(left, level, strict=True)), width):
                yield (level, *rest)


def _wide_first(places: tuple[int, ...], width: int) -> Iterator[Shape]:
    for chosen in product(*((0, count) if count else (0,) for count in places)):
        for first in product(*(range(count + 1) for count in chosen)):
            if not 0 < sum(first) <= width:
                continue
            left = [a - b for a, b in zip(chosen, first, strict=True)]
            units = [tuple(int(i == hour) for i in range(len(places))) for hour in range(len(places))]
            singly = tuple(units[hour] for hour, count in enumerate(left) for _ in range(count))
            yield (first, *singly)
            at_once: list[tuple[int, ...]] = []
            for unit in singly:
                if at_once and sum(at_once[-1]) < width:
                    at_once[-1] = tuple(a + b for a, b in zip(at_once[-1], unit, strict=True))
                else:
                    at_once.append(unit)
            yield (first, *at_once)


@cache
def chains(shape: Shape) -> tuple[tuple[Place, ...], ...]:
    """The chain of each track: one place at each position, then what others began with: they may drop out.

    A position with fewer places than tracks is reached by several together: one of them may win it.
    """
    begun = [0] * len(shape[0])
    levels: list[list[Place]] = []
    for level in shape:
        levels.append([(hour, begun[hour] + i) for hour, count in enumerate(level) for i in range(count)])
        begun = [a + b for a, b in zip(begun, level, strict=True)]
    everything = [place for level in levels for place in level]
    tracks = []
    for number in range(max(map(len, levels))):
        chain = [level[number % len(level)] for level in levels]
        turned = everything[number:] + everything[:number]
        chain += sorted((p for p in turned if p not in chain), key=lambda p: p[0] != chain[0][0])
        tracks.append(tuple(chain))
    return tuple(tracks)


@dataclass(frozen=True, slots=True)
class Race:
    """What decides a wave.

    Attributes:
        win: For each hour, the probability that who begins with one of its slots wins it.
        capacity: For each hour, how many accounts can have the same slot.
        places_count: Whether it matters which slot of an hour is won.
    """

    win: tuple[float, ...]
    capacity: tuple[int, ...]
    decay: float
    account_failure: float
    places_count: bool

    def lottery(self, tracks: Sequence[Track]) -> Lottery:
        """What may come of these tracks: exact, whoever drops out."""
        found: defaultdict[tuple[Win, ...], float] = defaultdict(float)
        for alive, chance in self._who_is_there(tracks):
            if chance < NEVER:
                found[()] += chance
            else:
                self._run(alive, 0, frozenset(), chance, found)
        return tuple(sorted(found.items()))

    def _who_is_there(
        self, tracks: Sequence[Track]
    ) -> Iterator[tuple[list[tuple[tuple[Place, ...], tuple[int, ...]]], float]]:
        """Who has not dropped out: for each track its chain and as many kinds as can win the same slot."""
        fail = self.account_failure
        options = []
        for track in tracks:
            several = max(self.capacity[hour] for hour, _ in track.chain)
            here: defaultdict[tuple[int, ...], float] = defaultdict(float)
            everybody = product((True, False), repeat=len(track.crew))
            for pattern in everybody if several > 1 else _first(track.crew):
                there = tuple(kind for kind, is_there in zip(track.crew, pattern, strict=False) if is_there)
                here[there[:several]] += prod((1 - fail) if is_there else fail for is_there in pattern)
            options.append([(track.chain, who, chance) for who, chance in here.items() if chance])
        for some in product(*options):
            chance = prod(one[2] for one in some)
            yield [(chain, who) for chain, who, _ in some if who], chance

    def _run(
        self,
        alive: list[tuple[tuple[Place, ...], tuple[int, ...]]],
        position: int,
        tried: frozenset[Place],
        chance: float,
        found: defaultdict[tuple[Win, ...], float],
    ) -> None:
        """From this position on, nothing having been won before it."""
        claims: dict[Place, list[int]] = {}
        for chain, who in alive:
            if position < len(chain) and chain[position] not in tried:
                claims.setdefault(chain[position], []).extend(who)
        if not claims:
            if any(position < len(chain) for chain, _ in alive):
                self._run(alive, position + 1, tried, chance, found)
            else:
                found[()] += chance
            return
        alike = Counter[tuple[int, int, tuple[int, ...]]]()
        for (hour, slot), mine in claims.items():
            alike[hour, slot if self.places_count else 0, tuple(mine[: self.capacity[hour]])] += 1
        groups = list(alike.items())
        lost = chance
        for won in product(*(range(count + 1) for _, count in groups)):
            here = chance
            for ((hour, _, _), count), wins in zip(groups, won, strict=True):
                p = self.win[hour] * self.decay**position
                here *= comb(count, wins) * p**wins * (1 - p) ** (count - wins)
            if not any(won):
                lost = here
            elif here:
                wins_told = tuple(
                    (hour, slot, kind)
                    for ((hour, slot, who), _), wins in zip(groups, won, strict=True)
                    for _ in range(wins)
                    for kind in who
                )
                found[wins_told] += here
        if lost:
            self._run(alive, position + 1, tried | claims.keys(), lost, found)


def _first(crew: tuple[int, ...]) -> Iterator[tuple[bool, ...]]:
    """Up to the first who is there: nobody behind can win what that one does not."""
    for gone in range(len(crew)):
        yield (*(False for _ in range(gone)), True)
    yield tuple(False for _ in crew)
