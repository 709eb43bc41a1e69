"""The optimal strategy against trying everything, and against chance."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest

from sniper.core.goals import Goal
from sniper.core.limits import Limit
from sniper.core.odds import Odds
from sniper.core.optimal import Optimal, induction
from sniper.core.plan import Standing
from sniper.core.policy import StrategyName
from sniper.core.simulation import Simulation
from sniper.core.strategy import Terms
from tests.core.exhaustive import Exhaustive
from tests.core.worlds import DELFT, FITNESS, ONE_A_START, X1, X3, before, goal_of

ONE_PLACE = replace(X1, sub_locations=("X1 A",))
OTHER_PLACE = replace(X3, sub_locations=("X3 A",))
THREE_PLACES = replace(X1, sub_locations=("X1 A", "X1 B", "X1 C"))

GOALS = {
    "one hour at three places": goal_of(THREE_PLACES, hours=1, end=14),
    "two hours": goal_of(X1, hours=2, end=15),
    "two hours of three": goal_of(X1, hours=2, end=16),
    "two hours of three, or one": goal_of(X1, hours=2, end=16, fallback=1),
    "one of two locations": goal_of(ONE_PLACE, OTHER_PLACE, hours=1, end=15),
    "two hours at one of two locations": goal_of(ONE_PLACE, OTHER_PLACE, hours=2, end=15),
    "two hours of three at one of two locations, or one": goal_of(
        ONE_PLACE, OTHER_PLACE, hours=2, end=16, fallback=1
    ),
    "insured by what opens days before": goal_of(ONE_PLACE, FITNESS, hours=2, end=15, fallback=1),
}
ODDS = (Odds(0.3, 0.5, 0), Odds(0.7, 0.9, 0.05), Odds(0.9, 0.3, 0.3))


@pytest.mark.parametrize("odds", ODDS, ids=lambda odds: f"{odds.win}")
@pytest.mark.parametrize("name", GOALS)
def test_nothing_that_can_be_tried_is_better(name: str, odds: Odds) -> None:
    goal = GOALS[name]
    for accounts in (1, 2):
        _same(goal, DELFT, odds, accounts)
    _same(goal, (ONE_A_START,), odds, 2)


@pytest.mark.parametrize("odds", ODDS[:2], ids=lambda odds: f"{odds.win}")
def test_nothing_that_can_be_tried_is_better_where_nothing_is_given_back(odds: Odds) -> None:
    for accounts in (1, 2, 3):
        _same(GOALS["two hours"], DELFT, odds, accounts, can_give_back=False)
    for accounts in (1, 2):
        _same(GOALS["two hours of three, or one"], DELFT, odds, accounts, can_give_back=False)


def _same(
    goal: Goal, limits: tuple[Limit, ...], odds: Odds, accounts: int, *, can_give_back: bool = True
) -> None:
    terms = Terms(goal, limits, 12, odds, can_give_back=can_give_back)
    best = Exhaustive(terms, accounts).best()
    found = Optimal(terms).outlook(before(accounts))
    assert not found.is_bound
    assert (found.goal, found.enough) == pytest.approx(best, abs=1e-6)


@pytest.mark.parametrize("can_give_back", [True, False])
@pytest.mark.parametrize(
    ("goal", "accounts"), [(goal_of(X1), 4), (goal_of(X1, X3, FITNESS, hours=2, end=16, fallback=1), 2)]
)
def test_runs_played_by_chance_end_as_the_odds_say(goal: Goal, accounts: int, can_give_back: bool) -> None:
    terms = Terms(goal, DELFT, 12, Odds(0.5, 0.6, 0.05), can_give_back=can_give_back)
    strategy = Optimal(terms)
    outlook = strategy.outlook(before(accounts))
    runs = 4000
    tally = Simulation(terms, strategy, before(accounts), Random(1)).play(runs)  # noqa: S311
    three_errors = 3 * (0.25 / runs) ** 0.5
    assert tally.share(Standing.REACHED) == pytest.approx(outlook.goal, abs=three_errors)
    assert tally.share(Standing.REACHED, Standing.FALLBACK) == pytest.approx(outlook.enough, abs=three_errors)


def test_no_other_strategy_is_better_in_the_same_runs() -> None:
    terms = Terms(goal_of(X1), DELFT, 12, Odds(0.4, 0.5, 0.02), can_give_back=False)
    reached = {}
    for name in StrategyName:
        tally = Simulation(terms, name.on(terms), before(3), Random(2)).play(2000)  # noqa: S311
        reached[name] = tally.share(Standing.REACHED)
    assert reached[StrategyName.OPTIMAL] == max(reached.values())
    assert reached[StrategyName.OPTIMAL] > reached[StrategyName.DIVIDE_AND_CONQUER] + 0.05


def test_more_accounts_and_slower_rivals_are_never_worse() -> None:
    for can_give_back in (True, False):
        shares = [
            [
                Optimal(Terms(goal_of(X1), DELFT, 12, Odds(win, 0.5, 0.05), can_give_back=can_give_back))
                .outlook(before(accounts))
                .goal
                for accounts in range(7)
            ]
            for win in (0.1, 0.3, 0.5, 0.7, 0.9)
        ]
        assert all(row == sorted(row) for row in shares)
        assert all(list(column) == sorted(column) for column in zip(*shares, strict=True))


def test_where_looking_ahead_is_too_much_the_odds_are_a_bound_and_little_is_lost(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    terms = Terms(goal_of(X1, X3, hours=2, end=16), DELFT, 12, Odds(0.4, 0.5, 0))
    exact = Optimal(terms).outlook(before(3))
    monkeypatch.setattr(induction, "MOST_STEPS", 12)
    strategy = Optimal(terms)
    outlook = strategy.outlook(before(3))
    assert outlook.is_bound
    assert outlook.goal >= exact.goal
    tally = Simulation(terms, strategy, before(3), Random(3)).play(2000)  # noqa: S311
    assert tally.share(Standing.REACHED) == pytest.approx(exact.goal, abs=0.05)
