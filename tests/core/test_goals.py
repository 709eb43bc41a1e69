"""What the person wants: starts, streaks, the fallback."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sniper.core.busy import BusyTime
from sniper.core.goals import Fallback, Goal, Priority, consecutive
from tests.core.worlds import AMSTERDAM, FITNESS, X1, X3, at, goal_of, slot

SPRING, AUTUMN = date(2026, 3, 29), date(2026, 10, 25)


def clocks(moments: tuple[datetime, ...]) -> list[str]:
    """As a wall clock shows them."""
    return [f"{moment:%H:%M}" for moment in moments]


def night(day: date, hours: int = 3) -> Goal:
    """From midnight to six on the day the clocks change."""
    return replace(goal_of(X1, hours=hours, start=0, end=6), target_date=day)


def test_starts_lie_within_the_window_and_the_last_slot_ends_with_it() -> None:
    assert clocks(goal_of().starts(X1)) == ["13:00", "14:00", "15:00", "16:00", "17:00"]


def test_a_window_may_end_at_midnight() -> None:
    assert clocks(goal_of(start=21, end=24).starts(X1)) == ["21:00", "22:00", "23:00"]


def test_slots_start_at_multiples_of_their_length_from_midnight() -> None:
    long = replace(X1, slot_length=timedelta(minutes=90))
    assert clocks(goal_of(start=13, end=18).starts(long)) == ["13:30", "15:00", "16:30"]


def test_streaks_are_runs_of_hours_earliest_first() -> None:
    assert [clocks(run) for run in goal_of(end=17).streaks(X1)] == [
        ["13:00", "14:00", "15:00"],
        ["14:00", "15:00", "16:00"],
    ]


def test_no_slot_starts_in_the_hour_the_clocks_skip() -> None:
    assert clocks(night(SPRING).starts(X1)) == ["00:00", "01:00", "03:00", "04:00", "05:00"]


def test_the_hours_around_the_skipped_one_follow_each_other() -> None:
    assert clocks(night(SPRING).streaks(X1)[0]) == ["00:00", "01:00", "03:00"]


def test_hours_with_the_repeated_one_between_them_do_not_follow_each_other() -> None:
    assert [clocks(run) for run in night(AUTUMN).streaks(X1)] == [
        ["00:00", "01:00", "02:00"],
        ["03:00", "04:00", "05:00"],
    ]


def busy(start: str, end: str) -> BusyTime:
    """On the day of the goal, on the wall of the site."""
    day = goal_of().target_date
    begins, ends = (datetime.combine(day, time.fromisoformat(one), AMSTERDAM) for one in (start, end))
    return BusyTime(begins, ends)


def test_no_slot_is_asked_for_that_overlaps_a_busy_time() -> None:
    goal = replace(goal_of(), busy=(busy("14:30", "15:30"),))
    assert clocks(goal.starts(X1)) == ["13:00", "16:00", "17:00"]
    assert goal.streaks(X1) == ()
    assert goal.priority_of(slot("X1 A", 14)) is None
    assert goal.slots_opening_at(X1.opening.opening_of(slot("X1 A", 14))) == ()


def test_what_ends_when_a_slot_begins_and_begins_when_it_ends_is_no_hindrance() -> None:
    goal = replace(goal_of(), busy=(busy("12:00", "14:00"), busy("17:00", "18:00")))
    assert clocks(goal.starts(X1)) == ["14:00", "15:00", "16:00"]


def test_a_busy_time_counts_as_an_instant_wherever_it_was_written() -> None:
    elsewhere = BusyTime(at(14).astimezone(UTC), at(15).astimezone(UTC))
    assert clocks(replace(goal_of(), busy=(elsewhere,)).starts(X1)) == ["13:00", "15:00", "16:00", "17:00"]


@given(
    day=st.dates(date(2026, 1, 1), date(2027, 12, 31)) | st.sampled_from([SPRING, AUTUMN]),
    start=st.integers(0, 23),
    length=st.integers(1, 24),
    minutes=st.sampled_from([30, 45, 60, 90]),
    hours=st.integers(1, 5),
)
def test_every_streak_is_made_of_starts_of_the_window_a_slot_apart(
    day: date, start: int, length: int, minutes: int, hours: int
) -> None:
    priority = replace(X1, slot_length=timedelta(minutes=minutes))
    end = min(start + length, 24)
    goal = replace(goal_of(priority, hours=hours, start=start, end=end), target_date=day)
    starts = goal.starts(priority)
    for moment in starts:
        assert moment.date() == day
        assert moment.time() >= goal.window_start
        assert moment.astimezone(UTC).astimezone(AMSTERDAM).time() == moment.time()
        assert moment.replace(tzinfo=None) + priority.slot_length <= datetime.combine(
            day, time()
        ) + timedelta(hours=end)
    for run in goal.streaks(priority):
        assert len(run) == hours
        assert set(run) <= set(starts)
        instants = [moment.astimezone(UTC) for moment in run]
        assert all(later - earlier == priority.slot_length for earlier, later in pairwise(instants))


def test_one_hour_always_follows_itself() -> None:
    assert consecutive((at(13),), timedelta(hours=1))
    assert not consecutive((at(13), at(15)), timedelta(hours=1))


@pytest.mark.parametrize(
    ("place", "hour", "expected"),
    [
        ("X1 A", 13, X1),
        ("X3 B", 17, X3),
        ("X1 C", 13, None),
        ("X1", 13, None),
        ("X1 A", 12, None),
        ("X1 A", 18, None),
        ("Fitness", 13, None),
    ],
)
def test_a_slot_belongs_to_the_priority_that_names_its_place_within_the_window(
    place: str, hour: int, expected: Priority | None
) -> None:
    assert goal_of(X1, X3).priority_of(slot(place, hour)) is expected


def test_a_slot_of_another_day_belongs_to_no_priority() -> None:
    tomorrow = replace(goal_of(), target_date=date(2026, 11, 25))
    assert tomorrow.priority_of(slot("X1 A", 13)) is None


def test_a_location_without_sub_locations_is_one_place() -> None:
    assert FITNESS.slots_at(at(13)) == (slot("Fitness", 13),)
    assert X1.slots_at(at(13)) == (slot("X1 A", 13), slot("X1 B", 13))


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("none", None),
        ("any_hours", 1),
        ("accept_1_consecutive_hour", 1),
        ("accept_1_consecutive_hours", 1),
        ("accept_2_consecutive_hours", 2),
        ("accept_12_consecutive_hours", 12),
    ],
)
def test_the_fallback_is_read_from_its_name(text: str, hours: int | None) -> None:
    assert Fallback.parse(text) == Fallback(hours)


@pytest.mark.parametrize("text", ["", "None", "accept_0_consecutive_hours", "accept_2_hours", "accept_two"])
def test_another_fallback_is_refused_with_the_ones_there_are(text: str) -> None:
    with pytest.raises(ValueError, match=r"use none, any_hours or accept_N_consecutive_hours") as refused:
        Fallback.parse(text)
    assert repr(text) in str(refused.value)
