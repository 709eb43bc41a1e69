"""What the attempts of a run tell of when a slot opened, and when it was gone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sniper.core.availability import Source, What
from sniper.core.observed import observed
from sniper.core.outcomes import Outcome
from sniper.core.plan import Attempt, Role
from sniper.core.slots import Slot
from sniper.core.tries import AttemptResult, Mark, Moment, Try
from tests.core.worlds import slot

OPENS = datetime(2026, 11, 21, 12, tzinfo=UTC)
MS = timedelta(milliseconds=1)
X1A, X1B, X3A = slot("X1 A", 13), slot("X1 B", 13), slot("X3 A", 13)


def moment(ms: float, mark: Mark, at: Slot = X1A, detail: str = "") -> Moment:
    return Moment(OPENS + ms * MS, mark, at, detail)


def seen(
    tries: list[tuple[Slot, Outcome]], *timeline: Moment, bound: float = 0
) -> list[tuple[str, What, float | None, float]]:
    """Place, what, and between when: milliseconds after the opening."""
    done = tuple(Try(at, outcome, OPENS + 2 * MS, 38 * MS) for at, outcome in tries)
    result = AttemptResult(Attempt("ann", (X1A, X1B, X3A), Role.LEAD), done, timeline)
    found = list(observed(result, OPENS, bound * MS))
    assert all(one.source is Source.RUN and one.opens_at == OPENS for one in found)
    return [
        (
            one.slot.place,
            one.what,
            None if one.after is None else (one.after - OPENS) / MS,
            (one.by - OPENS) / MS,
        )
        for one in found
    ]


def test_a_slot_that_is_booked_was_open_when_the_answer_came() -> None:
    course = (moment(2, Mark.FIRED), moment(5, Mark.SENT), moment(30, Mark.ANSWERED))
    assert seen([(X1A, Outcome.BOOKED)], *course, bound=4) == [("X1 A", What.OPENED, None, 34)]


def test_a_late_opening_lies_between_the_last_request_that_was_too_early_and_the_next_answer() -> None:
    early = Outcome.TOO_EARLY.value
    course = (
        moment(0, Mark.FIRED),
        moment(4, Mark.SENT),
        moment(20, Mark.OUTCOME, detail=early),
        moment(270, Mark.FIRED),
        moment(274, Mark.SENT),
        moment(290, Mark.OUTCOME, detail=early),
        moment(540, Mark.FIRED),
        moment(544, Mark.SENT),
        moment(565, Mark.ANSWERED),
        moment(566, Mark.OUTCOME, detail=Outcome.BOOKED.value),
    )
    assert seen([(X1A, Outcome.BOOKED)], *course, bound=4) == [("X1 A", What.OPENED, 270, 570)]
    assert seen([(X1A, Outcome.TAKEN)], *course, bound=4) == [
        ("X1 A", What.OPENED, 270, 570),
        ("X1 A", What.TAKEN, None, 570),
    ]


def test_who_is_told_at_once_that_it_is_taken_learns_nothing_about_the_opening() -> None:
    assert seen([(X1A, Outcome.TAKEN)]) == [("X1 A", What.TAKEN, None, 40)]


def test_what_opened_at_another_time_than_the_target_is_left_out() -> None:
    tries = [(X1A, Outcome.TAKEN), (X1B, Outcome.TAKEN), (X3A, Outcome.BOOKED)]
    assert [(place, what) for place, what, *_ in seen(tries)] == [
        ("X1 A", What.TAKEN),
        ("X1 B", What.TAKEN),
    ]


def test_refusals_of_the_account_and_failures_tell_nothing_of_the_slot() -> None:
    for outcome in (Outcome.ACCOUNT_LIMIT, Outcome.FAILED, Outcome.TOO_EARLY, Outcome.STOOD_DOWN):
        assert seen([(X1A, outcome)]) == []


def test_what_is_booked_long_after_its_opening_does_not_tell_when_that_was() -> None:
    course = (moment(3_600_000, Mark.FIRED), moment(3_600_030, Mark.ANSWERED))
    assert seen([(X1A, Outcome.BOOKED)], *course) == []
