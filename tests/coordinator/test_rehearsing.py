"""Parked pages practise when all of the wave are parked, where there is time, and none is lost by it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

import pytest

from sniper.coordinator import RunResult
from sniper.core.plan import Attempt
from sniper.engine.protocol import ArmError
from sniper.events import Noted, TookOver
from tests.coordinator.conftest import OPENINGS, OrderedClock, Rig, hangs, hangs_and_does_not_hear

ONE = OPENINGS[0]


@pytest.fixture
def rig(rig: Rig) -> Rig:
    begin(rig, 60)
    return rig


def begin(rig: Rig, before: float) -> None:
    """The run begins so many seconds before the first opening."""
    rig.clock = rig.engine.clock = OrderedClock(ONE - timedelta(seconds=before))


def run_for_one_hour(rig: Rig) -> RunResult:
    """Three accounts go for it in one wave."""
    return rig.run(hours=1)


def ahead(moment: datetime) -> float:
    """How many seconds before the opening that is."""
    return (ONE - moment).total_seconds()


def rehearsed(rig: Rig) -> dict[str, float]:
    """Who has practised, and how long before the opening it began."""
    return {attempt.account: ahead(at) for attempt, at in rig.engine.rehearsed}


def fired(rig: Rig) -> list[str]:
    return sorted(attempt.account for attempt in rig.engine.fired)


def parks_at(rig: Rig, **before: float) -> dict[str, float]:
    """Let these be parked so many seconds before the opening; returns who is parked when, once it has run."""
    real = rig.engine.arm
    parked: dict[str, float] = {}

    async def arm(attempt: Attempt) -> None:
        if attempt.account in before:
            await rig.clock.sleep_until(ONE - timedelta(seconds=before[attempt.account]))
        await real(attempt)
        parked[attempt.account] = ahead(rig.clock.now())

    rig.engine.arm = arm  # type: ignore[method-assign]
    return parked


def practises_as(rig: Rig, account: str, does: Callable[[], Awaitable[None]]) -> None:
    """What an account's page does when it practises."""
    real = rig.engine.rehearse

    async def rehearse(attempt: Attempt, latest: datetime | None = None) -> None:
        await real(attempt, latest)
        if attempt.account == account:
            await does()

    rig.engine.rehearse = rehearse  # type: ignore[method-assign]


def one_at_a_time(rig: Rig, seconds: float) -> None:
    """The machine has room for one page, which takes so long to be parked, and as long to practise."""
    machine = asyncio.Lock()
    arm, rehearse = rig.engine.arm, rig.engine.rehearse

    async def slow_arm(attempt: Attempt) -> None:
        async with machine:
            await rig.clock.sleep_until(rig.clock.now() + timedelta(seconds=seconds))
            await arm(attempt)

    async def slow_rehearse(attempt: Attempt, latest: datetime | None = None) -> None:
        async with machine:
            if latest is None or rig.clock.now() <= latest:
                await rehearse(attempt, latest)
                await rig.clock.sleep_until(rig.clock.now() + timedelta(seconds=seconds))

    rig.engine.arm, rig.engine.rehearse = slow_arm, slow_rehearse  # type: ignore[method-assign]


def test_nobody_practises_before_everybody_is_parked(rig: Rig) -> None:
    parked = parks_at(rig, user2=15)
    run_for_one_hour(rig)
    assert parked == {"user1": 20, "user2": 15, "user3": 20}
    assert rehearsed(rig) == dict.fromkeys(parked, 15)
    assert fired(rig) == ["user1", "user2", "user3"]


def test_who_could_not_be_parked_keeps_nobody_from_practising(rig: Rig) -> None:
    rig.engine.cannot_arm = {"user3"}
    run_for_one_hour(rig)
    assert rehearsed(rig) == {"user1": 20, "user2": 20}


def test_nobody_waits_long_for_a_page_that_is_still_being_parked_and_that_one_practises_when_it_joins(
    rig: Rig,
) -> None:
    parks_at(rig, user3=7)
    run_for_one_hour(rig)
    assert rehearsed(rig) == {"user1": 12, "user2": 12, "user3": 7}
    assert fired(rig) == ["user1", "user2", "user3"]


def test_of_pages_that_join_only_the_last_one_practises_since_the_others_do_not_disturb_its_parking(
    rig: Rig,
) -> None:
    parks_at(rig, user2=9.5, user3=9)
    run_for_one_hour(rig)
    assert rehearsed(rig) == {"user1": 12, "user3": 9}
    assert fired(rig) == ["user1", "user2", "user3"]


def test_a_page_that_joins_in_the_last_seconds_fires_without_having_practised(rig: Rig) -> None:
    parks_at(rig, user3=3)
    run_for_one_hour(rig)
    assert rehearsed(rig) == {"user1": 12, "user2": 12}
    assert fired(rig) == ["user1", "user2", "user3"]


def test_who_stands_by_practises_after_those_who_fire(rig: Rig) -> None:
    parks_at(rig, user2=14)
    rig.run()
    first = [(attempt.account, ahead(at)) for attempt, at in rig.engine.rehearsed[:2]]
    assert first == [("user1", 20), ("user2", 14)]


def test_a_run_that_begins_late_parks_three_pages_where_one_would_be_left_if_each_practised_at_once(
    rig: Rig,
) -> None:
    begin(rig, 10.5)
    one_at_a_time(rig, 3)
    parked = parks_at(rig)
    run_for_one_hour(rig)
    assert parked == {"user1": 7.5, "user2": 4.5, "user3": 1.5}
    assert rehearsed(rig) == {}
    assert fired(rig) == ["user1", "user2", "user3"]


