"""What came of an attempt."""

from __future__ import annotations

from datetime import timedelta

from sniper.core.outcomes import Outcome
from sniper.core.plan import Attempt, Role
from sniper.core.tries import AttemptResult, Mark, Moment, Try
from tests.core.worlds import LONG_BEFORE, slot

ATTEMPT = Attempt("a1", (slot("X1 A", 13), slot("X1 B", 13)), Role.LEAD)


def test_an_attempt_ended_as_its_last_try_did() -> None:
    taken = Try(slot("X1 A", 13), Outcome.TAKEN, LONG_BEFORE, timedelta(0))
    booked = Try(slot("X1 B", 13), Outcome.BOOKED, LONG_BEFORE, timedelta(0), reference="7")
    assert AttemptResult(ATTEMPT, (taken, booked)).last is booked


def test_an_attempt_without_tries_never_began() -> None:
    assert AttemptResult(ATTEMPT, ()).last is None


def test_an_attempt_is_after_the_first_slot_of_its_chain() -> None:
    assert ATTEMPT.target == slot("X1 A", 13)


def test_every_time_a_slot_was_fired_at_is_counted() -> None:
    first, second = ATTEMPT.chain
    course = tuple(Moment(LONG_BEFORE, Mark.FIRED, one) for one in (first, first, second))
    early = Try(second, Outcome.TOO_EARLY, LONG_BEFORE, timedelta(0))
    result = AttemptResult(ATTEMPT, (early,), (*course, Moment(LONG_BEFORE, Mark.ANSWERED, first)))
    assert result.presses == {first: 2, second: 1}


def test_without_a_course_every_try_that_was_fired_counts_once() -> None:
    tries = tuple(
        Try(one, outcome, LONG_BEFORE, timedelta(0))
        for one, outcome in zip(ATTEMPT.chain, (Outcome.TAKEN, Outcome.STOOD_DOWN), strict=True)
    )
    assert AttemptResult(ATTEMPT, tries).presses == {slot("X1 A", 13): 1}
