"""From what a person schedules to what is stored of it: schedules, and their days to come."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import combinations
from pathlib import Path
from zoneinfo import ZoneInfo

from sniper.config.bookings import Bookings, read_bookings
from sniper.config.fitting import misfits
from sniper.config.goal import check_against, goal_of, profile_file
from sniper.config.scheduled import for_schedule
from sniper.config.snipe_config import SnipeConfig
from sniper.core.goals import Goal
from sniper.core.occurrences import Occurrence, occurrences
from sniper.documents import Document
from sniper.errors import InputError
from sniper.sites.library import load_profile, reference_of, referred
from sniper.sites.profile import Profile
from sniper.store.planned import OccurrenceState, Schedule, Synced
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
    found = profile_file(bookings, document)
    profile = load_profile(found)
    check_against(bookings, document, profile)
    return FromFile(bookings, document, profile, found)


def sync(file: FromFile, store: Store, now: datetime) -> Synced:
    """Bring what is stored of a file's schedules up to what it says now."""
    wanted = [(schedule, coming(schedule, file.profile, now)) for schedule in file.schedules()]
    return store.sync_schedules(file.origin, wanted, now=now)


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
    for path, text in misfits(config, active, profile):
        raise InputError(f"{'.'.join(map(str, path))}: {text}")

    def goal(day: date) -> Goal:
        return goal_of(config, active, profile, day)

    return occurrences(schedule.recurrence, goal, ZoneInfo(schedule.zone), now)


def keep_ahead(store: Store, now: datetime) -> tuple[str, ...]:
    """Bring the days of all schedules up to date: time goes on, and profiles change.

    Returns:
        What is wrong with schedules whose days could not be; they stay as they are.
    """
    problems = []
    for record in store.schedules():
        try:
            profile = load_profile(referred(record.schedule.profile))
            days = coming(record.schedule, profile, now)
        except InputError as error:
            problems.append(f"the days of schedule {record.name!r} stay as they were: {error}")
        else:
            store.renew_occurrences(record.id, days, now=now)
    return tuple(problems)


def clashes(store: Store) -> Iterator[str]:
    """A sentence for each two schedules that want the same account on the same day."""
    records = {record.id: record.schedule for record in store.schedules()}
    days: dict[int, set[date]] = {number: set() for number in records}
    for day in store.occurrences(states=[OccurrenceState.PENDING], active=True):
        days[day.schedule_id].add(day.day)
    for (one, first), (other, second) in combinations(records.items(), 2):
        both = days[one] & days[other]
        accounts = _shared(first.accounts, second.accounts)
        if first.site == second.site and both and accounts:
            more = f" and {len(both) - 1} more days" if len(both) > 1 else ""
            yield (
                f"{first.name!r} and {second.name!r} both want {accounts} on {min(both):%a %d %b %Y}{more}: "
                "one run at a time works with an account for a day, so only one of them will"
            )


def _shared(first: Sequence[str], second: Sequence[str]) -> str:
    """The accounts of both; where nobody is named, everybody is meant."""
    if not first or not second:
        return ", ".join(first or second) or "all accounts"
    return ", ".join(name for name in first if name in second)
