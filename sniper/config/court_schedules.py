"""Schedules of court schedulers: a list of `{type, desired_time, rrule, court_id}`, to be taken over."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from pathlib import Path
from typing import Literal

from pydantic import RootModel

from sniper.config.snipe_config import PriorityConfig
from sniper.core.phrases import read
from sniper.core.recurrence import Recurrence
from sniper.core.wording import in_words
from sniper.documents import StrictModel, complaint, read_json, validated
from sniper.errors import InputError
from sniper.sites.profile import Profile


class CourtSchedule(StrictModel):
    """One booking, or one that comes again."""

    type: Literal["one-off", "recurring"]
    desired_time: str | None = None
    """`2027-01-08 10:00`, on the site's wall where no offset is given; of what comes again also `10:00`."""
    rrule: str | None = None
    """A calendar's rule or words, for what comes again."""
    court_id: str | int | None = None
    """A location or a sub-location, as the profile names it."""


class _CourtSchedules(RootModel[tuple[CourtSchedule, ...]]):
    pass


@dataclass(frozen=True, slots=True)
class Taken:
    """What one of them comes to."""

    recurrence: Recurrence
    priority: PriorityConfig

    @property
    def place(self) -> str:
        """The sub-location, or the location."""
        return (self.priority.sub_locations or (self.priority.location,))[0]

    def __str__(self) -> str:
        return f"{self.place}, {in_words(self.recurrence)}"


def read_court_schedules(path: Path, profile: Profile) -> tuple[Taken, ...]:
    """Read a list of them for a site.

    Raises:
        InputError: It is wrong, or names courts the site does not know; one line for each thing.
    """
    document = read_json(path, list)
    found = validated(_CourtSchedules, document).root
    taken: list[Taken] = []
    problems: list[str] = []
    for index, schedule in enumerate(found):
        try:
            taken.append(Taken(_recurrence(schedule, profile), _court(schedule.court_id, profile)))
        except _UnfitError as error:
            problems.append(complaint(document, (index, error.key), str(error)))
    if problems:
        raise InputError("\n".join(problems))
    return tuple(taken)


class _UnfitError(Exception):
    """What is wrong with one key of a schedule."""

    def __init__(self, key: str, text: str) -> None:
        super().__init__(text)
        self.key = key


def _recurrence(schedule: CourtSchedule, profile: Profile) -> Recurrence:
    day, at = _desired(schedule.desired_time, profile)
    if schedule.type == "one-off":
        if schedule.rrule is not None:
            raise _UnfitError("rrule", "is for what comes again; this is a one-off")
        if day is None or at is None:
            raise _UnfitError("desired_time", "a one-off needs its day and hour: 2027-01-08 10:00")
        return Recurrence(day, at=at)
    if schedule.rrule is None:
        raise _UnfitError("rrule", "is missing: FREQ=WEEKLY;BYDAY=FR, or every Friday at 10:00")
    try:
        rule = _rule(schedule.rrule, day, at)
    except ValueError as error:
        raise _UnfitError("rrule", str(error)) from None
    if rule.at is None:
        raise _UnfitError("desired_time", "no hour is named, here or by the rule: 10:00, say")
    return rule


def _rule(text: str, day: date | None, at: time | None) -> Recurrence:
    if "FREQ=" in text.upper():
        return Recurrence.of_rrule(text, day, at)
    rule = None
    if day is not None:
        with suppress(ValueError):  # where the words name a start of their own
            rule = read(f"{text} starting {day}")
    rule = rule or read(text)
    if at is not None and rule.at not in (None, at):
        raise ValueError(f"names {rule.at:%H:%M}, and desired_time {at:%H:%M}; keep one")
    return rule if at is None else replace(rule, at=at)


def _desired(text: str | None, profile: Profile) -> tuple[date | None, time | None]:
    """The day and the hour on the site's wall, as far as they are named."""
    if text is None:
        return None, None
    with suppress(ValueError):
        return None, datetime.strptime(text, "%H:%M").time()  # noqa: DTZ007 (of any day)
    with suppress(ValueError):
        return date.fromisoformat(text), None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise _UnfitError("desired_time", f"{text!r} is no time; write 2027-01-08 10:00") from None
    there = moment if moment.tzinfo is None else moment.astimezone(profile.timezone)
    return there.date(), there.time().replace(tzinfo=None)


def _court(court: str | int | None, profile: Profile) -> PriorityConfig:
    """The location of that name, or that one of its sub-locations."""
    if court is None:
        if len(profile.locations) == 1:
            return PriorityConfig(rank=1, location=next(iter(profile.locations)))
        raise _UnfitError("court_id", f"is missing; {_courts(profile)}")
    name = str(court).casefold()
    for location, known in profile.locations.items():
        if location.casefold() == name:
            return PriorityConfig(rank=1, location=location)
        for sub in known.sub_locations:
            if sub.casefold() == name:
                return PriorityConfig(rank=1, location=location, sub_locations=(sub,))
    raise _UnfitError("court_id", f"{profile.name} knows no {court!r}; {_courts(profile)}")


def _courts(profile: Profile) -> str:
    names = (
        name for location, known in profile.locations.items() for name in (location, *known.sub_locations)
    )
    return f"there are: {', '.join(names)}"
