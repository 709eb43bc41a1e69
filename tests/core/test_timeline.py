"""The rows of a waterfall: who did what when, counted from the opening."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sniper.core.outcomes import Outcome
from sniper.core.plan import Attempt, Role
from sniper.core.timeline import FIRST_PRESS, OPENING, Phase, away_from, in_words, waterfall
from sniper.core.tries import AttemptResult, Mark, ReadBack
from tests.core.courses import MS, OPENS, PARKED, X1A, X1B, aim, attempt, moment, tried

HOUR = 3_600_000.0
offsets = st.floats(-20_000, 20_000)


def test_a_row_tells_what_went_on_from_parking_to_the_proof() -> None:
    won = attempt(tried(Outcome.BOOKED, fired=1, sent=13, answered=25, ended=26))
    proven = moment(Mark.PROVEN, 900, detail=ReadBack.SHOWN)
    result = AttemptResult(won.attempt, won.tries, (*won.timeline, proven))
    (row,) = waterfall(OPENS, [result], None).rows
    assert [(span.phase, span.start / MS, span.end / MS) for span in row.spans()] == [
        (Phase.WAITS, PARKED, 1),
        (Phase.PAGE, 1, 13),
        (Phase.SITE, 13, 25),
        (Phase.READS, 25, 26),
        (Phase.PROVES, 26, 900),
    ]


def test_while_the_page_awaits_a_list_it_is_the_site_that_works() -> None:
    (row,) = waterfall(
        OPENS, [attempt(tried(Outcome.TAKEN, fired=1, asked=5, heard=45, sent=60, ended=70))], None
    ).rows
    phases = [span.phase for span in row.spans()]
    assert phases == [Phase.WAITS, Phase.PAGE, Phase.SITE, Phase.PAGE, Phase.SITE]


def test_what_was_not_seen_to_end_is_not_drawn_as_the_sites_time() -> None:
    result = attempt(tried(Outcome.INTERRUPTED, fired=1, sent=12))
    course = (*result.timeline[:-1], moment(Mark.PROVEN, 4_000, detail=ReadBack.NOT_SHOWN))
    (row,) = waterfall(OPENS, [AttemptResult(result.attempt, result.tries, course)], None).rows
    assert [span.phase for span in row.spans()] == [Phase.WAITS, Phase.PAGE, Phase.PROVES]
    assert row.proof is ReadBack.NOT_SHOWN


def test_a_last_request_without_an_answer_has_not_the_answer_of_an_earlier_one() -> None:
    _, first = tried(Outcome.TOO_EARLY, fired=0, sent=5, answered=10, ended=11)
    unknown, second = tried(Outcome.UNKNOWN, fired=260, sent=270, ended=10_270)
    (row,) = waterfall(OPENS, [attempt((unknown, [*first, *second]))], None).rows
    assert row.answer is None


def test_every_slot_of_the_chain_that_was_tried_has_a_row_of_its_own() -> None:
    course = attempt(tried(Outcome.TAKEN, ended=40), tried(Outcome.BOOKED, place=X1B, fired=41, ended=80))
    rows = waterfall(OPENS, [course], None).rows
    assert [(row.account, row.slot, row.outcome) for row in rows] == [
        ("ann", X1A, Outcome.TAKEN),
        ("ann", X1B, Outcome.BOOKED),
    ]
    assert rows[1].points[0].after == 41 * MS


def test_a_page_that_waits_between_two_presses_is_shown_waiting() -> None:
    early, first = tried(Outcome.TOO_EARLY, fired=0, ended=10)
    _, second = tried(Outcome.TAKEN, fired=260, ended=280)
    (row,) = waterfall(OPENS, [attempt((early, [*first, *second]))], None).rows
    assert [span.phase for span in row.spans()] == [Phase.WAITS, Phase.PAGE, Phase.WAITS, Phase.PAGE]


def test_an_attempt_of_which_nothing_was_noted_is_a_row_without_a_course() -> None:
    lost_from_sight = AttemptResult(Attempt("ann", (X1A, X1B), Role.LEAD), ())
    (row,) = waterfall(OPENS, [lost_from_sight], None).rows
    assert (row.slot, row.outcome, row.points) == (X1A, None, ())


def test_a_try_whose_course_was_not_noted_is_drawn_from_when_it_began_to_its_end() -> None:
    one, _ = tried(Outcome.TAKEN, fired=3, ended=60)
    (row,) = waterfall(OPENS, [AttemptResult(Attempt("ann", (X1A,), Role.LEAD), (one,))], None).rows
    assert [(point.mark, point.after / MS) for point in row.points] == [(Mark.FIRED, 3), (Mark.OUTCOME, 60)]


@pytest.mark.parametrize("outcome", [Outcome.INTERRUPTED, Outcome.STOOD_DOWN, Outcome.BOOKED])
def test_a_press_that_nobody_saw_is_not_drawn(outcome: Outcome) -> None:
    one, _ = tried(outcome, fired=0, ended=0)
    (row,) = waterfall(OPENS, [AttemptResult(Attempt("ann", (X1A,), Role.LEAD), (one,))], None).rows
    assert (row.outcome, row.points) == (outcome, ())


@pytest.mark.parametrize("planned", [HOUR - 3_000, None], ids=["by its plan", "of old, by its parking"])
def test_a_wave_of_slots_that_were_open_already_counts_from_its_first_press(planned: float | None) -> None:
    courses = [
        attempt(tried(Outcome.BOOKED, fired=HOUR + late, ended=HOUR + 90), parked=HOUR - 500)
        for late in (7, 0)
    ]
    falls = waterfall(OPENS, courses, aim(planned=planned))
    assert falls.zero == OPENS + timedelta(hours=1)
    assert falls.open_before == timedelta(hours=1)
    assert falls.rows[0].points[1].after == 7 * MS


def test_a_page_that_was_ready_only_after_the_opening_does_not_make_the_opening_another() -> None:
    late = attempt(tried(Outcome.TAKEN, fired=800, sent=900), parked=700)
    falls = waterfall(OPENS, [late], aim(planned=-60_000))
    assert (falls.zero, falls.open_before) == (OPENS, timedelta(0))


@given(st.lists(st.tuples(offsets, st.sampled_from(Mark)), max_size=12))
def test_points_are_in_the_order_of_time_and_spans_fill_all_between_the_first_and_the_last(
    noted: list[tuple[float, Mark]],
) -> None:
    course = tuple(moment(mark, after) for after, mark in noted)
    falls = waterfall(OPENS, [AttemptResult(Attempt("ann", (X1A,), Role.LEAD), (), course)], None)
    (row,) = falls.rows
    afters = [point.after for point in row.points]
    assert afters == sorted(afters)
    assert len(afters) == len(noted)
    spans = list(row.spans())
    assert [span.end for span in spans] == afters[1:]
    assert [span.start for span in spans] == afters[:-1]
    assert all(falls.first <= after <= falls.last for after in afters)


@pytest.mark.parametrize(
    ("milliseconds", "words"),
    [
        (0, "0.0 ms"),
        (4.24, "4.2 ms"),
        (9.96, "10 ms"),
        (212.4, "212 ms"),
        (999.6, "1.0 s"),
        (2_430, "2.4 s"),
        (59_960, "1 min"),
        (200_000, "3 min 20 s"),
        (7_500_000, "2 h 5 min"),
        (-12, "−12 ms"),
    ],
)
def test_a_duration_is_told_as_exactly_as_it_is_worth(milliseconds: float, words: str) -> None:
    assert in_words(milliseconds * MS) == words


def test_instants_are_told_by_which_side_of_zero_they_are() -> None:
    assert away_from(OPENING, 12 * MS) == "12 ms after the opening"
    assert away_from(OPENING, -12 * MS) == "12 ms before the opening"
    assert away_from(FIRST_PRESS, timedelta(0)) == "at the first press"
