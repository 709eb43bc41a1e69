"""What the store refuses: naive datetimes, secrets in a goal, a run it does not know."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

import pytest

from sniper.store import RunState, Store
from tests.store.examples import GOAL, NOW, WAVE, X1A, begin


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
