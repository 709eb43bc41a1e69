"""Who is sent where in one wave.

A *shape* says how many places of each location are reached at the first position of the chains, at the
second, and so on; where not all of a location's places are alike to all accounts, how many of each *group*.
Its *tracks* are the chains themselves, each with the accounts that go along it, one behind the other.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from itertools import product
from typing import NamedTuple

MOST_SHAPES = 40
"""Where a stage has more, only those are looked at that go on singly, or all at once, after the first
position."""

Place = tuple[int, int]
"""An hour of the stage, and one of its slots, by their places."""
Group = tuple[int, tuple[int, ...]]
"""An hour, and some of its slots which are alike: it makes no difference which of them comes first."""
Shape = tuple[tuple[int, ...], ...]
"""For each position of the chains, how many places of each group are reached."""


class Track(NamedTuple):
    """A chain, and the kinds of the accounts that go along it."""

    chain: tuple[Place, ...]
    crew: tuple[int, ...]


@cache
def shapes(places: tuple[int, ...], width: int) -> tuple[Shape, ...]:
    """The shapes that reach all places of some groups, no more than `width` at a time."""
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
def chains(shape: Shape, groups: tuple[Group, ...]) -> tuple[tuple[Place, ...], ...]:
    """The chain of each track: one place at each position, then what others began with: they may drop out.

    A position with fewer places than tracks is reached by several together: one of them may win it.
    """
    coming = [iter(slots) for _, slots in groups]
    levels = [
        [
            (hour, next(slots))
            for (hour, _), slots, count in zip(groups, coming, level, strict=True)
            for _ in range(count)
        ]
        for level in shape
    ]
    everything = [place for level in levels for place in level]
    tracks = []
    for number in range(max(map(len, levels))):
        chain = [level[number % len(level)] for level in levels]
        turned = everything[number:] + everything[:number]
        chain += sorted((p for p in turned if p not in chain), key=lambda p: p[0] != chain[0][0])
        tracks.append(tuple(chain))
    return tuple(tracks)
