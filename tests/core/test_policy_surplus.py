"""What is given back: second bookings of an hour, hours in the way, all beyond the goal."""

from __future__ import annotations

from dataclasses import replace

from tests.core.worlds import X1, X3, at, before, dividing, goal_of, holds, lost, streak, targets


def test_of_two_bookings_of_one_hour_the_second_is_given_back() -> None:
    known = before(6, held=(holds("a1", "X1 A", 13), holds("a4", "X1 B", 13)))
    assert dividing(goal_of()).surplus(known) == (holds("a4", "X1 B", 13),)


def test_of_two_bookings_of_one_hour_the_one_from_before_the_run_stays() -> None:
    known = before(6, held=(holds("a1", "X1 A", 13), holds("a4", "X1 B", 13, by_us=False)))
    assert dividing(goal_of()).surplus(known) == (holds("a1", "X1 A", 13),)


def test_what_was_held_before_the_run_is_never_given_back() -> None:
    known = before(6, held=(holds("a1", "X1 A", 13, by_us=False), holds("a4", "X1 B", 13, by_us=False)))
    assert dividing(goal_of()).surplus(known) == ()


def test_a_lonely_hour_that_blocks_the_goal_is_given_back() -> None:
    # a1 has X1 13:00, but X1 14:00 is lost; only with a1 can 15:00 to 17:00 be completed.
    known = before(3, held=(holds("a1", "X1 A", 13),), lost=lost("X1 A", "X1 B", hours=range(14, 15)))
    goal = goal_of(X1)
    assert dividing(goal).next_wave(known) is None
    assert dividing(goal).surplus(known) == (holds("a1", "X1 A", 13),)
    freed = replace(known, held=())
    assert targets(dividing(goal).next_wave(freed))[0] == ("a1", "X1 A 15", "lead")


def test_beside_a_lonely_hour_only_what_stands_in_its_way_is_given_back() -> None:
    # a1 to a3 are needed at X1 for 15:00 to 17:00; at X3 nothing can be completed any more.
    lonely = holds("a1", "X1 A", 13)
    others = (
        holds("a2", "X3 A", 9),  # outside the window
        holds("a3", "X3 A", 13, by_us=False),  # from before the run
        holds("a4", "X3 B", 17),  # of an account that is not needed
    )
    gone = lost("X1 A", "X1 B", hours=range(14, 15)) | lost("X3 A", "X3 B", hours=range(14, 17))
    known = before(3, held=(lonely, *others), lost=gone)
    assert dividing(goal_of(X1, X3)).surplus(known) == (lonely,)


def test_an_hour_of_the_streak_that_goes_on_is_not_given_back_with_the_lonely_one() -> None:
    # All were open at once: 13:00 and 15:00 were won, 14:00 was lost.
    lonely, useful = holds("a1", "X1 A", 13), holds("a3", "X1 A", 15)
    known = before(3, now=at(12), held=(lonely, useful), lost=lost("X1 A", "X1 B", hours=range(14, 15)))
    assert dividing(goal_of(X1)).surplus(known) == (lonely,)


def test_a_lonely_hour_that_blocks_only_the_fallback_is_given_back_too() -> None:
    known = before(2, held=(holds("a1", "X1 A", 13),), lost=lost("X1 A", "X1 B", hours=range(14, 15)))
    goal = goal_of(X1, fallback=2)
    assert dividing(goal).next_wave(known) is None
    assert dividing(goal).surplus(known) == (holds("a1", "X1 A", 13),)
    assert targets(dividing(goal).next_wave(replace(known, held=())))[0] == ("a1", "X1 A 15", "lead")


def test_a_lonely_hour_is_kept_while_the_fallback_can_be_had_with_it() -> None:
    known = before(2, held=(holds("a1", "X1 A", 13),))
    assert dividing(goal_of(X1, fallback=2)).surplus(known) == ()


def test_a_lonely_hour_that_blocks_nothing_is_kept_until_the_goal_is_reached() -> None:
    known = before(4, held=(holds("a1", "X1 A", 13),), lost=lost("X1 A", "X1 B", hours=range(14, 15)))
    assert dividing(goal_of(X1)).surplus(known) == ()


def test_a_lonely_hour_is_given_back_together_with_doubles() -> None:
    lonely, double = holds("a1", "X1 A", 13), holds("a3", "X1 B", 13)
    known = before(3, held=(lonely, double), lost=lost("X1 A", "X1 B", hours=range(14, 15)))
    assert set(dividing(goal_of(X1)).surplus(known)) == {lonely, double}


def test_a_lonely_hour_that_frees_nothing_is_kept() -> None:
    known = before(3, held=(holds("a1", "X1 A", 13),), lost=lost("X1 A", "X1 B", hours=range(14, 18)))
    assert dividing(goal_of(X1)).surplus(known) == ()


def test_when_the_goal_is_reached_all_else_we_won_is_given_back() -> None:
    known = streak("X1", 13, 14, 15)
    extra, mine = holds("a4", "X3 A", 16), holds("a5", "X3 B", 17, by_us=False)
    elsewhere = holds("a6", "Fitness", 9)
    known = replace(known, held=(*known.held, extra, mine, elsewhere))
    assert dividing(goal_of(X1, X3)).surplus(known) == (extra,)
