"""What the soak counts as lost, doubled and orphaned; and that a seed is a trial."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from benchmarks.chaos.__main__ import summary
from benchmarks.chaos.faults import DIFFICULTIES, Difficulty
from benchmarks.chaos.trial import Plan, Trial
from benchmarks.chaos.verdict import Booking, Ending
from sniper.practice.settings import PracticeSettings


def booking(account: str, hour: int, place: str = "X1 A") -> Booking:
    return Booking(account, place[:2], place, datetime(2026, 11, 24, hour - 1, tzinfo=UTC))


FIRST, SECOND = booking("user1", 13), booking("user2", 14)


def told(*bookings: Booking, standing: str = "reached", beyond: tuple[Booking, ...] = ()) -> dict[str, Any]:
    """What the final run prints."""
    return {
        "standing": standing,
        "problems": [],
        "bookings": [
            {
                "account": one.account,
                "location": one.location,
                "sub_location": one.place,
                "start": one.start.astimezone(UTC).isoformat(),
                "in_streak": one not in beyond,
                "proof": "confirmed",
            }
            for one in (*bookings, *beyond)
        ],
    }


GOOD = Ending(told(FIRST, SECOND), 0, [FIRST], [FIRST, SECOND], open_attempts=0, takes=False)


def wrong(ending: Ending) -> tuple[bool, bool, bool]:
    return any(ending.lost()), any(ending.doubled()), any(ending.orphaned())


def test_a_goal_that_was_reached_and_is_told_as_the_site_has_it_is_right() -> None:
    assert wrong(GOOD) == (False, False, False)


def test_what_was_given_back_beyond_a_goal_that_was_reached_is_not_lost() -> None:
    assert wrong(replace(GOOD, at_the_kill=[FIRST, booking("user3", 13, "X1 B")])) == (False, False, False)


def test_lost_is_what_is_told_and_not_there() -> None:
    assert wrong(replace(GOOD, shown=[FIRST])) == (True, False, False)


def test_lost_is_a_goal_that_was_missed_with_nothing_in_the_way() -> None:
    missed = replace(GOOD, result=told(FIRST, standing="missed"), exit_code=1, shown=[FIRST])
    assert wrong(missed) == (True, False, False)
    assert wrong(replace(missed, takes=True)) == (False, False, False)


def test_lost_is_a_run_that_does_not_end_and_an_attempt_that_is_forgotten() -> None:
    assert wrong(replace(GOOD, result=None, exit_code=-9, shown=[])) == (True, False, False)
    assert wrong(replace(GOOD, open_attempts=1)) == (True, False, False)


def test_doubled_are_two_of_ours_at_one_hour_and_location() -> None:
    other = booking("user3", 13, "X1 B")
    ending = replace(GOOD, shown=[FIRST, SECOND, other], result=told(FIRST, SECOND, other))
    assert wrong(ending) == (False, True, False)


def test_doubled_is_more_than_the_site_lets_an_account_hold() -> None:
    for more in (booking("user1", 15), booking("user1", 13, "X3 A")):
        ending = replace(GOOD, shown=[FIRST, SECOND, more], result=told(FIRST, SECOND, more))
        assert wrong(ending) == (False, True, False)


def test_orphaned_is_what_nobody_tells_of() -> None:
    assert wrong(replace(GOOD, shown=[FIRST, SECOND, booking("user3", 15, "X3 A")])) == (False, False, True)


def test_orphaned_is_what_was_kept_beyond_the_goal_unless_a_person_was_told() -> None:
    more = booking("user3", 15)
    ending = replace(GOOD, shown=[FIRST, SECOND, more], result=told(FIRST, SECOND, beyond=(more,)))
    assert wrong(ending) == (False, False, True)
    assert ending.result is not None
    problems = ["user3: X1 A could not be cancelled"]
    assert wrong(replace(ending, result={**ending.result, "problems": problems})) == (False, False, False)


def test_a_seed_is_a_trial_and_all_difficulties_have_their_turn() -> None:
    plans = [Plan.of(seed) for seed in range(200)]
    assert plans == [Plan.of(seed) for seed in range(200)]
    assert {plan.difficulty.name for plan in plans} == {one.name for one in DIFFICULTIES}
    kills = [kill for plan in plans for kill in plan.kills]
    assert {kill.wave for kill in kills} == {1, 2}
    assert min(kill.after for kill in kills) < timedelta(seconds=-2)
    assert max(kill.after for kill in kills) > timedelta(seconds=3)
    assert {plan.resume for plan in plans} == {True, False}


def test_the_report_counts_trials_and_names_the_seeds_that_failed() -> None:
    trials = [Trial(1, "none"), Trial(2, "none", lost=["a", "b"]), Trial(3, "none", orphaned=["c"])]
    report = {"runs": 3, "lost": 1, "doubled": 0, "orphaned": 1, "failing_seeds": [2, 3]}
    assert summary(trials) == report


@pytest.mark.parametrize("difficulty", DIFFICULTIES, ids=lambda one: one.name)
def test_every_difficulty_is_one_that_a_practice_site_knows(difficulty: Difficulty) -> None:
    PracticeSettings(**difficulty.settings)
