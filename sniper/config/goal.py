"""From what bookings.json says and what the profile knows to the goal of one day."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

from sniper.config.bookings import Bookings
from sniper.config.fitting import misfits
from sniper.config.scheduled import misfits_of
from sniper.config.schedules import ScheduleConfig
from sniper.config.snipe_config import InDays, PriorityConfig, SnipeConfig
from sniper.core.goals import Goal, Priority
from sniper.core.occurrences import occurrences
from sniper.core.openings import AnyOpeningRule, OpeningRule
from sniper.documents import Document, KeyPath, complaint
from sniper.errors import InputError
from sniper.sites.library import find_profile, left_to_others, load_profile
from sniper.sites.profile import Location, Profile


def load_site(bookings: Bookings, document: Document, site: str | None = None) -> Profile:
    """The profile bookings.json names, or the one that was asked for instead.

    Raises:
        InputError: There is none, it is wrong, or it is made to be extended.
    """
    path = find_site(bookings, document, site)
    if left := left_to_others(path):
        raise InputError(
            f"{path}: this profile is made to be extended: no site is at the address of its example",
            mend=f"Write one of your own that says `extends: {path.stem}`, and what its site's {left} are.",
        )
    return load_profile(path)


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
    if problems := [complaint(document, path, text) for path, text in _misfits(bookings, profile)]:
        raise InputError("\n".join(dict.fromkeys(problems)))


def goal_on(
    bookings: Bookings,
    document: Document,
    profile: Profile,
    now: datetime,
    day: date | None = None,
    schedule: ScheduleConfig | None = None,
) -> Goal:
    """The goal, its date settled on the site's calendar.

    Args:
        bookings: Checked against the profile.
        document: Where the complaints point to.
        profile: The site.
        now: On the site's clock.
        day: Of a run that is resumed: `+3d`, or the next of a schedule, meant this one when it began.
        schedule: What the day follows from instead of `target_date`.

    Raises:
        InputError: The date is past, no hour of the window is still to come, or no day of the schedule.
    """
    config = bookings.snipe_config
    today = now.astimezone(profile.timezone).date()
    target = day or target_day(bookings, profile, now, schedule)
    if target is None:
        assert schedule is not None, "a file without a day has schedules, of which one is chosen first"
        raise InputError(
            f"{document.path}: no day of {schedule.name!r} is to come",
            mend="Give it a later end, or choose another schedule.",
        )
    goal = goal_of(config, bookings.active, profile, target)
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
        known = profile.locations[priority.location].opening
        if opening_by_the_file(priority, known) != known:
            yield (
                f"{priority.location}: the file says slots open {priority.advance_hours} h ahead, "
                f"the profile says {known}. Going by the file."
            )


def opening_by_the_file(priority: PriorityConfig, known: AnyOpeningRule) -> AnyOpeningRule:
    """How its slots open by `advance_hours`, counted as the profile does; without, as the profile says."""
    if priority.advance_hours is None:
        return known
    return OpeningRule(timedelta(hours=priority.advance_hours), known.counted)


def goal_of(config: SnipeConfig, active: int, profile: Profile, day: date) -> Goal:
    """What is wanted on a day.

    Args:
        config: Checked against the profile.
        active: How many accounts may fire where the file does not say how many.
        profile: The site.
        day: On its calendar.
    """
    return Goal(
        day,
        profile.timezone,
        config.consecutive_hours,
        config.time_window.start,
        config.time_window.end,
        tuple(_priority(p, profile.locations[p.location], active) for p in config.priorities),
        config.fallback_strategy,
    )


def target_day(
    bookings: Bookings, profile: Profile, now: datetime, schedule: ScheduleConfig | None = None
) -> date | None:
    """The day to go for, on the site's calendar.

    Of a schedule it is the one whose first opening comes next; where everything is open already, the first
    that is still to come; None where there is none.
    """
    if schedule is None:
        wanted = bookings.snipe_config.target_date
        today = now.astimezone(profile.timezone).date()
        return today + timedelta(days=wanted.days) if isinstance(wanted, InDays) else wanted
    coming = days_to_come(bookings, profile, now, schedule)
    still_closed = (day for day, opens_at in coming if opens_at > now)
    return next(still_closed, coming[0][0] if coming else None)


def days_to_come(
    bookings: Bookings, profile: Profile, now: datetime, schedule: ScheduleConfig
) -> list[tuple[date, datetime]]:
    """The days of a schedule, each with its first opening.

    Args:
        bookings: As if the file were about this schedule only (`sniper.config.scheduled.for_schedule`).
        profile: The site.
        now: On its clock.
        schedule: The schedule.
    """
    config, active = bookings.snipe_config, bookings.active
    found = occurrences(
        schedule.recurrence,
        lambda day: goal_of(config, active, profile, day),
        profile.timezone,
        now,
    )
    return [(one.day, one.opens_at) for one in found if one.opens_at is not None]


def _misfits(bookings: Bookings, profile: Profile) -> Iterator[tuple[KeyPath, str]]:
    for index, account in enumerate(bookings.accounts):
        for one in profile.account_details if account.is_active else ():
            if one not in account.details.known:
                asks = f"the forms of {profile.name} ask for it; write "
                example = f'{{"netid": "{account.netid}", "details": {{"{one}": "…"}}}}'
                yield ("accounts", index, "details", one.value), f"is missing: {asks}{example}"
    if bookings.snipe_config.target_date is not None:
        for path, text in misfits(bookings.snipe_config, bookings.active, profile):
            yield ("snipe_config", *path), text
    for index in range(len(bookings.schedules)):
        yield from misfits_of(bookings, index, profile)


def _priority(config: PriorityConfig, location: Location, accounts: int) -> Priority:
    opening = opening_by_the_file(config, location.opening)
    subs: tuple[str | None, ...] = config.sub_locations or location.sub_locations or (None,)
    most = config.max_accounts or accounts
    return Priority(config.rank, config.location, subs, most, opening, location.slot, location.capacity)


def _past(target: date, today: date) -> str:
    if target < today:
        return f"{target} is past; on the site's calendar today is {today}"
    return f"every hour of the window on {target} has already begun"
