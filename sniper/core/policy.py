"""The strategies by name."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

from sniper.core.divide_and_conquer import DivideAndConquer, Sparing
from sniper.core.optimal import Optimal
from sniper.core.spam import Spam
from sniper.core.strategy import Strategy, Terms


class StrategyName(StrEnum):
    """How a goal is pursued, as it is called in bookings.json and on the command line."""

    OPTIMAL = "optimal"
    DIVIDE_AND_CONQUER = "divide_and_conquer"
    SPARING = "sparing"
    SPAM = "spam"

    @property
    def meaning(self) -> str:
        """One phrase for people."""
        return _MEANING[self]

    def on(self, terms: Terms) -> Strategy:
        """The strategy, for one run."""
        return _MAKE[self](terms)


_MAKE: dict[StrategyName, Callable[[Terms], Strategy]] = {
    StrategyName.OPTIMAL: Optimal,
    StrategyName.DIVIDE_AND_CONQUER: DivideAndConquer,
    StrategyName.SPARING: Sparing,
    StrategyName.SPAM: Spam,
}
_MEANING = {
    StrategyName.OPTIMAL: "looks ahead to the end and does what is best",
    StrategyName.DIVIDE_AND_CONQUER: "everybody who can, at the furthest streak, dealt out to its places",
    StrategyName.SPARING: "the same, but nobody whom a later hour needs is sent ahead",
    StrategyName.SPAM: "everybody on everything at once",
}
