"""Which slots an attempt falls back to, and in which order."""

from __future__ import annotations

from tests.core.worlds import DELFT, FITNESS, X1, X3, before, dividing, goal_of, holds, lost, slot, targets


def test_a_chain_falls_through_to_other_priorities_that_open_at_the_same_time() -> None:
    wave = dividing(goal_of(X1, X3)).next_wave(before(3))
    assert wave is not None
    assert wave.attempts[0].chain == (
        slot("X1 A", 13),
        slot("X1 B", 13),
        slot("X3 A", 13),
        slot("X3 B", 13),
    )


def test_backups_go_round_the_other_priorities_too() -> None:
    wave = dividing(goal_of(X1, X3)).next_wave(before(4))
    assert wave is not None
    assert wave.attempts[1].chain == (
        slot("X1 B", 13),
        slot("X1 A", 13),
        slot("X3 B", 13),
        slot("X3 A", 13),
    )


def test_a_wave_has_no_slots_that_opened_at_another_time() -> None:
    wave = dividing(goal_of(X1, FITNESS, X3)).next_wave(before(3, lost=lost("Fitness")))
    assert wave is not None
    assert {one.location for attempt in wave.attempts for one in attempt.chain} == {"X1", "X3"}


def test_a_chain_is_no_longer_than_the_sites_budget() -> None:
    wave = dividing(goal_of(X1, X3), DELFT, 3).next_wave(before(4))
    assert wave is not None
    assert [len(attempt.chain) for attempt in wave.attempts] == [3, 3, 3, 3]


def test_a_chain_leaves_out_what_the_account_may_not_book() -> None:
    known = before(4, held=(holds("a1", "X3 A", 10, by_us=False),))
    wave = dividing(goal_of(X1, X3)).next_wave(known)
    assert wave is not None
    assert [(a.account, sorted({one.location for one in a.chain})) for a in wave.attempts] == [
        ("a1", ["X1"]),
        ("a2", ["X1", "X3"]),
        ("a3", ["X1", "X3"]),
        ("a4", ["X1", "X3"]),
    ]


def test_an_hour_we_have_elsewhere_already_is_not_won_there_again() -> None:
    at_x1 = (holds("a1", "X1 A", 14), holds("a2", "X1 A", 15))
    known = before(5, held=(*at_x1, holds("a4", "X3 A", 13)))
    wave = dividing(goal_of(X1, X3)).next_wave(known)
    assert targets(wave) == [("a3", "X1 A 13", "lead"), ("a5", "X1 B 13", "backup")]
    assert wave is not None
    assert {one.location for attempt in wave.attempts for one in attempt.chain} == {"X1"}


def test_what_an_account_has_pressed_at_an_opening_shortens_what_it_tries_there() -> None:
    known = before(1, presses={("a1", slot("X1 A", 13)): 7, ("a1", slot("X3 A", 13)): 3})
    wave = dividing(goal_of(X1, X3, hours=1)).next_wave(known)
    assert wave is not None
    assert wave.attempts[0].chain == (slot("X1 A", 13), slot("X1 B", 13))


def test_who_has_pressed_as_often_as_it_may_is_not_sent_again_to_that_opening() -> None:
    known = before(2, presses={("a1", slot("X1 A", 13)): 12})
    assert targets(dividing(goal_of(X1, hours=1)).next_wave(known)) == [("a2", "X1 A 13", "lead")]


def test_what_was_pressed_at_one_opening_takes_nothing_from_another() -> None:
    known = before(1, presses={("a1", slot("X1 A", 13)): 12, ("a1", slot("Fitness", 14)): 12})
    assert targets(dividing(goal_of(X1, hours=1)).next_wave(known)) == [("a1", "X1 A 14", "lead")]
