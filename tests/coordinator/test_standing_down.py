"""Who is stood down by whose win, where a wave wants an hour at several locations."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

import pytest

from sniper.core.outcomes import Outcome
from sniper.core.policy import StrategyName
from sniper.events import Tried, WavePlanned
from tests.coordinator.conftest import OPENINGS, Rig
from tests.coordinator.venue_engine import owners

FROM_ONE = {"X1 A 13:00", "X1 A 14:00", "X1 A 15:00"}


def waves(rig: Rig) -> list[tuple[object, set[str]]]:
    """When each wave fires, and at which locations somebody begins."""
    planned = [event.wave for event in rig.events if isinstance(event, WavePlanned)]
    return [(wave.opens_at, {attempt.target.location for attempt in wave.attempts}) for wave in planned]


def stood_down(rig: Rig) -> Collection[str]:
    """Where somebody was."""
    tries = (event.result for event in rig.events if isinstance(event, Tried))
    return [f"{t.slot.place} {t.slot.hour:%H}" for t in tries if t.outcome is Outcome.STOOD_DOWN]


def test_who_is_after_another_location_that_is_wanted_too_is_not_stood_down(rig: Rig) -> None:
    result = rig.run(strategy=StrategyName.OPTIMAL, priorities=rig.priorities[:2])
    assert owners(result.held).keys() == FROM_ONE
    # One wave an opening: nothing is left to be asked for anew that could have been had at the opening.
    assert waves(rig) == [(opening, {"X1", "X3"}) for opening in OPENINGS]
    # But the last win at X1 completes the goal, and nothing worse is wanted any more.
    assert "X3 A 15" in stood_down(rig)


@pytest.mark.parametrize("rival", ["X1 A", "X3 A"])
def test_who_has_lost_its_place_goes_on_to_one_that_is_still_wanted(rig: Rig, rival: str) -> None:
    rig.engine.gone = {(rival, 13)}
    rig.run(strategy=StrategyName.OPTIMAL, priorities=rig.priorities[:2])
    first = [held for held in (*rig.engine.held, *rig.engine.cancelled) if held.slot.hour.hour == 13]
    assert {held.slot.location for held in first} == {"X1", "X3"}
    assert waves(rig)[1][0] == OPENINGS[1]


def test_hours_that_two_accounts_hold_crosswise_are_kept_while_a_third_can_complete_either(rig: Rig) -> None:
    # Who backs up at X3 is there before who leads, and both who hold one o'clock get an hour of the other.
    x1, x3 = rig.priorities[0], replace(rig.priorities[1], max_accounts=2)
    rig.engine.last = {"user2"}
    result = rig.run(strategy=StrategyName.OPTIMAL, priorities=(x1, x3))
    assert owners(result.held) == {"X1 A 13:00": "user1", "X1 A 14:00": "user3", "X1 A 15:00": "user2"}
    given_back = {(held.slot.location, held.slot.hour.hour): held.account for held in rig.engine.cancelled}
    assert given_back == {("X3", 13): "user3", ("X3", 14): "user1"}


def test_where_one_place_stands_for_the_other_a_win_stands_both_down(rig: Rig) -> None:
    rig.run(accounts=6, strategy=StrategyName.DIVIDE_AND_CONQUER)
    places = stood_down(rig)
    assert {"X1 A 13", "X1 B 13"} <= set(places)
    assert {held.slot.location for held in (*rig.engine.held, *rig.engine.cancelled)} == {"X1"}
