"""What came of an attempt."""

from __future__ import annotations

from datetime import timedelta

from sniper.core.outcomes import Outcome
from sniper.core.plan import Attempt, Role
from sniper.core.tries import AttemptResult, Try
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
