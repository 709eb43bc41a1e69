"""Accounts that are alike are counted, not told apart: what makes two accounts different for the future."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property

from sniper.core.limits import Limit
from sniper.core.optimal.stages import Course
from sniper.core.slots import Slot

FOR_GOOD = -1
"""The tail of a booking that is not given back in looking ahead."""

KEPT = 1000
"""Added to a location's rank: the tail of what its fallback stands on."""

Bucket = tuple[int, tuple[object, ...]]
"""A limit, by its place, and the values it counts by."""
Booking = tuple[frozenset[Bucket], int]
"""What a booking uses up of the limits, and the location whose run it is given back with."""


class Kind:
    """What accounts that are alike have in common: what they hold, as far as it matters, and what refused
    them."""

    __slots__ = ("bookings", "number", "refused")

    def __init__(self, number: int, bookings: tuple[Booking, ...], refused: frozenset[Slot]) -> None:
        self.number = number
        self.bookings = bookings
        self.refused = refused


class Kinds:
    """All kinds of accounts met so far, by number."""

    def __init__(self, limits: tuple[Limit, ...]) -> None:
        self._limits = limits
        self._known: dict[tuple[tuple[Booking, ...], frozenset[Slot]], int] = {}
        self._kinds: list[Kind] = []
        self._buckets: dict[Slot, frozenset[Bucket]] = {}
        self._seen: dict[tuple[int, int], int | None] = {}
        self._able: dict[tuple[int, int], tuple[tuple[int, ...], ...]] = {}
        self._relevant: dict[int, tuple[frozenset[Bucket], frozenset[Slot]]] = {}

    @cached_property
    def counts_places(self) -> bool:
        """Does it matter to a limit which of a location's places is booked?"""
        return any("sub_location" in limit.per for limit in self._limits)

    def of(self, bookings: Iterable[tuple[Slot, int]], refused: frozenset[Slot]) -> int:
        """The kind of an account that holds these slots, each with the location it is given back with."""
        found = tuple((self._uses(slot), tail) for slot, tail in bookings)
        return self._number(found, refused)

    def after(self, kind: int, slot: Slot, tail: int) -> int:
        """The kind of an account that has won a slot."""
        one = self._kinds[kind]
        return self._number((*one.bookings, (self._uses(slot), tail)), one.refused)

    def freed(self, kind: int, tail: int) -> int:
        """Without what it holds of a location's run."""
        one = self._kinds[kind]
        return self._number(tuple(b for b in one.bookings if b[1] != tail), one.refused)

    def kept(self, kind: int, tail: int) -> int:
        """Keeping as a fallback what it holds of a location's run."""
        one = self._kinds[kind]
        kept = tuple((uses, KEPT + tail if of == tail else of) for uses, of in one.bookings)
        return self._number(kept, one.refused)

    def seen_from(self, kind: int, course: Course) -> int | None:
        """The kind with only what matters from there on; None if it can win nothing more."""
        key = kind, id(course)
        if key not in self._seen:
            self._seen[key] = self._narrowed(kind, course)
        return self._seen[key]

    def able(self, kind: int, course: Course) -> tuple[tuple[int, ...], ...]:
        """For each hour of the course's first stage, the slots (by place) that such an account may book."""
        key = kind, id(course)
        if key not in self._able:
            self._able[key] = tuple(
                tuple(index for index, slot in enumerate(hour.slots) if self._may(self._kinds[kind], slot))
                for hour in course.stage.hours
            )
        return self._able[key]

    def choice(self, kind: int, course: Course) -> int:
        """How many of the coming slots such an account may book."""
        return sum(self._may(self._kinds[kind], slot) for slot in course.slots)

    def _narrowed(self, kind: int, course: Course) -> int | None:
        if id(course) not in self._relevant:
            uses = frozenset(bucket for slot in course.slots for bucket in self._uses(slot))
            self._relevant[id(course)] = uses, frozenset(course.slots)
        relevant, slots = self._relevant[id(course)]
        one = self._kinds[kind]
        bookings = tuple((uses & relevant, tail) for uses, tail in one.bookings if uses & relevant)
        narrowed = self._number(bookings, one.refused & slots)
        lasting = any(tail != FOR_GOOD for _, tail in bookings)
        if not lasting and not self.choice(narrowed, course):
            return None
        return narrowed

    def _may(self, kind: Kind, slot: Slot) -> bool:
        return slot not in kind.refused and all(
            sum(bucket in uses for uses, _ in kind.bookings) < self._limits[bucket[0]].bookings
            for bucket in self._uses(slot)
        )

    def _uses(self, slot: Slot) -> frozenset[Bucket]:
        if slot not in self._buckets:
            self._buckets[slot] = frozenset(
                (index, tuple(per.of(slot) for per in sorted(limit.per)))
                for index, limit in enumerate(self._limits)
            )
        return self._buckets[slot]

    def _number(self, bookings: tuple[Booking, ...], refused: frozenset[Slot]) -> int:
        key = tuple(sorted(bookings, key=lambda b: (b[1], hash(b[0])))), refused
        if key not in self._known:
            self._known[key] = len(self._kinds)
            self._kinds.append(Kind(len(self._kinds), *key))
        return self._known[key]
