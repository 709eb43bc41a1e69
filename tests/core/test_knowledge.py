"""What a run learns, and that it only ever takes away from what can be tried."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from sniper.core.knowledge import Knowledge
from sniper.core.outcomes import Outcome
from sniper.core.plan import Attempt, Held, Role, Situation
from sniper.core.tries import AttemptResult, Try
from tests.core.worlds import LONG_BEFORE, holds, slot

CHAIN = (slot("X1 A", 13), slot("X1 B", 13))


def situation(known: Knowledge) -> Situation:
    """What is known, at some time."""
    return known.situation(LONG_BEFORE)


def after(*outcomes: Outcome) -> Situation:
    """What is known after one attempt of a1 that went like this along its chain."""
    known = Knowledge(["a1", "a2"])
    tries = tuple(
        Try(target, outcome, LONG_BEFORE, timedelta(0))
        for target, outcome in zip(CHAIN, outcomes, strict=False)
    )
    known.learn(AttemptResult(Attempt("a1", CHAIN, Role.LEAD), tries))
    return situation(known)


@pytest.mark.parametrize(
    "outcome", [Outcome.TAKEN, Outcome.NOT_OFFERED, Outcome.OPTION_DISABLED, Outcome.WAITLISTED]
)
def test_a_slot_that_is_gone_is_gone_for_all(outcome: Outcome) -> None:
    assert after(outcome).lost == {CHAIN[0]}
    assert after(outcome).refused == frozenset()


@pytest.mark.parametrize(
    "outcome",
    [Outcome.ACCOUNT_LIMIT, Outcome.FAILED, Outcome.UNKNOWN, Outcome.TOO_EARLY, Outcome.MAINTENANCE],
)
def test_a_slot_refused_to_one_account_is_free_to_the_others(outcome: Outcome) -> None:
    assert after(outcome).refused == {("a1", CHAIN[0])}
    assert after(outcome).lost == frozenset()


@pytest.mark.parametrize("outcome", [o for o in Outcome if o.handling.stop_account])
def test_an_account_that_was_stopped_fires_no_more(outcome: Outcome) -> None:
    assert after(outcome).accounts == ("a2",)
    assert after(outcome).lost == frozenset()


@pytest.mark.parametrize("outcome", [Outcome.BOOKED, Outcome.STOOD_DOWN, Outcome.NOT_PRESSED])
def test_what_nobody_refused_is_learned_from_my_bookings_only(outcome: Outcome) -> None:
    known = replace(after(outcome), presses={})
    assert known == Situation(LONG_BEFORE, ("a1", "a2"))


@pytest.mark.parametrize(
    "outcome", [o for o in Outcome if o not in (Outcome.BOOKED, Outcome.STOOD_DOWN, Outcome.NOT_PRESSED)]
)
def test_every_answer_but_a_win_takes_something_away_so_that_a_run_ends(outcome: Outcome) -> None:
    known = after(outcome)
    assert known.lost or known.refused or known.accounts == ("a2",)


def test_each_slot_of_the_chain_is_learned_from() -> None:
    known = after(Outcome.TAKEN, Outcome.ACCOUNT_LIMIT)
    assert known.lost == {CHAIN[0]}
    assert known.refused == {("a1", CHAIN[1])}


def test_an_attempt_that_never_began_is_not_repeated_by_that_account() -> None:
    assert after().refused == {("a1", CHAIN[0]), ("a1", CHAIN[1])}


def test_what_was_there_before_the_run_is_not_by_us() -> None:
    known = Knowledge(["a1"])
    known.found("a1", [holds("a1", "X1 A", 13)])
    known.fire("a1", [slot("X1 A", 13), slot("X3 A", 14)])
    known.read("a1", [holds("a1", "X1 A", 13), holds("a1", "X3 A", 14, by_us=False)])
    assert [(h.slot.place, h.by_us) for h in known.held_by("a1")] == [("X1 A", False), ("X3 A", True)]


def test_what_a_person_books_by_hand_meanwhile_is_not_by_us() -> None:
    known = Knowledge(["a1"])
    known.fire("a1", [slot("X1 A", 13)])
    known.read("a1", [holds("a1", "X1 A", 13), holds("a1", "X3 A", 17)])
    assert [(h.slot.place, h.by_us) for h in known.held_by("a1")] == [("X1 A", True), ("X3 A", False)]


def test_what_is_in_doubt_is_not_held_but_uses_up_its_account() -> None:
    known = Knowledge(["a1"])
    known.doubt(holds("a1", "X1 A", 13))
    assert situation(known).held == ()
    assert situation(known).held_by("a1") == (slot("X1 A", 13),)
    known.settle(holds("a1", "X1 A", 13))
    assert situation(known).held_by("a1") == ()


def test_an_account_that_meets_nothing_but_trouble_is_stopped() -> None:
    known = Knowledge(["a1"])
    left = []
    for outcome in (Outcome.MAINTENANCE, Outcome.TAKEN, Outcome.FAILED, Outcome.MAINTENANCE, Outcome.UNKNOWN):
        target = slot("X1 A", 13)
        answer = Try(target, outcome, LONG_BEFORE, timedelta(0))
        known.learn(AttemptResult(Attempt("a1", (target,), Role.LEAD), (answer,)))
        left.append(situation(known).accounts)
    assert left == [("a1",)] * 4 + [()]


def test_my_bookings_replaces_what_it_showed_before() -> None:
    known = Knowledge(["a1", "a2"])
    known.fire("a2", [slot("X1 B", 14)])
    known.read("a1", [holds("a1", "X1 A", 13)])
    known.read("a2", [holds("a2", "X1 B", 14)])
    known.read("a1", [])
    assert situation(known).held == (holds("a2", "X1 B", 14),)
    assert known.held_by("a1") == ()


def test_what_cannot_be_given_back_is_kept_from_then_on() -> None:
    known = Knowledge(["a1"])
    known.fire("a1", [slot("X1 A", 13), slot("X3 A", 14)])
    known.read("a1", [holds("a1", "X1 A", 13), holds("a1", "X3 A", 14)])
    known.keep(holds("a1", "X1 A", 13))
    assert [h.by_us for h in known.held_by("a1")] == [False, True]
    known.read("a1", [holds("a1", "X1 A", 13)])
    assert [h.by_us for h in known.held_by("a1")] == [False]


def test_the_same_number_at_another_account_is_another_booking() -> None:
    known = Knowledge(["a1", "a2"])
    known.found("a1", [holds("a1", "X1 A", 13)])
    known.fire("a2", [slot("X1 A", 13)])
    known.read("a2", [holds("a1", "X1 A", 13)])
    assert [h.by_us for h in known.held_by("a2")] == [True]


def test_an_account_can_be_dropped_twice_and_what_it_holds_still_counts() -> None:
    known = Knowledge(["a1", "a2"])
    known.read("a1", [holds("a1", "X1 A", 13)])
    known.drop("a1")
    known.drop("a1")
    assert situation(known).accounts == ("a2",)
    assert situation(known).held_by("a1") == (slot("X1 A", 13),)


def test_a_booking_is_ours_unless_it_is_said_to_have_been_there_before() -> None:
    assert Held("a1", CHAIN[0], "7").by_us


# -- of a run that this one continues


def remembering(*tries: Try) -> Knowledge:
    """A run that goes on with one in which a1 fired and this came of it."""
    known = Knowledge(["a1", "a2"])
    known.remember(AttemptResult(Attempt("a1", CHAIN, Role.LEAD), tries))
    return known


def answer(outcome: Outcome, reference: str | None = None) -> Try:
    return Try(CHAIN[0], outcome, LONG_BEFORE, timedelta(0), reference=reference)


def ours(known: Knowledge, *held: Held) -> list[bool]:
    """Which of these count as ours, found at the sign-in and read again later."""
    known.found("a1", held)
    found = [one.by_us for one in known.held_by("a1")]
    known.read("a1", held)
    assert [one.by_us for one in known.held_by("a1")] == found
    return found


def test_what_the_earlier_run_won_is_ours_by_its_reference() -> None:
    known = remembering(answer(Outcome.BOOKED, "7"))
    assert ours(known, Held("a1", CHAIN[0], "7")) == [True]
    known = remembering(answer(Outcome.BOOKED, "7"))
    assert ours(known, Held("a1", CHAIN[0], "8")) == [False]


def test_of_an_attempt_nobody_saw_the_end_of_any_slot_may_be_ours() -> None:
    assert ours(remembering(), Held("a1", CHAIN[1], "7")) == [True]
    assert ours(remembering(answer(Outcome.INTERRUPTED)), Held("a1", CHAIN[1], "7")) == [True]
    assert ours(remembering(), Held("a1", slot("X1 A", 14), "7")) == [False]


@pytest.mark.parametrize("outcome", [o for o in Outcome if o is not Outcome.INTERRUPTED])
def test_what_the_earlier_run_had_not_won_was_booked_by_somebody_else(outcome: Outcome) -> None:
    may_be_ours = outcome.handling.ours or outcome is Outcome.WAITLISTED
    assert ours(remembering(answer(outcome)), Held("a1", CHAIN[0], "7")) == [may_be_ours]


def test_presses_of_the_earlier_run_count_and_unseen_ones_once_for_each_slot() -> None:
    assert situation(remembering(answer(Outcome.TAKEN))).presses == {("a1", CHAIN[0]): 1}
    assert situation(remembering()).presses == {("a1", CHAIN[0]): 1, ("a1", CHAIN[1]): 1}


def test_what_was_gone_or_refused_before_is_so_still_and_who_was_stopped_may_fire() -> None:
    assert situation(remembering(answer(Outcome.TAKEN))).lost == {CHAIN[0]}
    assert situation(remembering(answer(Outcome.ACCOUNT_LIMIT))).refused == {("a1", CHAIN[0])}
    assert situation(remembering(answer(Outcome.NOT_PARKED))) == situation(Knowledge(["a1", "a2"]))
    assert situation(remembering(answer(Outcome.CAPTCHA))).accounts == ("a1", "a2")
    assert situation(remembering()).refused == frozenset()
