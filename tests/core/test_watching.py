"""Which free slots are worth having, and when to look next."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sniper.core.goals import Goal
from sniper.core.plan import Held
from sniper.core.slots import Slot
from sniper.core.watching import (
    KEEN,
    LONGEST_PAUSE,
    Pace,
    is_over,
    next_look,
    next_opening,
    openings,
    pause_after_failures,
    worth_having,
)
from tests.core.worlds import DELFT, FITNESS, X1, X3, at, before, goal_of, holds, slot

AFTER_ALL_OPENINGS = datetime(2026, 11, 23, 12, tzinfo=UTC)
PACE = Pace(timedelta(seconds=45), timedelta(seconds=30))
LAST = datetime(2026, 11, 21, 9, tzinfo=UTC)
LOTS = st.floats(0, 1)


def worth(
    goal: Goal, *free: tuple[str, int], now: datetime = AFTER_ALL_OPENINGS, held: tuple[Held, ...] = ()
) -> list[str]:
    """The places that are worth having: "X1 A 13"."""
    situation = before(3, now=now, held=held)
    slots = [slot(*one) for one in free]
    return [f"{one.place} {one.start:%H}" for one in worth_having(goal, DELFT, situation, slots)]


def test_an_hour_alone_is_worth_nothing_to_who_wants_three() -> None:
    assert worth(goal_of(X1), ("X1 A", 14)) == []
    assert worth(goal_of(X1), ("X1 A", 14), ("X1 B", 15), ("X1 A", 16)) == ["X1 A 14", "X1 B 15", "X1 A 16"]


def test_an_hour_counts_with_those_that_are_held() -> None:
    held = (holds("a1", "X1 A", 13), holds("a2", "X1 B", 15))
    assert worth(goal_of(X1), ("X1 A", 14), ("X1 A", 17), held=held) == ["X1 A 14"]


def test_an_hour_counts_with_those_that_are_still_to_open() -> None:
    # On Saturday at half past one 14:00 and 15:00 have not opened yet.
    half_past_one = datetime(2026, 11, 21, 12, 30, tzinfo=UTC)
    assert worth(goal_of(X1, end=16), ("X1 A", 13), now=half_past_one) == ["X1 A 13"]


def test_what_the_fallback_accepts_is_worth_having_until_it_is_held() -> None:
    goal = goal_of(X1, fallback=1)
    assert worth(goal, ("X1 A", 14)) == ["X1 A 14"]
    assert worth(goal, ("X1 A", 16), held=(holds("a1", "X1 A", 13),)) == []


def test_nothing_is_worth_having_when_the_goal_is_reached() -> None:
    held = tuple(holds(f"a{i}", "X1 A", hour) for i, hour in enumerate((13, 14, 15), 1))
    assert worth(goal_of(X1, X3), *((place, 16) for place in ("X1 A", "X3 A")), held=held) == []


def test_better_ranks_come_first_then_earlier_hours() -> None:
    goal = goal_of(X1, X3, FITNESS, hours=1)
    free = (("Fitness", 13), ("X3 A", 13), ("X1 B", 15), ("X1 A", 15), ("X1 A", 14))
    assert worth(goal, *free) == ["X1 A 14", "X1 A 15", "X1 B 15", "X3 A 13", "Fitness 13"]


def test_what_the_accounts_may_not_hold_is_worth_nothing() -> None:
    # One booking per location and day: three accounts, and each has its hour at X1.
    held = tuple(holds(f"a{i}", "X1 A", hour) for i, hour in enumerate((13, 15, 17), 1))
    assert worth(goal_of(X1, hours=2), ("X1 A", 14), ("X1 B", 16), held=held) == []


def test_what_has_begun_is_worth_nothing() -> None:
    goal = goal_of(X1, hours=1)
    assert worth(goal, ("X1 A", 13), ("X1 A", 14), now=at(13).astimezone(UTC)) == ["X1 A 14"]


@given(st.sets(st.tuples(st.sampled_from(["X1 A", "X1 B", "X3 A"]), st.integers(13, 17))), st.integers(1, 3))
def test_only_free_slots_of_the_goal_are_worth_having_and_each_is_part_of_a_run(
    free: set[tuple[str, int]], hours: int
) -> None:
    goal = goal_of(X1, X3, hours=hours)
    slots = {slot(*one) for one in free}
    found = worth_having(goal, DELFT, before(3, now=AFTER_ALL_OPENINGS), slots)
    assert set(found) <= slots
    for one in found:
        priority = goal.priority_of(one)
        assert priority is not None
        runs = [run for run in goal.streaks(priority) if one.start in run]
        assert any(all(_is_free(slots, one.location, start) for start in run) for run in runs)


def _is_free(free: set[Slot], location: str, start: datetime) -> bool:
    return any(one.location == location and one.instant == start.astimezone(UTC) for one in free)


# -- when to look next


@given(
    LOTS,
    st.lists(st.integers(-600, 600), max_size=4),
    st.integers(1, 300),
    st.floats(1, 5),
)
def test_no_look_is_sooner_than_the_floor_or_much_later_than_usual_once_something_is_open(
    lot: float, around: list[int], floor: int, factor: float
) -> None:
    pace = Pace(timedelta(seconds=floor * factor), timedelta(seconds=floor))
    openings = [LAST + timedelta(seconds=one) for one in around]
    moment = next_look(LAST, pace, openings, lot)
    assert moment - LAST >= pace.floor
    latest = LAST + max(pace.floor, pace.usually * 1.2)
    first = min(openings, default=LAST)
    assert moment <= max(latest, first)


def test_before_anything_is_open_it_is_looked_once_shortly_before_the_first_opening() -> None:
    first, later = LAST + timedelta(days=2), LAST + timedelta(days=2, hours=1)
    before_it = next_look(LAST, PACE, [later, first], 0.5)
    assert before_it == first - PACE.floor
    assert next_look(before_it, PACE, [later, first], 0) == first + timedelta(seconds=1)


def test_looks_are_spread_by_a_fifth() -> None:
    spread = [next_look(LAST, PACE, [], lot) - LAST for lot in (0, 0.5, 1)]
    assert [one.total_seconds() for one in spread] == [36, 45, 54]


def test_it_is_looked_just_after_an_opening_and_often_for_two_minutes() -> None:
    long_ago, opening = LAST - timedelta(hours=1), LAST + timedelta(seconds=40)
    assert next_look(LAST, PACE, [long_ago, opening], 0.5) == opening + timedelta(seconds=1)
    soon_after = next_look(opening, PACE, [opening], 0)
    assert soon_after == opening + PACE.floor
    later = opening + KEEN
    assert next_look(later, PACE, [opening], 0.5) == later + PACE.usually


def test_an_opening_that_is_too_soon_after_a_look_waits_for_the_floor() -> None:
    assert next_look(LAST, PACE, [LAST + timedelta(seconds=5)], 0) == LAST + PACE.floor


@given(LOTS, st.integers(1, 10_000), st.timedeltas(timedelta(0), timedelta(days=3)))
def test_pauses_grow_up_to_a_quarter_of_an_hour_unless_the_site_asks_for_more(
    lot: float, failures: int, asked: timedelta
) -> None:
    pause = pause_after_failures(failures, PACE, asked, lot)
    assert pause >= asked
    assert pause >= PACE.floor
    assert pause <= max(asked, LONGEST_PAUSE * 1.2)
    assert pause_after_failures(failures, PACE, None, lot) <= pause_after_failures(
        failures + 1, PACE, None, lot
    )


def test_a_pace_below_its_floor_is_refused() -> None:
    with pytest.raises(ValueError, match="no faster"):
        Pace(timedelta(seconds=10), timedelta(seconds=30))


def test_the_next_opening_is_the_first_of_all_that_is_asked_for() -> None:
    goal = goal_of(X1, FITNESS)
    assert len(openings(goal)) == 10
    assert next_opening(goal, datetime(2026, 11, 20, tzinfo=UTC)) == datetime(2026, 11, 21, 12, tzinfo=UTC)
    assert next_opening(goal, AFTER_ALL_OPENINGS) is None


def test_the_day_is_over_when_its_last_hour_has_begun() -> None:
    goal = replace(goal_of(X1), hours=1)
    assert not is_over(goal, at(17) - timedelta(seconds=1))
    assert is_over(goal, at(17))
