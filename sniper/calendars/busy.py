"""When a person is busy, as an .ics calendar shows it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from sniper.calendars import OUR_UIDS
from sniper.core.busy import BusyTime

if TYPE_CHECKING:
    import icalendar

_DAY = timedelta(days=1)
_NOT_BUSY = {"STATUS": "CANCELLED", "TRANSP": "TRANSPARENT"}


class NoCalendarError(ValueError):
    """It is no .ics calendar."""


class Calendar:
    """A calendar that was read; what comes again in it is expanded day by day.

    Attributes:
        broken: How many of its events cannot be read; they do not count.
    """

    def __init__(self, text: str) -> None:
        """Read it.

        Raises:
            NoCalendarError: It is none.
        """
        # Here, since most who could read a calendar have none.
        import icalendar
        import recurring_ical_events

        try:
            found = icalendar.Calendar.from_ical(text, multiple=True)
        except ValueError:
            raise NoCalendarError("it is no calendar in .ics form") from None
        if not found or any(one.name != "VCALENDAR" for one in found):
            raise NoCalendarError("it is no calendar in .ics form")
        self.broken = 0
        for calendar in found:
            whole = [one for one in calendar.subcomponents if not _is_broken(one)]
            self.broken += len(calendar.subcomponents) - len(whole)
            calendar.subcomponents = whole
        self._queries = [recurring_ical_events.of(calendar) for calendar in found]

    def on(self, day: date, zone: ZoneInfo) -> tuple[BusyTime, ...]:
        """When one is busy on a day of that zone, in order.

        Cancelled events, those that the calendar shows as free, and those that take no time do not count. A
        whole day is one of that zone, and so is an hour that names none. What we have written ourselves does
        not count either: a feed of ours may have been taken into that calendar.
        """
        begin, end = (datetime.combine(one, time(), zone) for one in (day, day + _DAY))
        # A day more on both sides: events may stand in any zone.
        events = (event for query in self._queries for event in query.between(day - _DAY, day + 2 * _DAY))
        times = sorted(_times(events, zone), key=lambda one: one.start)
        return tuple(one for one in times if one.overlaps(begin, end - begin))


def _is_broken(component: icalendar.Component) -> bool:
    if component.name != "VEVENT":
        return False
    if component.errors or "DTSTART" not in component:
        return True
    rules = component.get("RRULE", [])
    # Who looks for what comes again after no time at all looks for ever.
    return any(0 in rule.get("INTERVAL", []) for rule in (rules if isinstance(rules, list) else [rules]))


def _times(events: Iterable[icalendar.Event], zone: ZoneInfo) -> Iterator[BusyTime]:
    for event in events:
        if str(event.get("UID", "")).endswith(OUR_UIDS):
            continue
        if any(str(event.get(key, "")).upper() == value for key, value in _NOT_BUSY.items()):
            continue
        start, end = _instant(event.start, zone), _instant(event.end, zone)
        if start < end:
            yield BusyTime(start, end, str(event.get("SUMMARY", "")))


def _instant(moment: date | datetime, zone: ZoneInfo) -> datetime:
    if not isinstance(moment, datetime):
        return datetime.combine(moment, time(), zone)
    return moment.replace(tzinfo=zone) if moment.tzinfo is None else moment
