"""When a slot opens, over both changes of the clocks: 29 March and 25 October 2026 in Amsterdam."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sniper.core.openings import Counted, DayOpeningRule, OpeningRule
from sniper.core.slots import Slot

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
windows = st.timedeltas(timedelta(0), timedelta(days=30))
starts = st.datetimes(
    datetime(2001, 1, 1),  # noqa: DTZ001 (the zone is drawn)
    datetime(2099, 1, 1),  # noqa: DTZ001
    timezones=st.timezones() | st.just(AMSTERDAM),
)


def opening(text: str, hours: float, counted: Counted, fold: int = 0) -> str:
    """The opening of a slot that starts then, on Amsterdam's wall clock."""
    start = datetime.fromisoformat(text).replace(tzinfo=AMSTERDAM, fold=fold)
    rule = OpeningRule(timedelta(hours=hours), counted)
    return rule.opening_of(Slot("X1", "X1 A", start)).astimezone(AMSTERDAM).isoformat()


@pytest.mark.parametrize(
    ("start", "hours", "counted", "opens"),
    [
        ("2026-11-24 13:00", 72, Counted.ELAPSED, "2026-11-21T13:00:00+01:00"),
        ("2026-11-24 13:00", 72, Counted.WALL_CLOCK, "2026-11-21T13:00:00+01:00"),
        # The clocks go back an hour on Sunday 25 October 2026.
        ("2026-10-25 13:00", 72, Counted.ELAPSED, "2026-10-22T14:00:00+02:00"),
        ("2026-10-25 13:00", 72, Counted.WALL_CLOCK, "2026-10-22T13:00:00+02:00"),
        ("2026-10-25 13:00", 168, Counted.ELAPSED, "2026-10-18T14:00:00+02:00"),
        ("2026-10-25 13:00", 168, Counted.WALL_CLOCK, "2026-10-18T13:00:00+02:00"),
        ("2026-10-28 13:00", 72, Counted.ELAPSED, "2026-10-25T13:00:00+01:00"),
        # They go forward an hour on Sunday 29 March 2026.
        ("2026-03-29 13:00", 72, Counted.ELAPSED, "2026-03-26T12:00:00+01:00"),
        ("2026-03-29 13:00", 72, Counted.WALL_CLOCK, "2026-03-26T13:00:00+01:00"),
        ("2026-03-29 13:00", 168, Counted.ELAPSED, "2026-03-22T12:00:00+01:00"),
        ("2026-03-29 13:00", 168, Counted.WALL_CLOCK, "2026-03-22T13:00:00+01:00"),
        ("2026-04-01 13:00", 72, Counted.ELAPSED, "2026-03-29T13:00:00+02:00"),
    ],
)
def test_opening_over_a_change_of_the_clocks(start: str, hours: int, counted: Counted, opens: str) -> None:
    assert opening(start, hours, counted) == opens


def test_opening_in_the_repeated_hour_of_october() -> None:
    assert opening("2026-10-28 02:30", 72, Counted.WALL_CLOCK) == "2026-10-25T02:30:00+02:00"
    assert opening("2026-10-28 02:30", 72, Counted.ELAPSED) == "2026-10-25T02:30:00+01:00"
    assert opening("2026-10-28 01:30", 72, Counted.ELAPSED) == "2026-10-25T02:30:00+02:00"


def test_both_slots_of_the_repeated_hour_have_an_opening_of_their_own() -> None:
    assert opening("2026-10-25 02:30", 72, Counted.ELAPSED, fold=0) == "2026-10-22T02:30:00+02:00"
    assert opening("2026-10-25 02:30", 72, Counted.ELAPSED, fold=1) == "2026-10-22T03:30:00+02:00"


def test_opening_in_the_skipped_hour_of_march_comes_an_hour_later() -> None:
    assert opening("2026-04-01 02:30", 72, Counted.WALL_CLOCK) == "2026-03-29T03:30:00+02:00"
    assert opening("2026-04-01 03:30", 72, Counted.WALL_CLOCK) == "2026-03-29T03:30:00+02:00"


def test_an_opening_that_the_skipped_hour_would_put_after_the_start_is_at_the_start() -> None:
    assert opening("2026-03-29 03:15", 0.5, Counted.WALL_CLOCK) == "2026-03-29T03:15:00+02:00"


@given(start=starts, window=windows)
def test_elapsed_the_opening_is_exactly_the_window_before_the_start(
    start: datetime, window: timedelta
) -> None:
    opens = OpeningRule(window).opening_of(Slot("X1", None, start))
    assert start.astimezone(UTC) - opens == window
    assert opens.tzinfo is UTC


@given(start=starts, window=windows, counted=st.sampled_from(Counted))
@example(datetime(2026, 3, 29, 3, 15, tzinfo=AMSTERDAM), timedelta(minutes=30), Counted.WALL_CLOCK)
@example(datetime(2026, 10, 25, 2, 15, tzinfo=AMSTERDAM, fold=1), timedelta(0), Counted.WALL_CLOCK)
def test_no_slot_opens_after_its_start(start: datetime, window: timedelta, counted: Counted) -> None:
    slot = Slot("X1", None, start)
    assert OpeningRule(window, counted).opening_of(slot) <= slot.instant


