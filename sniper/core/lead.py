"""When to fire: how long before the site's clock surely says the opening the request has to leave."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

_NOTHING = timedelta(0)


def lead(doubt: timedelta, one_way: timedelta, early_cost: timedelta) -> timedelta:
    """How long before the site has surely opened the request leaves.

    On our estimate of the site's clock, which may be ahead of it by `ahead` and behind it by `behind`, the
    opening comes between `opening − behind` and `opening + ahead`: the doubt D is ahead + behind. A request
    that leaves one way before `opening + ahead` arrives just then, and for no offset in between before the
    opening: that is the lead where being early must not happen, and the least there is. So a lead is never
    negative.

    Where being early costs a time R, some risk of it may pay. Aim x before `opening + ahead`, with the true
    offset anywhere within the doubt: the request is early with probability x / D. Aiming a moment later loses
    that moment whenever we are not early, 1 − x / D, and gains R / D. They are equal at x = D − R. Hence

        lead = one_way + D − R, or one_way alone where R ≥ D

    so `one_way` with every clock that was measured well, and `one_way + D` when being early costs nothing:
    the request is then there by the opening.

    Half of the quickest round trip may be more than the way there. On a line whose ways are always the same
    that does not make the request early: the doubt then holds the difference, for it is never narrower than
    the way back of the reading that set it. Where they jitter it may: if this way there and that way back
    together take less than half of the quickest round trip seen, the request is early by what is missing.

    Args:
        doubt: Between the earliest and the latest opening there can be.
        one_way: How long a request is on its way to the site, measured.
        early_cost: How much time a request that arrives too early loses; `timedelta.max` if it must not.

    Raises:
        ValueError: One of them is negative.
    """
    for name, duration in (("doubt", doubt), ("one_way", one_way), ("early_cost", early_cost)):
        if duration < _NOTHING:
            raise ValueError(f"{name} is never negative, and is {duration}")
    return one_way + doubt - min(early_cost, doubt)


def page_delay(page_bound: timedelta, early_cost: timedelta) -> timedelta:
    """How much later than the aim a page presses; where that is negative, how much earlier.

    A page presses by its own clock, which was read to ± its bound after the aim was taken. That is one more
    doubt, and the lead for it is chosen in the same way: where being early must not happen or costs more, the
    press waits for the latest it may be; where being early costs nothing, it is there by the earliest.
    """
    return page_bound - lead(2 * page_bound, _NOTHING, early_cost)


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of the site's clock, and of the way there.

    Attributes:
        offset: The site's time minus ours.
        ahead: The most by which our estimate may be ahead of the site.
        behind: The most by which it may be behind the site.
        one_way: How long a request is on its way to the site.
    """

    offset: timedelta
    ahead: timedelta
    behind: timedelta
    one_way: timedelta


@dataclass(frozen=True, slots=True)
class Aim:
    """When a wave fires, and why then.

    Attributes:
        offset: The site's time minus ours, of which the rest is an estimate.
        ahead: The most by which that estimate may be ahead of the site: so long after `opens_at` on it, the
            opening has come for certain.
        bound: The most by which it may be wrong either way.
        lead: Before that moment; never negative.
        planned_at: When the wave was planned, on the site's clock; None in records of old.
    """

    opens_at: datetime
    offset: timedelta
    ahead: timedelta
    bound: timedelta
    one_way: timedelta
    lead: timedelta
    planned_at: datetime | None = None

    @property
    def at(self) -> datetime:
        """When the request leaves, on our estimate of the site's clock."""
        return self.opens_at + self.ahead - self.lead

    @classmethod
    def take(
        cls,
        opens_at: datetime,
        clock: Known,
        early_cost: timedelta,
        planned_at: datetime | None = None,
    ) -> Aim:
        """Choose the lead from what is known of the clock."""
        return cls(
            opens_at,
            clock.offset,
            clock.ahead,
            max(clock.ahead, clock.behind),
            clock.one_way,
            lead(clock.ahead + clock.behind, clock.one_way, early_cost),
            planned_at,
        )
