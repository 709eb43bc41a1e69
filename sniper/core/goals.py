"""What the person wants."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo

from sniper.core.busy import BusyTime
from sniper.core.openings import AnyOpeningRule
from sniper.core.slots import Slot

_ACCEPT = re.compile(r"accept_([1-9]\d*)_consecutive_hours?")


@dataclass(frozen=True, slots=True)
class Fallback:
    """What counts as good enough when the whole goal is out of reach: hours in a row, or None for nothing."""

    consecutive_hours: int | None

    @classmethod
    def parse(cls, text: str) -> Fallback:
        """Read `none`, `any_hours` or `accept_N_consecutive_hours`.

        Raises:
            ValueError: It is none of them.
        """
        if text == "none":
            return cls(None)
        if text == "any_hours":
            return cls(1)
        if match := _ACCEPT.fullmatch(text):
            return cls(int(match[1]))
        raise ValueError(
            f"{text!r} is no fallback strategy; use none, any_hours or accept_N_consecutive_hours "
            "(accept_2_consecutive_hours, say)"
        )


@dataclass(frozen=True, slots=True)
class Priority:
    """One location the person would take, the smaller the rank the rather.

    Attributes:
        sub_locations: In order of preference; `(None,)` where the location has none.
        max_accounts: The most accounts that fire at it in one wave.
        slot_length: How long one slot lasts; slots start at multiples of it from midnight.
        capacity: How many accounts can have the same slot.
    """

    rank: int
    location: str
    sub_locations: tuple[str | None, ...]
    max_accounts: int
    opening: AnyOpeningRule
    slot_length: timedelta = timedelta(hours=1)
    capacity: int = 1

    def slots_at(self, start: datetime) -> tuple[Slot, ...]:
        """The places one could have at that start."""
        return tuple(Slot(self.location, sub, start) for sub in self.sub_locations)

    def offers(self, slot: Slot) -> bool:
        """Is it a place the person named?"""
        return slot.location == self.location and slot.sub_location in self.sub_locations


@dataclass(frozen=True, slots=True)
class Goal:
    """`hours` consecutive slots at one location, within a window of one day, at the best there is.

    Attributes:
        busy: When the person has no time: no slot that overlaps any of it is asked for.
    """

    target_date: date
    zone: ZoneInfo
    hours: int
    window_start: time
    window_end: time
    priorities: tuple[Priority, ...]
    fallback: Fallback
    busy: tuple[BusyTime, ...] = ()

    @property
    def ranked(self) -> tuple[Priority, ...]:
        """The priorities, the best first."""
        return tuple(sorted(self.priorities, key=lambda priority: priority.rank))

    def starts(self, priority: Priority) -> tuple[datetime, ...]:
        """Every start within the window, in the site's zone; an hour that the clocks skip has none, and
        neither has one at which the person is busy.
        """
        return _starts(
            self.target_date,
            self.zone,
            self.window_start,
            self.window_end,
            priority.slot_length,
            self.busy,
        )

    def instants(self, priority: Priority) -> frozenset[datetime]:
        """The same, in UTC."""
        return _instants(self.starts(priority))

    def streaks(self, priority: Priority) -> tuple[tuple[datetime, ...], ...]:
        """Every run of `hours` consecutive starts, earliest first."""
        starts = self.starts(priority)
        runs = (starts[i : i + self.hours] for i in range(len(starts) - self.hours + 1))
        return tuple(run for run in runs if consecutive(run, priority.slot_length))

    def priority_of(self, slot: Slot) -> Priority | None:
        """The priority a slot belongs to, if it is one the goal asks for: place, day and window."""
        return next(
            (p for p in self.priorities if p.offers(slot) and slot.instant in self.instants(p)),
            None,
        )

    def slots(self) -> Iterator[tuple[Priority, Slot]]:
        """All that the goal asks for."""
        for priority in self.priorities:
            for start in self.starts(priority):
                yield from ((priority, slot) for slot in priority.slots_at(start))

    def slots_opening_at(self, opening: datetime) -> tuple[Slot, ...]:
        """All that the goal asks for and that opens at this instant."""
        return tuple(slot for priority, slot in self.slots() if priority.opening.opening_of(slot) == opening)


@lru_cache
def _starts(
    day: date,
    zone: ZoneInfo,
    window_start: time,
    window_end: time,
    length: timedelta,
    busy: tuple[BusyTime, ...],
) -> tuple[datetime, ...]:
    return tuple(
        start
        for start in _each_start(day, zone, window_start, window_end, length)
        if not any(one.overlaps(start, length) for one in busy)
    )


@lru_cache
def _instants(starts: tuple[datetime, ...]) -> frozenset[datetime]:
    return frozenset(start.astimezone(UTC) for start in starts)


def _each_start(
    day: date, zone: ZoneInfo, window_start: time, window_end: time, length: timedelta
) -> Iterator[datetime]:
    midnight = datetime.combine(day, time())
    end = _since_midnight(window_end) or timedelta(days=1)
    offset = timedelta(0)
    while offset + length <= end:
        if offset >= _since_midnight(window_start):
            start = (midnight + offset).replace(tzinfo=zone)
            if start.astimezone(UTC).astimezone(zone).time() == start.time():
                yield start
        offset += length


def consecutive(run: tuple[datetime, ...], length: timedelta) -> bool:
    """Does each start follow the one before without a gap, in elapsed time?"""
    instants = [start.astimezone(UTC) for start in run]
    return all(later - earlier == length for earlier, later in pairwise(instants))


def _since_midnight(moment: time) -> timedelta:
    return timedelta(hours=moment.hour, minutes=moment.minute, seconds=moment.second)
