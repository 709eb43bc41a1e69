"""One run at a time for an account and a day; what another has taken over, nobody writes for any more."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sniper.core.outcomes import Outcome, Proof
from sniper.core.plan import Standing
from sniper.store import BookingStatus, Job, LeaseLostError, LeaseTakenError, RunState, Store
from sniper.store.leases import LASTS
from tests.store.examples import DAY, GOAL, GOAL_JSON, JOB, NOW, WAVE, X1A, begin, book, tried

ROOT = Path(__file__).parents[2]


def start(
    store: Store,
    job: Job = JOB,
    *,
    now: datetime = NOW,
    site: str = "tudelft-x",
    presses: bool = True,
) -> int:
    """A run that has begun."""
    return store.start_run(site, GOAL_JSON, rehearsal=False, now=now, job=job, presses=presses)


# -- one at a time


def test_a_second_run_with_one_of_the_accounts_on_that_day_is_refused_and_leaves_no_trace(
    store: Store,
) -> None:
    first = start(store)
    with pytest.raises(LeaseTakenError, match=rf"run {first} is at work for cleo at tudelft-x for {DAY}"):
        start(store, Job(DAY, ("dora", "cleo")))
    assert [run.id for run in store.runs()] == [first]
    start(store, Job(DAY, ("dora",)))


def test_runs_for_other_days_other_sites_or_with_other_accounts_go_side_by_side(store: Store) -> None:
    start(store)
    start(store, Job(DAY + timedelta(days=1), JOB.accounts))
    start(store, site="elsewhere")
    start(store, Job(DAY, ("dora",)))


def test_a_run_that_ends_lets_go(store: Store) -> None:
    first = start(store)
    store.for_run(first).finish_run(first, RunState.FINISHED, Standing.REACHED, 0, now=NOW)
    start(store)


def test_a_run_that_is_not_heard_of_is_taken_over_when_its_time_is_up(store: Store) -> None:
    first = start(store)
    with pytest.raises(LeaseTakenError):
        start(store, now=NOW + LASTS - timedelta(seconds=1))
    store.for_run(first).stay_alive(first, NOW + 2 * LASTS)
    with pytest.raises(LeaseTakenError):
        start(store, now=NOW + 2 * LASTS - timedelta(seconds=1))
    start(store, now=NOW + 2 * LASTS)


def test_that_a_run_lives_is_never_taken_back(store: Store) -> None:
    first = start(store)
    store.for_run(first).stay_alive(first, NOW + timedelta(hours=1))
    store.for_run(first).stay_alive(first, NOW + LASTS)
    assert store.is_at_work(first, now=NOW + timedelta(minutes=59))


def test_the_process_of_this_machine_that_is_gone_is_taken_over_at_once(store: Store, url: str) -> None:
    code = (
        "import os, signal, sys\nfrom sniper.store import *\nfrom tests.store.examples import *\n"
        "begin(Store.open(sys.argv[1]), job=JOB); os.kill(os.getpid(), signal.SIGKILL)"
    )
    subprocess.run([sys.executable, "-c", code, url], cwd=ROOT, check=False)  # noqa: S603 (our own code)
    (killed,) = store.runs()
    assert (killed.state, store.is_at_work(killed.id, now=NOW)) == (RunState.RUNNING, False)
    start(store)


# -- the fence


def test_who_was_taken_over_writes_nothing_any_more(store: Store) -> None:
    begun = begin(store, job=JOB)
    mine = store.for_run(begun.run_id)
    booking = book(mine, begun.run_id, "ann", X1A)
    theirs = start(store, Job(DAY, ("cleo",)), now=NOW + LASTS)
    before = store.run(begun.run_id)
    writes: list[Callable[[], object]] = [
        lambda: mine.plan_wave(begun.run_id, WAVE, GOAL, now=NOW),
        lambda: mine.open_attempts(begun.wave_id, WAVE.attempts, now=NOW),
        lambda: mine.close_attempt(begun.ids["ann"], [tried(X1A, Outcome.BOOKED)], now=NOW),
        lambda: mine.keep_course(begun.ids["ann"], []),
        lambda: mine.finish_wave(begun.wave_id, now=NOW),
        lambda: mine.record_booking(
            begun.run_id,
            "bob",
            X1A,
            reference=None,
            proof=Proof.CONFIRMED,
            status=BookingStatus.CONFIRMED,
            now=NOW,
        ),
        lambda: mine.cancel_booking(begun.run_id, "ann", X1A, now=NOW),
        lambda: mine.stay_alive(begun.run_id, NOW + timedelta(days=1)),
        lambda: mine.finish_run(begun.run_id, RunState.FINISHED, Standing.REACHED, 0, now=NOW),
    ]
    for write in writes:
        with pytest.raises(LeaseLostError, match=rf"run {theirs} \(process"):
            write()
    assert store.run(begun.run_id) == before
    assert [one.id for one in store.bookings()] == [booking]
    assert len(store.for_run(theirs).open_attempts_of(begun.run_id)) == 3


def test_a_run_whose_time_is_up_goes_on_if_nobody_took_over(store: Store) -> None:
    begun = begin(store, job=JOB)
    mine = store.for_run(begun.run_id)
    mine.stay_alive(begun.run_id, NOW + 5 * LASTS)
    mine.close_attempt(begun.ids["ann"], [], now=NOW + 4 * LASTS)


def test_who_took_over_writes_for_both(store: Store) -> None:
    begun = begin(store, job=JOB)
    theirs = start(store, now=NOW + LASTS)
    fenced = store.for_run(theirs)
    for number in begun.ids.values():
        fenced.close_attempt(number, [], now=NOW)
    fenced.finish_run(begun.run_id, RunState.CRASHED, None, None, now=NOW)
    assert store.superseded_by(theirs) == []
    fenced.stay_alive(theirs, NOW + 3 * LASTS)


STEPS = st.tuples(st.sampled_from(["ab", "bc", "ca", "a", "d"]), st.integers(0, 300), st.booleans())


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(STEPS, max_size=8))
def test_whoever_begins_ends_or_sleeps_the_newest_run_of_an_account_is_the_only_one_that_writes(
    store: Store, steps: list[tuple[str, int, bool]]
) -> None:
    day = DAY + timedelta(days=len(store.runs()) + 1)  # One that no other example has.
    now = NOW
    crews: dict[int, str] = {}
    newest: dict[str, int] = {}
    ended: set[int] = set()
    for crew, seconds, ends in steps:
        now += timedelta(seconds=seconds)
        try:
            run_id = start(store, Job(day, tuple(crew)), now=now)
        except LeaseTakenError:
            continue
        crews[run_id] = crew
        newest.update(dict.fromkeys(crew, run_id))
        if ends:
            store.for_run(run_id).finish_run(run_id, RunState.FINISHED, None, 1, now=now)
            ended.add(run_id)
        for one, people in crews.items():
            if one not in ended and all(newest[person] == one for person in people):
                store.for_run(one).stay_alive(one, NOW)
            else:
                with pytest.raises(LeaseLostError):
                    store.for_run(one).stay_alive(one, now + LASTS)


# -- what is continued


def test_a_run_continues_the_last_one_of_its_job_that_did_not_come_to_its_end(store: Store) -> None:
    first = start(store)
    store.finish_run(first, RunState.INTERRUPTED, None, 130, now=NOW)
    second = start(store)
    assert store.run(second).run.continues == first
    store.finish_run(second, RunState.FINISHED, Standing.REACHED, 0, now=NOW)
    assert store.run(start(store)).run.continues is None


@pytest.mark.parametrize(
    ("state", "standing", "exit_code", "unfinished"),
    [
        (RunState.FINISHED, Standing.MISSED, 1, False),
        (RunState.FINISHED, Standing.FALLBACK, 0, False),
        (RunState.FINISHED, Standing.MISSED, 3, True),
        (RunState.FINISHED, None, 3, True),
        (RunState.CRASHED, None, None, True),
        (RunState.INTERRUPTED, None, 130, True),
    ],
)
def test_only_what_came_to_a_verdict_is_finished(
    store: Store, state: RunState, standing: Standing | None, exit_code: int | None, unfinished: bool
) -> None:
    first = start(store)
    store.finish_run(first, state, standing, exit_code, now=NOW)
    found = store.last_unfinished("tudelft-x", JOB.accounts, day=DAY)
    assert (found is not None) is unfinished


def test_a_dry_run_continues_nothing_and_is_not_continued(store: Store) -> None:
    first = start(store)
    store.finish_run(first, RunState.INTERRUPTED, None, 130, now=NOW)
    dry = start(store, presses=False)
    assert store.run(dry).run.continues is None
    store.finish_run(dry, RunState.INTERRUPTED, None, 130, now=NOW)
    assert store.run(start(store)).run.continues == first


def test_the_last_unfinished_run_is_found_by_site_accounts_and_day(store: Store) -> None:
    tuesday = start(store)
    wednesday = start(store, Job(DAY + timedelta(days=1), ("ann",)))
    for run_id in (tuesday, wednesday):
        store.finish_run(run_id, RunState.CRASHED, None, None, now=NOW)

    def found(*accounts: str, **when: object) -> int | None:
        run = store.last_unfinished("tudelft-x", accounts, **when)  # type: ignore[arg-type]
        return None if run is None else run.id

    assert found("ann") == wednesday
    assert found("bob") == tuesday
    assert found("ann", day=DAY) == tuesday
    assert found("bob", from_day=DAY + timedelta(days=1)) is None
    assert found("dora") is None
    assert store.last_unfinished("elsewhere", ["ann"]) is None