def test_those_practise_whose_turn_comes_in_time_and_the_others_fire_without(rig: Rig) -> None:
    one_at_a_time(rig, 3)
    run_for_one_hour(rig)
    assert rehearsed(rig) == {"user1": 11}
    assert rig.engine.signed_in == ["user1", "user2", "user3"]
    assert fired(rig) == ["user1", "user2", "user3"]


@pytest.mark.parametrize("begun", [8.9, 4.0, 0.5])
def test_with_too_little_time_left_nobody_practises_and_all_that_are_parked_fire(
    rig: Rig, begun: float
) -> None:
    begin(rig, begun)
    run_for_one_hour(rig)
    assert rehearsed(rig) == {}
    assert fired(rig) == ["user1", "user2", "user3"]


def test_slots_that_are_open_already_are_fired_at_without_practice(rig: Rig) -> None:
    begin(rig, -60)
    run_for_one_hour(rig)
    assert (rehearsed(rig), len(rig.engine.fired)) == ({}, 3)


def test_a_page_that_is_lost_while_it_practises_is_opened_anew_and_does_not_practise_again(rig: Rig) -> None:
    rig.engine.cannot_rehearse = {"user1"}
    result = run_for_one_hour(rig)
    assert rig.engine.signed_in.count("user1") == 2
    assert [attempt.account for attempt, _ in rig.engine.rehearsed].count("user1") == 1
    assert fired(rig) == ["user1", "user2", "user3"]
    assert Noted("user1: the page crashed; opening it again") in rig.events
    assert not result.problems


@pytest.mark.parametrize("does", [hangs, hangs_and_does_not_hear])
def test_a_page_that_practises_for_too_long_is_opened_anew_and_makes_nobody_late(
    rig: Rig, does: Callable[[], Awaitable[None]]
) -> None:
    practises_as(rig, "user1", does)
    result = run_for_one_hour(rig)
    assert rig.engine.signed_in.count("user1") == 2
    assert fired(rig) == ["user1", "user2", "user3"]
    assert {at for account, at in rig.engine.last_looks if account != "user1"} == {ONE - timedelta(seconds=5)}
    assert not result.problems


def test_a_slow_look_in_the_last_seconds_costs_nobody_the_repair(rig: Rig) -> None:
    practises_as(rig, "user1", hangs)
    look = rig.engine.look

    async def slow(account: str) -> None:
        await look(account)
        if account == "user2":
            await rig.clock.sleep_until(rig.clock.now() + timedelta(seconds=1.2))

    rig.engine.look = slow  # type: ignore[method-assign]
    result = run_for_one_hour(rig)
    assert rig.engine.signed_in.count("user1") == 2
    assert rig.engine.signed_in.count("user2") == 1, "it has not said that anything is wrong"
    assert fired(rig) == ["user1", "user2", "user3"]
    assert not result.problems


def test_who_stands_by_and_is_lost_while_it_practises_takes_over_from_nobody(rig: Rig) -> None:
    rig.engine.cannot_rehearse = {"user2"}
    real = rig.engine.arm

    async def not_again(attempt: Attempt) -> None:
        if attempt.account == "user1" and rig.engine.rehearsed:
            raise ArmError("user1: no such page")
        await real(attempt)

    async def gone(account: str) -> None:
        rig.engine.broken.add("user1")
        await look(account)

    look = rig.engine.look
    rig.engine.arm, rig.engine.look = not_again, gone  # type: ignore[method-assign]
    rig.run(accounts=3, hours=2)
    assert not any(isinstance(event, TookOver) for event in rig.events)


def test_while_a_page_is_being_parked_nothing_is_planned_anew_that_would_park_it_for_something_else(
    rig: Rig,
) -> None:
    real = rig.engine.arm
    at_work: list[str] = []
    beside: list[str] = []
    rig.engine.cannot_arm = {"user1"}

    async def arm(attempt: Attempt) -> None:
        if attempt.account in at_work:
            beside.append(attempt.account)
        at_work.append(attempt.account)
        try:
            if attempt.account == "user3" and not beside:
                await rig.clock.sleep_until(ONE - timedelta(seconds=11))
            await real(attempt)
        finally:
            at_work.remove(attempt.account)

    rig.engine.arm = arm  # type: ignore[method-assign]
    run_for_one_hour(rig)
    assert beside == []
    assert "user3" in fired(rig)


def test_a_page_that_is_opened_anew_practises_if_there_is_time(rig: Rig) -> None:
    real = rig.engine.rehearse

    async def crashes_later(attempt: Attempt, latest: datetime | None = None) -> None:
        await real(attempt, latest)
        if len(rig.engine.rehearsed) <= 3 and attempt.account == "user1":
            rig.engine.broken.add("user1")

    rig.engine.rehearse = crashes_later  # type: ignore[method-assign]
    run_for_one_hour(rig)
    assert [ahead(at) for attempt, at in rig.engine.rehearsed if attempt.account == "user1"] == [20, 10]
    assert fired(rig) == ["user1", "user2", "user3"]


def test_a_page_whose_practice_is_answered_with_a_pause_is_not_opened_again_at_once(rig: Rig) -> None:
    async def limited() -> None:
        raise ArmError("user1: /bookable-slots was answered 429", pause=timedelta(seconds=30))

    practises_as(rig, "user1", limited)
    result = run_for_one_hour(rig)
    assert rig.engine.signed_in.count("user1") == 1
    assert fired(rig) == ["user2", "user3"]
    assert any("wants to be left alone" in problem for problem in result.problems)


def test_a_defect_of_ours_that_meets_a_page_while_it_practises_costs_nobody_the_opening(rig: Rig) -> None:
    async def breaks() -> None:
        raise KeyError("sub_location")

    practises_as(rig, "user1", breaks)
    run_for_one_hour(rig)
    assert fired(rig) == ["user1", "user2", "user3"]
