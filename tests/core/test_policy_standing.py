"""What counts as the goal reached, a fallback had, or all missed."""

from __future__ import annotations

import pytest

from sniper.core.plan import Situation, Standing
from sniper.core.standing import verdict
from tests.core.worlds import X1, X3, before, dividing, goal_of, holds, streak


@pytest.mark.parametrize(
    ("situation", "fallback", "standing", "hours"),
    [
        (streak("X1", 13, 14, 15), None, Standing.REACHED, [13, 14, 15]),
        (streak("X3", 14, 15, 16), None, Standing.REACHED, [14, 15, 16]),
        (streak("X1", 13, 14), 2, Standing.FALLBACK, [13, 14]),
        (streak("X1", 13, 14), None, Standing.MISSED, [13, 14]),
        (streak("X1", 13, 15, 16), 2, Standing.FALLBACK, [15, 16]),
        (streak("X1", 13, 15, 17), 2, Standing.MISSED, [13]),
        (streak("X1", 13), 1, Standing.FALLBACK, [13]),
        (before(3), 1, Standing.MISSED, []),
    ],
)
def test_the_longest_run_at_one_location_counts(
    situation: Situation, fallback: int | None, standing: Standing, hours: list[int]
) -> None:
    found = verdict(goal_of(fallback=fallback), situation)
    assert found.standing is standing
    assert [held.slot.start.hour for held in found.streak] == hours


def test_hours_at_two_locations_are_no_run() -> None:
    known = before(3, held=(holds("a1", "X1 A", 13), holds("a2", "X3 A", 14), holds("a3", "X1 A", 15)))
    assert verdict(goal_of(fallback=2), known).standing is Standing.MISSED


def test_of_equal_runs_the_better_rank_counts() -> None:
    known = before(3, held=(holds("a1", "X3 A", 13), holds("a2", "X1 A", 15)))
    assert verdict(goal_of(X3, X1, fallback=1), known).streak == (holds("a2", "X1 A", 15),)


def test_the_goal_may_be_reached_on_different_sub_locations() -> None:
    known = before(3, held=(holds("a1", "X1 A", 13), holds("a2", "X1 B", 14), holds("a3", "X1 A", 15)))
    assert verdict(goal_of(), known).standing is Standing.REACHED
    assert dividing(goal_of()).next_wave(known) is None
