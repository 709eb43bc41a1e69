"""All waves that are worth looking at, and what may come of each: they are the same at many states."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from math import ceil, log
from typing import NamedTuple

from sniper.core.optimal.lotteries import Lottery, Race, Win
from sniper.core.optimal.shapes import Group, Place, Track, chains, shapes
from sniper.core.strategy import Terms

BACKED_UP = 1e-3
"""A place is backed up until all its accounts drop out less often than this."""
MOST_WAVES = 200
"""Where different accounts can be dealt out to the chains in more ways, the first of them are looked at."""

Able = tuple[tuple[int, ...], ...]
"""For each hour of a stage, the slots (by place) that an account may book."""


class Possible(NamedTuple):
    """A wave.

    Attributes:
        lottery: What may come of it.
        nothing: The probability that nothing is won.
        attempts: How many accounts it takes.
    """

    tracks: tuple[Track, ...]
    lottery: Lottery
    nothing: float
    attempts: int


class Choice(NamedTuple):
    """Every wave that is worth looking at, and all that may come of any of them, by number.

    The likelier a wave is to win anything, the earlier it comes.
    """

    waves: tuple[Possible, ...]
    results: dict[int, tuple[Win, ...]]


class Lineup(NamedTuple):
    """Who may go for what at a stage; for each hour of it, and for each kind of account.

    Attributes:
        groups: The slots that are wanted.
        crew: For each kind that can book anything here how many there are, and what they can book. Waves call
            a kind by its place in this tuple.
    """

    groups: tuple[Group, ...]
    ranks: tuple[int, ...]
    capacity: tuple[int, ...]
    most: tuple[int, ...]
    crew: tuple[tuple[int, Able], ...]


class Waves:
    """Remembers the waves of every lineup."""

    def __init__(self, terms: Terms, *, places_count: bool) -> None:
        self._terms = terms
        self._places_count = places_count
        self._known: dict[tuple[Lineup, tuple[float, ...]], Choice] = {}
        self._formations: dict[Lineup, tuple[tuple[Track, ...], ...]] = {}
        self._races: dict[tuple[int, ...], Race] = {}

    def of(self, lineup: Lineup, win: tuple[float, ...]) -> Choice:
        """Every wave that is worth looking at.

        Args:
            lineup: Who may go for what.
            win: For each hour, the probability that who begins with one of its slots wins it.
        """
        enough = sum(len(slots) for _, slots in lineup.groups) * self._depth(lineup)
        lineup = lineup._replace(crew=tuple((min(count, enough), able) for count, able in lineup.crew))
        key = lineup, win
        if key not in self._known:
            if lineup not in self._formations:
                self._formations[lineup] = tuple(dict.fromkeys(self._all_formations(lineup)))
            self._known[key] = self._choice(self._formations[lineup], self._race(lineup.capacity), win)
        return self._known[key]

    @property
    def lotteries(self) -> int:
        """Of how many waves it was computed what may come of them."""
        return sum(race.lotteries for race in self._races.values())

    def _race(self, capacity: tuple[int, ...]) -> Race:
        if capacity not in self._races:
            odds = self._terms.odds
            self._races[capacity] = Race(
                capacity,
                decay=odds.decay,
                account_failure=odds.account_failure,
                places_count=self._places_count,
            )
        return self._races[capacity]

    @staticmethod
    def _choice(formations: tuple[tuple[Track, ...], ...], race: Race, win: tuple[float, ...]) -> Choice:
        waves = []
        for tracks in formations:
            lottery = race.lottery(tracks, win)
            nothing = dict(zip(*lottery, strict=True)).get(0, 0.0)
            waves.append(Possible(tracks, lottery, nothing, sum(len(track.crew) for track in tracks)))
        found = dict.fromkeys(result for wave in waves for result in wave.lottery.results)
        return Choice(
            tuple(sorted(waves, key=lambda wave: wave.nothing)),
            {number: race.results[number] for number in (0, *found)},
        )

    def _all_formations(self, lineup: Lineup) -> Iterator[tuple[Track, ...]]:
        everybody = sum(count for count, _ in lineup.crew)
        found = shapes(tuple(len(slots) for _, slots in lineup.groups), everybody)
        most = max(2, MOST_WAVES // len(found))
        depth = self._depth(lineup)
        for shape in found:
            planned = chains(shape, lineup.groups)
            if not self._terms.insured and len(lineup.ranks) > 1:
                planned = _by_rank(planned, lineup)
            crews = Crews(planned, lineup, self._terms.attempts_each)
            # Where not all can be backed up, it may matter which location is.
            some = depth > 1 and 0 < everybody - len(planned) < len(planned) * (depth - 1)
            firsts = dict.fromkeys(chain[0][0] for chain in planned) if some else [planned[0][0][0]]
            for leads in islice(crews.leads(), most):
                for first in firsts:
                    if tracks := crews.tracks(leads, depth, first):
                        yield tracks

    def _depth(self, lineup: Lineup) -> int:
        fail = self._terms.odds.account_failure
        if fail in (0, 1) or (not self._terms.can_give_back and max(lineup.capacity) > 1):
            return 1
        return max(1, ceil(log(BACKED_UP) / log(fail)))


class Crews:
    """Deals accounts out to the tracks of one shape."""

    def __init__(self, planned: tuple[tuple[Place, ...], ...], lineup: Lineup, attempts_each: int) -> None:
        self._planned = planned
        self._counts = [count for count, _ in lineup.crew]
        self._most = lineup.most
        self._room_for_all = min(lineup.most) >= sum(self._counts)
        self._attempts_each = attempts_each
        # How far each kind can go along each chain; nowhere if not even to its first place.
        self._chains = [[_own(chain, able) for chain in planned] for _, able in lineup.crew]

    def leads(self) -> Iterator[tuple[int | None, ...]]:
        """The kinds of those who lead the chains, the first kinds of the lineup first."""
        left = list(self._counts)
        leads: list[int | None] = []

        def rest(number: int) -> Iterator[tuple[int | None, ...]]:
            if number == len(self._planned):
                yield tuple(leads)
                return
            able = [kind for kind, own in enumerate(self._chains) if left[kind] and own[number]]
            for kind in able or (None,):
                leads.append(kind)
                if kind is not None:
                    left[kind] -= 1
                yield from rest(number + 1)
                leads.pop()
                if kind is not None:
                    left[kind] += 1

        return rest(0)

    def tracks(self, leads: tuple[int | None, ...], depth: int, first: int) -> tuple[Track, ...]:
        """The tracks with their crews: leads first, then those behind them in turn, as many as may fire.

        Who backs up goes along the same chain as far as it can, which may be further than its lead.

        Args:
            leads: The kinds of those who lead the chains.
            depth: How many may go along one chain.
            first: The hour whose leads are backed up first.
        """
        left = list(self._counts)
        room = list(self._most)
        crews: dict[int, list[tuple[int, tuple[Place, ...]]]] = {}
        for number, kind in enumerate(leads):
            if kind is not None and (own := self._sent(kind, number, room)):
                left[kind] -= 1
                crews[number] = [(kind, own)]
        turn = sorted(crews, key=lambda number: self._planned[number][0][0] != first)
        for _ in range(depth - 1):
            for number in turn:
                for kind, count in enumerate(left):
                    if count and (own := self._sent(kind, number, room)):
                        left[kind] -= 1
                        crews[number].append((kind, own))
                        break
        return tuple(
            Track(chain, tuple(kind for kind, own in crew if own == chain))
            for crew in crews.values()
            for chain in dict.fromkeys(own for _, own in crew)
        )

    def _sent(self, kind: int, number: int, room: list[int]) -> tuple[Place, ...]:
        """The chain of one more account, where there is room for it."""
        own = self._chains[kind][number]
        if own and not self._room_for_all:
            if not room[own[0][0]]:
                return ()
            own = tuple(place for place in own if room[place[0]])
            for hour in {hour for hour, _ in own}:
                room[hour] -= 1
        return own[: self._attempts_each]


def _own(chain: tuple[Place, ...], able: Able) -> tuple[Place, ...]:
    hour, slot = chain[0]
    return tuple(place for place in chain if place[1] in able[place[0]]) if slot in able[hour] else ()


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
