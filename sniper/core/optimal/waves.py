"""All waves that are worth looking at, and what may come of each: they are the same at many states."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import islice
from math import ceil, log
from typing import NamedTuple

from sniper.core.optimal.shapes import Lottery, Place, Race, Track, chains, shapes
from sniper.core.strategy import Terms

BACKED_UP = 1e-3
"""A place is backed up until all its accounts drop out less often than this."""
MOST_WAVES = 200
"""Where different accounts can be dealt out to the chains in more ways, the first of them are looked at."""

Able = tuple[tuple[int, ...], ...]
"""For each hour of a stage, the slots (by place) that an account may book."""


class Possible(NamedTuple):
    """A wave, what may come of it, and how many accounts it takes."""

    tracks: tuple[Track, ...]
    lottery: Lottery
    attempts: int


class Lineup(NamedTuple):
    """What the waves at a stage depend on; for each hour of it, and for each kind of account.

    Attributes:
        places: How many slots of each hour are wanted.
        crew: For each kind that can book anything here how many there are, and what they can book. Waves call
            a kind by its place in this tuple.
    """

    places: tuple[int, ...]
    ranks: tuple[int, ...]
    win: tuple[float, ...]
    capacity: tuple[int, ...]
    most: tuple[int, ...]
    crew: tuple[tuple[int, Able], ...]


class Waves:
    """Remembers the waves of every lineup."""

    def __init__(self, terms: Terms, *, places_count: bool) -> None:
        self._terms = terms
        self._places_count = places_count
        self._known: dict[Lineup, tuple[Possible, ...]] = {}

    def of(self, lineup: Lineup) -> tuple[Possible, ...]:
        """Every wave that is worth looking at."""
        enough = sum(lineup.places) * self._depth(lineup)
        lineup = lineup._replace(crew=tuple((min(count, enough), able) for count, able in lineup.crew))
        if lineup not in self._known:
            self._known[lineup] = tuple(self._waves(lineup))
        return self._known[lineup]

    def _waves(self, lineup: Lineup) -> Iterator[Possible]:
        odds = self._terms.odds
        race = Race(lineup.win, lineup.capacity, odds.decay, odds.account_failure, self._places_count)
        found = shapes(lineup.places, sum(count for count, _ in lineup.crew))
        most = max(2, MOST_WAVES // len(found))
        for shape in found:
            planned = chains(shape)
            if not self._terms.insured:
                planned = _by_rank(planned, lineup)
            for leads in islice(_mannings(planned, lineup), most):
                if tracks := self._manned(planned, leads, lineup):
                    yield Possible(tracks, race.lottery(tracks), sum(len(track.crew) for track in tracks))

    def _manned(
        self,
        planned: tuple[tuple[Place, ...], ...],
        leads: tuple[int | None, ...],
        lineup: Lineup,
    ) -> tuple[Track, ...]:
        """The tracks with their crews: leads first, then those behind them in turn, as many as may fire."""
        left = {kind: count for kind, (count, _) in enumerate(lineup.crew)}
        able = {kind: places for kind, (_, places) in enumerate(lineup.crew)}
        room = list(lineup.most)
        manned: list[tuple[tuple[Place, ...], list[int]]] = []
        for chain, kind in zip(planned, leads, strict=True):
            if kind is None:
                continue
            mine = [p for p in chain if p[1] in able[kind][p[0]] and room[p[0]] > 0]
            if not mine or mine[0] != chain[0]:
                continue
            left[kind] -= 1
            for hour in {hour for hour, _ in mine}:
                room[hour] -= 1
            manned.append((tuple(mine[: self._terms.attempts_each]), [kind]))
        for _ in range(self._depth(lineup) - 1):
            for chain, crew in manned:
                here = {hour for hour, _ in chain}
                if any(room[hour] <= 0 for hour in here):
                    continue
                fits = (k for k in left if left[k] and all(slot in able[k][hour] for hour, slot in chain))
                if (kind := next(fits, None)) is not None:
                    left[kind] -= 1
                    crew.append(kind)
                    for hour in here:
                        room[hour] -= 1
        return tuple(Track(chain, tuple(crew)) for chain, crew in manned)

    def _depth(self, lineup: Lineup) -> int:
        fail = self._terms.odds.account_failure
        if fail in (0, 1) or (not self._terms.can_give_back and max(lineup.capacity) > 1):
            return 1
        return max(1, ceil(log(BACKED_UP) / log(fail)))


def _mannings(planned: tuple[tuple[Place, ...], ...], lineup: Lineup) -> Iterator[tuple[int | None, ...]]:
    """The kinds of those who lead the chains, the first kinds of the lineup first."""

    def rest(number: int, used: Counter[int]) -> Iterator[tuple[int | None, ...]]:
        if number == len(planned):
            yield ()
            return
        hour, slot = planned[number][0]
        found = [
            kind
            for kind, (count, able) in enumerate(lineup.crew)
            if used[kind] < count and slot in able[hour]
        ]
        for kind in found or (None,):
            here = used.copy()
            if kind is not None:
                here[kind] += 1
            for others in rest(number + 1, here):
                yield (kind, *others)

    yield from rest(0, Counter())


def _by_rank(planned: tuple[tuple[Place, ...], ...], lineup: Lineup) -> tuple[tuple[Place, ...], ...]:
    """Without insurance nothing is won elsewhere while something better can still be: it comes last."""
    best = min(lineup.ranks[hour] for chain in planned for hour, _ in chain)
    everything = dict.fromkeys(place for chain in planned for place in chain)
    better = [place for place in everything if lineup.ranks[place[0]] == best]
    return tuple(
        (
            *(first := [place for place in chain if place in better]),
            *(place for place in better if place not in first),
            *sorted((place for place in chain if place not in better), key=lambda p: lineup.ranks[p[0]]),
        )
        for chain in planned
    )
