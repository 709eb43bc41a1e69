"""From what a person schedules to what is stored of it: schedules, and their days to come."""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import cache
from itertools import combinations
from pathlib import Path
from zoneinfo import ZoneInfo

from sniper.config.bookings import Bookings, read_bookings
from sniper.config.goal import check_against, find_site, goal_of
from sniper.config.scheduled import for_schedule, from_hour, misfits_at
from sniper.config.snipe_config import PriorityConfig, SnipeConfig, TimeWindow
from sniper.core.goals import Goal
from sniper.core.occurrences import Occurrence, occurrences
from sniper.core.recurrence import Recurrence
from sniper.documents import Document
from sniper.errors import InputError
from sniper.sites.library import find_profile, load_profile, reference_of, referred
from sniper.sites.profile import Profile
from sniper.store.planned import COMMAND, OccurrenceState, Schedule, Synced
from sniper.store.repository import Store


@dataclass(frozen=True, slots=True)
class FromFile:
    """A bookings.json for its schedules."""

    bookings: Bookings
    document: Document
    profile: Profile
    profile_path: Path

    @property
    def origin(self) -> str:
        """By which the file's schedules are known in the store."""
        return str(self.document.path.resolve())

    def schedules(self) -> Iterator[Schedule]:
        """What the store is to know of each."""
        for config in self.bookings.schedules:
            wanted = for_schedule(self.bookings, config, self.profile)
            yield Schedule(
                name=config.name,
                origin=self.origin,
                site=self.profile.name,
                profile=reference_of(self.profile_path),
                zone=self.profile.timezone.key,
                recurrence=config.recurrence,
                goal=stored(wanted.snipe_config),
                accounts=tuple(account.netid for account in wanted.accounts if account.is_active),
            )


def read_file(path: Path) -> FromFile:
    """Read a bookings.json with all that is checked of it.

    Raises:
        InputError: It, or the profile, is wrong.
    """
    bookings, document = read_bookings(path)
    found = find_site(bookings, document)
    profile = load_profile(found)
    check_against(bookings, document, profile)
    return FromFile(bookings, document, profile, found)


def sync(file: FromFile, store: Store, now: datetime) -> Synced:
    """Bring what is stored of a file's schedules up to what it says now."""
    wanted = [(schedule, coming(schedule, file.profile, now)) for schedule in file.schedules()]
    return store.sync_schedules(file.origin, wanted, now=now)


def by_command(
    name: str,
    profile_path: Path,
    profile: Profile,
    recurrence: Recurrence,
    priorities: Sequence[PriorityConfig],
    hours: int = 1,
    window: TimeWindow | None = None,
    accounts: Sequence[str] = (),
) -> Schedule:
    """A schedule that no file names.

    Raises:
        InputError: It has no hour, or two, or the site does not have what is wanted.
    """
    if (recurrence.at is None) == (window is None):
        named = (
            f"two hours are named, {recurrence.at:%H:%M} and a window"
            if recurrence.at
            else "no hour is named"
        )
        raise InputError(named, mend="Name one: 'at 10:00', or --between 17:00 21:00.")
    day = TimeWindow(start=time(), end=time())
    config = SnipeConfig(consecutive_hours=hours, time_window=window or day, priorities=tuple(priorities))
    try:
        config = config if recurrence.at is None else from_hour(config, recurrence.at, profile)
    except ValueError as error:
        raise InputError(str(error)) from None
    return Schedule(
        name=name,
        origin=COMMAND,
        site=profile.name,
        profile=reference_of(profile_path),
        zone=profile.timezone.key,
        recurrence=recurrence,
        goal=stored(config),
        accounts=tuple(accounts),
    )


def stored(config: SnipeConfig) -> dict[str, object]:
    """What is wanted, as the store has it: plain JSON, without the day."""
    return config.model_dump(mode="json", exclude_none=True, exclude={"target_date"})


def coming(schedule: Schedule, profile: Profile, now: datetime) -> tuple[Occurrence, ...]:
    """The days of a schedule to come, with their openings as the profile has them.

    Raises:
        InputError: The profile does not know what is wanted any more.
    """
    config = SnipeConfig.model_validate(dict(schedule.goal))
    active = len(schedule.accounts) or sys.maxsize
    for _, text in misfits_at(schedule.recurrence.at, config, active, profile):
        raise InputError(text)

    def goal(day: date) -> Goal:
        return goal_of(config, active, profile, day)

    return occurrences(schedule.recurrence, goal, ZoneInfo(schedule.zone), now)


def keep_ahead(store: Store, now: datetime) -> tuple[str, ...]:
    """Bring the days of all schedules up to date: time goes on, and profiles change.

    Returns:
        What is wrong with schedules whose days could not be; they stay as they are.
    """
    problems = []
    profile_at = cache(lambda reference: load_profile(referred(reference)))  # reading one takes its time
    for record in store.schedules():
        try:
            days = coming(record.schedule, profile_at(record.schedule.profile), now)
        except InputError as error:
            problems.append(f"the days of schedule {record.name!r} stay as they were: {error}")
        else:
            store.renew_occurrences(record.id, days, now=now)
    return tuple(problems)


def clashes(store: Store, of: Collection[str]) -> Iterator[str]:
    """A sentence for each two schedules, one of them of these, that want the same account on the same day."""
    records = {record.id: record.schedule for record in store.schedules()}
    days: dict[int, set[date]] = {number: set() for number in records}
    for day in store.occurrences(states=[OccurrenceState.PENDING], active=True):
        days[day.schedule_id].add(day.day)
    for (one, first), (other, second) in combinations(records.items(), 2):
        both = days[one] & days[other]
        accounts = _shared(first.accounts, second.accounts)
        if first.site == second.site and both and accounts and {first.name, second.name} & set(of):
            more = " and other days" if len(both) > 1 else ""
            yield (
                f"{first.name!r} and {second.name!r} both want {accounts} on {min(both):%a %d %b %Y}{more}: "
                "one run at a time works with an account for a day, so only one of them will"
            )


def lacking_accounts(store: Store, schedule: Schedule) -> Iterator[str]:
    """What a schedule by command still needs: accounts that can sign in with what is stored of them."""
    site = schedule.site
    able = {one.account for one in store.accounts(site) if one.active and (one.secrets or one.sign_in)}
    for name in schedule.accounts:
        if name not in able:
            add = f"`sniper accounts add {name} --site {site}`"
            yield f"nothing is stored that signs {name} in at {site}: {add} does that"
    if not schedule.accounts and not able:
        yield f"no account is stored at {site} yet: `sniper accounts add NAME --site {site}` stores one"


def _shared(first: Sequence[str], second: Sequence[str]) -> str:
    """The accounts of both; where nobody is named, everybody is meant."""
    if not first or not second:
        return ", ".join(first or second) or "all accounts"
    return ", ".join(name for name in first if name in second)


def known_sites(store: Store) -> dict[str, Profile]:
    """The profiles of the sites that the record is about, as far as they are known here."""
    references = {record.schedule.site: record.schedule.profile for record in store.schedules(removed=True)}
    profiles = {}
    for site in references.keys() | {booking.site for booking in store.bookings()}:
        with suppress(InputError):
            path = referred(references[site]) if site in references else find_profile(site, Path.cwd())
            profiles[site] = load_profile(path)
    return profiles
