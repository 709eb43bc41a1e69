"""From what bookings.json says and what the profile knows to the goal of one day."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from difflib import get_close_matches
from pathlib import Path

from sniper.config.bookings import Bookings
from sniper.config.snipe_config import InDays, PriorityConfig, TimeWindow
from sniper.core.goals import Goal, Priority
from sniper.core.limits import Limit, could_hold
from sniper.core.openings import OpeningRule
from sniper.core.slots import Slot
from sniper.documents import Document, KeyPath, complaint
from sniper.errors import InputError
from sniper.sites.library import find_profile, load_profile
from sniper.sites.profile import Location, Profile


def load_site(bookings: Bookings, document: Document, site: str | None = None) -> Profile:
    """The profile bookings.json names, or the one that was asked for instead.

    Raises:
        InputError: There is none, or it is wrong.
    """
    return load_profile(find_site(bookings, document, site))


def find_site(bookings: Bookings, document: Document, site: str | None = None) -> Path:
    """The file of that profile.

    Raises:
        InputError: There is none.
    """
    try:
        return find_profile(site or bookings.site, profiles_beside(document, site))
    except InputError as error:
        if site is not None:
            raise
        raise InputError(complaint(document, ("site",), str(error)), mend=error.mend) from None


def profiles_beside(document: Document, site: str | None = None) -> Path:
    """The folder beside which profiles are looked for: the file's, or where one stands for one asked for."""
    return document.path.resolve().parent if site is None else Path.cwd()


def check_against(bookings: Bookings, document: Document, profile: Profile) -> None:
    """Check what only the profile can tell: locations, sub-locations, whether the window holds the hours, and
    whether there are accounts enough for them.

    Raises:
        InputError: Something does not fit; one line for each thing.
    """
    misfits = tuple(_misfits(bookings, profile)) or tuple(_too_few_accounts(bookings, profile))
    if problems := [complaint(document, path, text) for path, text in misfits]:
        raise InputError("\n".join(dict.fromkeys(problems)))


def goal_on(
    bookings: Bookings, document: Document, profile: Profile, now: datetime, day: date | None = None
) -> Goal:
    """The goal, its date settled on the site's calendar.

    Args:
        bookings: Checked against the profile.
        document: Where the complaints point to.
        profile: The site.
        now: On the site's clock.
        day: Of a run that is resumed: `+3d` meant this one when it began.

    Raises:
        InputError: The date is past, or no hour of the window is still to come.
    """
    config = bookings.snipe_config
    today = now.astimezone(profile.timezone).date()
    wanted = config.target_date
    target = today + timedelta(days=wanted.days) if isinstance(wanted, InDays) else wanted
    target = day or target
    accounts = sum(account.is_active for account in bookings.accounts)
    goal = Goal(
        target,
        profile.timezone,
        config.consecutive_hours,
        config.time_window.start,
        config.time_window.end,
        tuple(_priority(p, profile.locations[p.location], accounts) for p in config.priorities),
        config.fallback_strategy,
    )
    if not any(start > now for priority in goal.priorities for start in goal.starts(priority)):
        raise InputError(
            complaint(document, ("snipe_config", "target_date"), _past(target, today)),
            mend="Give a later date, or +3d for three days from the site's today.",
        )
    if not any(goal.streaks(priority) for priority in goal.priorities):
        raise InputError(
            complaint(
                document,
                ("snipe_config", "time_window"),
                f"the clocks change on {target}, and so it has no room for {goal.hours} consecutive hours",
            ),
            mend="Widen it or ask for fewer.",
        )
    return goal


def differing_windows(bookings: Bookings, profile: Profile) -> Iterator[str]:
    """A sentence for each location whose `advance_hours` is not what the profile says; the file's counts."""
    for priority in bookings.snipe_config.priorities:
        known = profile.locations[priority.location].opens.before_start
        if priority.advance_hours is not None and timedelta(hours=priority.advance_hours) != known:
            yield (
                f"{priority.location}: the file says slots open {priority.advance_hours} h ahead, "
                f"the profile says {known / timedelta(hours=1):g} h. Going by the file."
            )


def _misfits(bookings: Bookings, profile: Profile) -> Iterator[tuple[KeyPath, str]]:
    config = bookings.snipe_config
    for index, priority in enumerate(config.priorities):
        at: KeyPath = ("snipe_config", "priorities", index)
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
                ("snipe_config", "time_window"),
                f"{config.time_window.start:%H:%M} to {_clock(config.time_window.end)} has no room for "
                f"{config.consecutive_hours} consecutive hours; widen it or ask for fewer",
            )


def _slots_within(window: TimeWindow, slot: timedelta) -> int:
    """How many slots in a row fit: they start at multiples of their length from midnight."""
    start = timedelta(hours=window.start.hour, minutes=window.start.minute)
    return (start + window.length) // slot - -(-start // slot)


def _too_few_accounts(bookings: Bookings, profile: Profile) -> Iterator[tuple[KeyPath, str]]:
    """Limits that no luck helps against: neither the goal nor its fallback can be had at any location."""
    config = bookings.snipe_config
    active = sum(account.is_active for account in bookings.accounts)
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
        ("snipe_config", "consecutive_hours"),
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


def _priority(config: PriorityConfig, location: Location, accounts: int) -> Priority:
    opening = location.opens.rule()
    if config.advance_hours is not None:
        opening = OpeningRule(timedelta(hours=config.advance_hours), opening.counted)
    subs: tuple[str | None, ...] = config.sub_locations or location.sub_locations or (None,)
    most = config.max_accounts or accounts
    return Priority(config.rank, config.location, subs, most, opening, location.slot, location.capacity)


def _unknown(name: str, known: tuple[str, ...], where: str) -> str:
    if not known:
        return f"{where} has no sub-locations; leave sub_locations out"
    near = get_close_matches(name, known, n=1, cutoff=0.5)
    hint = f"did you mean {near[0]!r}?" if near else f"there are: {', '.join(known)}"
    return f"{where} knows no {name!r}; {hint}"


def _past(target: date, today: date) -> str:
    if target < today:
        return f"{target} is past; on the site's calendar today is {today}"
    return f"every hour of the window on {target} has already begun"
