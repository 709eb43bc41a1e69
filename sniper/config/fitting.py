"""Whether what is wanted can be had at a site: its places, its hours, its limits."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from difflib import get_close_matches

from sniper.config.snipe_config import PriorityConfig, SnipeConfig, TimeWindow
from sniper.core.limits import Limit, could_hold
from sniper.core.slots import Slot
from sniper.documents import KeyPath
from sniper.sites.profile import Location, Profile


def misfits(config: SnipeConfig, active: int, profile: Profile) -> Iterator[tuple[KeyPath, str]]:
    """What only the profile can tell to be wrong: locations, sub-locations, a window that does not hold the
    hours, and too few accounts for them.

    Args:
        config: What is wanted; its keys are what is named.
        active: How many accounts there are for it.
        profile: The site.
    """
    yield from tuple(_misplaced(config, profile)) or _too_few_accounts(config, active, profile)


def _misplaced(config: SnipeConfig, profile: Profile) -> Iterator[tuple[KeyPath, str]]:
    for index, priority in enumerate(config.priorities):
        at: KeyPath = ("priorities", index)
        location = profile.locations.get(priority.location)
        if location is None:
            yield (*at, "location"), _unknown(priority.location, tuple(profile.locations), profile.name)
            continue
        for sub_index, sub in enumerate(priority.sub_locations or ()):
            if sub not in location.sub_locations:
                yield (
                    (*at, "sub_locations", sub_index),
                    _unknown(sub, location.sub_locations, priority.location),
                )
        if _slots_within(config.time_window, location.slot) < config.consecutive_hours:
            yield (
                ("time_window",),
                f"{config.time_window.start:%H:%M} to {_clock(config.time_window.end)} has no room for "
                f"{config.consecutive_hours} consecutive hours; widen it or ask for fewer",
            )


def _slots_within(window: TimeWindow, slot: timedelta) -> int:
    """How many slots in a row fit: they start at multiples of their length from midnight."""
    start = timedelta(hours=window.start.hour, minutes=window.start.minute)
    return (start + window.length) // slot - -(-start // slot)


def _too_few_accounts(config: SnipeConfig, active: int, profile: Profile) -> Iterator[tuple[KeyPath, str]]:
    """Limits that no luck helps against: neither the goal nor its fallback can be had at any location."""
    limits = profile.limits_per_account()
    ranked = sorted(config.priorities, key=lambda p: p.rank)
    enough = config.fallback_strategy.consecutive_hours or config.consecutive_hours
    if any(_accounts_for(enough, p, profile.locations[p.location], limits) <= active for p in ranked):
        return
    needed = {
        p: _accounts_for(config.consecutive_hours, p, profile.locations[p.location], limits) for p in ranked
    }
    best = min(needed, key=lambda p: needed[p])
    binding = (
        limit
        for limit in limits
        if _accounts_for(config.consecutive_hours, best, profile.locations[best.location], (limit,))
        == needed[best]
    )
    because = next((f" ({limit})" for limit in binding), "")
    are = "is" if active == 1 else "are"
    yield (
        ("consecutive_hours",),
        f"{config.consecutive_hours} hours in a row at {best.location} take {needed[best]} accounts"
        f"{because}, and {active} {are} active; add accounts or ask for fewer hours",
    )


def _accounts_for(hours: int, priority: PriorityConfig, location: Location, limits: tuple[Limit, ...]) -> int:
    """How many accounts that hold nothing yet have so many hours of a day between them, at best."""
    subs = priority.sub_locations or location.sub_locations or (None,)
    midnight = datetime(2000, 1, 1, tzinfo=UTC)
    each = could_hold(
        limits,
        (),
        [
            [Slot(priority.location, sub, midnight + location.slot * index) for sub in subs]
            for index in range(hours)
        ],
    )
    return -(-hours // each)


def _clock(end: time) -> str:
    return "24:00" if end == time() else f"{end:%H:%M}"


def _unknown(name: str, known: tuple[str, ...], where: str) -> str:
    if not known:
        return f"{where} has no sub-locations; leave sub_locations out"
    near = get_close_matches(name, known, n=1, cutoff=0.5)
    hint = f"did you mean {near[0]!r}?" if near else f"there are: {', '.join(known)}"
    return f"{where} knows no {name!r}; {hint}"
