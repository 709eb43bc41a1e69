"""How likely a slot is won: the model behind plans (docs/planning.md has the formulas)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time

USUAL_WIN = 0.5
USUAL_DECAY = 0.5
USUAL_ACCOUNT_FAILURE = 0.02
_PRIOR = 2.0
"""The prior weighs as much as so many slots that were fought for."""


@dataclass(frozen=True, slots=True)
class Record:
    """Slots that were fought for in the past: how many became ours, and how many somebody else's."""

    wins: int
    losses: int

    def __post_init__(self) -> None:
        if min(self.wins, self.losses) < 0:
            raise ValueError(f"a record cannot be negative: {self}")

    def expected(self, prior: float) -> float:
        """The mean of Beta(2·prior + wins, 2·(1 − prior) + losses)."""
        return (_PRIOR * prior + self.wins) / (_PRIOR + self.wins + self.losses)

    def __add__(self, other: Record) -> Record:
        return Record(self.wins + other.wins, self.losses + other.losses)


@dataclass(frozen=True, slots=True)
class Odds:
    """What is believed of rivals and of our own accounts. Probabilities lie between 0 and 1.

    Attributes:
        win: Fixes the probability that who begins with a slot wins it; else it comes from `history`.
        decay: What each place further down the chain leaves of that probability.
        account_failure: The probability that an account drops out of a wave.
        history: What became of slots in the past, by location and time of day on the site.
    """

    win: float | None = None
    decay: float = USUAL_DECAY
    account_failure: float = USUAL_ACCOUNT_FAILURE
    history: Mapping[tuple[str, time], Record] = field(default_factory=dict, hash=False)

    def __post_init__(self) -> None:
        for name in ("win", "decay", "account_failure"):
            value = getattr(self, name)
            if value is not None and not 0 <= value <= 1:
                raise ValueError(f"{name} is no probability: {value}")

    def of(self, location: str, hour: time) -> float:
        """The probability that who begins with a slot of that hour wins it.

        An hour is believed to be like its location until it has a past of its own, and a location like
        nothing in particular (one half).
        """
        if self.win is not None:
            return self.win
        nothing = Record(0, 0)
        everywhere = sum((one for (where, _), one in self.history.items() if where == location), nothing)
        return self.history.get((location, hour), nothing).expected(everywhere.expected(USUAL_WIN))
