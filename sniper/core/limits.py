"""How much one account may hold on a site."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from operator import attrgetter

from sniper.core.slots import Slot


class Per(StrEnum):
    """A thing bookings are counted by."""

    DATE = "date"
    START = "start"
    LOCATION = "location"
    SUB_LOCATION = "sub_location"

    def of(self, slot: Slot) -> object:
        """The value of this thing for a slot."""
        return getattr(slot, _NAME[self])


_NAME = {
    Per.DATE: "day",
    Per.START: "hour",
    Per.LOCATION: "location",
    Per.SUB_LOCATION: "sub_location",
}
_CALLED = {
    Per.LOCATION: "location",
    Per.SUB_LOCATION: "sub-location",
    Per.START: "time of day",
    Per.DATE: "day",
}


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `bookings` by one account among slots that agree in all of `per`; an empty `per` counts all."""

    bookings: int
    per: frozenset[Per]

    def __str__(self) -> str:
        things = ["account", *(_CALLED[per] for per in _CALLED if per in self.per)]
        counted = f"{', '.join(things[:-1])} and {things[-1]}" if things[1:] else things[0]
        return f"{'one booking' if self.bookings == 1 else f'{self.bookings} bookings'} per {counted}"

    def allows(self, held: Iterable[Slot], slot: Slot) -> bool:
        """May an account that holds `held` also book `slot`?"""
        counted_by = _all_of(self.per)
        wanted = counted_by(slot)
        return sum(counted_by(one) == wanted for one in held) < self.bookings


@cache
def _all_of(per: frozenset[Per]) -> Callable[[Slot], object]:
    """The values of all these things for a slot. Plans ask for them hundreds of thousands of times."""
    names = [_NAME[one] for one in _CALLED if one in per]
    return attrgetter(*names) if names else lambda _: None


def counted_alike(limits: Iterable[Limit], one: Slot, other: Slot) -> bool:
    """Does each limit count these two together? Who is at a limit for the one is so for the other."""
    return all(_all_of(limit.per)(one) == _all_of(limit.per)(other) for limit in limits)


def could_hold(limits: Sequence[Limit], held: Sequence[Slot], hours: Iterable[Sequence[Slot]]) -> int:
    """At how many of these hours an account that holds `held` could book one of the hour's places as well.

    Taken greedily, the hours with the least choice first.
    """
    booked = list(held)
    for places in sorted(hours, key=len):
        if place := next((slot for slot in places if allowed(limits, booked, slot)), None):
            booked.append(place)
    return len(booked) - len(held)


def allowed(limits: Sequence[Limit], held: Sequence[Slot], slot: Slot) -> bool:
    """May an account that holds `held` also book `slot`, by all `limits`? Never the same slot twice."""
    return slot not in held and all(limit.allows(held, slot) for limit in limits)
