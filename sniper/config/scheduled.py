"""From a schedule to what is wanted by it at a given site."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from difflib import get_close_matches

from pydantic import ValidationError

from sniper.config.bookings import Bookings
from sniper.config.fitting import misfits
from sniper.config.schedules import ScheduleConfig
from sniper.config.snipe_config import SnipeConfig, TimeWindow
from sniper.core.wording import in_words
from sniper.documents import Document, KeyPath, complaint
from sniper.errors import InputError
from sniper.sites.profile import Profile

_USUAL_SLOT = timedelta(hours=1)


def choose(bookings: Bookings, document: Document, name: str | None) -> ScheduleConfig | None:
    """The schedule to go by: the one that is named; else the only one, where the file names no day by itself.

    Raises:
        InputError: There is none of that name, or it is not clear which.
    """
    known = [schedule.name for schedule in bookings.schedules]
    if name is None:
        if bookings.snipe_config.target_date is not None:
            return None
        if len(known) > 1:
            raise InputError(
                complaint(document, ("schedules",), "there are several, and no target_date"),
                mend=f"Say which by --schedule: {', '.join(known)}.",
            )
        return bookings.schedules[0]
    if name in known:
        return bookings.schedules[known.index(name)]
    near = get_close_matches(name, known, n=1)
    there_are = f"There are: {', '.join(known)}." if known else "There are none in the file."
    raise InputError(
        f"{document.path}: there is no schedule {name!r}",
        mend=f"Did you mean {near[0]!r}?" if near else there_are,
    )


def said_of(schedule: ScheduleConfig | None) -> tuple[str, ...]:
    """What to say of the schedule that is gone by, if there is one."""
    return () if schedule is None else (f"schedule {schedule.name!r}: {in_words(schedule.recurrence)}",)


def for_schedule(bookings: Bookings, schedule: ScheduleConfig, profile: Profile) -> Bookings:
    """The file as if it were about this schedule only; its day is still to be chosen."""
    crew = bookings.accounts
    if schedule.accounts is not None:
        crew = tuple(account for account in crew if account.netid in schedule.accounts)
    config = config_of(bookings.snipe_config, schedule, profile)
    return bookings.model_copy(update={"accounts": crew, "snipe_config": config, "schedules": (schedule,)})


def config_of(base: SnipeConfig, schedule: ScheduleConfig, profile: Profile) -> SnipeConfig:
    """What is wanted on each of its days.

    Raises:
        ValueError: What it says and what `snipe_config` says do not go together.
    """
    values = {key: getattr(base, key) for key in SnipeConfig.model_fields} | schedule.own
    config = SnipeConfig.model_validate({**values, "target_date": None})
    return config if schedule.recurrence.at is None else from_hour(config, schedule.recurrence.at, profile)


def from_hour(config: SnipeConfig, at: time, profile: Profile) -> SnipeConfig:
    """The same, from that hour on: a window that holds the hours wanted and no others.

    Raises:
        ValueError: They go past midnight.
    """
    known = [profile.locations[p.location].slot for p in config.priorities if p.location in profile.locations]
    midnight = datetime(2000, 1, 1, tzinfo=UTC)
    end = datetime.combine(midnight, at, UTC) + max(known, default=_USUAL_SLOT) * config.consecutive_hours
    if end > midnight + timedelta(days=1):
        hours = f"{config.consecutive_hours} hours from {at:%H:%M} on"
        raise ValueError(f"{hours} go past midnight; begin earlier, or ask for fewer")
    return config.model_copy(update={"time_window": TimeWindow(start=at, end=end.time())})


def misfits_of(bookings: Bookings, index: int, profile: Profile) -> Iterator[tuple[KeyPath, str]]:
    """What is wrong with a schedule at that site, by the keys where it stands."""
    schedule = bookings.schedules[index]
    here: KeyPath = ("schedules", index)
    try:
        wanted = for_schedule(bookings, schedule, profile)
    except ValidationError as error:
        for one in error.errors():
            yield (*here, *one["ctx"]["at"]), one["msg"]
        return
    except ValueError as error:
        yield (*here, "when"), str(error)
        return
    at = schedule.recurrence.at
    for (key, *way), text in misfits_at(at, wanted.snipe_config, wanted.active, profile):
        if key == "time_window" and at is not None:
            yield (*here, "when"), text
        else:
            yield (*(here if key in schedule.own else ("snipe_config",)), key, *way), text


def misfits_at(
    at: time | None, config: SnipeConfig, active: int, profile: Profile
) -> Iterator[tuple[KeyPath, str]]:
    """The same as `misfits`, of what is wanted from an hour on, if one is named."""
    for path, text in misfits(config, active, profile):
        if path == ("time_window",) and at is not None:
            yield path, f"no slot begins at {at:%H:%M}; write an hour at which one does"
        else:
            yield path, text
