"""What is held of hours in a row that can still be completed is kept, whoever presses first."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import permutations
from random import Random

from hypothesis import example, given, settings
from hypothesis import strategies as st

from sniper.core.goals import Priority
from sniper.core.limits import allowed
from sniper.core.odds import Odds
from sniper.core.optimal import Optimal
from sniper.core.outcomes import Outcome
from sniper.core.plan import Held, Situation, Standing
from sniper.core.policy import StrategyName
from sniper.core.slots import Slot
from sniper.core.standing import verdict
from sniper.core.strategy import Terms
from tests.core.worlds import DELFT, X1, X3, World, at, before, crew, goal_of, holds, lost, slot

GOAL = goal_of(X1, X3, fallback=2)
PLACES = ["X1 A", "X1 B", "X3 A", "X3 B"]


def crossed(accounts: int) -> Situation:
    """Two accounts hold two hours at either location, so that neither may have a third hour at one."""
    held = (("a1", "X1 A", 13), ("a2", "X3 A", 13), ("a2", "X1 A", 14), ("a1", "X3 A", 14))
    return replace(
        before(accounts, held=tuple(holds(*one) for one in held), lost=lost(*PLACES, hours=range(13, 15))),
        now=at(15) - timedelta(hours=72, minutes=1),
    )


@st.composite
def under_way(draw: st.DrawFn) -> Situation:
    """Of the first two hours, some were won at either location, by whomever; of the others, some are gone."""
    accounts = crew(draw(st.integers(1, 4)))
    held: list[Held] = []
    for place, hour in ((place, hour) for hour in (13, 14) for place in ("X1 A", "X3 A")):
        one = slot(place, hour)
        able = [a for a in accounts if allowed(DELFT, [h.slot for h in held if h.account == a], one)]
        if account := draw(st.sampled_from([None, *able])):
            held.append(holds(account, place, hour))
    there = draw(st.lists(st.sampled_from(accounts), unique=True).map(sorted))
    later = [slot(place, hour) for hour in (15, 16, 17) for place in PLACES]
    gone = lost(*PLACES, hours=range(13, 15)) | draw(st.frozensets(st.sampled_from(later)))
    return replace(crossed(4), accounts=tuple(there), held=tuple(held), lost=gone)


def can_be_completed(known: Situation, priority: Priority, one: Slot) -> bool:
    """Can these accounts get all that a streak with this hour lacks?"""
    for streak in GOAL.streaks(priority):
        if one.start not in streak:
            continue
        ours = {held.slot.start for held in known.held if held.slot.location == priority.location}
        lacking = [priority.slots_at(start) for start in streak if start not in ours]
        free = [[place for place in places if place not in known.lost] for places in lacking]
        if all(free) and any(
            all(known.may_book(a, places[0], DELFT) for a, places in zip(team, free, strict=True))
            for team in permutations(known.accounts, len(free))
        ):
            return True
    return False


@settings(max_examples=150, deadline=None)
@example(crossed(3), 0.5)
@example(crossed(4), 0.9)
@given(known=under_way(), win=st.sampled_from((0.1, 0.5, 0.9)))
def test_no_hour_of_a_run_that_can_be_completed_is_given_back(known: Situation, win: float) -> None:
    strategy = Optimal(Terms(GOAL, DELFT, 12, Odds(win, 0.5, 0.02)))
    given_back = strategy.surplus(known)
    if verdict(GOAL, known).standing is not Standing.REACHED:
        assert [h for h in given_back if can_be_completed(known, named(h), h.slot)] == []


def named(held: Held) -> Priority:
    """Of what location it is."""
    priority = GOAL.priority_of(held.slot)
    assert priority is not None
    return priority


def in_time(world: World, one: Slot) -> Outcome:
    """Rivals take what is left soon after each opening."""
    opening = THE_FIRST.opening.opening_of(one)
    return Outcome.BOOKED if world.now <= opening else Outcome.TAKEN


THE_FIRST = replace(X1, max_accounts=3)
THE_SECOND = replace(X3, max_accounts=2)


def raced(accounts: int, chance: Random) -> World:
    """A run in which any of ours may press first, and press before it hears that it need not."""
    world = World(
        goal_of(THE_FIRST, THE_SECOND, fallback=2),
        DELFT,
        crew(accounts),
        strategy_name=StrategyName.OPTIMAL,
        turn=chance.choice,
        hears=lambda _: chance.random() < 0.5,
    )
    world.answers = lambda _, one: in_time(world, one)
    world.play()
    return world


@settings(max_examples=60, deadline=None)
@given(accounts=st.integers(3, 4), chance=st.randoms(use_true_random=False))
def test_who_wins_every_hour_has_the_first_ones_whoever_presses_first(accounts: int, chance: Random) -> None:
    world = raced(accounts, chance)
    assert sorted((one.place[:2], one.hour.hour) for one in world.owned) == [
        ("X1", 13),
        ("X1", 14),
        ("X1", 15),
    ]
