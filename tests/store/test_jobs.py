"""Jobs: one for each target of a run, completed by bookings."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sniper.core.outcomes import Outcome
from sniper.core.plan import Wave
from sniper.store import JobStatus, Store
from tests.store.examples import GOAL, NOW, WAVE, X1A, X1B, begin, book, slot, tried


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
