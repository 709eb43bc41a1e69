"""When fewer hours than were asked for are aimed at, and when they are kept."""

from __future__ import annotations

from dataclasses import replace

from sniper.core.policy import foresee, next_wave, surplus
from tests.core.worlds import DELFT, X1, before, goal_of, lost, streak, targets


def test_a_fallback_of_two_hours_is_aimed_at_when_three_cannot_be_had() -> None:
    known = before(2)
    assert next_wave(goal_of(X1), DELFT, known, 12) is None
    waves = foresee(goal_of(X1, fallback=2), DELFT, known, 12)
    assert [targets(wave)[0][:2] for wave in waves] == [("a1", "X1 A 13"), ("a2", "X1 A 14")]


def test_a_fallback_of_two_hours_is_kept() -> None:
    two_won = replace(streak("X1", 13, 14), lost=lost("X1 A", "X1 B", hours=range(15, 18)))
    goal = goal_of(X1, fallback=2)
    assert next_wave(goal, DELFT, two_won, 12) is None
    assert surplus(goal, DELFT, two_won) == ()


def test_the_whole_goal_is_tried_before_the_fallback_is_accepted() -> None:
    wave = next_wave(goal_of(X1, fallback=2), DELFT, streak("X1", 13, 14), 12)
    assert targets(wave)[0] == ("a3", "X1 A 15", "lead")
