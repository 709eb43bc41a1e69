"""Sites that open later than they announce, and when a slot that was too early is tried again there."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from math import inf

from hypothesis import given
from hypothesis import strategies as st

from sniper.core.censored import Between
from sniper.core.late import Lateness, known_lateness, retry_pause

MS = timedelta(milliseconds=1)
FIRST = datetime(2026, 11, 1, 12, tzinfo=UTC)
NOTHING = timedelta(0)


def openings(*late: Between, location: str = "X1") -> dict[tuple[str, datetime], Between]:
    """One a day."""
    return {(location, FIRST + timedelta(days=day)): one for day, one in enumerate(late)}


def lateness(least: float, most: float) -> Lateness:
    return Lateness(12, least * MS, most * MS)


def test_a_site_that_was_late_each_time_is_known_to_be() -> None:
    told = openings(*[Between(0.38, 0.41)] * 4, Between(0.36, 0.4))
    # What all of them allow, if it is the same each time.
    assert known_lateness(told, ["X1"]) == Lateness(5, 380 * MS, 400 * MS)


def test_a_site_that_is_late_by_more_and_less_is_known_by_the_least_and_the_most() -> None:
    told = openings(*[Between(0.38, 0.41)] * 4, Between(0.7, 0.8))
    assert known_lateness(told, ["X1"]) == Lateness(5, 380 * MS, 800 * MS)


def test_one_opening_in_time_or_not_seen_to_be_late_is_enough_to_expect_nothing() -> None:
    late = [Between(0.38, 0.41)] * 5
    assert known_lateness(openings(*late, Between(-inf, 0.05)), ["X1"]) is None
    assert known_lateness(openings(*late, Between(0, 0.41)), ["X1"]) is None


def test_few_openings_and_those_of_other_locations_tell_nothing() -> None:
    late = [Between(0.38, 0.41)] * 5
    assert known_lateness(openings(*late[:4]), ["X1"]) is None
    assert known_lateness(openings(*late, location="X3"), ["X1"]) is None


def test_a_site_that_was_mended_is_believed_after_twelve_openings() -> None:
    told = openings(*[Between(-inf, 0.05)] * 3, *[Between(0.38, 0.41)] * 12)
    assert known_lateness(told, ["X1"]) == Lateness(12, 380 * MS, 410 * MS)


def test_the_next_try_reaches_the_site_when_it_has_always_been_open() -> None:
    pause = retry_pause(250 * MS, 5000 * MS, lateness(380, 410), 20 * MS)
    # It leaves 400 ms after the opening: 10 ms later it is there.
    assert pause == 380 * MS


def test_a_site_that_is_very_late_is_tried_as_often_as_usual_and_just_then() -> None:
    pause = retry_pause(250 * MS, 5000 * MS, lateness(800, 900), NOTHING)
    assert pause == 300 * MS


def test_where_the_usual_pause_is_as_good_nothing_changes() -> None:
    assert retry_pause(250 * MS, 5000 * MS, lateness(480, 500), NOTHING) is None
    assert retry_pause(250 * MS, 5000 * MS, lateness(40, 100), NOTHING) is None


def test_where_it_is_known_no_better_than_the_usual_pause_tries_it_nothing_changes() -> None:
    assert retry_pause(250 * MS, 5000 * MS, lateness(344, 644), NOTHING) is None


def test_a_site_that_is_later_than_the_profile_tries_changes_nothing() -> None:
    assert retry_pause(250 * MS, 5000 * MS, lateness(5900, 6000), NOTHING) is None


@given(st.integers(10, 2000), st.integers(1, 10_000), st.integers(1, 10_000), st.integers(0, 500))
def test_no_try_is_sooner_than_usual_and_one_reaches_the_site_at_the_latest_opening_seen(
    usual: int, within: int, most: int, round_trip: int
) -> None:
    pause = retry_pause(usual * MS, within * MS, lateness(most - usual / 2, most), round_trip * MS)
    if pause is None:
        return
    assert pause > usual * MS
    period = pause + round_trip * MS
    arrivals = [period * n + round_trip * MS / 2 for n in range(1, 2000)]
    assert min(abs(one - most * MS) for one in arrivals) < MS
    usual_period = usual * MS + round_trip * MS
    assert period <= max(2 * usual_period, most * MS)
