"""What the optimal strategy does, case by case."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sniper.core.goals import Goal
from sniper.core.limits import Limit
from sniper.core.odds import Odds
from sniper.core.optimal import Optimal
from sniper.core.plan import Wave
from sniper.core.strategy import Terms, foresee
from tests.core.worlds import DELFT, FITNESS, X1, X3, at, before, goal_of, holds, leads, lost, slot, targets

ODDS = Odds(0.5, 0.5, 0)


def optimal(goal: Goal, **more: object) -> Optimal:
    return Optimal(replace(Terms(goal, DELFT, 12, ODDS), **more))  # type: ignore[arg-type]


def fired(wave: Wave | None) -> list[str]:
    """The places that somebody begins with."""
    return [f"{account} {target}" for account, target, _ in targets(wave)]


def test_where_nothing_is_given_back_accounts_that_later_hours_need_are_spared() -> None:
    wave = optimal(goal_of(X1), can_give_back=False).next_wave(before(3))
    assert fired(wave) == ["a1 X1 A 13"]
    wave = optimal(goal_of(X1), can_give_back=False).next_wave(before(6))
    assert fired(wave) == ["a1 X1 A 13", "a2 X1 B 13"]


def test_where_bookings_are_given_back_all_places_are_tried_at_once() -> None:
    wave = optimal(goal_of(X1)).next_wave(before(3))
    assert fired(wave) == ["a1 X1 A 13", "a2 X1 B 13"]


def test_no_more_accounts_fire_than_are_of_use() -> None:
    assert len(fired(optimal(goal_of(X1)).next_wave(before(20)))) == 2
    backed_up = optimal(goal_of(X1), odds=replace(ODDS, account_failure=0.02))
    assert len(fired(backed_up.next_wave(before(20)))) == 4


def test_no_more_accounts_fire_than_the_person_allows() -> None:
    few = replace(X1, max_accounts=1)
    assert fired(optimal(goal_of(few)).next_wave(before(9))) == ["a1 X1 A 13"]


def test_a_chain_is_no_longer_than_the_budget() -> None:
    wave = optimal(goal_of(X1, X3), attempts_each=1).next_wave(before(3))
    assert wave is not None
    assert {len(attempt.chain) for attempt in wave.attempts} == {1}


def test_who_has_pressed_at_an_opening_has_less_left() -> None:
    known = before(1, presses={("a1", slot("X1 A", 13)): 11})
    wave = optimal(goal_of(X1, hours=1)).next_wave(known)
    assert wave is not None
    assert wave.attempts[0].chain == (slot("X1 A", 13),)


def test_what_opens_days_before_is_held_as_insurance_and_given_back_for_something_better() -> None:
    goal = goal_of(X1, FITNESS)
    strategy = optimal(goal)
    assert leads(strategy.next_wave(before(3))) == [("a1", "Fitness 13")]
    fitness = tuple(holds(f"a{i}", "Fitness", hour) for i, hour in enumerate((13, 14, 15), 1))
    insured = before(6, now=at(11).replace(day=21), held=fitness)
    assert strategy.surplus(insured) == ()
    wave = strategy.next_wave(insured)
    assert {target.split()[0] for _, target, _ in targets(wave)} == {"X1"}
    better = tuple(holds(f"a{i}", "X1 A", hour) for i, hour in enumerate((13, 14, 15), 4))
    done = replace(insured, held=(*fitness, *better))
    assert strategy.next_wave(done) is None
    assert set(strategy.surplus(done)) == set(fitness)


def test_what_is_held_as_insurance_stays_when_nothing_better_is_left() -> None:
    fitness = tuple(holds(f"a{i}", "Fitness", hour) for i, hour in enumerate((13, 14, 15), 1))
    known = before(6, held=fitness, lost=lost("X1 A", "X1 B"))
    assert optimal(goal_of(X1, FITNESS)).next_wave(known) is None
    assert optimal(goal_of(X1, FITNESS)).surplus(known) == ()


def beside(wave: Wave | None) -> set[str]:
    """`X1 13 > X3`: where X1 has been won at 13, X3 is wanted at that hour too."""
    assert wave is not None
    starts = {one.instant: f"{one.start:%H}" for attempt in wave.attempts for one in attempt.chain}
    return {f"{won} {starts[at_once]} > {other}" for (won, at_once), (other, _) in wave.beside}


def test_as_insurance_an_hour_is_wanted_at_each_location_whoever_wins_it_first() -> None:
    assert beside(optimal(goal_of(X1, X3)).next_wave(before(3))) == {"X1 13 > X3", "X3 13 > X1"}


def test_of_hours_that_go_together_the_later_are_wanted_as_if_the_earlier_had_been_won() -> None:
    goal = goal_of(X1, X3, hours=3, start=13, end=16)
    wave = optimal(goal).next_wave(before(6, now=at(14).replace(day=23)))
    assert wave is not None
    hours = {attempt.target.start.hour for attempt in wave.attempts}
    assert len(hours) > 1
    assert beside(wave) == {f"{a} {hour} > {b}" for hour in hours for a, b in (("X1", "X3"), ("X3", "X1"))}


def test_a_win_that_completes_the_goal_leaves_only_better_locations_to_be_wanted() -> None:
    known = before(4, held=(holds("a1", "X1 A", 13), holds("a2", "X3 A", 13)))
    wave = optimal(goal_of(X1, X3, hours=2)).next_wave(known)
    assert {place.split()[0] for _, place, _ in targets(wave)} == {"X1", "X3"}
    assert beside(wave) == {"X3 14 > X1"}


@pytest.mark.parametrize("terms", [{"insurance": False}, {"can_give_back": False}])
def test_without_insurance_one_win_of_an_hour_is_enough_wherever_it_is(terms: dict[str, bool]) -> None:
    wave = optimal(goal_of(X1, X3, hours=1, start=13, end=14), **terms).next_wave(before(2))
    assert {one.location for attempt in (wave.attempts if wave else ()) for one in attempt.chain} == {
        "X1",
        "X3",
    }
    assert beside(wave) == set()


def test_what_can_become_part_of_nothing_is_not_wanted_beside_a_win() -> None:
    # X3 has only two hours left in a row; the goal wants three.
    wave = optimal(goal_of(X1, X3)).next_wave(before(3, lost=lost("X3 A", "X3 B", hours=range(15, 16))))
    assert "X1 13 > X3" not in beside(wave)


def test_without_insurance_nothing_worse_is_fired_at_while_something_better_can_be_had() -> None:
    for how in ({"insurance": False}, {"can_give_back": False}):
        strategy = optimal(goal_of(X1, FITNESS), **how)
        assert leads(strategy.next_wave(before(3))) == [("a1", "X1 A 13")]
        gone = before(3, lost=lost("X1 A", "X1 B"))
        assert leads(strategy.next_wave(gone)) == [("a1", "Fitness 13")]
        waves = foresee(strategy, before(3))
        assert {one.location for wave in waves for a in wave.attempts for one in a.chain} == {"X1"}


def test_without_insurance_a_worse_location_comes_last_in_the_chain_of_an_hour_that_decides() -> None:
    wave = optimal(goal_of(X1, X3, end=16), insurance=False).next_wave(before(3))
    assert wave is not None
    assert all(one.location == "X1" for a in wave.attempts for one in a.chain[:2])


def test_what_is_in_doubt_is_not_fired_at_by_others() -> None:
    doubtful = (holds("a1", "X1 A", 13),)
    wave = optimal(goal_of(X1)).next_wave(before(4, doubtful=doubtful))
    assert leads(wave) == [("a2", "X1 A 14")]


def test_an_hour_that_is_of_no_use_any_more_is_given_back_at_once() -> None:
    known = before(4, held=(holds("a1", "X1 A", 13),), lost=lost("X1 A", "X1 B", hours=range(14, 15)))
    assert optimal(goal_of(X1)).surplus(known) == (holds("a1", "X1 A", 13),)
    assert optimal(goal_of(X1, fallback=1)).surplus(known) == ()
    assert optimal(goal_of(X1), can_give_back=False).surplus(known) == ()


def test_of_two_bookings_of_one_hour_the_second_is_given_back() -> None:
    known = before(6, held=(holds("a1", "X1 A", 13), holds("a4", "X1 B", 13)))
    assert optimal(goal_of()).surplus(known) == (holds("a4", "X1 B", 13),)


def test_what_was_there_before_the_run_counts_and_stays() -> None:
    before_us = holds("a9", "X1 B", 14, by_us=False)
    waves = foresee(optimal(goal_of(X1)), before(3, held=(before_us,)))
    assert [leads(wave) for wave in waves] == [[("a1", "X1 A 13")], [("a2", "X1 A 15")]]
    gone = before(3, held=(before_us,), lost=lost("X1 A", "X1 B"))
    assert optimal(goal_of(X1)).surplus(gone) == ()


def test_what_is_open_already_goes_together_where_there_are_accounts_enough() -> None:
    wave = optimal(goal_of(X1)).next_wave(before(9, now=at(12)))
    assert wave is not None
    assert len({attempt.target.start for attempt in wave.attempts}) > 1
    assert len({attempt.account for attempt in wave.attempts}) == len(wave.attempts)


def test_nothing_is_planned_without_accounts_or_after_the_day() -> None:
    assert optimal(goal_of()).next_wave(before(0)) is None
    assert optimal(goal_of()).next_wave(before(3, now=at(23))) is None


def test_where_several_can_have_a_slot_and_nothing_is_given_back_nobody_backs_up() -> None:
    roomy = replace(FITNESS, capacity=5)
    wave = optimal(goal_of(roomy, hours=2, end=15), can_give_back=False, odds=Odds(0.9, 0.5, 0.1)).next_wave(
        before(4)
    )
    assert fired(wave) == ["a1 Fitness 13"]


def test_the_reason_tells_the_odds() -> None:
    wave = optimal(goal_of(X1)).next_wave(before(3))
    assert wave is not None
    assert wave.reason == "X1 13:00 with 2 of 3 accounts; the goal is reached with 53%"


SIX = replace(X1, sub_locations=tuple(f"X1 {name}" for name in "ABCDEF"), max_accounts=20)


@pytest.mark.parametrize(("can_give_back", "states", "steps"), [(True, 25, 150), (False, 320, 1800)])
@pytest.mark.parametrize(("account_failure", "lotteries"), [(0, 32), (0.02, 130), (0.1, 220)])
def test_little_is_looked_at_for_a_large_plan(
    can_give_back: bool, states: int, steps: int, account_failure: float, lotteries: int
) -> None:
    for hours in (2, 3, 4):
        odds = replace(ODDS, account_failure=account_failure)
        strategy = optimal(
            goal_of(SIX, hours=hours, start=11, end=19), odds=odds, can_give_back=can_give_back
        )
        assert strategy.next_wave(before(20)) is not None
        effort = strategy.effort
        assert effort.states <= states
        assert effort.steps <= steps
        assert effort.lotteries <= lotteries


def test_accounts_that_are_too_many_to_be_of_use_make_no_work() -> None:
    efforts = []
    for accounts in (18, 40):
        strategy = optimal(goal_of(SIX, start=11, end=19), odds=replace(ODDS, account_failure=0.02))
        strategy.next_wave(before(accounts))
        efforts.append(strategy.effort)
    assert efforts[0] == efforts[1]


def test_what_was_found_out_about_waves_serves_other_goals() -> None:
    first = optimal(goal_of(SIX, start=11, end=19))
    first.next_wave(before(20))
    known = first.effort.lotteries
    wider = Optimal(replace(first.terms, goal=goal_of(SIX, start=10, end=20)), first)
    alone = Optimal(wider.terms)
    assert wider.next_wave(before(20)) == alone.next_wave(before(20))
    assert wider.outlook(before(20)) == alone.outlook(before(20))
    assert wider.effort.lotteries == known


def test_an_account_that_may_not_book_the_first_place_begins_with_another() -> None:
    refused = frozenset(("a1", slot("X1 A", hour)) for hour in range(13, 18))
    wave = optimal(goal_of(X1, hours=1)).next_wave(before(1, refused=refused))
    assert fired(wave) == ["a1 X1 B 13"]


def test_who_backs_up_falls_through_further_than_its_lead_where_it_may() -> None:
    one, other = replace(X1, sub_locations=("X1 A",)), replace(X3, sub_locations=("X3 A",))
    held = (holds("a1", "X1 A", 13), holds("a2", "X3 A", 13))
    known = before(3, now=at(13).replace(day=21), held=held)
    wave = optimal(goal_of(one, other, hours=2, end=15), odds=replace(ODDS, account_failure=0.1)).next_wave(
        known
    )
    assert wave is not None
    chains = {attempt.account: [one.place for one in attempt.chain] for attempt in wave.attempts}
    assert chains["a1"] == ["X3 A"]
    assert chains["a2"] == ["X1 A"]
    assert sorted(chains["a3"]) == ["X1 A", "X3 A"]


def test_hours_of_another_location_are_given_back_where_more_can_be_reached_without_them() -> None:
    one, other = replace(X1, sub_locations=("X1 A",)), replace(X3, sub_locations=("X3 A",))
    one_altogether = (Limit(1, frozenset()),)
    held = (holds("a1", "X1 A", 13), holds("a2", "X3 A", 13))
    known = before(2, now=at(13).replace(day=21), held=held)
    goal = goal_of(one, other, hours=2, end=15)
    assert optimal(goal, limits=one_altogether).surplus(known) == (holds("a2", "X3 A", 13),)
    assert optimal(goal).surplus(known) == ()


def test_of_two_fallbacks_that_is_kept_with_which_the_goal_is_likelier() -> None:
    one = replace(X1, sub_locations=("X1 A",))
    one_altogether = (Limit(1, frozenset()),)
    held = (holds("a1", "X1 A", 13), holds("a2", "Fitness", 14))
    goal = goal_of(one, FITNESS, hours=2, end=16, fallback=1)
    gone = frozenset(slot("X1 A", hour) for hour in range(13, 16)) | {slot("Fitness", 13)}
    known = before(2, now=at(14).replace(day=21), held=held, lost=gone)
    assert optimal(goal, limits=one_altogether).surplus(known) == (holds("a1", "X1 A", 13),)
