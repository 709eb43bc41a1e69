"""Why a slot was lost."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sniper.core.measures import Measures
from sniper.core.outcomes import Outcome
from sniper.core.slots import Slot
from sniper.core.tries import AttemptResult, Mark, ReadBack
from sniper.core.verdicts import DRIFT, LATE, SLOW, Reason, SlotVerdict, TryVerdict, judge
from tests.core.courses import MS, OPENS, X1A, X1B, aim, attempt, moment, tried

HELD_BY_NOBODY: list[tuple[str, Slot]] = []
GONE = [Outcome.TAKEN, Outcome.OPTION_DISABLED, Outcome.WAITLISTED]
spans = st.integers(0, 3_000).map(lambda tenths: tenths / 10)


def verdict_on(*results: AttemptResult, held: list[tuple[str, Slot]] | None = None) -> SlotVerdict:
    """The verdict on X1 A in a wave aimed at its opening."""
    found = judge(OPENS, results, aim(), held or HELD_BY_NOBODY)
    return next(one for one in found if one.slot == X1A)


def alone(*results: AttemptResult) -> TryVerdict:
    """The verdict on the one try of X1 A."""
    (one,) = verdict_on(*results).tries
    return one


# -- late


def test_a_request_that_left_too_late_is_late_by_how_much_and_where_most_of_it_went() -> None:
    lost = alone(attempt(tried(Outcome.TAKEN, fired=2, sent=212, answered=230)))
    assert lost.reason is Reason.LATE
    assert lost.measures.sent == 212 * MS
    assert lost.told == "late by 212 ms, 210 ms of it in the page, from the press to the request."


def test_a_slot_further_down_the_chain_is_late_by_what_was_tried_before() -> None:
    before = tried(Outcome.TAKEN, place=X1B, sent=30, answered=50, ended=51)
    lost = alone(attempt(before, tried(Outcome.TAKEN, fired=251, sent=280, answered=300)))
    assert lost.measures.earlier == 251 * MS
    assert lost.told == "late by 280 ms, 251 ms of it with what it tried before."


def test_a_slot_the_page_shows_as_taken_before_anything_is_sent_is_told_so() -> None:
    lost = alone(attempt(tried(Outcome.TAKEN, fired=0, ended=300)))
    assert lost.reason is Reason.LATE
    assert lost.told == (
        "late by 300 ms, all of it in the page, from the press on; the page showed it taken before a request"
        " left."
    )


def test_a_wave_that_was_aimed_late_since_the_clock_was_not_known_better_says_so() -> None:
    (found,) = judge(
        OPENS,
        [attempt(tried(Outcome.TAKEN, fired=400, sent=410))],
        aim(after=400, bound=450),
        HELD_BY_NOBODY,
    )
    assert found.reason is Reason.LATE
    assert found.told == "late by 410 ms, 400 ms of it by the aim: the site's clock is not known better."


def test_a_page_that_had_its_plan_only_after_the_opening_is_late_by_that() -> None:
    result = attempt(tried(Outcome.TAKEN, fired=705, sent=900, answered=910))
    handed = replace(result, timeline=(result.timeline[0], moment(Mark.HANDED, 700), *result.timeline[1:]))
    (found,) = judge(OPENS, [handed], aim(planned=-60_000), HELD_BY_NOBODY)
    told = found.decisive.measures
    assert (told.handed, told.drift, _sum(told)) == (700 * MS, 5 * MS, 900 * MS)
    assert found.told == (
        "late by 900 ms, 700 ms of it until the page had its plan: the machine was out of breath, or it was"
        " parked late."
    )


def test_after_tries_that_were_too_early_the_last_request_counts() -> None:
    _, first = tried(Outcome.TOO_EARLY, fired=0, sent=5, answered=15, ended=16)
    taken, second = tried(Outcome.TAKEN, fired=266, sent=270, answered=281, ended=282)
    lost = alone(attempt((taken, [*first, *second])))
    assert (lost.measures.sent, lost.measures.answer, lost.measures.presses) == (270 * MS, 11 * MS, 2)
    assert lost.measures.earlier == 266 * MS


# -- taken before us


@pytest.mark.parametrize("outcome", GONE)
def test_a_slot_that_was_gone_although_we_were_quick_was_taken_before_us(outcome: Outcome) -> None:
    lost = alone(attempt(tried(outcome, sent=14, answered=23, message="fully booked")))
    assert lost.reason is Reason.TAKEN
    assert lost.told == (
        "taken before us; the request left 14 ms after the opening, the answer took 9.0 ms. “fully booked”"
    )


def test_a_slot_that_had_been_open_for_long_was_taken_before_us_and_not_lost_by_being_late() -> None:
    hour = 3_600_000.0
    one = tried(Outcome.TAKEN, fired=hour, sent=hour + 500, answered=hour + 510, ended=hour + 511)
    lost = alone(attempt(one, parked=hour - 200))
    assert lost.reason is Reason.TAKEN
    assert lost.told == "taken before us: it had been open for 1 h when we fired."


def test_where_the_slot_was_open_for_long_times_are_told_from_the_first_press() -> None:
    hour = 3_600_000.0
    refused = tried(Outcome.ACCOUNT_LIMIT, fired=hour, sent=hour + 500, answered=hour + 510, ended=hour + 511)
    (found,) = judge(OPENS, [attempt(refused)], aim(planned=hour - 3_000), HELD_BY_NOBODY)
    assert (
        found.told == "account limit; the request left 500 ms after the first press, the answer took 10 ms."
    )


def test_without_a_course_nothing_is_said_about_times() -> None:
    result = attempt(tried(Outcome.TAKEN, fired=5_000, ended=5_060))
    lost = alone(replace(result, timeline=()))
    assert lost.told == "taken before us."


def test_a_slot_that_opened_later_than_announced_is_told_by_the_last_request_that_was_too_early() -> None:
    early = [tried(Outcome.TOO_EARLY, fired=at, sent=at + 5, ended=at + 20)[1] for at in range(0, 2_000, 250)]
    taken, last = tried(Outcome.TAKEN, fired=2_000, sent=2_100, answered=2_120, ended=2_121)
    lost = alone(attempt((taken, [*(one for noted in early for one in noted), *last])))
    assert lost.reason is Reason.OPENED_LATER
    assert lost.measures.refused == 1_755 * MS
    assert lost.told == (
        "opened later than announced: still too early for the request that left 1.8 s after the opening,"
        " taken when the next one left 345 ms later."
    )


def test_a_refused_request_that_may_have_come_before_the_opening_tells_nothing_about_the_site() -> None:
    _, first = tried(Outcome.TOO_EARLY, fired=0, sent=4, answered=15, ended=16)
    taken, second = tried(Outcome.TAKEN, fired=266, sent=270, answered=281, ended=282)
    lost = alone(attempt((taken, [*first, *second])))
    assert lost.reason is Reason.LATE
    assert lost.told == "late by 270 ms, 266 ms of it with what it tried before."


# -- drift, slowness


def test_a_page_that_fired_later_than_aimed_has_drifted() -> None:
    lost = alone(attempt(tried(Outcome.TAKEN, fired=70, sent=95, answered=105)))
    assert (lost.reason, lost.measures.drift) == (Reason.DRIFT, 70 * MS)
    assert lost.told.startswith("drift of the page: it fired 70 ms later than aimed; the request left 95 ms")


def test_a_page_that_fired_when_its_turn_came_has_not_drifted() -> None:
    result = attempt(tried(Outcome.TAKEN, fired=72, sent=110, answered=120))
    held_back = replace(result, timeline=(moment(Mark.TURN, 70), *result.timeline))
    lost = alone(held_back)
    assert (lost.measures.turn, lost.measures.drift) == (70 * MS, 2 * MS)
    assert lost.told == "late by 110 ms, 70 ms of it until it was its turn: other pages had the processors."


def test_a_drift_that_mattered_less_than_the_page_is_not_the_reason() -> None:
    assert alone(attempt(tried(Outcome.TAKEN, fired=30, sent=230))).reason is Reason.LATE


def test_a_page_that_was_in_time_has_not_drifted_however_late_it_fired() -> None:
    early = tried(Outcome.TAKEN, fired=-50, sent=-40, answered=8)
    (found,) = judge(OPENS, [attempt(early)], aim(after=-80, bound=90), HELD_BY_NOBODY)
    assert found.decisive.measures.drift == 30 * MS
    assert found.told.startswith("taken before us; the request left 40 ms before the opening")


def test_no_part_of_a_delay_is_longer_than_the_delay() -> None:
    course = tried(Outcome.TAKEN, fired=-80, sent=110, answered=120)
    (found,) = judge(OPENS, [attempt(course)], aim(after=-80, bound=90), HELD_BY_NOBODY)
    assert found.told == "late by 110 ms, all of it in the page, from the press to the request."


def test_a_site_that_takes_long_to_refuse_was_slow() -> None:
    lost = alone(attempt(tried(Outcome.TAKEN, sent=10, answered=2_410, ended=2_411)))
    assert lost.reason is Reason.SITE_SLOW
    assert "the answer took 2.4 s" in lost.told


def test_a_site_that_does_not_answer_was_slow() -> None:
    lost = alone(attempt(tried(Outcome.UNKNOWN, sent=10, ended=10_010, message="no answer in time")))
    assert lost.reason is Reason.SITE_SLOW
    assert lost.told == "site slow: no answer in 10.0 s. “no answer in time”"


@pytest.mark.parametrize("outcome", [Outcome.FAILED, Outcome.UNKNOWN])
def test_a_press_that_comes_to_nothing_while_the_site_is_waited_for_is_a_slow_site(outcome: Outcome) -> None:
    lost = alone(attempt(tried(outcome, sent=10, ended=40_010, message="the page hangs")))
    assert lost.reason is Reason.SITE_SLOW
    assert lost.told == "site slow: no answer in 40.0 s. “the page hangs”"


def test_a_page_that_fails_just_after_its_request_does_not_tell_that_the_site_was_slow() -> None:
    assert alone(attempt(tried(Outcome.FAILED, sent=10, ended=60))).reason is Reason.NOT_UNDERSTOOD


def test_a_list_that_does_not_come_is_a_slow_site() -> None:
    lost = alone(attempt(tried(Outcome.FAILED, asked=10, ended=15_010)))
    assert lost.reason is Reason.SITE_SLOW
    assert lost.told == "site slow: no answer to what the page asked for first in 15.0 s."


def test_a_list_that_takes_seconds_is_the_sites_time_and_not_the_pages() -> None:
    course = tried(Outcome.TAKEN, fired=0, asked=10, heard=3_010, sent=3_050, answered=3_060, ended=3_061)
    lost = alone(attempt(course))
    assert (lost.measures.asked, lost.measures.page) == (3_000 * MS, 50 * MS)
    assert lost.reason is Reason.SITE_SLOW
    assert lost.told == (
        "site slow: it took 3.0 s over what the page asked for first; the request left 3.0 s after the"
        " opening, the answer took 10 ms."
    )


def test_a_list_that_shows_the_slot_as_taken_after_seconds_is_a_slow_site() -> None:
    lost = alone(attempt(tried(Outcome.TAKEN, asked=10, heard=3_010, ended=3_020)))
    assert lost.reason is Reason.SITE_SLOW


def test_a_list_that_took_most_of_a_small_delay_is_told_as_where_it_went() -> None:
    course = tried(Outcome.TAKEN, fired=0, asked=10, heard=210, sent=250, answered=260)
    lost = alone(attempt(course))
    assert lost.reason is Reason.LATE
    assert lost.told == (
        "late by 250 ms, 200 ms of it until the site had answered what the page asked for first."
    )


# -- what is not a matter of time


@pytest.mark.parametrize(
    ("outcome", "reason"),
    [
        (Outcome.ACCOUNT_LIMIT, Reason.LIMIT),
        (Outcome.SIGNED_OUT, Reason.SIGNED_OUT),
        (Outcome.RATE_LIMITED, Reason.REFUSED),
        (Outcome.CAPTCHA, Reason.REFUSED),
        (Outcome.BLOCKED, Reason.REFUSED),
        (Outcome.MAINTENANCE, Reason.REFUSED),
        (Outcome.NOT_OFFERED, Reason.NOT_OFFERED),
        (Outcome.TOO_EARLY, Reason.NOT_OPEN),
        (Outcome.FAILED, Reason.NOT_UNDERSTOOD),
        (Outcome.UNKNOWN, Reason.NOT_UNDERSTOOD),
    ],
)
def test_other_answers_are_reasons_of_their_own_however_late_we_were(
    outcome: Outcome, reason: Reason
) -> None:
    lost = alone(attempt(tried(outcome, fired=500, sent=900, answered=2_900, ended=3_000)))
    assert lost.reason is reason
    assert lost.reason.is_loss


def test_a_slot_that_did_not_open_tells_how_often_and_until_when_it_was_tried() -> None:
    _, first = tried(Outcome.TOO_EARLY, fired=0, ended=16)
    early, second = tried(Outcome.TOO_EARLY, fired=266, ended=282)
    lost = alone(attempt((early, [*first, *second])))
    assert lost.told == "not open yet: tried 2 times, until 282 ms after the opening."


def test_what_the_site_called_booked_and_my_bookings_does_not_show_is_lost() -> None:
    lost = alone(attempt(tried(Outcome.BOOKED, sent=10, answered=20)))
    assert (lost.reason, lost.reason.is_loss) == (Reason.UNPROVEN, True)


def test_what_the_site_called_booked_and_my_bookings_does_not_tell_could_not_be_proven() -> None:
    claimed = attempt(tried(Outcome.BOOKED, sent=10, answered=20))
    unreadable = moment(Mark.PROVEN, 2_000, detail=ReadBack.UNREADABLE)
    lost = alone(replace(claimed, timeline=(*claimed.timeline, unreadable)))
    assert lost.reason is Reason.UNREADABLE
    assert lost.told == (
        "could not be proven: the site called it booked, my bookings could not be read after it."
    )


def test_a_picture_of_what_was_not_understood_is_named() -> None:
    result = attempt(tried(Outcome.UNKNOWN, answered=20, sent=10))
    pictured = replace(result, tries=(replace(result.tries[0], evidence="ann-1.png"),))
    assert alone(pictured).told.endswith("(see ann-1.png)")


def test_an_attempt_that_was_interrupted_is_told_with_no_more_than_was_noted() -> None:
    result = attempt(tried(Outcome.INTERRUPTED, sent=12))
    unseen = replace(result.tries[0], took=timedelta(0), message="not seen to end")
    told = "interrupted: the run was stopped or crashed"
    interrupted = replace(result, tries=(unseen,), timeline=result.timeline[:-1])
    assert alone(interrupted).told == (f"{told}; the request left 12 ms after the opening. “not seen to end”")
    lost = alone(replace(interrupted, timeline=()))
    assert (lost.reason, lost.told) == (Reason.INTERRUPTED, f"{told}. “not seen to end”")


def test_what_an_account_lost_because_its_page_could_not_be_parked_is_told_so() -> None:
    result = replace(attempt(tried(Outcome.NOT_PARKED, message="no such page")), timeline=())
    lost = alone(result)
    assert (lost.reason, lost.reason.is_loss) == (Reason.NOT_PARKED, True)
    assert lost.told == "not parked: it had no page to fire from. “no such page”"


# -- no loss


def test_a_slot_we_hold_with_another_account_is_no_loss() -> None:
    lost = attempt(tried(Outcome.TAKEN, sent=30, answered=40))
    won = attempt(tried(Outcome.BOOKED, sent=12, answered=20), account="bob")
    found = verdict_on(lost, won, held=[("bob", X1A)])
    assert not found.reason.is_loss
    assert (found.ours, found.told) == ("bob", "bob got it.")


@pytest.mark.parametrize("outcome", [Outcome.STOOD_DOWN, Outcome.NOT_PRESSED])
def test_what_was_not_tried_in_earnest_is_no_loss(outcome: Outcome) -> None:
    assert not verdict_on(attempt(tried(outcome))).reason.is_loss


def test_a_slot_that_one_account_lost_and_another_was_called_off_from_is_lost() -> None:
    called_off = attempt(tried(Outcome.STOOD_DOWN), account="bob")
    assert verdict_on(called_off, attempt(tried(Outcome.TAKEN, sent=14))).reason is Reason.TAKEN


def test_of_several_accounts_the_one_that_came_nearest_decides() -> None:
    late = attempt(tried(Outcome.TAKEN, fired=1, sent=400))
    near = attempt(tried(Outcome.ACCOUNT_LIMIT, sent=12), account="bob")
    unsent = attempt(tried(Outcome.TAKEN, ended=5), account="cleo")
    found = verdict_on(late, unsent, near)
    assert [one.account for one in found.tries] == ["bob", "ann", "cleo"]
    assert found.reason is Reason.LIMIT


def test_slots_nobody_tried_have_no_verdict() -> None:
    assert judge(OPENS, [attempt()], aim(), HELD_BY_NOBODY) == ()


# -- what holds for all


@given(st.sampled_from(GONE), spans, spans, spans, spans, spans)
def test_the_parts_of_a_delay_add_up_and_the_numbers_bear_the_reason_out(
    outcome: Outcome, fired: float, listed: float, page: float, answer: float, after: float
) -> None:
    sent = fired + listed + page
    ended = sent + answer
    course = tried(
        outcome, fired=fired, asked=fired, heard=fired + listed, sent=sent, answered=ended, ended=ended
    )
    (found,) = judge(OPENS, [attempt(course)], aim(after), HELD_BY_NOBODY)
    told = found.decisive.measures
    assert _sum(told) == told.sent == told.late
    match found.reason:
        case Reason.DRIFT:
            assert told.drift is not None
            assert told.drift >= DRIFT
        case Reason.LATE:
            assert told.late is not None
            assert told.late >= LATE
        case Reason.SITE_SLOW:
            assert told.answer is not None
            assert told.answer >= SLOW
        case reason:
            assert reason is Reason.TAKEN
            assert told.late is not None
            assert told.late < LATE


@given(st.sampled_from(Outcome), st.booleans(), st.booleans(), st.booleans())
def test_every_outcome_has_a_verdict_in_words_with_or_without_a_course(
    outcome: Outcome, has_course: bool, has_aim: bool, was_sent: bool
) -> None:
    result = attempt(tried(outcome, sent=20 if was_sent else None, answered=30 if was_sent else None))
    if not has_course:
        result = replace(result, timeline=())
    (found,) = judge(OPENS, [result], aim() if has_aim else None, HELD_BY_NOBODY)
    assert found.told.endswith(".")
    assert found.reason.is_loss == (outcome not in (Outcome.STOOD_DOWN, Outcome.NOT_PRESSED))
    bound = found.decisive.measures.bound
    assert (bound is None) == (not has_aim)
    if has_aim and has_course:
        assert bound == 4.5 * MS


def _sum(told: Measures) -> timedelta:
    parts = (told.aimed, told.turn, told.handed, told.drift, told.earlier, told.asked, told.page)
    return sum((part for part in parts if part is not None), timedelta(0))
