"""An hour that the site gave to others as well: when another place is tried, and when it is kept as it is."""

from __future__ import annotations

from dataclasses import replace

from sniper.core.doubles import certain, needless, to_plan_from
from sniper.core.plan import Held, Situation, Standing
from sniper.core.policy import StrategyName
from sniper.core.standing import verdict
from sniper.core.strategy import Terms
from tests.core.worlds import DELFT, X1, at, before, goal_of, slot

GOAL = goal_of(X1)
STRATEGY = StrategyName.SPARING.on(Terms(GOAL, DELFT, 12))
FIRST, SECOND, THIRD = (
    Held(f"a{number}", slot("X1 A", hour), str(number)) for number, hour in enumerate((13, 14, 15), 1)
)


def holding(*held: Held, accounts: int = 4, **known: object) -> Situation:
    return before(accounts, now=at(12), held=held, **known)


def planned(situation: Situation, *doubled: Held) -> Situation:
    return to_plan_from(GOAL, DELFT, situation, doubled, can_release=True)


def test_without_doubles_nothing_changes() -> None:
    situation = holding(FIRST, SECOND)
    assert planned(situation) == certain(situation, ()) == situation


def test_a_doubled_hour_is_tried_again_at_another_place_by_another_account() -> None:
    situation = planned(holding(FIRST, SECOND, THIRD), FIRST)
    wave = STRATEGY.next_wave(situation)
    assert wave is not None
    assert {(one.account, one.chain) for one in wave.attempts} == {("a4", (slot("X1 B", 13),))}


def test_the_account_that_has_it_goes_on_having_it() -> None:
    situation = planned(holding(FIRST, accounts=2), FIRST)
    wanted = [slot(place, hour) for place in ("X1 A", "X1 B") for hour in (13, 14)]
    assert not any(situation.may_book("a1", one, DELFT) for one in wanted)


def test_a_doubled_hour_counts_as_ours_where_nothing_better_can_be_had() -> None:
    everything = (FIRST, SECOND, THIRD)
    for situation in (
        holding(*everything, accounts=3, refused=frozenset((f"a{n}", slot("X1 B", 13)) for n in (1, 2, 3))),
        holding(*everything, lost=frozenset({slot("X1 B", 13)})),
        replace(holding(*everything), now=at(13)),
    ):
        assert planned(situation, FIRST) == situation
        assert STRATEGY.next_wave(planned(situation, FIRST)) is None


def test_where_nothing_can_be_given_back_no_account_is_spent_that_another_hour_needs() -> None:
    for accounts, tried_again in ((3, False), (4, True)):
        situation = holding(FIRST, accounts=accounts)
        opened = to_plan_from(goal_of(X1), DELFT, situation, [FIRST], can_release=False)
        assert (opened != situation) is tried_again


def test_a_doubled_hour_never_counts_as_certain() -> None:
    situation = holding(FIRST, SECOND, THIRD, accounts=3)
    assert verdict(GOAL, planned(situation, FIRST)).standing is Standing.REACHED
    assert verdict(GOAL, certain(situation, [FIRST])).standing is Standing.MISSED


def test_when_the_hour_is_ours_for_certain_the_doubled_one_is_given_back_and_not_the_other() -> None:
    sure = Held("a4", slot("X1 B", 13), "4")
    situation = holding(FIRST, SECOND, THIRD, sure)
    assert needless(GOAL, situation, [FIRST]) == (FIRST,)
    assert STRATEGY.surplus(planned(situation, FIRST)) == ()
    assert verdict(GOAL, planned(situation, FIRST)).standing is Standing.REACHED


def test_what_was_held_before_the_run_is_not_given_back_though_it_is_doubled() -> None:
    before_us = replace(FIRST, by_us=False)
    sure = Held("a4", slot("X1 B", 13), "4")
    assert needless(GOAL, holding(before_us, sure), [before_us]) == ()
