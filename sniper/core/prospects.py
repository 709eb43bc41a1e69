"""What a strategy may expect, why it takes so many accounts, and what would raise the odds."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from random import Random

from sniper.core.optimal import Optimal
from sniper.core.plan import Situation, Standing, Wave
from sniper.core.policy import StrategyName
from sniper.core.simulation import Simulation
from sniper.core.strategy import Strategy, Terms, foresee

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


class Forecast:
    """Finds out what a strategy may expect, and remembers what it has looked at once."""

    def __init__(self, name: StrategyName, begin: Callable[[str], None] = lambda _: None) -> None:
        """Nothing is looked at yet.

        Args:
            name: Of the strategy.
            begin: Called with what is looked at next, where that may take long.
        """
        self._name = name
        self._begin = begin
        self._strategies: dict[Terms, Strategy] = {}
        self._first: Optimal | None = None

    def waves(self, terms: Terms, situation: Situation) -> tuple[Wave, ...]:
        """What is done if whoever leads an hour wins it."""
        self._begin("the waves to come")
        return foresee(self._strategy(terms), situation)

    def prospects(self, terms: Terms, situation: Situation) -> Prospects:
        """What is to be expected: computed where that is possible, else played."""
        self._begin("the odds")
        strategy = self._strategy(terms)
        if not isinstance(strategy, Optimal):
            return _played(strategy, terms, situation, SIMULATED_RUNS)
        outlook = strategy.outlook(situation)
        if not outlook.is_bound:
            return Prospects(outlook.goal, max(0.0, outlook.enough - outlook.goal))
        played = _played(strategy, terms, situation, COSTLY_RUNS)
        return replace(played, at_most=(outlook.goal, outlook.enough))

    def compared(self, terms: Terms, situation: Situation) -> Prospects:
        """The same, to compare alternatives by: what no strategy exceeds, where no more can be computed."""
        strategy = self._strategy(terms)
        if not isinstance(strategy, Optimal):
            return self.prospects(terms, situation)
        outlook = strategy.outlook(situation)
        at_most = (outlook.goal, outlook.enough) if outlook.is_bound else None
        return Prospects(outlook.goal, max(0.0, outlook.enough - outlook.goal), at_most=at_most)

    def by_accounts_in_a_wave(
        self, terms: Terms, situation: Situation, most: int
    ) -> tuple[tuple[int, Prospects], ...]:
        """What is to be expected if at most 1, 2, … `most` accounts fire at a location."""
        found = []
        for count in range(1, most + 1):
            self._begin(f"at most {count} account{'s' * (count > 1)} at a location")
            few = tuple(replace(p, max_accounts=min(count, p.max_accounts)) for p in terms.goal.priorities)
            fewer = replace(terms, goal=replace(terms.goal, priorities=few))
            found.append((count, self.compared(fewer, situation)))
        return tuple(found)

    def gains(self, changes: Iterable[Change]) -> tuple[tuple[Change, Prospects], ...]:
        """What each change would make of the odds, what helps the goal most first."""
        after = []
        for change in changes:
            self._begin(change.what)
            after.append((change, self.compared(change.terms, change.situation)))
        return tuple(sorted(after, key=lambda one: (one[1].goal, one[1].fallback), reverse=True))

    def _strategy(self, terms: Terms) -> Strategy:
        if terms not in self._strategies:
            self._strategies[terms] = self._made(terms)
        return self._strategies[terms]

    def _made(self, terms: Terms) -> Strategy:
        if self._name is not StrategyName.OPTIMAL:
            return self._name.on(terms)
        made = Optimal(terms, self._first)
        self._first = self._first or made
        return made


def _played(strategy: Strategy, terms: Terms, situation: Situation, runs: int) -> Prospects:
    random = Random(_SEED)  # noqa: S311 - a simulation
    tally = Simulation(terms, strategy, situation, random).play(runs)
    return Prospects(tally.share(Standing.REACHED), tally.share(Standing.FALLBACK), runs)
