"""What is planned and booked as a calendar: the same events each time, and none that makes us busy."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import icalendar

from sniper.calendars.busy import Calendar
from sniper.calendars.feed import feed
from sniper.core.outcomes import Proof
from sniper.core.slots import Slot
from sniper.sites.library import bundled_folder, load_profile
from sniper.store import BookingRecord, BookingStatus
from sniper.store.planned import OccurrenceRecord, OccurrenceState
from tests.store.test_schedules import BADMINTON

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
START = datetime(2026, 11, 27, 13, tzinfo=AMSTERDAM)
X = load_profile(bundled_folder() / "tudelft-x.yaml")
LONGER = X.locations["X1"].model_copy(update={"slot": timedelta(minutes=90)})
LONG = X.model_copy(update={"locations": {"X1": LONGER}})
SCHEDULE = replace(
    BADMINTON,
    goal={
        "consecutive_hours": 3,
        "time_window": {"start": "13:00", "end": "18:00"},
        "priorities": [{"rank": 1, "location": "X1"}, {"rank": 2, "location": "Fitness"}],
    },
)
PLAN = OccurrenceRecord(
    7,
    1,
    "badminton",
    "tudelft-x",
    START.date(),
    START,
    START.astimezone(UTC) - timedelta(hours=72),
    START.astimezone(UTC) - timedelta(hours=73),
    OccurrenceState.PENDING,
    None,
    None,
    NOW,
)
BOOKING = BookingRecord(
    3,
    "tudelft-x",
    "ann",
    Slot("X1", "X1 A", START),
    BookingStatus.CONFIRMED,
    Proof.CONFIRMED,
    "4711",
    rehearsal=False,
    run_id=1,
    created_at=NOW,
    updated_at=NOW,
)


def events(text: str) -> list[icalendar.Event]:
    return list(icalendar.Calendar.from_ical(text).events)


def the(text: str) -> icalendar.Event:
    (event,) = events(text)
    return event


def test_a_plan_is_tentative_takes_no_time_and_says_when_it_opens() -> None:
    event = the(feed([(SCHEDULE, PLAN)], [], {"tudelft-x": X}))
    assert event["SUMMARY"] == "badminton (planned)"
    assert (event.start, event.end) == (START, START.replace(hour=18))
    assert (event["STATUS"], event["TRANSP"]) == ("TENTATIVE", "TRANSPARENT")
    assert event["DESCRIPTION"] == "3 h; opens Tue 24 Nov 2026 13:00"


def test_a_booking_takes_its_time_and_names_account_and_reference() -> None:
    event = the(feed([], [BOOKING], {"tudelft-x": LONG}))
    assert event["SUMMARY"] == "X1 A (ann)"
    assert (event.start, event.end) == (START, START + timedelta(minutes=90))
    assert (event["STATUS"], event["TRANSP"]) == ("CONFIRMED", "OPAQUE")
    assert event["DESCRIPTION"] == "Reference 4711, confirmed"


def test_of_a_site_that_is_not_known_a_slot_takes_an_hour() -> None:
    assert the(feed([], [BOOKING], {})).end == START + timedelta(hours=1)


def test_what_is_not_certain_is_tentative_and_what_was_given_back_is_not_there() -> None:
    unsure = replace(BOOKING, proof=Proof.UNVERIFIED)
    assert the(feed([], [unsure], {}))["STATUS"] == "TENTATIVE"
    assert events(feed([], [replace(BOOKING, status=BookingStatus.CANCELLED)], {})) == []


def test_events_keep_their_identity_and_differ_from_each_other() -> None:
    first = feed([(SCHEDULE, PLAN)], [BOOKING], {"tudelft-x": X})
    assert feed([(SCHEDULE, PLAN)], [BOOKING], {"tudelft-x": X}) == first
    moved = replace(PLAN, id=99, starts_at=START + timedelta(hours=1))
    other = replace(BOOKING, id=98, reference="4712")
    assert [one["UID"] for one in events(feed([(SCHEDULE, moved)], [other], {}))] == [
        one["UID"] for one in events(first)
    ]
    next_week = replace(PLAN, day=date(2026, 12, 4))
    uids = {one["UID"] for one in events(feed([(SCHEDULE, PLAN), (SCHEDULE, next_week)], [BOOKING], {}))}
    assert len(uids) == 3


def test_a_rehearsal_is_marked() -> None:
    practice = load_profile(bundled_folder() / "practice.yaml")
    rehearsed = feed([(SCHEDULE, PLAN)], [replace(BOOKING, rehearsal=True)], {"tudelft-x": practice})
    assert [one["SUMMARY"] for one in events(rehearsed)] == [
        "REHEARSAL: badminton (planned)",
        "REHEARSAL: X1 A (ann)",
    ]


def test_our_own_events_do_not_make_one_busy() -> None:
    text = feed([(SCHEDULE, PLAN)], [BOOKING], {"tudelft-x": X})
    assert Calendar(text).on(START.date(), AMSTERDAM) == ()


def test_the_zone_of_the_events_is_in_the_file_and_lines_end_as_calendars_have_it() -> None:
    text = feed([(SCHEDULE, PLAN)], [], {"tudelft-x": X})
    assert "TZID:Europe/Amsterdam" in text
    assert text.count("\n") == text.count("\r\n")


def test_a_feed_without_events_is_a_calendar() -> None:
    assert events(feed([], [], {})) == []
