"""Whole runs: what wins, losses, stopped accounts and a site out of order come to."""

from __future__ import annotations

from sniper.core.outcomes import Outcome
from sniper.core.plan import Standing
from sniper.core.slots import Slot
from tests.core.worlds import DELFT, World, crew, goal_of


def test_with_every_wave_won_the_goal_takes_as_many_accounts_as_hours() -> None:
    world = World(goal_of(), DELFT, crew(6))
    found = world.play()
    assert found.standing is Standing.REACHED
    assert len({held.account for held in found.streak}) == 3
    assert len(world.waves) == 3


def test_rivals_who_take_x1_leave_x3_to_us() -> None:
    def rivals_at_x1(_: str, target: Slot) -> Outcome:
        return Outcome.TAKEN if target.location == "X1" else Outcome.BOOKED

    found = World(goal_of(), DELFT, crew(3), rivals_at_x1).play()
    assert found.standing is Standing.REACHED
    assert {held.slot.location for held in found.streak} == {"X3"}


def test_an_account_that_is_stopped_is_replaced_by_a_spare_one() -> None:
    def first_is_blocked(account: str, _: Slot) -> Outcome:
        return Outcome.BLOCKED if account == "a1" else Outcome.BOOKED

    world = World(goal_of(), DELFT, crew(4), first_is_blocked)
    assert world.play().standing is Standing.REACHED
    assert [account for account, _ in world.presses].count("a1") == 1


def test_a_site_out_of_order_does_not_keep_the_run_going_for_ever() -> None:
    world = World(goal_of(), DELFT, crew(3), lambda *_: Outcome.MAINTENANCE)
    assert world.play().standing is Standing.MISSED
    assert len(world.presses) == len(set(world.presses))
