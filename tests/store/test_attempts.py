"""Waves and attempts: open before they are fired, closed once, kept with their course and every try."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from sniper.core.lead import Aim
from sniper.core.outcomes import Outcome
from sniper.core.plan import Wave
from sniper.core.tries import AttemptResult, Mark, Moment
from sniper.store import AttemptState, LogAction, Store
from tests.store.examples import GOAL, NOW, WAVE, X1A, X1B, X3A, begin, tried


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


def test_the_course_of_an_attempt_that_stays_open_is_kept_until_it_is_settled(store: Store) -> None:
    begun = begin(store)
    course = (Moment(NOW, Mark.FIRED, X1A), Moment(NOW + timedelta(milliseconds=3), Mark.SENT, X1A))
    store.keep_course(begun.ids["ann"], course)
    (ann, *_) = store.open_attempts_of(begun.run_id)
    assert (ann.state, ann.timeline) == (AttemptState.OPEN, course)
    store.close_attempt(begun.ids["ann"], [tried(X1A, Outcome.INTERRUPTED, ms=0)], now=NOW)
    (ann, *_) = store.run(begun.run_id).attempts
    assert (ann.timeline, ann.fired_at) == (course, None)


def test_a_wave_keeps_when_it_was_to_fire_and_what_was_known_of_the_clock(store: Store) -> None:
    us = timedelta(microseconds=1)
    aim = Aim(WAVE.opens_at, timedelta(days=3, microseconds=-7), 2_001 * us, 3_917 * us, 412 * us, 8_246 * us)
    run_id = store.start_run("tudelft-x", {}, rehearsal=False, now=NOW)
    planned = replace(aim, planned_at=NOW)
    for known in (aim, planned, None):
        store.plan_wave(run_id, WAVE, GOAL, known, now=NOW)
    assert [wave.aim for wave in store.run(run_id).waves] == [aim, planned, None]


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
