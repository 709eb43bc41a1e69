"""When a calendar shows somebody busy: zones, whole days, what comes again, and what does not count."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

import pytest

from sniper.calendars import OUR_UIDS
from sniper.calendars.busy import Calendar, NoCalendarError
from tests.calendars.ics import busy, calendar, event

DAY = date(2026, 11, 24)
AMSTERDAM = ZoneInfo("Europe/Amsterdam")


def shown(text: str, day: date = DAY) -> list[str]:
    """When one is busy that day in Amsterdam: `14:00–15:00 Dentist`."""
    return [
        f"{one.start.astimezone(AMSTERDAM):%H:%M}–{one.end.astimezone(AMSTERDAM):%H:%M} {one.what}".strip()
        for one in Calendar(text).on(day, AMSTERDAM)
    ]


def test_events_of_the_day_are_shown_in_order_and_those_of_other_days_are_not() -> None:
    other = event("DTSTART;TZID=Europe/Amsterdam:20261125T140000", "DURATION:PT1H")
    assert shown(calendar(busy("16:00", "17:00", "Tea"), other, busy("14:00", "15:00"))) == [
        "14:00–15:00 Dentist",
        "16:00–17:00 Tea",
    ]


@pytest.mark.parametrize(
    ("start", "end", "there"),
    [
        ("DTSTART:20261124T130000Z", "DTEND:20261124T140000Z", "14:00–15:00"),
        ("DTSTART;TZID=America/New_York:20261124T080000", "DURATION:PT1H", "14:00–15:00"),
        # As Outlook names zones.
        ("DTSTART;TZID=W. Europe Standard Time:20261124T140000", "DURATION:PT1H", "14:00–15:00"),
        # Without any zone: wherever one is.
        ("DTSTART:20261124T140000", "DURATION:PT90M", "14:00–15:30"),
        ("DTSTART;VALUE=DATE:20261124", "", "00:00–00:00"),
        ("DTSTART;VALUE=DATE:20261123", "DTEND;VALUE=DATE:20261126", "00:00–00:00"),
        # Over midnight.
        ("DTSTART;TZID=Europe/Amsterdam:20261123T230000", "DURATION:PT2H", "23:00–01:00"),
    ],
)
def test_an_event_counts_at_its_instant_wherever_it_was_written(start: str, end: str, there: str) -> None:
    assert shown(calendar(event(start, end))) == [there]


def test_hours_without_a_zone_are_those_of_the_calendars_zone_where_it_names_one() -> None:
    floating = event("DTSTART:20261124T080000", "DURATION:PT1H")
    assert shown(calendar(floating, head="X-WR-TIMEZONE:America/New_York")) == ["14:00–15:00"]


def test_what_comes_again_counts_each_time_at_its_hour_on_the_wall() -> None:
    weekly = event(
        "DTSTART;TZID=Europe/Amsterdam:20260922T140000",
        "DURATION:PT1H",
        RRULE="FREQ=WEEKLY;BYDAY=TU",
        EXDATE="20261201T130000Z",
    )
    text = calendar(weekly)
    assert shown(text) == ["14:00–15:00"]
    assert shown(text, date(2026, 9, 29)) == ["14:00–15:00"]
    assert shown(text, date(2026, 12, 1)) == []
    assert shown(text, date(2026, 11, 25)) == []


def test_one_of_several_that_was_moved_counts_where_it_is_now() -> None:
    weekly = event(
        "DTSTART;TZID=Europe/Amsterdam:20261117T140000", "DURATION:PT1H", UID="w", RRULE="FREQ=WEEKLY"
    )
    moved = event(
        "DTSTART;TZID=Europe/Amsterdam:20261124T160000",
        "DURATION:PT1H",
        **{"UID": "w", "RECURRENCE-ID;TZID=Europe/Amsterdam": "20261124T140000"},
    )
    assert shown(calendar(weekly, moved)) == ["16:00–17:00"]


@pytest.mark.parametrize(
    "more",
    [{"STATUS": "CANCELLED"}, {"TRANSP": "TRANSPARENT"}, {"UID": f"1{OUR_UIDS}"}],
    ids=["cancelled", "free", "ours"],
)
def test_what_is_cancelled_free_or_our_own_does_not_count(more: dict[str, str]) -> None:
    assert shown(calendar(busy("14:00", "15:00", **more))) == []


def test_a_moment_that_takes_no_time_does_not_count() -> None:
    assert shown(calendar(event("DTSTART:20261124T130000Z"))) == []


@pytest.mark.parametrize(
    "broken",
    [
        event("DTSTART:2026-11-24"),
        event("SUMMARY:without a start"),
        event("DTSTART:20261124T130000Z", RRULE="FREQ=SOMETIMES"),
        event("DTSTART:20261124T130000Z", RRULE="FREQ=DAILY;INTERVAL=0"),
    ],
)
def test_an_event_that_cannot_be_read_is_counted_and_the_others_are_shown(broken: str) -> None:
    text = calendar(broken, busy("14:00", "15:00"))
    assert shown(text) == ["14:00–15:00 Dentist"]
    assert Calendar(text).broken == 1


def test_several_calendars_in_one_file_all_count() -> None:
    assert shown(calendar(busy("14:00", "15:00")) + calendar(busy("16:00", "17:00", "Tea"))) == [
        "14:00–15:00 Dentist",
        "16:00–17:00 Tea",
    ]


@pytest.mark.parametrize("text", ["", "<html>Sign in</html>", "BEGIN:VCALENDAR\r\nVERSION:2.0\r\n", "{}"])
def test_what_is_no_calendar_is_refused(text: str) -> None:
    with pytest.raises(NoCalendarError):
        Calendar(text)


def test_an_empty_calendar_shows_nothing() -> None:
    assert shown(calendar()) == []
