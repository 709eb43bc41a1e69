"""The page's clock against the site's, read again shortly before the opening."""

from __future__ import annotations

from datetime import timedelta

import pytest

from sniper.engine.browser.armed import PageClock

ms = timedelta(milliseconds=1)
EARLIER = PageClock(100 * ms, 1 * ms)


def test_a_later_reading_of_the_page_is_believed_within_both_bounds() -> None:
    later = PageClock(101.4 * ms, 0.5 * ms)
    assert EARLIER.or_better(later) is later


@pytest.mark.parametrize("step", [-1000, -1.6, 1.6, 1000])
def test_a_clock_that_was_set_between_two_readings_of_the_page_does_not_move_the_aim(step: float) -> None:
    assert EARLIER.or_better(PageClock(EARLIER.ahead + step * ms, 0.5 * ms)) is EARLIER


def test_a_reading_against_a_clock_in_doubt_does_not_replace_another() -> None:
    assert EARLIER.or_better(PageClock(100 * ms, 0.1 * ms, in_doubt=True)) is EARLIER


def test_a_reading_against_a_clock_in_doubt_is_replaced_when_that_was_measured_again() -> None:
    in_doubt = PageClock(100 * ms, 1 * ms, in_doubt=True)
    later = PageClock(1100 * ms, 1 * ms)
    assert in_doubt.or_better(later) is later
