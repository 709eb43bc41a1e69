"""When to fire: how long before the site's clock surely says the opening the request has to leave."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

_NOTHING = timedelta(0)


def lead(bound: timedelta, one_way: timedelta, early_cost: timedelta) -> timedelta:
    """How long before `opening + bound`, on our estimate of the site's clock, the request leaves.

    The opening comes, on our estimate, at the latest at `opening + bound`. A request that leaves one way
    earlier arrives just then, and for no offset within the bound before the opening: that is the lead where
    being early must not happen, and the least there is. So a lead is never negative.

    Where being early costs a time R, some risk of it may pay. Aim at `opening + a · bound`, −1 ≤ a ≤ 1, with
    the true offset anywhere within the bound: the request is early with probability (1 − a) / 2. Aiming a
    moment later loses that moment whenever we are not early, (1 + a) / 2, and gains R / (2 · bound). They are
    equal at a = R / bound − 1. Hence

        lead = one_way + bound · (1 − a),   a = R / bound − 1, at most 1

    which is `one_way` as soon as R ≥ 2 · bound, so with every clock that was measured well, and
    `one_way + 2 · bound` when being early costs nothing: the request is then there by the opening.

    Half of the quickest round trip may be more than the way there. That does not make the request early: the
    bound then holds the difference, for it cannot be narrower than the way back of the reading that set it.

    Args:
        bound: The most by which the estimate may be wrong.
        one_way: How long a request is on its way to the site, measured.
        early_cost: How much time a request that arrives too early loses; `timedelta.max` if it must not.

    Raises:
        ValueError: One of them is negative.
    """
    for name, duration in (("bound", bound), ("one_way", one_way), ("early_cost", early_cost)):
        if duration < _NOTHING:
            raise ValueError(f"{name} is never negative, and is {duration}")
    # bound · (1 − a) = 2 · bound − R, and nothing as soon as R ≥ 2 · bound.
    return one_way + max(_NOTHING, 2 * bound - min(early_cost, 2 * bound))


class Measured(Protocol):
    """A clock that knows how well it was measured."""

    @property
    def offset(self) -> timedelta:
        """The site's time minus ours."""
        ...

    @property
    def bound(self) -> timedelta:
        """The most by which it may be wrong."""
        ...

    @property
    def one_way(self) -> timedelta:
        """How long a request is on its way to the site."""
        ...


@dataclass(frozen=True, slots=True)
class Aim:
    """When a wave fires, and why then.

    Attributes:
        offset: The site's time minus ours, of which the rest is an estimate.
        lead: Before `opens_at + bound`; never negative.
    """

    opens_at: datetime
    offset: timedelta
    bound: timedelta
    one_way: timedelta
    lead: timedelta

    @property
    def at(self) -> datetime:
        """When the request leaves, on our estimate of the site's clock."""
        return self.opens_at + self.bound - self.lead

    @classmethod
    def take(cls, opens_at: datetime, clock: Measured, early_cost: timedelta) -> Aim:
        """Choose the lead from what is known of the clock."""
        chosen = lead(clock.bound, clock.one_way, early_cost)
        return cls(opens_at, clock.offset, clock.bound, clock.one_way, chosen)
