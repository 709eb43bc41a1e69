"""The page's clock against the site's, and read again shortly before the opening."""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sniper.clock.clock import SystemClock
from sniper.engine.browser.armed import Armed
from sniper.engine.browser.page_clock import PageClock, Reading, calibrate
from tests.engine.benches import SharedBrowser

ms = timedelta(milliseconds=1)
HOUR = timedelta(hours=1)
EARLIER = PageClock(100 * ms, 1 * ms)

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
ways = st.timedeltas(timedelta(0), 50 * ms)


GRAIN = 0.1 * ms
rounded = st.timedeltas(-GRAIN, GRAIN)


def reading(
    there: timedelta, back: timedelta, ahead: timedelta = 100 * ms, wrong: timedelta = 0 * ms
) -> Reading:
    """With what the page's clock is wrong by, for it is told a rounded time."""
    return Reading(NOON, NOON + there + ahead + wrong, NOON + there + back)


@given(st.lists(st.tuples(ways, ways, rounded), min_size=1), st.timedeltas(-3 * HOUR, 3 * HOUR))
def test_the_page_is_never_further_from_where_it_is_taken_to_be_than_the_bound(
    trips: list[tuple[timedelta, timedelta, timedelta]], ahead: timedelta
) -> None:
    found = PageClock.by(reading(there, back, ahead, wrong) for there, back, wrong in trips)
    microsecond = timedelta(microseconds=1)
    assert abs(found.ahead - ahead) <= found.bound + microsecond
    assert found.bound <= min(there + back for there, back, _ in trips) / 2 + GRAIN + microsecond


def test_a_page_slow_to_hear_and_one_slow_to_answer_tell_more_than_the_quickest_of_them() -> None:
    found = PageClock.by([reading(0 * ms, 5 * ms), reading(4 * ms, 0 * ms)])
    assert (found.ahead, found.bound) == (100 * ms, GRAIN)


def test_where_a_clock_was_set_between_two_readings_the_quickest_counts() -> None:
    found = PageClock.by([reading(1 * ms, 1 * ms), reading(2 * ms, 2 * ms, ahead=5000 * ms)])
    assert (found.ahead, found.bound) == (100 * ms, 1 * ms + GRAIN)


@given(
    st.lists(st.tuples(ways, ways, rounded), min_size=1),
    st.timedeltas(-3 * HOUR, 3 * HOUR),
    st.timedeltas(-2 * GRAIN, 2 * GRAIN),
)
@example([(timedelta(0), timedelta(0), GRAIN)], timedelta(0), 2 * GRAIN)
@example([(timedelta(0), timedelta(0), -GRAIN)], timedelta(0), -2 * GRAIN)
def test_what_the_browser_tells_is_believed_where_the_readings_allow_it_and_the_truth_is_within_the_bound(
    trips: list[tuple[timedelta, timedelta, timedelta]], told: timedelta, off: timedelta
) -> None:
    readings = [reading(there, back, 100 * ms, wrong) for there, back, wrong in trips]
    read = PageClock.by(readings)
    right, wrong = PageClock.by(readings, told=100 * ms), PageClock.by(readings, told=told)
    assert right.bound <= min(read.bound, 2 * GRAIN)
    for found in (right, PageClock.by(readings, told=100 * ms + off)):
        assert abs(found.ahead - 100 * ms) <= found.bound + timedelta(microseconds=1)
    assert wrong == read or abs(told - read.ahead) <= read.bound + timedelta(microseconds=1)


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a browser counts by a clock of its own")
def test_a_page_is_read_to_a_fifth_of_a_millisecond_whatever_the_way_to_it_takes(
    shared_browser: SharedBrowser,
) -> None:
    async def check() -> PageClock:
        context = await shared_browser.pool.context(timezone="UTC", locale="en-GB")
        await Armed.install(context)
        page = await context.new_page()
        await page.goto("data:text/html,<!doctype html>")
        found = await calibrate(page, SystemClock())
        await context.close()
        return found

    assert shared_browser.loop.run(check()).bound <= 2 * GRAIN


def test_a_later_reading_of_the_page_is_believed_within_both_bounds() -> None:
    later = PageClock(101.4 * ms, 0.5 * ms)
    assert EARLIER.or_better(later) is later


def test_two_exact_readings_may_have_drifted_apart() -> None:
    first, later = PageClock(100 * ms, 0.2 * ms), PageClock(100.9 * ms, 0.2 * ms)
    assert first.or_better(later) is later
    assert first.or_better(PageClock(101.1 * ms, 0.2 * ms)) is first


@pytest.mark.parametrize("step", [-1000, -1.6, 1.6, 1000])
def test_a_clock_that_was_set_between_two_readings_of_the_page_does_not_move_the_aim(step: float) -> None:
    assert EARLIER.or_better(PageClock(EARLIER.ahead + step * ms, 0.5 * ms)) is EARLIER


def test_a_reading_against_a_clock_in_doubt_does_not_replace_another() -> None:
    assert EARLIER.or_better(PageClock(100 * ms, 0.1 * ms, in_doubt=True)) is EARLIER


def test_a_reading_against_a_clock_in_doubt_is_replaced_when_that_was_measured_again() -> None:
    in_doubt = PageClock(100 * ms, 1 * ms, in_doubt=True)
    later = PageClock(1100 * ms, 1 * ms)
    assert in_doubt.or_better(later) is later
