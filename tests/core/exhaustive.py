"""The best that can be had, by trying everything: every chain for every account, every booking given back.

It shares nothing with the induction but the model of docs/planning.md, and knows no kinds, shapes or bounds.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import combinations, permutations, product

from sniper.core.limits import allowed
from sniper.core.slots import Slot
from sniper.core.strategy import Terms
from sniper.core.streaks import opening_at

Holdings = tuple[frozenset[Slot], ...]
"""What each account holds, sorted: accounts are alike but for that."""
Chances = tuple[float, float]
"""Of the goal, and of the goal or the fallback."""


@dataclass
class Exhaustive:
    """Tries everything. Only for very small goals."""

    terms: Terms
    accounts: int
    _known: dict[tuple[int, Holdings], Chances] = field(default_factory=dict)
    _worth: dict[tuple[int, Holdings], Chances] = field(default_factory=dict)
    _stands: dict[frozenset[Slot], Chances] = field(default_factory=dict)
    _raced: dict[tuple[tuple[Slot, ...], ...], dict[tuple[Slot | None, ...], float]] = field(
        default_factory=dict
    )

    def __post_init__(self) -> None:
        goal = self.terms.goal
        at: dict[tuple[object, object], list[Slot]] = {}
        for priority in goal.ranked:
            for start in goal.starts(priority):
                for one in priority.slots_at(start):
                    at.setdefault((opening_at(priority, start), one.instant), []).append(one)
        self.stages = [slots for _, slots in sorted(at.items())]
        self._hours = [
            [frozenset(priority.slots_at(start)) for start in goal.starts(priority)]
            for priority in goal.ranked
        ]

    def best(self) -> Chances:
        """From the beginning, nobody holding anything."""
        return self._best(0, (frozenset(),) * self.accounts)

    def _best(self, stage: int, held: Holdings) -> Chances:
        if stage == len(self.stages):
            return self._standing(held)
        if (stage, held) not in self._known:
            options = [self._fired(stage, held, chains) for chains in self._plans(stage, held)]
            self._known[stage, held] = max(options, key=_rounded)
        return self._known[stage, held]

    def _plans(self, stage: int, held: Holdings) -> Iterator[tuple[tuple[Slot, ...], ...]]:
        """Every chain of every length for every account; of accounts that are alike, in one order only."""
        options = []
        for mine in held:
            can = [
                one
                for one in self.stages[stage]
                if allowed(self.terms.limits, tuple(mine), one)
                and not any(
                    h.location == one.location and h.instant == one.instant for all_ in held for h in all_
                )
            ]
            options.append([chain for length in range(len(can) + 1) for chain in permutations(can, length)])
        for chains in product(*options):
            alike = zip(held, chains, held[1:], chains[1:], strict=False)
            if all(one != other or str(mine) <= str(its) for one, mine, other, its in alike):
                yield chains

    def _fired(self, stage: int, held: Holdings, chains: tuple[tuple[Slot, ...], ...]) -> Chances:
        goal = enough = 0.0
        for won, chance in self._race(chains).items():
            then = tuple(mine | {one} if one else mine for mine, one in zip(held, won, strict=True))
            worth = self._settled(stage + 1, _sorted(then))
            goal += chance * worth[0]
            enough += chance * worth[1]
        return goal, enough

    def _settled(self, stage: int, held: Holdings) -> Chances:
        """After giving back what it is best to give back."""
        if (stage, held) not in self._worth:
            options = {_sorted(kept) for kept in self._given_back(held)}
            self._worth[stage, held] = max((self._best(stage, kept) for kept in options), key=_rounded)
        return self._worth[stage, held]

    def _given_back(self, held: Holdings) -> Iterator[Holdings]:
        """Every way to give some back; what the fallback stands on is not given up."""
        yield held
        if not self.terms.can_give_back:
            return
        everything = [(index, one) for index, mine in enumerate(held) for one in mine]
        enough = self._standing(held)[1]
        for count in range(1, len(everything) + 1):
            for gone in combinations(everything, count):
                kept = tuple(
                    mine - {one for at, one in gone if at == index} for index, mine in enumerate(held)
                )
                if self._standing(kept)[1] == enough:
                    yield kept

    def _standing(self, held: Holdings) -> Chances:
        """Whether the goal, and whether the goal or the fallback, is had."""
        goal = self.terms.goal
        had = frozenset[Slot]().union(*held)
        if had not in self._stands:
            longest = 0
            for hours in self._hours:
                run = 0
                for places in hours:
                    run = 0 if places.isdisjoint(had) else run + 1
                    longest = max(longest, run)
            least = goal.fallback.consecutive_hours or goal.hours
            self._stands[had] = float(longest >= goal.hours), float(longest >= least)
        return self._stands[had]

    def _race(self, chains: tuple[tuple[Slot, ...], ...]) -> dict[tuple[Slot | None, ...], float]:
        """Who wins what, with which probability: over all who may drop out and all rivals' speeds."""
        if chains not in self._raced:
            fail = self.terms.odds.account_failure
            slots = sorted({one for chain in chains for one in chain}, key=str)
            longest = max(map(len, chains))
            found: defaultdict[tuple[Slot | None, ...], float] = defaultdict(float)
            fires = [(True, False) if chain and fail else (True,) for chain in chains]
            for there in product(*fires):
                here = 1.0
                for is_there, options in zip(there, fires, strict=True):
                    if len(options) > 1:
                        here *= 1 - fail if is_there else fail
                for upto in product(range(-1, longest), repeat=len(slots)):
                    chance = here
                    for one, last in zip(slots, upto, strict=True):
                        chance *= self._reaches(one, last) - (
                            self._reaches(one, last + 1) if last + 1 < longest else 0
                        )
                    if chance:
                        found[_decided(chains, there, dict(zip(slots, upto, strict=True)))] += chance
            self._raced[chains] = dict(found)
        return self._raced[chains]

    def _reaches(self, one: Slot, position: int) -> float:
        """The probability that rivals leave a slot to who reaches it at that position."""
        if position < 0:
            return 1.0
        return self.terms.odds.of(one.location, one.hour) * self.terms.odds.decay**position


def _decided(
    chains: tuple[tuple[Slot, ...], ...], there: tuple[bool, ...], upto: dict[Slot, int]
) -> tuple[Slot | None, ...]:
    """The wave itself: position by position; the first win stands the others down before their next."""
    won: list[Slot | None] = [None] * len(chains)
    gone: set[Slot] = set()
    for position in range(max(map(len, chains))):
        reached: set[Slot] = set()
        for index, (chain, is_there) in enumerate(zip(chains, there, strict=True)):
            if is_there and position < len(chain) and chain[position] not in gone | reached:
                reached.add(chain[position])
                if position <= upto[chain[position]]:
                    won[index] = chain[position]
        gone |= reached
        if any(won):
            break
    return tuple(won)


def _rounded(chances: Chances) -> Chances:
    return round(chances[0], 9), round(chances[1], 9)


def _sorted(held: Holdings) -> Holdings:
    return tuple(sorted(held, key=lambda mine: sorted(map(str, mine))))
