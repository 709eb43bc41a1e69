"""What every strategy keeps to, against venues that answer anything."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sniper.core.limits import Limit
from sniper.core.openings import DayOpeningRule
from sniper.core.plan import Standing
from sniper.core.policy import StrategyName
from sniper.core.strategy import Terms, foresee
from tests.core.test_policy_properties import worlds
from tests.core.worlds import DELFT, X1, X3, World, at, before, crew, goal_of, holds, lost, targets


@st.composite
def played(draw: st.DrawFn) -> World:
    """A run that was played to its end with any strategy."""
    world = draw(worlds())
    name = draw(st.sampled_from([n for n in StrategyName if n is not StrategyName.SPARING]))
    world = replace(world, strategy_name=name, owned={}, waves=[], presses=[], given_back=[], before_each=[])
    world.play(most=60 * (len(world.accounts) + 1))  # Who presses against the limits fails in there.
    return world


@settings(max_examples=60, deadline=None)
@given(world=played())
def test_every_run_ends_and_says_what_is_true(world: World) -> None:
    runs = [
        run
        for priority in world.goal.priorities
        for run in world.goal.streaks(priority)
        if all(any(one in world.owned for one in priority.slots_at(start)) for start in run)
    ]
    assert (world.verdict.standing is Standing.REACHED) == bool(runs)


@settings(max_examples=60, deadline=None)
@given(world=played())
def test_every_wave_keeps_the_rules(world: World) -> None:
    for wave, known in zip(world.waves, world.before_each, strict=True):
        assert wave.attempts
        fired = [attempt.account for attempt in wave.attempts]
        assert len(fired) == len(set(fired))
        assert set(fired) <= set(known.accounts)
        begun = Counter((attempt.target.location, attempt.target.instant) for attempt in wave.attempts)
        most = {one.location: one.max_accounts for one in world.goal.priorities}
        assert all(count <= most[location] for (location, _), count in begun.items())
        for attempt in wave.attempts:
            assert 1 <= len(attempt.chain) <= world.attempts_each
            assert len(set(attempt.chain)) == len(attempt.chain)
            assert {one.instant for one in attempt.chain} == {attempt.target.instant}
            openings = set()
            for one in attempt.chain:
                named = world.goal.priority_of(one)
                assert named is not None
                assert one not in known.lost
                assert one.instant > known.now
                assert known.may_book(attempt.account, one, world.limits)
                openings.add(named.opening.opening_of(one))
            assert len(openings) == 1
            assert openings.pop() <= max(wave.opens_at, known.now)


@settings(max_examples=40, deadline=None)
@given(world=played())
def test_no_account_presses_more_often_at_an_opening_than_the_budget_says(world: World) -> None:
    openings = Counter[tuple[str, datetime]]()
    for account, pressed in world.presses:
        priority = world.goal.priority_of(pressed)
        assert priority is not None
        openings[account, priority.opening.opening_of(pressed)] += 1
    assert all(times <= world.attempts_each for times in openings.values())


@settings(max_examples=40, deadline=None)
@given(world=played())
def test_only_what_this_run_won_is_given_back(world: World) -> None:
    assert {held.slot for held in world.given_back}.isdisjoint(held.slot for held in world.already)
    assert all(world.owned.get(held.slot) == held.account for held in world.already)
    assert set(world.strategy.surplus(world.situation())).isdisjoint(world.verdict.streak)


@pytest.mark.parametrize("name", StrategyName)
def test_with_every_wave_won_the_goal_is_reached_at_the_best_location(name: StrategyName) -> None:
    world = World(goal_of(X1, X3), DELFT, crew(6), strategy_name=name)
    found = world.play()
    assert found.standing is Standing.REACHED
    if name is not StrategyName.SPAM:
        assert {held.slot.location for held in found.streak} == {"X1"}
    assert len(world.owned) == 3


@pytest.mark.parametrize("name", StrategyName)
def test_where_nothing_can_be_given_back_nothing_is(name: StrategyName) -> None:
    terms = Terms(goal_of(X1, X3), DELFT, 12, can_give_back=False)
    world = World(goal_of(X1, X3), DELFT, crew(6), strategy_name=name)
    world.strategy = name.on(terms)
    world.play()
    assert world.given_back == []


def test_spam_sends_every_account_to_every_place_each_beginning_with_another() -> None:
    wave = StrategyName.SPAM.on(Terms(goal_of(X1, X3), DELFT, 12)).next_wave(before(4))
    assert targets(wave) == [
        ("a1", "X1 A 13", "lead"),
        ("a2", "X1 B 13", "backup"),
        ("a3", "X3 A 13", "backup"),
        ("a4", "X3 B 13", "backup"),
    ]
    assert wave is not None
    assert {len(attempt.chain) for attempt in wave.attempts} == {4}


def test_spam_deals_accounts_out_to_hours_that_are_open_together() -> None:
    no_limits: tuple[Limit, ...] = ()
    spam = StrategyName.SPAM.on(Terms(goal_of(X1, hours=2, end=15), no_limits, 12))
    assert [target for _, target, _ in targets(spam.next_wave(before(2, now=at(12))))] == [
        "X1 A 13",
        "X1 A 14",
    ]


@pytest.mark.parametrize("name", StrategyName)
@pytest.mark.parametrize("fallback", [None, 2])
def test_nobody_fires_while_a_booking_is_in_doubt_that_would_complete_the_goal(
    name: StrategyName, fallback: int | None
) -> None:
    strategy = name.on(Terms(goal_of(X1, X3, fallback=fallback), DELFT, 12))
    proven = (holds("a1", "X1 A", 13), holds("a2", "X1 A", 14))
    last = holds("a3", "X1 A", 15)
    assert strategy.next_wave(before(6, held=proven, doubtful=(last,))) is None
    assert strategy.next_wave(before(6, held=proven)) is not None


@pytest.mark.parametrize("name", StrategyName)
def test_what_a_booking_in_doubt_may_complete_is_not_given_back(name: StrategyName) -> None:
    strategy = name.on(Terms(goal_of(X1), DELFT, 12))
    gone = lost("X1 A", "X1 B", hours=range(15, 16))
    proven, last = (holds("a1", "X1 A", 13), holds("a2", "X1 A", 14)), holds("a3", "X1 A", 15)
    known = before(3, held=proven, doubtful=(last,), lost=gone)
    assert strategy.surplus(known) == ()


def test_a_fallback_that_a_booking_in_doubt_would_complete_is_waited_for() -> None:
    goal = goal_of(X1, X3, hours=3, end=16, fallback=2)
    gone = lost("X1 A", "X1 B", "X3 A", "X3 B", hours=range(15, 16))
    known = before(6, held=(holds("a1", "X1 A", 13),), doubtful=(holds("a2", "X1 A", 14),), lost=gone)
    for name in (StrategyName.SPARING, StrategyName.DIVIDE_AND_CONQUER):
        assert name.on(Terms(goal, DELFT, 12)).next_wave(known) is None


def test_what_is_foreseen_gives_back_what_a_better_location_makes_needless() -> None:
    optimal = StrategyName.OPTIMAL.on(Terms(goal_of(X1, X3), DELFT, 12))
    waves = foresee(optimal, before(6))
    assert len(waves) == 3


@pytest.mark.parametrize("name", StrategyName)
def test_of_a_day_that_opens_as_a_whole_the_goal_is_reached_by_every_strategy(name: StrategyName) -> None:
    whole_day = replace(X1, opening=DayOpeningRule(7, time(6)))
    world = World(goal_of(whole_day), DELFT, crew(3), strategy_name=name)
    assert world.play().standing is Standing.REACHED
    first = world.waves[0]
    assert first.opens_at == datetime(2026, 11, 17, 5, tzinfo=UTC)
    # The optimal one plans hour after hour, also where they open together (docs/planning.md).
    together = 1 if name is StrategyName.OPTIMAL else 3
    assert len({attempt.target.instant for attempt in first.attempts}) == together
