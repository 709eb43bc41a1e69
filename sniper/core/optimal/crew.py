"""Accounts that are alike are counted, not told apart: what makes two accounts different for the future."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class _Coming:
    """What the slots of a course use up of the limits.

    Attributes:
        uses: How many slots use up the same.
        relevant: All of it together.
        first: Of each slot of each hour of the first stage.
    """

    uses: Counter[frozenset[Bucket]]
    relevant: frozenset[Bucket]
    slots: frozenset[Slot]
    first: tuple[tuple[frozenset[Bucket], ...], ...]


class Kinds:
    """All kinds of accounts met so far, by number."""

    def __init__(self, limits: tuple[Limit, ...]) -> None:
        self._limits = limits
        self._known: dict[tuple[tuple[Booking, ...], frozenset[Slot]], int] = {}
        self._kinds: list[Kind] = []
        self._buckets: dict[Slot, frozenset[Bucket]] = {}
        self._freed: dict[tuple[int, int], int] = {}
        self._seen: dict[tuple[int, Course], int | None] = {}
        self._able: dict[tuple[int, Course], tuple[tuple[int, ...], ...]] = {}
        self._choice: dict[tuple[int, Course], int] = {}
        self._coming: dict[Course, _Coming] = {}
        self._free: dict[tuple[int, frozenset[Bucket]], bool] = {}

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
        key = kind, tail
        if key not in self._freed:
            one = self._kinds[kind]
            left = tuple(booking for booking in one.bookings if booking[1] != tail)
            self._freed[key] = kind if left == one.bookings else self._number(left, one.refused)
        return self._freed[key]

    def kept(self, kind: int, tail: int) -> int:
        """Keeping as a fallback what it holds of a location's run."""
        one = self._kinds[kind]
        kept = tuple((uses, KEPT + tail if of == tail else of) for uses, of in one.bookings)
        return self._number(kept, one.refused)

    def seen_from(self, kind: int, course: Course) -> int | None:
        """The kind with only what matters from there on; None if it can win nothing more."""
        key = kind, course
        if key not in self._seen:
            self._seen[key] = self._narrowed(kind, course)
        return self._seen[key]

    def able(self, kind: int, course: Course) -> tuple[tuple[int, ...], ...]:
        """For each hour of the course's first stage, the slots (by place) that such an account may book."""
        key = kind, course
        if key not in self._able:
            one, coming = self._kinds[kind], self._coming_in(course)
            self._able[key] = tuple(
                tuple(
                    index
                    for index, (slot, uses) in enumerate(zip(hour.slots, all_uses, strict=True))
                    if self._is_free(one, uses) and slot not in one.refused
                )
                for hour, all_uses in zip(course.stage.hours, coming.first, strict=True)
            )
        return self._able[key]

    def alike(self, kinds: Sequence[int], course: Course) -> tuple[tuple[tuple[int, ...], ...], ...]:
        """For each hour of the first stage its slots that anybody may book, those together that are alike to
        all these kinds."""
        coming = self._coming_in(course)
        if not self.counts_places and not any(self._kinds[kind].refused for kind in kinds):
            able = [self.able(kind, course) for kind in kinds]
            return tuple(
                (tuple(range(len(hour.slots))),) if any(one[index] for one in able) else ()
                for index, hour in enumerate(course.stage.hours)
            )
        return tuple(
            tuple(
                tuple(slots)
                for mark, slots in self._by_mark(kinds, hour.slots, all_uses).items()
                if any(spent is not None for spent in mark)
            )
            for hour, all_uses in zip(course.stage.hours, coming.first, strict=True)
        )

    def choice(self, kind: int, course: Course) -> int:
        """How many of the coming slots such an account may book."""
        key = kind, course
        if key not in self._choice:
            one, coming = self._kinds[kind], self._coming_in(course)
            free = sum(number for uses, number in coming.uses.items() if self._is_free(one, uses))
            refused = (slot for slot in one.refused & coming.slots if self._is_free(one, self._uses(slot)))
            self._choice[key] = free - sum(1 for _ in refused)
        return self._choice[key]

    def _narrowed(self, kind: int, course: Course) -> int | None:
        coming = self._coming_in(course)
        one = self._kinds[kind]
        bookings = tuple((mine, tail) for uses, tail in one.bookings if (mine := uses & coming.relevant))
        narrowed = self._number(bookings, one.refused & coming.slots)
        lasting = any(tail != FOR_GOOD for _, tail in bookings)
        if not lasting and not self.choice(narrowed, course):
            return None
        return narrowed

    def _by_mark(
        self, kinds: Sequence[int], slots: tuple[Slot, ...], all_uses: tuple[frozenset[Bucket], ...]
    ) -> dict[tuple[int | None, ...], list[int]]:
        """Slots by what each kind has used up of their limits; None where it may not book them."""
        found: dict[tuple[int | None, ...], list[int]] = {}
        for index, (slot, uses) in enumerate(zip(slots, all_uses, strict=True)):
            mark = tuple(
                sum(len(uses & mine) for mine, _ in one.bookings)
                if self._is_free(one, uses) and slot not in one.refused
                else None
                for one in map(self._kinds.__getitem__, kinds)
            )
            found.setdefault(mark, []).append(index)
        return found

    def _is_free(self, kind: Kind, uses: frozenset[Bucket]) -> bool:
        """Do the limits let such an account book what uses up this much of them?"""
        key = kind.number, uses
        if key not in self._free:
            self._free[key] = all(
                sum(bucket in mine for mine, _ in kind.bookings) < self._limits[bucket[0]].bookings
                for bucket in uses
            )
        return self._free[key]

    def _coming_in(self, course: Course) -> _Coming:
        if course not in self._coming:
            uses = Counter(self._uses(slot) for slot in course.slots)
            self._coming[course] = _Coming(
                uses,
                frozenset().union(*uses),
                frozenset(course.slots),
                tuple(tuple(self._uses(slot) for slot in hour.slots) for hour in course.stage.hours),
            )
        return self._coming[course]

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