def test_a_window_is_never_negative() -> None:
    with pytest.raises(
        ValueError, match="a slot cannot open after its start: before_start is -1 day, 23:00:00"
    ):
        OpeningRule(timedelta(hours=-1))


# -- days that open as a whole


def day_opening(text: str, days: int, at: str, fold: int = 0) -> str:
    """The opening of a slot that starts then, where days open as a whole, on Amsterdam's wall clock."""
    start = datetime.fromisoformat(text).replace(tzinfo=AMSTERDAM, fold=fold)
    rule = DayOpeningRule(days, time.fromisoformat(at))
    return rule.opening_of(Slot("X1", "X1 A", start)).astimezone(AMSTERDAM).isoformat()


@pytest.mark.parametrize(
    ("start", "days", "at", "opens"),
    [
        ("2026-11-24 08:00", 7, "06:00", "2026-11-17T06:00:00+01:00"),
        ("2026-11-24 23:30", 7, "06:00", "2026-11-17T06:00:00+01:00"),
        ("2026-11-24 00:00", 1, "00:00", "2026-11-23T00:00:00+01:00"),
        ("2026-11-24 08:00", 0, "06:00", "2026-11-24T06:00:00+01:00"),
        # The clocks go back an hour on Sunday 25 October 2026, and forward on Sunday 29 March.
        ("2026-10-25 13:00", 7, "06:00", "2026-10-18T06:00:00+02:00"),
        ("2026-11-01 13:00", 7, "06:00", "2026-10-25T06:00:00+01:00"),
        ("2026-03-29 13:00", 7, "06:00", "2026-03-22T06:00:00+01:00"),
        ("2026-04-05 13:00", 7, "06:00", "2026-03-29T06:00:00+02:00"),
    ],
)
def test_a_day_opens_at_its_time_on_the_wall_whatever_the_clocks_do(
    start: str, days: int, at: str, opens: str
) -> None:
    assert day_opening(start, days, at) == opens


def test_a_day_that_opens_in_the_skipped_hour_of_march_opens_an_hour_later() -> None:
    assert day_opening("2026-04-05 13:00", 7, "02:30") == "2026-03-29T03:30:00+02:00"


def test_a_day_that_opens_in_the_repeated_hour_of_october_opens_at_the_first() -> None:
    assert day_opening("2026-11-01 13:00", 7, "02:30") == "2026-10-25T02:30:00+02:00"
    assert day_opening("2026-10-25 02:30", 0, "02:30", fold=1) == "2026-10-25T02:30:00+02:00"


def test_what_starts_before_its_own_day_opens_is_open_from_its_start() -> None:
    assert day_opening("2026-11-24 05:00", 0, "06:00") == "2026-11-24T05:00:00+01:00"


@given(start=starts, days=st.integers(1, 30), at=st.times(), other=st.times())
@example(datetime(2026, 4, 5, 13, tzinfo=AMSTERDAM), 7, time(2, 30), time(0))
@example(datetime(2026, 11, 1, 13, tzinfo=AMSTERDAM), 7, time(2, 30), time(23, 59))
def test_all_slots_of_a_day_open_at_one_instant_which_the_wall_shows_unless_it_skips_it(
    start: datetime, days: int, at: time, other: time
) -> None:
    rule = DayOpeningRule(days, at)
    slot = Slot("X1", None, start)
    opens = rule.opening_of(slot)
    assert opens.tzinfo is UTC
    # A zone that has left out a whole day may bring an opening beyond a start.
    if opens < slot.instant:
        same_day = Slot("X1", None, datetime.combine(start.date(), other, start.tzinfo))
        assert rule.opening_of(same_day) == min(opens, same_day.instant)
        there = opens.astimezone(start.tzinfo)
        wanted = datetime.combine(start.date() - timedelta(days=days), at, start.tzinfo)
        is_there = wanted.astimezone(UTC).astimezone(start.tzinfo).replace(tzinfo=None) == wanted.replace(
            tzinfo=None
        )
        assert (there.replace(tzinfo=None) == wanted.replace(tzinfo=None)) == is_there
        assert there.replace(tzinfo=None) >= wanted.replace(tzinfo=None)


rules = st.builds(OpeningRule, windows, st.sampled_from(Counted)) | st.builds(
    DayOpeningRule, st.integers(0, 30), st.times()
)


@given(start=starts, rule=rules)
def test_no_slot_opens_after_its_start_nor_longer_before_it_than_is_said(
    start: datetime, rule: OpeningRule | DayOpeningRule
) -> None:
    slot = Slot("X1", None, start)
    assert slot.instant - rule.longest <= rule.opening_of(slot) <= slot.instant


def test_rules_say_themselves_in_short() -> None:
    assert str(OpeningRule(timedelta(hours=72))) == "72 h"
    assert str(DayOpeningRule(7, time(6))) == "7 d at 06:00"


def test_a_day_never_opens_after_itself_nor_by_another_zone() -> None:
    with pytest.raises(ValueError, match="a slot cannot open after its day: days_before is -1"):
        DayOpeningRule(-1, time(6))
    with pytest.raises(ValueError, match="has no time zone of its own"):
        DayOpeningRule(7, time(6, tzinfo=UTC))
