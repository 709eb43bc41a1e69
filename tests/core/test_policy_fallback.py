"""When fewer hours than were asked for are aimed at, and when they are kept."""

from __future__ import annotations

from dataclasses import replace

from sniper.core.strategy import foresee
from tests.core.worlds import X1, before, dividing, goal_of, lost, streak, targets


def test_a_fallback_of_two_hours_is_aimed_at_when_three_cannot_be_had() -> None:
    known = before(2)
    assert dividing(goal_of(X1)).next_wave(known) is None
    waves = foresee(dividing(goal_of(X1, fallback=2)), known)
    assert [targets(wave)[0][:2] for wave in waves] == [("a1", "X1 A 13"), ("a2", "X1 A 14")]


def test_a_fallback_of_two_hours_is_kept() -> None:
    two_won = replace(streak("X1", 13, 14), lost=lost("X1 A", "X1 B", hours=range(15, 18)))
    goal = goal_of(X1, fallback=2)
    assert dividing(goal).next_wave(two_won) is None
    assert dividing(goal).surplus(two_won) == ()


def test_the_whole_goal_is_tried_before_the_fallback_is_accepted() -> None:
    wave = dividing(goal_of(X1, fallback=2)).next_wave(streak("X1", 13, 14))
    assert targets(wave)[0] == ("a3", "X1 A 15", "lead")
