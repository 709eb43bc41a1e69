"""Who stands by is who the plan itself would send in place of one that leads."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sniper.core.goals import Goal
from sniper.core.plan import Role, Situation, Wave
from sniper.core.policy import StrategyName
from sniper.core.standby import Standby, standbys, successor
from sniper.core.strategy import Terms
from tests.core.worlds import DELFT, X1, X3, before, goal_of

WANTED = goal_of(X1, fallback=2)


def planned(goal: Goal, situation: Situation) -> tuple[Wave, tuple[Standby, ...]]:
    """The next wave, and who stands by in it."""

    def replan(other: Situation) -> Wave | None:
        return StrategyName.SPARING.on(Terms(goal, DELFT, 12)).next_wave(other)

    wave = replan(situation)
    assert wave is not None
    return wave, standbys(wave, situation, replan)


def test_an_account_that_later_hours_need_stands_by_for_the_one_that_leads() -> None:
    wave, found = planned(WANTED, before(3))
    (one,) = found
    assert (one.attempt.account, one.instead_of.account) == ("a2", "a1")
    assert one.attempt.account not in {attempt.account for attempt in wave.attempts}
    assert one.attempt.target == one.instead_of.target


def test_nobody_stands_by_where_everybody_fires() -> None:
    wave, found = planned(goal_of(X1, hours=1), before(3))
    assert len(wave.attempts) == 3
    assert found == ()


def test_nobody_stands_by_where_the_plan_would_go_elsewhere_without_who_leads() -> None:
    # With one account less, only two hours can be had, and these are not accepted.
    assert planned(goal_of(X1), before(3))[1] == ()


@pytest.mark.parametrize(("size", "hours"), [(s, h) for s in range(1, 9) for h in (1, 2, 3) if s >= h])
def test_each_stands_by_for_one_that_leads_the_same_hour_and_only_once(size: int, hours: int) -> None:
    goal = goal_of(X1, X3, hours=hours, fallback=1)
    wave, found = planned(goal, before(size))
    assert len(found) <= sum(attempt.role is Role.LEAD for attempt in wave.attempts)
    names = [one.attempt.account for one in found]
    assert len(set(names)) == len(names)
    assert not {*names} & {attempt.account for attempt in wave.attempts}
    assert all(one.attempt.target.instant == one.instead_of.target.instant for one in found)


def test_who_was_meant_for_it_takes_over_before_others_of_its_hour() -> None:
    _, (one,) = planned(WANTED, before(3))
    other = Standby(
        replace(one.attempt, account="a9"), replace(one.instead_of, account="a8", chain=one.attempt.chain)
    )
    assert successor(one.instead_of, [other, one]) == one
    assert successor(other.instead_of, [one]) == one


def test_nobody_takes_over_for_a_backup_or_at_another_hour() -> None:
    _, (one,) = planned(WANTED, before(3))
    assert successor(replace(one.instead_of, role=Role.BACKUP), [one]) is None
    later = next(slot for slot in X1.slots_at(WANTED.starts(X1)[1]))
    assert successor(replace(one.instead_of, chain=(later,)), [one]) is None
