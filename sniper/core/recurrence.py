"""Which days a schedule names: once, or by a calendar's rule (RFC 5545). Days and hours are the site's.

A schedule has one time of day at most, so a rule here names days only. What depends on a start (every *other*
Friday, the first *ten* times) needs one: "from today" would mean other days after every change of the file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import dropwhile, islice
from zoneinfo import ZoneInfo

from dateutil.rrule import rrule, rrulestr

from sniper.core.rules import ORDER, parts_of

AHEAD = timedelta(days=3653)
"""Days that are further ahead are not looked for: ten years."""

_EARLIEST = date(2000, 1, 1)


@dataclass(frozen=True, slots=True)
class Recurrence:
    """One day, or the days of a rule, and the hour where one is named.

    Attributes:
        start: The day itself; of a rule, the first day that may be one. None: whenever one looks.
        rule: An RRULE of days only, its parts in one order; None for once.
        at: The time of day at the site; None where it follows from something else.
        until: The last day that may be one.
        count: How many days the rule names from its start on, those excluded among them.
        excluded: Days that are left out, in order.
    """

    start: date | None
    rule: str | None = None
    at: time | None = None
    until: date | None = None
    count: int | None = None
    excluded: tuple[date, ...] = ()

    def __post_init__(self) -> None:
        """Refuse what has no days, or no certain ones.

        Raises:
            ValueError: It lacks a start, contradicts itself, or lies long ago.
        """
        if self.rule is None:
            if self.start is None:
                raise ValueError("once needs its day")
            if self.until or self.count or self.excluded:
                raise ValueError(
                    f"an end or an exception is for what comes again, and this is {self.start} only"
                )
        elif self.start is None and (unsure := self._depends_on_a_start()):
            raise ValueError(f"{unsure} depends on the day it starts from, and none is given")
        if self.start is not None and self.start < _EARLIEST:
            raise ValueError(f"the start {self.start} lies before the year 2000")
        if self.until is not None and self.count is not None:
            raise ValueError("a last day and a number of times are two ends; keep one of them")
        if self.start is not None and self.until is not None and self.until < self.start:
            raise ValueError(f"it ends ({self.until}) before it starts ({self.start})")

    @classmethod
    def of_rrule(cls, text: str, start: date | None, at: time | None = None) -> Recurrence:
        """The days of an RRULE as calendars write them; COUNT, UNTIL and one hour may stand in it.

        Raises:
            ValueError: It is none, names several times a day, or is one that needs a start and has none.
        """
        parts = parts_of(text)
        hour, minute = parts.pop("BYHOUR", None), parts.pop("BYMINUTE", None)
        parts.pop("BYSECOND", None)
        if hour is not None:
            named = time(int(hour), int(minute or 0))
            if at is not None and at != named:
                raise ValueError(f"two hours are named, {at:%H:%M} and by the rule {named:%H:%M}; keep one")
            at = named
        elif minute is not None:
            raise ValueError("BYMINUTE needs BYHOUR beside it")
        count, until = parts.pop("COUNT", None), parts.pop("UNTIL", None)
        rule = ";".join(f"{key}={parts[key]}" for key in ORDER if key in parts)
        if start is not None and "INTERVAL" in parts and (first := first_day(rule, start)) != start:
            instead = f"; start on {first}, say" if first else ""
            raise ValueError(f"{start} is no day of the rule, so that every other one is not clear{instead}")
        return cls(start, rule, at, _last_day(until), int(count) if count else None)

    def limited(
        self, until: date | None = None, count: int | None = None, excluded: tuple[date, ...] = ()
    ) -> Recurrence:
        """The same with an end, and without some days.

        Raises:
            ValueError: It has that end already, or what is said does not fit together.
        """
        for what, here, given in (("last day", self.until, until), ("number of times", self.count, count)):
            if here is not None and given is not None:
                raise ValueError(f"the {what} is said twice, {here} and {given}; keep one of them")
        return replace(
            self,
            until=self.until or until,
            count=self.count or count,
            excluded=tuple(sorted({*self.excluded, *excluded})),
        )

    def days(self, since: date) -> Iterator[date]:
        """The days from `since` on, in order, for ten years at most."""
        if self.rule is None:
            assert self.start is not None
            yield from (day for day in (self.start,) if since <= day <= since + AHEAD)
            return
        last = min(self.until or date.max, since + AHEAD)
        found = islice(_days_of(self.rule, self.start or since, last), self.count)
        without = set(self.excluded)
        yield from (day for day in dropwhile(lambda day: day < since, found) if day not in without)

    def _depends_on_a_start(self) -> str | None:
        parts = dict(part.split("=") for part in (self.rule or "").split(";"))
        if self.count is not None:
            return "a number of times"
        if parts.get("INTERVAL", "1") != "1":
            return "every other one"
        match parts["FREQ"]:
            case "DAILY":
                names_days = True
            case "WEEKLY":
                names_days = "BYDAY" in parts
            case "MONTHLY":
                names_days = bool(parts.keys() & {"BYDAY", "BYMONTHDAY"})
            case _:
                names_days = bool(
                    parts.keys() & {"BYDAY", "BYYEARDAY"} or {"BYMONTH", "BYMONTHDAY"} <= parts.keys()
                )
        return None if names_days else "a rule that names no days"


def first_day(rule: str, start: date) -> date | None:
    """The first day of a rule from `start` on, if none were passed over: who says "every other Friday, from
    Sunday on" means the next Friday, whatever the week of that Sunday.
    """
    every = re.sub(r";INTERVAL=\d+", "", rule)
    return next(Recurrence(start, every).days(start), None)


def wall_time(day: date, at: time, zone: ZoneInfo) -> datetime | None:
    """That time of that day on the wall of the site.

    The first of the two where the clocks go back over it, and None where they go forward over it.
    """
    moment = datetime.combine(day, at.replace(fold=0), zone)
    # A time that does not exist comes back from UTC as another one.
    return moment if moment.astimezone(UTC).astimezone(zone).time() == moment.time() else None


def _days_of(rule: str, start: date, last: date) -> Iterator[date]:
    if last < start:
        return
    found = rrulestr(rule, dtstart=datetime.combine(start, time()))
    assert isinstance(found, rrule)
    for moment in found.replace(until=datetime.combine(last, time())):
        yield moment.date()


def _last_day(until: str | None) -> date | None:
    if until is None:
        return None
    try:
        return date.fromisoformat(until)
    except ValueError:
        raise ValueError(f"UNTIL is a day of the calendar: UNTIL=20270630, and not {until}") from None
