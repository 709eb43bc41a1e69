"""The days of a schedule to come: the hours that were asked for, or why not, and when their slots open."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from sniper.core.goals import Fallback, Goal, Priority
from sniper.core.occurrences import MOST, WAKES_AHEAD, Occurrence, occurrences
from sniper.core.openings import OpeningRule
from sniper.core.phrases import read
from sniper.core.recurrence import Recurrence
from tests.core.schedules import DAYS, ZONES, recurrences

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
X1 = Priority(1, "X1", ("X1 A", "X1 B"), 2, OpeningRule(timedelta(hours=72)))
FITNESS = Priority(2, "Fitness", (None,), 2, OpeningRule(timedelta(hours=168)))


def wanted(
    start: time, hours: int = 1, zone: ZoneInfo = AMSTERDAM, priorities: tuple[Priority, ...] = (X1,)
) -> Callable[[date], Goal]:
    """So many hours from then on, whatever the day."""
    end = (datetime.combine(date(2000, 1, 1), start) + timedelta(hours=hours)).time()
    return lambda day: Goal(day, zone, hours, start, end, priorities, Fallback(None))


def of(text: str, goal: Callable[[date], Goal], now: datetime = NOW) -> tuple[Occurrence, ...]:
    return occurrences(read(text), goal, AMSTERDAM, now)


def test_each_occurrence_knows_its_start_its_opening_and_when_to_wake() -> None:
    first, second, *_ = of("every other Friday at 10:00 starting 2027-01-08", wanted(time(10)))
    assert first.starts_at == datetime(2027, 1, 8, 10, tzinfo=AMSTERDAM)
    assert first.opens_at == datetime(2027, 1, 5, 9, tzinfo=UTC)
    assert first.wake_at == datetime(2027, 1, 5, 7, 55, tzinfo=UTC)
    assert second.day == date(2027, 1, 22)


def test_a_schedule_wakes_for_the_first_of_its_openings() -> None:
    first, *_ = of("every Friday at 10:00", wanted(time(10), 2, priorities=(X1, FITNESS)))
    assert first.opens_at == datetime(2026, 11, 20, 9, tzinfo=UTC)


def test_a_year_of_weeks_is_looked_ahead_and_no_more() -> None:
    found = of("every Friday at 10:00", wanted(time(10)))
    assert len(found) == MOST == 52
    assert (found[0].day, found[-1].day) == (date(2026, 11, 27), date(2027, 11, 19))


def test_the_hour_stays_the_same_on_the_wall_when_the_clocks_change() -> None:
    found = of("every Sunday at 10:00 starting 2027-03-21 until 2027-03-28", wanted(time(10)))
    assert [str(one.starts_at) for one in found] == ["2027-03-21 10:00:00+01:00", "2027-03-28 10:00:00+02:00"]


def test_a_day_whose_hour_the_clocks_skip_is_told_and_has_no_opening() -> None:
    found = of("every Sunday at 02:00 starting 2027-03-21, 3 times", wanted(time(2)))
    assert [one.why_not for one in found] == [None, "the clocks go forward over 02:00 that day", None]
    assert (found[1].starts_at, found[1].opens_at, found[1].wake_at) == (None, None, None)


def test_a_day_that_the_skipped_hour_leaves_too_short_is_told() -> None:
    (found,) = of("2027-03-28 at 01:00", wanted(time(1), 2))
    assert found.why_not == "the clocks change that day, and no 2 hours in a row are left"


def test_of_an_hour_that_comes_twice_the_first_is_taken() -> None:
    (found,) = of("2027-10-31 at 02:00", wanted(time(2)))
    assert found.starts_at is not None
    assert found.starts_at.astimezone(UTC) == datetime(2027, 10, 31, 0, tzinfo=UTC)


def test_without_an_hour_the_first_of_the_window_counts() -> None:
    one_of_four = replace(wanted(time(2), 4)(date(2027, 3, 28)), hours=1)
    found = of("every Sunday starting 2027-03-28, 2 times", lambda day: replace(one_of_four, target_date=day))
    assert [str(one.starts_at) for one in found] == ["2027-03-28 03:00:00+02:00", "2027-04-04 02:00:00+02:00"]
    (skipped,) = of("2027-03-28", wanted(time(2)))
    assert skipped.why_not == "the clocks change that day, and no hour is left"


def test_today_counts_until_its_last_start_has_passed() -> None:
    at_ten = datetime(2026, 11, 27, 10, tzinfo=AMSTERDAM)
    before, *_ = of("every Friday at 10:00", wanted(time(10), 2), at_ten + timedelta(minutes=59))
    after, *_ = of("every Friday at 10:00", wanted(time(10), 2), at_ten + timedelta(minutes=60))
    assert (before.day, after.day) == (date(2026, 11, 27), date(2026, 12, 4))


@given(recurrences(), DAYS, ZONES, st.integers(1, 3), st.integers(0, 23))
def test_occurrences_are_in_order_and_at_the_wall_time_asked_for_or_told_why_not(
    recurrence: Recurrence, since: date, zone: ZoneInfo, hours: int, hour: int
) -> None:
    start = recurrence.at.replace(minute=0) if recurrence.at else time(hour)
    hours = min(hours, 24 - start.hour)
    at = Recurrence(
        recurrence.start,
        recurrence.rule,
        start if recurrence.at else None,
        recurrence.until,
        recurrence.count,
        recurrence.excluded,
    )
    now = datetime.combine(since, time(12), zone)
    found = occurrences(at, wanted(start, hours, zone), zone, now)
    assert len(found) <= MOST
    assert all(one.day < following.day for one, following in pairwise(found))
    for one in found:
        if one.why_not is not None:
            assert "clocks" in one.why_not
            continue
        assert one.starts_at is not None
        assert one.opens_at is not None
        assert one.starts_at.utcoffset() is not None
        assert (one.starts_at.date(), one.starts_at.time()) == (one.day, start)
        assert one.opens_at == one.starts_at.astimezone(UTC) - timedelta(hours=72)
        assert one.wake_at == one.opens_at - WAKES_AHEAD
    starts = [one.starts_at.astimezone(UTC) for one in found if one.starts_at]
    assert all(one < following for one, following in pairwise(starts))
