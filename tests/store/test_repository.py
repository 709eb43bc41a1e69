"""What the coordinator tells the store comes back as it was told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import IntegrityError

from sniper.core.lead import Aim
from sniper.core.outcomes import Outcome, Proof
from sniper.core.plan import Standing, Wave
from sniper.core.slots import Slot
from sniper.core.tries import AttemptResult, Mark, Moment
from sniper.store import AttemptState, BookingStatus, JobStatus, LogAction, RunState, Store
from tests.store.examples import AMSTERDAM, GOAL, GOAL_JSON, NOW, WAVE, begin, slot, tried

X1A, X1B, X3A = slot("X1 A", 13), slot("X1 B", 13), slot("X3 A", 13)


def rows(url: str, query: str) -> list[tuple[object, ...]]:
    """Look into the file past the store."""
    engine = create_engine(url)
    with engine.connect() as connection:
        found = [tuple(row) for row in connection.execute(text(query))]
    engine.dispose()
    return found


def book(store: Store, run_id: int, account: str, at: Slot, reference: str | None = "4711") -> int:
    """Record a booking that my bookings confirmed."""
    return store.record_booking(
        run_id,
        account,
        at,
        reference=reference,
        proof=Proof.CONFIRMED,
        status=BookingStatus.CONFIRMED,
        now=NOW,
    )


def test_a_run_comes_back_with_its_goal_and_how_it_ended(store: Store) -> None:
    run_id = store.start_run("tudelft-x", GOAL_JSON, rehearsal=False, now=NOW)
    assert store.runs()[0].state is RunState.RUNNING
    later = NOW + timedelta(minutes=5)
    store.finish_run(run_id, RunState.FINISHED, Standing.REACHED, 0, now=later)
    run = store.runs()[0]
    assert run.goal == GOAL_JSON
    assert (run.state, run.standing, run.exit_code) == (RunState.FINISHED, Standing.REACHED, 0)
    assert (run.started_at, run.finished_at) == (NOW, later)


def test_runs_are_listed_newest_first_up_to_the_limit(store: Store) -> None:
    numbers = [store.start_run("tudelft-x", {}, rehearsal=False, now=NOW) for _ in range(4)]
    assert [run.id for run in store.runs(2)] == [numbers[3], numbers[2]]


def test_attempts_are_open_with_their_chains_before_anything_is_fired(store: Store) -> None:
    begun = begin(store)
    found = store.open_attempts_of(begun.run_id)
    assert [(one.account, one.role, one.chain) for one in found] == [
        (attempt.account, attempt.role, attempt.chain) for attempt in WAVE.attempts
    ]
    assert {one.state for one in found} == {AttemptState.OPEN}
    assert {one.opens_at for one in found} == {WAVE.opens_at}


def test_one_account_may_have_several_attempts_in_a_wave(store: Store) -> None:
    spam = [replace(WAVE.attempts[0], chain=(target,)) for target in (X1A, X1B, X3A)]
    wave = Wave(WAVE.opens_at, tuple(spam), "everything at once")
    run_id = store.start_run("tudelft-x", {}, rehearsal=False, now=NOW)
    opened = store.open_attempts(store.plan_wave(run_id, wave, GOAL, now=NOW), spam, now=NOW)
    assert list(opened) == spam
    assert len(set(opened.values())) == 3


def test_a_closed_attempt_keeps_its_last_try_and_the_log_keeps_all(store: Store) -> None:
    begun = begin(store)
    tries = [
        tried(X1A, Outcome.TAKEN, ms=31, message="This slot is fully booked."),
        tried(X1B, Outcome.BOOKED, ms=52, reference="4711", evidence="/somewhere/ann.png"),
    ]
    store.close_attempt(begun.ids["ann"], tries, now=NOW)
    detail = store.run(begun.run_id)
    ann = detail.attempts[0]
    assert (ann.state, ann.outcome, ann.ended_at) == (AttemptState.CLOSED, Outcome.BOOKED, X1B)
    assert (ann.reference, ann.evidence, ann.fired_at) == ("4711", "/somewhere/ann.png", tries[0].started_at)
    assert [(line.action, line.slot, line.took, line.error) for line in detail.log] == [
        (LogAction.FAILURE, X1A, timedelta(milliseconds=31), "This slot is fully booked."),
        (LogAction.SUCCESS, X1B, timedelta(milliseconds=52), None),
    ]
    assert [one.account for one in store.open_attempts_of(begun.run_id)] == ["bob", "cleo"]


def test_the_course_of_an_attempt_is_kept(store: Store) -> None:
    begun = begin(store)
    course = (Moment(NOW, Mark.FIRED, X1A), Moment(NOW + timedelta(milliseconds=3), Mark.SENT, X1B, "/book"))
    bound = timedelta(microseconds=310)
    store.close_attempt(begun.ids["ann"], [tried(X1B, Outcome.BOOKED)], course, bound, now=NOW)
    ann, bob, *_ = store.run(begun.run_id).attempts
    assert (ann.timeline, ann.page_bound) == (course, bound)
    assert (bob.timeline, bob.page_bound) == ((), None)


def test_a_wave_keeps_when_it_was_to_fire_and_what_was_known_of_the_clock(store: Store) -> None:
    us = timedelta(microseconds=1)
    aim = Aim(WAVE.opens_at, timedelta(days=3, microseconds=-7), 2_001 * us, 3_917 * us, 412 * us, 8_246 * us)
    run_id = store.start_run("tudelft-x", {}, rehearsal=False, now=NOW)
    store.plan_wave(run_id, WAVE, GOAL, aim, now=NOW)
    store.plan_wave(run_id, WAVE, GOAL, now=NOW)
    first, second = store.run(run_id).waves
    assert (first.aim, second.aim) == (aim, None)


def test_the_attempts_of_a_wave_come_back_as_the_engine_told_them(store: Store) -> None:
    begun = begin(store)
    tries = (
        tried(X1A, Outcome.TAKEN, ms=31, message="This slot is fully booked."),
        tried(X1B, Outcome.UNKNOWN, ms=52, evidence="/somewhere/ann.png"),
    )
    course = (Moment(NOW, Mark.FIRED, X1A),)
    store.close_attempt(begun.ids["ann"], tries, course, now=NOW)
    store.cancel_booking(begun.run_id, "ann", X1A, now=NOW)
    ann, bob, cleo = store.run(begun.run_id).results(1)
    assert ann == AttemptResult(WAVE.attempts[0], tries, course)
    assert (bob, cleo) == tuple(AttemptResult(attempt, ()) for attempt in WAVE.attempts[1:])
    assert store.run(begun.run_id).results(2) == ()


def test_an_attempt_that_was_never_fired_is_closed_without_an_outcome(store: Store) -> None:
    begun = begin(store)
    store.close_attempt(begun.ids["cleo"], [], now=NOW)
    cleo = store.run(begun.run_id).attempts[2]
    assert (cleo.state, cleo.outcome, cleo.fired_at, cleo.closed_at) == (
        AttemptState.CLOSED,
        None,
        None,
        NOW,
    )


def test_an_attempt_is_closed_once(store: Store) -> None:
    begun = begin(store)
    store.close_attempt(begun.ids["ann"], [tried(X1A, Outcome.TAKEN)], now=NOW)
    with pytest.raises(ValueError, match="closed already"):
        store.close_attempt(begun.ids["ann"], [tried(X1A, Outcome.BOOKED)], now=NOW)
    assert len(store.run(begun.run_id).log) == 1


@pytest.mark.parametrize("outcome", list(Outcome))
def test_every_outcome_can_be_stored(store: Store, outcome: Outcome) -> None:
    begun = begin(store)
    store.close_attempt(begun.ids["ann"], [tried(X1A, outcome)], now=NOW)
    assert store.run(begun.run_id).attempts[0].outcome is outcome


@pytest.mark.parametrize(
    ("outcome", "action"),
    [
        (Outcome.BOOKED, LogAction.SUCCESS),
        (Outcome.TAKEN, LogAction.FAILURE),
        (Outcome.CAPTCHA, LogAction.FAILURE),
        (Outcome.UNKNOWN, LogAction.ATTEMPT),
        (Outcome.FAILED, LogAction.ATTEMPT),
        (Outcome.STOOD_DOWN, LogAction.ATTEMPT),
    ],
)
def test_the_log_claims_success_or_failure_only_where_it_is_certain(
    store: Store, outcome: Outcome, action: LogAction
) -> None:
    begun = begin(store)
    store.close_attempt(begun.ids["ann"], [tried(X1A, outcome)], now=NOW)
    assert store.run(begun.run_id).log[0].action is action


def test_slots_that_proved_taken_are_remembered_as_full(store: Store, url: str) -> None:
    begun = begin(store)
    store.close_attempt(
        begun.ids["ann"],
        [tried(X1A, Outcome.TAKEN), tried(X1B, Outcome.RATE_LIMITED), tried(X3A, Outcome.BOOKED)],
        now=NOW,
    )
    store.close_attempt(begun.ids["bob"], [tried(X1A, Outcome.TAKEN)], now=NOW)
    found = rows(
        url, "SELECT site, sub_location, is_available, remaining_capacity FROM slot_availability ORDER BY 2"
    )
    assert found == [("tudelft-x", "X1 A", 0, 0), ("tudelft-x", "X3 A", 0, None)]


def test_a_place_won_among_many_leaves_one_less(store: Store, url: str) -> None:
    begun = begin(store)
    store.close_attempt(begun.ids["ann"], [tried(X1A, Outcome.BOOKED)], now=NOW)
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE slot_availability SET total_capacity = 60, remaining_capacity = 7"))
    engine.dispose()
    store.close_attempt(begun.ids["bob"], [tried(X1A, Outcome.BOOKED)], now=NOW)
    assert rows(url, "SELECT remaining_capacity, is_available FROM slot_availability") == [(6, 1)]


def test_jobs_are_completed_by_bookings_and_not_by_what_the_site_claimed(store: Store) -> None:
    begun = begin(store)
    planned = store.run(begun.run_id).jobs
    assert [(job.slot, job.priority, job.accounts, job.status) for job in planned] == [
        (X1A, 1, ("ann", "cleo"), JobStatus.RUNNING),
        (X1B, 1, ("bob",), JobStatus.RUNNING),
    ]
    store.close_attempt(begun.ids["ann"], [tried(X1A, Outcome.BOOKED)], now=NOW)
    store.close_attempt(begun.ids["bob"], [tried(X1B, Outcome.BOOKED)], now=NOW)
    book(store, begun.run_id, "ann", X1A)
    store.finish_wave(begun.wave_id, now=NOW)
    first, second = store.run(begun.run_id).jobs
    assert (first.status, second.status) == (JobStatus.COMPLETED, JobStatus.FAILED)
    assert first.result == {
        "won_by": [{"account": "ann", "proof": "confirmed"}],
        "outcomes": {"ann": "booked", "cleo": None},
    }


def test_a_target_planned_again_stays_one_job(store: Store) -> None:
    begun = begin(store)
    store.finish_wave(begun.wave_id, now=NOW)
    again = Wave(WAVE.opens_at, (replace(WAVE.attempts[0], account="dora"),), "dora takes over")
    store.plan_wave(begun.run_id, again, GOAL, now=NOW)
    detail = store.run(begun.run_id)
    assert [(wave.number, wave.reason) for wave in detail.waves] == [(1, WAVE.reason), (2, "dora takes over")]
    job = next(one for one in detail.jobs if one.slot == X1A)
    assert (job.wave, job.accounts, job.status, job.result) == (2, ("dora",), JobStatus.SCHEDULED, None)
    assert len(detail.jobs) == 2


def test_a_target_without_sub_location_is_one_job_too(store: Store) -> None:
    fitness = slot(None, 13, location="Fitness")
    wave = Wave(WAVE.opens_at, (replace(WAVE.attempts[0], chain=(fitness,)),), "Fitness")
    begun = begin(store, wave=wave)
    store.plan_wave(begun.run_id, wave, GOAL, now=NOW)
    assert [(job.slot, job.priority) for job in store.run(begun.run_id).jobs] == [(fitness, 3)]


def test_a_target_outside_the_goal_is_refused_and_nothing_is_written(store: Store) -> None:
    run_id = store.start_run("tudelft-x", {}, rehearsal=False, now=NOW)
    late = Wave(WAVE.opens_at, (replace(WAVE.attempts[0], chain=(slot("X1 A", 22),)),), "too late")
    with pytest.raises(ValueError, match="does not name X1 A"):
        store.plan_wave(run_id, late, GOAL, now=NOW)
    assert store.run(run_id).waves == ()


def test_an_interrupted_run_fails_its_jobs_and_leaves_its_attempts_open(store: Store) -> None:
    begun = begin(store)
    store.finish_run(begun.run_id, RunState.INTERRUPTED, None, 130, now=NOW)
    assert {job.status for job in store.run(begun.run_id).jobs} == {JobStatus.FAILED}
    assert len(store.open_attempts_of(begun.run_id)) == 3
    assert [run.id for run in store.unsettled_runs("tudelft-x")] == [begun.run_id]
    assert store.unsettled_runs("elsewhere") == []


def test_a_run_that_is_still_going_is_not_unsettled(store: Store) -> None:
    begin(store)
    assert store.unsettled_runs("tudelft-x") == []


def test_an_ended_run_without_open_attempts_is_settled(store: Store) -> None:
    begun = begin(store)
    for number in begun.ids.values():
        store.close_attempt(number, [], now=NOW)
    store.finish_run(begun.run_id, RunState.FINISHED, Standing.MISSED, 1, now=NOW)
    assert store.unsettled_runs("tudelft-x") == []


def test_a_booking_told_twice_is_one_brought_up_to_date(store: Store) -> None:
    begun = begin(store)
    first = store.record_booking(
        begun.run_id,
        "ann",
        X1A,
        reference="4711",
        proof=Proof.UNVERIFIED,
        status=BookingStatus.PENDING,
        now=NOW,
    )
    assert book(store, begun.run_id, "ann", X1A, reference=None) == first
    (booking,) = store.bookings()
    assert (booking.status, booking.proof, booking.reference) == (
        BookingStatus.CONFIRMED,
        Proof.CONFIRMED,
        "4711",
    )


def test_a_cancelled_hour_can_be_booked_again(store: Store) -> None:
    begun = begin(store)
    book(store, begun.run_id, "ann", X1A, "1")
    assert store.cancel_booking(begun.run_id, "ann", X1A, now=NOW)
    book(store, begun.run_id, "ann", X1A, "2")
    assert [(one.reference, one.status) for one in store.bookings()] == [
        ("1", BookingStatus.CANCELLED),
        ("2", BookingStatus.CONFIRMED),
    ]
    line = store.run(begun.run_id).log[0]
    assert (line.action, line.reference) == (LogAction.CANCEL, "1")


def test_a_booking_my_bookings_shows_again_is_not_cancelled_after_all(store: Store) -> None:
    begun = begin(store)
    number = book(store, begun.run_id, "ann", X1A, "1")
    store.cancel_booking(begun.run_id, "ann", X1A, now=NOW)
    assert book(store, begun.run_id, "ann", X1A, "1") == number
    assert [one.status for one in store.bookings()] == [BookingStatus.CONFIRMED]


def test_a_cancellation_that_failed_is_logged_and_changes_nothing(store: Store) -> None:
    begun = begin(store)
    book(store, begun.run_id, "ann", X1A)
    assert store.cancel_booking(begun.run_id, "ann", X1A, error="500 Internal Server Error", now=NOW)
    assert store.bookings()[0].status is BookingStatus.CONFIRMED
    assert store.run(begun.run_id).log[0].error == "500 Internal Server Error"


def test_cancelling_what_the_store_does_not_know_says_so(store: Store) -> None:
    begun = begin(store)
    assert not store.cancel_booking(begun.run_id, "ann", X1A, now=NOW)


def test_an_account_is_in_one_place_at_a_time(store: Store) -> None:
    begun = begin(store)
    book(store, begun.run_id, "ann", X1A, "1")
    book(store, begun.run_id, "ann", X3A, "2")
    book(store, begun.run_id, "bob", X1A, "3")
    assert [(one.account, one.slot, one.status) for one in store.bookings()] == [
        ("ann", X1A, BookingStatus.CANCELLED),
        ("ann", X3A, BookingStatus.CONFIRMED),
        ("bob", X1A, BookingStatus.CONFIRMED),
    ]


def test_the_database_itself_refuses_two_active_bookings_of_an_account_at_one_start(
    store: Store, url: str
) -> None:
    begun = begin(store)
    book(store, begun.run_id, "ann", X1A, "1")
    engine = create_engine(url)
    copy = text(
        "INSERT INTO bookings SELECT id + 1, site, account_id, run_id, rehearsal, :status, proof, 'x',"
        " created_at, updated_at, location, sub_location, booking_date, time_slot, starts_at, zone"
        " FROM bookings ORDER BY id DESC LIMIT 1"
    )
    with engine.begin() as connection:
        connection.execute(copy, {"status": "cancelled"})
    with pytest.raises(IntegrityError, match="UNIQUE"), engine.begin() as connection:
        connection.execute(copy, {"status": "pending"})
    with pytest.raises(IntegrityError, match="CHECK"), engine.begin() as connection:
        connection.execute(copy, {"status": "perhaps"})
    engine.dispose()


def test_both_two_o_clocks_of_an_october_night_can_be_held(store: Store) -> None:
    begun = begin(store)
    night = datetime(2026, 10, 25, 2, tzinfo=AMSTERDAM)
    for fold in (0, 1):
        book(store, begun.run_id, "ann", Slot("X1", "X1 A", night.replace(fold=fold)), str(fold))
    found = store.bookings()
    assert [one.slot.start.isoformat() for one in found] == [
        "2026-10-25T02:00:00+02:00",
        "2026-10-25T02:00:00+01:00",
    ]
    assert {one.status for one in found} == {BookingStatus.CONFIRMED}


def test_upcoming_bookings_leave_out_past_and_cancelled_ones(store: Store) -> None:
    begun = begin(store)
    for hour in (13, 14, 15):
        book(store, begun.run_id, "ann", slot("X1 A", hour), str(hour))
    store.cancel_booking(begun.run_id, "ann", slot("X1 A", 15), now=NOW)
    upcoming = store.bookings("tudelft-x", upcoming_from=slot("X1 A", 14).start)
    assert [one.reference for one in upcoming] == ["14"]
    assert store.bookings("practice") == []
    assert len(store.bookings()) == 3


def test_a_rehearsal_marks_its_bookings(store: Store) -> None:
    begun = begin(store, rehearsal=True, site="practice")
    book(store, begun.run_id, "ann", X1A)
    assert [one.rehearsal for one in store.bookings()] == [True]


def test_accounts_are_known_by_site_and_name(store: Store) -> None:
    first = store.ensure_account("tudelft-x", "ann", now=NOW)
    assert store.ensure_account("practice", "ann", now=NOW) != first
    assert store.ensure_account("tudelft-x", "ann", active=False, now=NOW) == first


@pytest.mark.parametrize("naive", [NOW.replace(tzinfo=None)])
def test_a_naive_datetime_is_refused_everywhere(store: Store, naive: datetime) -> None:
    begun = begin(store)
    calls: list[Callable[[], object]] = [
        lambda: store.start_run("tudelft-x", {}, rehearsal=False, now=naive),
        lambda: store.finish_run(begun.run_id, RunState.FINISHED, None, 1, now=naive),
        lambda: store.ensure_account("tudelft-x", "new", now=naive),
        lambda: store.plan_wave(begun.run_id, WAVE, GOAL, now=naive),
        lambda: store.plan_wave(begun.run_id, replace(WAVE, opens_at=naive), GOAL, now=NOW),
        lambda: store.open_attempts(begun.wave_id, WAVE.attempts, now=naive),
        lambda: store.close_attempt(begun.ids["ann"], [], now=naive),
        lambda: store.cancel_booking(begun.run_id, "ann", X1A, now=naive),
        lambda: store.bookings(upcoming_from=naive),
    ]
    for call in calls:
        with pytest.raises(ValueError, match="no time zone"):
            call()


@pytest.mark.parametrize(
    "goal",
    [
        {"accounts": []},
        {"priorities": [{"Password": "hunter2"}]},
        {"nested": {"totp_secret": "JBSWY3DP"}},
        {"access_token": "x"},
    ],
)
def test_a_goal_with_secrets_is_refused(store: Store, goal: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="does not belong in the store"):
        store.start_run("tudelft-x", goal, rehearsal=False, now=NOW)


def test_a_goal_may_say_how_many_accounts(store: Store) -> None:
    store.start_run("tudelft-x", {"priorities": [{"max_accounts": 3}]}, rehearsal=False, now=NOW)


def test_an_unknown_run_is_a_lookup_error(store: Store) -> None:
    with pytest.raises(LookupError):
        store.run(99)
