"""What all that was seen at a site teaches: when slots open, how soon they are gone, when they come back."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from math import inf

from sniper.core.availability import Observation, Source, What
from sniper.core.censored import Between, Quantile, quantile
from sniper.core.odds import FirstLooks
from sniper.core.slots import Slot

SHARES = (0.1, 0.5, 0.9)
FIRST_LOOK_WITHIN = timedelta(minutes=1)
"""Slots that were first looked at so soon after their opening tell how slow rivals are."""


@dataclass(frozen=True, slots=True)
class Measured:
    """Durations of one kind, and what is known of their quantiles."""

    durations: tuple[Between, ...]

    @property
    def n(self) -> int:
        """How many there are."""
        return len(self.durations)

    def quantile(self, share: float) -> Quantile | None:
        """What is known of a quantile; None where nothing was seen."""
        return quantile(self.durations, share) if self.durations else None


@dataclass(frozen=True, slots=True)
class Insight:
    """What is known of a location, at one time of day or at all.

    Attributes:
        hour: Of the slots' starts, on the site's wall clock; None for all of them.
        opened: How much later than announced openings came; one for all slots that open together.
        gone: How long after the announced opening slots were gone. Those that are free still, or were when
            they were last looked at, have no upper bound.
        taken: How many slots were seen taken.
        came_back: How many of these were free again.
        before_start: How long before their start they came back.
        stays: How long they then stayed free.
    """

    location: str
    hour: time | None
    opened: Measured
    gone: Measured
    taken: int
    came_back: int
    before_start: Measured
    stays: Measured


def insights(
    observations: Iterable[Observation], ours: Collection[Slot], still_free: Mapping[Slot, datetime]
) -> tuple[Insight, ...]:
    """What is known of each location, first at all, then by the hour.

    Args:
        observations: All there are of a site, in the order in which they were made.
        ours: Slots that accounts of ours have had or tried to get: what became of them was not only the
            rivals' doing, so they count for openings only.
        still_free: When slots that were not seen taken since were last seen free.
    """
    by_slot: defaultdict[Slot, list[Observation]] = defaultdict(list)
    for one in observations:
        by_slot[one.slot].append(one)
    slots = sorted(by_slot, key=lambda slot: (slot.location, slot.hour))
    groups: defaultdict[tuple[str, time | None], list[Slot]] = defaultdict(list)
    for slot in slots:
        groups[slot.location, None].append(slot)
        groups[slot.location, slot.hour].append(slot)
    order = sorted(groups, key=lambda key: (key[0], key[1] is not None, key[1] or time()))
    return tuple(
        _insight(key, {slot: by_slot[slot] for slot in groups[key]}, ours, still_free) for key in order
    )


def first_looks(observations: Iterable[Observation], ours: Collection[Slot]) -> dict[str, FirstLooks]:
    """Of the slots that were first looked at within a minute after their opening: how many were free then.

    By location. Slots that accounts of ours have had or tried to get are left out: a run counts those.
    """
    seen: dict[Slot, bool] = {}
    for one in observations:
        was_looked_at = one.what in (What.FREE, What.TAKEN) and one.source is Source.WATCH
        in_time = one.by - one.opens_at <= FIRST_LOOK_WITHIN
        if was_looked_at and in_time and one.slot not in ours:
            seen.setdefault(one.slot, one.what is What.FREE)
    free: defaultdict[str, int] = defaultdict(int)
    total: defaultdict[str, int] = defaultdict(int)
    for slot, was_free in seen.items():
        total[slot.location] += 1
        free[slot.location] += was_free
    return {name: FirstLooks(free[name], total[name] - free[name]) for name in total}


def lateness(observations: Iterable[Observation]) -> dict[tuple[str, datetime], Between]:
    """How much later than announced each opening came, by location and announced instant.

    Slots of a location that are announced for the same instant open together. Where two contradict each
    other, the opening counts as anything either of them tells.
    """
    told: defaultdict[tuple[str, datetime], list[Between]] = defaultdict(list)
    for one in observations:
        if one.what is What.OPENED:
            after = None if one.after is None else one.after - one.opens_at
            told[one.slot.location, one.opens_at].append(Between.of(after, one.by - one.opens_at))
    return {key: _together(bounds) for key, bounds in told.items()}


def _together(bounds: Sequence[Between]) -> Between:
    low, high = max(one.low for one in bounds), min(one.high for one in bounds)
    if low <= high:
        return Between(low, high)
    return Between(min(one.low for one in bounds), max(one.high for one in bounds))


def _insight(
    key: tuple[str, time | None],
    seen: Mapping[Slot, Sequence[Observation]],
    ours: Collection[Slot],
    still_free: Mapping[Slot, datetime],
) -> Insight:
    theirs = {slot: told for slot, told in seen.items() if slot not in ours}
    taken = [slot for slot, told in theirs.items() if _of(told, What.TAKEN)]
    back = {slot: found for slot in taken if (found := _of(theirs[slot], What.CAME_BACK))}
    opened = lateness(one for told in seen.values() for one in told)
    stays = (
        _stayed(one, theirs[slot], still_free.get(slot)) for slot, found in back.items() for one in found
    )
    return Insight(
        *key,
        Measured(tuple(opened.values())),
        Measured(tuple(one for slot, told in theirs.items() for one in _gone(told, still_free.get(slot)))),
        len(taken),
        len(back),
        Measured(tuple(_before_start(one) for found in back.values() for one in found)),
        Measured(tuple(stays)),
    )


def _of(told: Sequence[Observation], what: What) -> list[Observation]:
    return [one for one in told if one.what is what]


def _gone(told: Sequence[Observation], still_free: datetime | None) -> Iterator[Between]:
    """How long after its opening a slot was gone for the first time, if it was ever looked at while open."""
    opens_at = told[0].opens_at
    free = _of(told, What.FREE)
    seen_free = free[0].by if free else None
    if taken := _of(told, What.TAKEN):
        first = min(taken, key=lambda one: one.by)
        # That it was free is known from the look before, and of one that was closed then, not even that.
        after = first.after if free else None
        low = max(after - opens_at, timedelta(0)) if after else timedelta(0)
        yield Between.of(min(low, first.by - opens_at), first.by - opens_at)
    elif last := still_free or seen_free:
        yield Between(max((last - opens_at).total_seconds(), 0.0), inf)


def _before_start(back: Observation) -> Between:
    start = back.slot.instant
    return Between.of(start - back.by, None if back.after is None else start - back.after)


def _stayed(back: Observation, told: Sequence[Observation], still_free: datetime | None) -> Between:
    """How long a slot that came back stayed free."""
    nothing = timedelta(0)
    again = next((one for one in told if one.what is What.TAKEN and one.by > back.by), None)
    if again is not None and again.after is not None:
        longest = None if back.after is None else again.by - back.after
        return Between.of(max(again.after - back.by, nothing), longest)
    return Between.of(max(still_free - back.by, nothing) if still_free else nothing, None)
