"""What is planned and booked as an .ics calendar that other programs read again and again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from hashlib import sha256

import icalendar

from sniper import __version__
from sniper.calendars import OUR_UIDS
from sniper.core.outcomes import Proof
from sniper.sites.profile import Profile
from sniper.store.planned import OccurrenceRecord, Schedule
from sniper.store.records import ACTIVE, BookingRecord

_EVERY = timedelta(hours=1)
_USUAL_LENGTH = timedelta(hours=1)


def feed(
    plans: Iterable[tuple[Schedule, OccurrenceRecord]],
    bookings: Iterable[BookingRecord],
    sites: Mapping[str, Profile],
) -> str:
    """The calendar as a text.

    An event keeps its UID as long as it is about the same day of the same schedule, or about the same account
    at the same slot. A plan is tentative and takes no time; a booking takes its own.

    Args:
        plans: Days of schedules that are still to be booked.
        bookings: Those that are not active are left out.
        sites: Their profiles by name, which know how long a slot lasts; an hour where one is missing.
    """
    calendar = icalendar.Calendar()
    calendar.add("prodid", f"-//sniper//{__version__}//EN")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", "sniper")
    calendar.add("refresh-interval", _EVERY, parameters={"VALUE": "DURATION"})
    for schedule, occurrence in plans:
        if occurrence.starts_at is not None:
            profile = sites.get(schedule.site)
            rehearsal = profile is not None and profile.practice is not None
            calendar.add_component(_plan(schedule, occurrence, occurrence.starts_at, rehearsal=rehearsal))
    for booking in bookings:
        if booking.status in ACTIVE:
            calendar.add_component(_booking(booking, _length(booking, sites)))
    days = [event.start for event in calendar.events]
    if days:
        # What the clocks did long before, and do long after, is of no use to anybody.
        years = [day.year for day in days]
        calendar.add_missing_timezones(date(min(years) - 1, 1, 1), date(max(years) + 2, 1, 1))
    return bytes(calendar.to_ical()).decode("utf-8")


def _plan(
    schedule: Schedule, occurrence: OccurrenceRecord, start: datetime, *, rehearsal: bool
) -> icalendar.Event:
    hours = schedule.goal["consecutive_hours"]
    places = [priority["location"] for priority in schedule.goal["priorities"]]
    event = _event(
        _uid("plan", schedule.origin, schedule.site, schedule.name, occurrence.day.isoformat()),
        f"{schedule.name} (planned)",
        start,
        _window_end(schedule, start),
        occurrence.updated_at,
        rehearsal=rehearsal,
    )
    opens = occurrence.opens_at.astimezone(start.tzinfo) if occurrence.opens_at else None
    event.add("description", f"{hours} h; opens {opens:%a %d %b %Y %H:%M}" if opens else f"{hours} h")
    event.add("location", f"{schedule.site}: {', '.join(places)}")
    event.add("status", "TENTATIVE")
    event.add("transp", "TRANSPARENT")
    return event


def _booking(booking: BookingRecord, length: timedelta) -> icalendar.Event:
    slot = booking.slot
    event = _event(
        _uid("booking", booking.site, booking.account, slot.place, slot.instant.isoformat()),
        f"{slot.place} ({booking.account})",
        slot.start,
        (slot.instant + length).astimezone(slot.start.tzinfo),
        booking.updated_at,
        rehearsal=booking.rehearsal,
    )
    event.add("description", f"Reference {booking.reference or 'unknown'}, {booking.proof.value}")
    event.add("location", f"{booking.site}: {slot.place}")
    event.add("status", "CONFIRMED" if booking.proof is Proof.CONFIRMED else "TENTATIVE")
    event.add("transp", "OPAQUE")
    return event


def _event(
    uid: str, summary: str, start: datetime, end: datetime, changed: datetime, *, rehearsal: bool
) -> icalendar.Event:
    event = icalendar.Event()
    event.add("uid", uid)
    event.add("summary", f"REHEARSAL: {summary}" if rehearsal else summary)
    event.add("dtstart", start)
    event.add("dtend", end)
    event.add("dtstamp", changed.astimezone(UTC))
    return event


def _window_end(schedule: Schedule, start: datetime) -> datetime:
    end = time.fromisoformat(schedule.goal["time_window"]["end"])
    day = start.date() + timedelta(days=1) if end == time() else start.date()
    return datetime.combine(day, end, start.tzinfo)


def _length(booking: BookingRecord, sites: Mapping[str, Profile]) -> timedelta:
    profile = sites.get(booking.site)
    location = profile.locations.get(booking.slot.location) if profile else None
    return location.slot if location else _USUAL_LENGTH


def _uid(*parts: str) -> str:
    return sha256("\n".join(parts).encode()).hexdigest()[:32] + OUR_UIDS
