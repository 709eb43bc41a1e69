"""Runs: what they were asked, how they ended, and which are unsettled."""

from __future__ import annotations

from datetime import timedelta

from sniper.core.plan import Standing
from sniper.store import JobStatus, RunState, Store
from tests.store.examples import GOAL_JSON, NOW, begin


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
