"""The policy against venues that answer anything, with hypothesis: small goals, few accounts, all limits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, time, timedelta
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from sniper.core.limits import Limit, Per
from sniper.core.openings import AnyOpeningRule, DayOpeningRule, OpeningRule
from sniper.core.outcomes import Outcome
from sniper.core.plan import Role, Standing
from sniper.core.slots import Slot
from sniper.core.standing import verdict
from sniper.core.strategy import foresee
from sniper.core.streaks import viable_streaks
from tests.core.worlds import (
    DELFT,
    FITNESS,
    LONG_BEFORE,
    ONE_A_LOCATION,
    ONE_A_START,
    X1,
    X3,
    World,
    at,
    crew,
    dividing,
    goal_of,
    holds,
)

LIMITS: tuple[tuple[Limit, ...], ...] = (
    DELFT,
    (),
    (ONE_A_START,),
    (ONE_A_LOCATION,),
    (Limit(2, frozenset({Per.DATE})),),
    (Limit(1, frozenset()),),
    (ONE_A_START, Limit(2, frozenset({Per.DATE, Per.LOCATION}))),
    (Limit(1, frozenset({Per.DATE, Per.SUB_LOCATION})),),
)
ANSWERS = [o for o in Outcome if o not in (Outcome.BOOKED, Outcome.STOOD_DOWN, Outcome.NOT_PRESSED)]
PLACES = ["X1 A", "X1 B", "X3 A", "X3 B", "Fitness"]
OPENINGS: list[AnyOpeningRule] = [
    *(OpeningRule(timedelta(hours=hours)) for hours in (1, 72, 168)),
    DayOpeningRule(3, time(6)),
]


@st.composite
def worlds(draw: st.DrawFn, *, rivals: bool = True) -> World:
    """A small goal, a few accounts, a venue with rivals and moods."""
    chosen = draw(st.lists(st.sampled_from([X1, X3, FITNESS]), min_size=1, max_size=3, unique=True))
    priorities = tuple(
        replace(
            one,
            max_accounts=draw(st.integers(1, 5)),
            sub_locations=draw(st.permutations(one.sub_locations).map(tuple)),
            opening=draw(st.sampled_from(OPENINGS)),
        )
        for one in chosen
    )
    start, hours = draw(st.integers(12, 14)), draw(st.integers(1, 3))
    goal = goal_of(
        *priorities,
        hours=hours,
        start=start,
        end=start + hours + draw(st.integers(0, 2)),
        fallback=draw(st.none() | st.integers(1, hours)),
    )
    accounts = crew(draw(st.integers(1, 5)))
    already = tuple(
        holds(account, place, hour, by_us=False)
        for account, place, hour in draw(
            st.lists(
                st.tuples(st.sampled_from(accounts), st.sampled_from(PLACES), st.integers(12, 17)),
                max_size=2 if rivals else 0,
                unique_by=lambda one: (one[1], one[2]),
            )
        )
    )
    at_once = any(isinstance(one.opening, DayOpeningRule) for one in priorities)
    world = World(
        goal,
        draw(st.sampled_from(LIMITS)),
        accounts,
        now=draw(st.sampled_from([LONG_BEFORE, at(13) - timedelta(hours=50), at(13)])),
        already=already,
        # All hours of a day that opens as a whole are pressed for with the presses of one opening.
        attempts_each=12 if at_once and not rivals else draw(st.integers(1, 5)),
    )
    if rivals:
        world.answers = moods(draw(st.randoms(use_true_random=False)), draw(st.floats(0, 1)))
        cannot = draw(st.booleans())
        world.cancels = lambda held: not (cannot and held.account == "a1")
    return world


def moods(random: Random, luck: float) -> Callable[[str, Slot], Outcome]:
    """A venue where one wins with this probability, and is told anything else otherwise."""

    def answer(_: str, __: Slot) -> Outcome:
        if random.random() < luck:
            return Outcome.BOOKED
        return Outcome.TAKEN if random.random() < 0.7 else random.choice(ANSWERS)

    return answer


@settings(max_examples=60)
@given(world=worlds())
def test_a_run_always_ends_and_says_what_is_true(world: World) -> None:
    slots = 3 * 2 * 5
    found = world.play(most=2 * slots * (len(world.accounts) + 1))
    runs = [
        run
        for priority in world.goal.priorities
        for run in world.goal.streaks(priority)
        if all(any(one in world.owned for one in priority.slots_at(start)) for start in run)
    ]
    assert (found.standing is Standing.REACHED) == bool(runs)
    assert all(world.owned[held.slot] == held.account for held in found.streak)
    if found.standing is Standing.FALLBACK:
        assert world.goal.fallback.consecutive_hours is not None
        assert world.goal.fallback.consecutive_hours <= len(found.streak) < world.goal.hours


@settings(max_examples=60)
@given(world=worlds())
def test_every_wave_keeps_the_rules(world: World) -> None:
    world.play()  # Whoever presses against the limits fails in there.
    for wave, known in zip(world.waves, world.before_each, strict=True):
        leads = [attempt for attempt in wave.attempts if attempt.role is Role.LEAD]
        main = world.goal.priority_of(leads[0].target)
        assert main is not None
        assert len(wave.attempts) <= main.max_accounts
        fired = [attempt.account for attempt in wave.attempts]
        assert len(fired) == len(set(fired))
        assert set(fired) <= set(known.accounts)
        assert len({attempt.target.instant for attempt in leads}) == len(leads)
        for attempt in wave.attempts:
            assert 1 <= len(attempt.chain) <= world.attempts_each
            assert attempt.target.location == main.location
            assert len(set(attempt.chain)) == len(attempt.chain)
            assert {one.instant for one in attempt.chain} == {attempt.target.instant}
            for one in attempt.chain:
                priority = world.goal.priority_of(one)
                assert priority is not None
                assert one not in known.lost
                assert one.instant > known.now
                assert known.may_book(attempt.account, one, world.limits)
                assert priority.opening.opening_of(one) == main.opening.opening_of(attempt.target)
                assert main.opening.opening_of(attempt.target) <= max(wave.opens_at, known.now)


@settings(max_examples=50)
@given(world=worlds())
def test_no_account_presses_more_often_at_an_opening_than_the_budget_says(world: World) -> None:
    world.play()
    openings = Counter[tuple[str, datetime]]()
    for account, pressed in world.presses:
        priority = world.goal.priority_of(pressed)
        assert priority is not None
        openings[account, priority.opening.opening_of(pressed)] += 1
    assert all(times <= world.attempts_each for times in openings.values())


@settings(max_examples=60)
@given(world=worlds())
def test_only_what_this_run_won_is_given_back_and_the_goal_never_suffers(world: World) -> None:
    found = world.play()
    assert {held.slot for held in world.given_back}.isdisjoint(held.slot for held in world.already)
    assert all(world.goal.priority_of(held.slot) for held in world.given_back)
    assert all(world.owned.get(held.slot) == held.account for held in world.already)
    extra = dividing(world.goal, world.limits).surplus(world.situation())
    assert set(extra).isdisjoint(found.streak)


@settings(max_examples=50)
@given(world=worlds())
def test_what_is_given_back_is_said_at_once_and_not_bit_by_bit(world: World) -> None:
    while wave := dividing(world.goal, world.limits, world.attempts_each).next_wave(world.situation()):
        world.now = max(world.now, wave.opens_at)
        world._fire(wave)
        known = world.situation()
        given = dividing(world.goal, world.limits).surplus(known)
        after = replace(known, held=tuple(held for held in known.held if held not in given))
        assert dividing(world.goal, world.limits).surplus(after) == ()
        assert verdict(world.goal, after).standing is verdict(world.goal, known).standing


@settings(max_examples=50)
@given(world=worlds(rivals=False))
def test_with_every_wave_won_the_goal_is_reached_whenever_it_can_be(world: World) -> None:
    possible = any(viable_streaks(world.goal, world.limits, world.situation()))
    foreseen = foresee(dividing(world.goal, world.limits, world.attempts_each), world.situation())
    found = world.play()
    assert (found.standing is Standing.REACHED) == possible
    if possible:
        assert len(found.streak) >= world.goal.hours
        assert len(foreseen) <= world.goal.hours
    if possible and world.limits == DELFT:
        assert len({held.account for held in found.streak}) == len(found.streak)


@settings(max_examples=30)
@given(world=worlds())
def test_what_is_foreseen_begins_with_the_next_wave(world: World) -> None:
    waves = foresee(dividing(world.goal, world.limits, world.attempts_each), world.situation())
    first = dividing(world.goal, world.limits, world.attempts_each).next_wave(world.situation())
    assert (waves[0] if waves else None) == first
