"""What a strategy may expect, why it takes so many accounts, and what would raise the odds."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from random import Random

from sniper.core.optimal import Optimal
from sniper.core.plan import Situation, Standing
from sniper.core.policy import StrategyName
from sniper.core.simulation import Simulation
from sniper.core.strategy import Strategy, Terms

SIMULATED_RUNS = 2000
COSTLY_RUNS = 300
"""Where every decision takes long."""
_SEED = 20


@dataclass(frozen=True, slots=True)
class Prospects:
    """The probability of each result.

    Attributes:
        goal: Of the whole goal.
        fallback: Of no more than what the fallback accepts.
        simulated: How many runs were played to find out; 0 where it was computed.
        at_most: What no strategy exceeds: the goal, and the goal or the fallback; None where it is not known.
    """

    goal: float
    fallback: float
    simulated: int = 0
    at_most: tuple[float, float] | None = None

    @property
    def nothing(self) -> float:
        """Of neither."""
        return max(0.0, 1 - self.goal - self.fallback)

    @property
    def margin(self) -> float:
        """Two standard errors of the goal's, where it was simulated."""
        if not self.simulated:
            return 0.0
        return 2 * float((self.goal * (1 - self.goal) / self.simulated) ** 0.5)


@dataclass(frozen=True, slots=True)
class Change:
    """Something that could be different, and what that would make of the odds."""

    what: str
    terms: Terms
    situation: Situation


def prospects(name: StrategyName, terms: Terms, situation: Situation) -> Prospects:
    """What a strategy may expect: computed where that is possible, else played."""
    if name is not StrategyName.OPTIMAL:
        return _played(name.on(terms), terms, situation, SIMULATED_RUNS)
    strategy = Optimal(terms)
    outlook = strategy.outlook(situation)
    if not outlook.is_bound:
        return Prospects(outlook.goal, max(0.0, outlook.enough - outlook.goal))
    played = _played(strategy, terms, situation, COSTLY_RUNS)
    return replace(played, at_most=(outlook.goal, outlook.enough))


def compared(name: StrategyName, terms: Terms, situation: Situation) -> Prospects:
    """The same, to compare alternatives by: what no strategy exceeds, where no more can be computed."""
    if name is not StrategyName.OPTIMAL:
        return prospects(name, terms, situation)
    outlook = Optimal(terms).outlook(situation)
    at_most = (outlook.goal, outlook.enough) if outlook.is_bound else None
    return Prospects(outlook.goal, max(0.0, outlook.enough - outlook.goal), at_most=at_most)


def by_accounts_in_a_wave(terms: Terms, situation: Situation, most: int) -> tuple[tuple[int, Prospects], ...]:
    """What the optimal strategy may expect if at most 1, 2, … `most` accounts fire at a location."""
    found = []
    for count in range(1, most + 1):
        priorities = tuple(replace(p, max_accounts=min(count, p.max_accounts)) for p in terms.goal.priorities)
        fewer = replace(terms, goal=replace(terms.goal, priorities=priorities))
        found.append((count, compared(StrategyName.OPTIMAL, fewer, situation)))
    return tuple(found)


def gains(name: StrategyName, changes: Iterable[Change]) -> tuple[tuple[Change, Prospects], ...]:
    """What each change would make of the odds, what helps the goal most first."""
    after = [(change, compared(name, change.terms, change.situation)) for change in changes]
    return tuple(sorted(after, key=lambda one: (one[1].goal, one[1].fallback), reverse=True))


def _played(strategy: Strategy, terms: Terms, situation: Situation, runs: int) -> Prospects:
    random = Random(_SEED)  # noqa: S311 - a simulation
    tally = Simulation(terms, strategy, situation, random).play(runs)
    return Prospects(tally.share(Standing.REACHED), tally.share(Standing.FALLBACK), runs)
