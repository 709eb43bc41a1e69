"""What a strategy is asked, and what it goes by.

The coordinator asks after every wave, with all that is then known to be true: what do we hold that nobody
needs (`surplus`), and what now (`next_wave`)?
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Protocol

from sniper.core.goals import Goal
from sniper.core.limits import Limit
from sniper.core.odds import Odds
from sniper.core.plan import Held, Role, Situation, Wave


@dataclass(frozen=True, slots=True)
class Terms:
    """All that a strategy goes by and that stays the same through a run.

    Attributes:
        limits: What the site lets one account hold.
        attempts_each: How often one account may press at one opening (the profile's budget).
        can_give_back: Whether the profile knows how to cancel a booking.
        insurance: Whether a location of lower rank may be held until a better one is complete. Only where
            bookings can be given back.
    """

    goal: Goal
    limits: tuple[Limit, ...]
    attempts_each: int
    odds: Odds = field(default_factory=Odds)
    can_give_back: bool = True
    insurance: bool = True

    @property
    def insured(self) -> bool:
        """Is something of lower rank held until the better is complete?"""
        return self.insurance and self.can_give_back


class Strategy(Protocol):
    """How a goal is pursued. Every wave uses something up, so that a run comes to an end."""

    def next_wave(self, situation: Situation) -> Wave | None:
        """The next wave, or None when there is nothing (more) to be won."""
        ...

    def doubles(self, situation: Situation) -> tuple[Held, ...]:
        """Of several bookings of one hour at one location, those that are not to be kept."""
        ...

    def surplus(self, situation: Situation) -> tuple[Held, ...]:
        """What this run won and should give back now; nothing where the site takes nothing back."""
        ...


def foresee(strategy: Strategy, situation: Situation) -> tuple[Wave, ...]:
    """The waves to come if every leading account wins the slot it is after, and nobody else wins any."""
    waves: list[Wave] = []
    while wave := strategy.next_wave(situation):
        waves.append(wave)
        leads = {
            (a.target.location, a.target.instant): a for a in reversed(wave.attempts) if a.role is Role.LEAD
        }
        held = (*situation.held, *(Held(a.account, a.target, "") for a in leads.values()))
        situation = replace(situation, now=max(situation.now, wave.opens_at), held=held)
        given_back = strategy.surplus(situation)
        situation = replace(
            situation,
            held=tuple(one for one in held if one not in given_back),
            lost=situation.lost | {one.slot for one in given_back},
        )
    return tuple(waves)
