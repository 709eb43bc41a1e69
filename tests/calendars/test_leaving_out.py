"""A goal without the hours at which one is busy."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time

import pytest

from sniper.calendars.busy import Calendar
from sniper.calendars.leaving_out import in_words, left_out, less_busy
from sniper.calendars.sources import Read
from sniper.core.outcomes import Proof
from sniper.core.slots import Slot
from sniper.errors import InputError
from sniper.store import BookingRecord, BookingStatus
from tests.calendars.ics import busy, calendar
from tests.core.worlds import DAY, goal_of, slot

GOAL = replace(goal_of(hours=2, fallback=1), target_date=DAY)
NOW = datetime(2026, 11, 20, tzinfo=UTC)


def shown(*events: str) -> Read:
    return Read(Calendar(calendar(*events)))


def booked(at: Slot, status: BookingStatus = BookingStatus.CONFIRMED) -> BookingRecord:
    return BookingRecord(
        id=1,
        site="practice",
        account="ann",
        slot=at,
        status=status,
        proof=Proof.CONFIRMED,
        reference="4711",
        rehearsal=False,
        run_id=1,
        created_at=NOW,
        updated_at=NOW,
    )


def starts(goal_read: Read, *bookings: BookingRecord) -> list[str]:
    left = less_busy(GOAL, goal_read, bookings)
    return [f"{start:%H:%M}" for start in left.starts(left.priorities[0])]


def test_the_day_of_these_tests_is_the_day_of_the_calendars() -> None:
    assert f"{DAY:%Y%m%d}" == "20261124"


def test_without_a_calendar_the_goal_stays_as_it_is() -> None:
    assert less_busy(GOAL, Read(), []) is GOAL


def test_hours_at_which_one_is_busy_are_left_out_and_told() -> None:
    left = less_busy(GOAL, shown(busy("14:30", "15:30"), busy("17:00", "18:00", "Tea")), [])
    assert [f"{start:%H:%M}" for start in left.starts(left.priorities[0])] == ["13:00", "16:00"]
    assert list(in_words(left)) == [
        "Tue 24 Nov 14:00 is left out, because you are busy then: Dentist",
        "Tue 24 Nov 15:00 is left out, because you are busy then: Dentist",
        "Tue 24 Nov 17:00 is left out, because you are busy then: Tea",
    ]
    assert [one.what for one in left_out(left)] == ["Dentist", "Dentist", "Tea"]


def test_an_hour_that_is_booked_already_is_not_left_out() -> None:
    """What the calendar shows then may be the booking itself, written there by hand."""
    assert starts(shown(busy("14:00", "16:00", "Badminton")), booked(slot("X1 A", 14))) == [
        "13:00",
        "14:00",
        "16:00",
        "17:00",
    ]


@pytest.mark.parametrize("status", [BookingStatus.CANCELLED, BookingStatus.FAILED])
def test_an_hour_that_was_given_back_is_left_out(status: BookingStatus) -> None:
    assert "14:00" not in starts(shown(busy("14:00", "15:00")), booked(slot("X1 A", 14), status))


def test_hours_for_the_fallback_are_enough() -> None:
    assert starts(shown(busy("14:00", "18:00"))) == ["13:00"]


def test_where_nothing_is_left_it_is_told_and_nothing_is_tried() -> None:
    with pytest.raises(InputError) as refused:
        less_busy(GOAL, shown(busy("12:00", "16:00"), busy("16:00", "19:00", "Tea")), [])
    assert refused.value.explain() == (
        "the busy calendar leaves no time for any hour on Tue 24 Nov 2026: Dentist, Tea\n"
        "Widen the time window, ask for fewer hours, or mark what may be missed as free."
    )
    strict = replace(goal_of(hours=3), window_start=time(13))
    with pytest.raises(InputError, match="leaves no time for 3 hours in a row"):
        less_busy(strict, shown(busy("15:00", "16:00", "")), [])
