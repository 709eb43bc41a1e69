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
class FirstLooks:
    """Slots that nobody of ours fought for, and that were looked at soon after their opening: how many were
    free then, and how many gone."""

    free: int
    gone: int

    @property
    def prior(self) -> float:
        """What they tell of the probability to win there, before anybody has fought.

        Who presses at the opening wins what is still free at the first look: at least that share. What was
        gone may have been there when we would have pressed, or not. Halfway between that share and all,
        therefore: one half where nothing was seen.
        """
        return (1 + self.free / (_PRIOR + self.free + self.gone)) / 2


@dataclass(frozen=True, slots=True)
class Odds:
    """What is believed of rivals and of our own accounts. Probabilities lie between 0 and 1.

    Attributes:
        win: Fixes the probability that who begins with a slot wins it; else it comes from `history`.
        decay: What each place further down the chain leaves of that probability.
        account_failure: The probability that an account drops out of a wave.
        history: What became of slots in the past, by location and time of day on the site.
        watched: What was seen of slots that others fought for, by location.
    """

    win: float | None = None
    decay: float = USUAL_DECAY
    account_failure: float = USUAL_ACCOUNT_FAILURE
    history: Mapping[tuple[str, time], Record] = field(default_factory=dict, hash=False)
    watched: Mapping[str, FirstLooks] = field(default_factory=dict, hash=False)

    def __post_init__(self) -> None:
        for name in ("win", "decay", "account_failure"):
            value = getattr(self, name)
            if value is not None and not 0 <= value <= 1:
                raise ValueError(f"{name} is no probability: {value}")

    def of(self, location: str, hour: time) -> float:
        """The probability that who begins with a slot of that hour wins it.

        An hour is believed to be like its location until it has a past of its own, and a location as watching
        it has shown (one half where nobody has).
        """
        if self.win is not None:
            return self.win
        nothing = Record(0, 0)
        everywhere = sum((one for (where, _), one in self.history.items() if where == location), nothing)
        watched = self.watched.get(location)
        expected = everywhere.expected(USUAL_WIN if watched is None else watched.prior)
        return self.history.get((location, hour), nothing).expected(expected)
