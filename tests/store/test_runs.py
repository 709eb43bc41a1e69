"""Runs: what they were asked, how they ended, and which are unsettled."""

from __future__ import annotations

from datetime import datetime, timedelta

from sniper.core.plan import Standing
from sniper.store import Job, JobStatus, RunState, Store
from sniper.store.leases import LASTS
from tests.store.examples import DAY, GOAL_JSON, JOB, NOW, begin


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


def test_an_interrupted_run_fails_its_jobs_and_leaves_its_attempts_open(store: Store) -> None:
    begun = begin(store)
    store.finish_run(begun.run_id, RunState.INTERRUPTED, None, 130, now=NOW)
    assert {job.status for job in store.run(begun.run_id).jobs} == {JobStatus.FAILED}
    assert len(store.open_attempts_of(begun.run_id)) == 3


def test_what_a_run_left_open_is_settled_by_the_next_one_of_its_job_and_by_no_other(store: Store) -> None:
    begun = begin(store, job=JOB)
    store.finish_run(begun.run_id, RunState.INTERRUPTED, None, 130, now=NOW)
    other_day, other_accounts = Job(DAY + timedelta(days=1), JOB.accounts), Job(DAY, ("dora",))
    assert store.superseded_by(started(store, other_day)) == []
    assert store.superseded_by(started(store, other_accounts)) == []
    assert store.superseded_by(started(store, JOB, site="elsewhere")) == []
    ours = started(store, JOB)
    assert [run.id for run in store.superseded_by(ours)] == [begun.run_id]
    for number in begun.ids.values():
        store.close_attempt(number, [], now=NOW)
    assert store.superseded_by(ours) == []


def test_a_run_that_never_told_how_it_ended_is_to_be_settled(store: Store) -> None:
    killed = started(store, JOB)
    ours = started(store, JOB, now=NOW + LASTS)
    assert [run.id for run in store.superseded_by(ours)] == [killed]


def started(store: Store, job: Job, *, site: str = "tudelft-x", now: datetime = NOW) -> int:
    """A run that has begun."""
    return store.start_run(site, GOAL_JSON, rehearsal=False, now=now, job=job)
