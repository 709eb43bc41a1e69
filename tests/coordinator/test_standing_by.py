"""Accounts that do not fire stand by for those that do, up to the last second."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
from rich.console import Console

from sniper.cli.waterfall import print_wave
from sniper.core.outcomes import Outcome
from sniper.core.plan import Attempt
from sniper.core.tries import AttemptResult, Mark, Try
from sniper.engine.protocol import ArmError, Credentials, Order, SignIn, TurnedAwayError
from sniper.errors import EnvironmentProblem
from sniper.events import AccountDoes, Activity, TookOver
from sniper.store.records import AttemptState
from sniper.store.repository import Store
from sniper.waterfall import waves_of
from tests.coordinator.conftest import OPENINGS, OrderedClock, Rig
from tests.coordinator.venue_engine import owners


@pytest.fixture
def rig(rig: Rig) -> Rig:
    """Everybody's time is one: what one account waits for, the others wait through."""
    rig.clock = rig.engine.clock = OrderedClock(OPENINGS[0] - timedelta(minutes=1))
    return rig


def stand_by(rig: Rig) -> list[str]:
    return [
        e.account for e in rig.events if isinstance(e, AccountDoes) and e.activity is Activity.STANDING_BY
    ]


def taken_over(rig: Rig) -> list[tuple[str, str]]:
    """Who took over from whom."""
    return [(e.attempt.account, e.instead_of) for e in rig.events if isinstance(e, TookOver)]


def crashes(rig: Rig, account: str, before: timedelta, *, for_good: bool = True) -> None:
    """Let an account's page crash so long before each opening; `for_good`: no other page can be had."""
    real_fire, real_sign_in = rig.engine.fire, rig.engine.sign_in
    gone: list[str] = []

    async def fire(attempt: Attempt, order: Order) -> AttemptResult:
        if attempt.account != account:
            return await real_fire(attempt, order)
        await rig.engine.clock.sleep_until(order.at - before)
        gone.append(account)
        crash = Try(attempt.target, Outcome.FAILED, rig.engine.clock.now(), timedelta(0), "the page crashed")
        return AttemptResult(attempt, (crash,))

    async def sign_in(credentials: Credentials) -> SignIn:
        if for_good and credentials.account in gone:
            raise TurnedAwayError(f"{account}: the site asks for a captcha")
        return await real_sign_in(credentials)

    rig.engine.fire = fire  # type: ignore[method-assign]
    rig.engine.sign_in = sign_in  # type: ignore[method-assign]


def test_who_stands_by_is_parked_and_does_not_fire_when_nobody_fails(rig: Rig) -> None:
    result = rig.run()
    # At 13:00 for user1, at 14:00 for user2; at 15:00 nobody is left.
    assert stand_by(rig) == ["user2", "user3"]
    assert [attempt.account for attempt in rig.engine.armed[:2]] == ["user1", "user2"]
    assert [attempt.account for attempt in rig.engine.fired] == ["user1", "user2", "user3"]
    assert (taken_over(rig), len(result.held)) == ([], 3)


@pytest.mark.parametrize("before", [6.0, 2.0, 1.0, 0.2])
def test_an_account_that_stands_by_fires_in_place_of_one_that_fails_in_the_last_seconds(
    rig: Rig, before: float
) -> None:
    crashes(rig, "user1", timedelta(seconds=before))
    result = rig.run()
    assert taken_over(rig)[0] == ("user2", "user1")
    assert owners(result.held)["X1 A 13:00"] == "user2"
    fired = next(e for e in rig.engine.fired if e.account == "user2")
    assert fired.chain == rig.engine.armed[1].chain


def test_a_page_that_can_be_opened_again_in_time_needs_nobody_in_its_place(rig: Rig) -> None:
    crash_once(rig, "user1", timedelta(seconds=8))
    result = rig.run()
    assert (taken_over(rig), owners(result.held)["X1 A 13:00"]) == ([], "user1")


def crash_once(rig: Rig, account: str, before: timedelta) -> None:
    real = rig.engine.fire
    left = [account]

    async def fire(attempt: Attempt, order: Order) -> AttemptResult:
        if attempt.account in left:
            left.remove(account)
            await rig.engine.clock.sleep_until(order.at - before)
            crash = Try(attempt.target, Outcome.FAILED, rig.engine.clock.now(), timedelta(0), "crashed")
            return AttemptResult(attempt, (crash,))
        return await real(attempt, order)

    rig.engine.fire = fire  # type: ignore[method-assign]


def test_the_attempt_of_who_takes_over_is_in_the_store_before_it_fires_and_closed_after(rig: Rig) -> None:
    crashes(rig, "user1", timedelta(seconds=2))
    seen: list[AttemptState] = []
    real = rig.engine.fire

    async def looked(attempt: Attempt, order: Order) -> AttemptResult:
        if attempt.account == "user2":
            seen.extend(a.state for a in rig.store.run(rig.run_id).attempts if a.account == "user2")
        return await real(attempt, order)

    rig.engine.fire = looked  # type: ignore[method-assign]
    rig.run()
    assert seen[:1] == [AttemptState.OPEN]
    assert {a.state for a in rig.store.run(rig.run_id).attempts} == {AttemptState.CLOSED}


def test_the_record_tells_who_took_over_from_whom_and_when(rig: Rig) -> None:
    crashes(rig, "user1", timedelta(seconds=2))
    rig.run()
    its = next(one for one in rig.store.run(rig.run_id).attempts if one.account == "user2")
    parked, took_over = its.timeline[:2]
    assert (parked.mark, took_over.mark, took_over.detail) == (Mark.PARKED, Mark.TOOK_OVER, "user1")
    assert took_over.at == OPENINGS[0] - timedelta(seconds=2)
    first, *_ = waves_of(rig.store.run(rig.run_id))
    out = Console(file=io.StringIO(), width=120)
    print_wave(out, first, rehearsal=False)
    assert isinstance(out.file, io.StringIO)
    assert "user2 stood by and took over from user1, 2.0 s before the opening" in out.file.getvalue()


def test_who_cannot_be_written_down_does_not_take_over(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    crashes(rig, "user1", timedelta(seconds=2))
    real = Store.open_attempts
    refusing = [True]

    def full(store: Store, wave: int, attempts: list[Attempt], **more: object) -> dict[Attempt, int]:
        if refusing and [attempt.account for attempt in attempts] == ["user2"]:
            refusing.clear()
            raise EnvironmentProblem("the disk is full")
        return real(store, wave, attempts, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(Store, "open_attempts", full)
    result = rig.run()
    assert [a.account for a in rig.store.run(rig.run_id).attempts if a.wave == 1] == ["user1"]
    assert any("user2 stood by and could not take over: the disk is full" in one for one in result.problems)


def test_a_lead_that_cannot_be_parked_too_late_to_plan_anew_is_replaced_by_who_stands_by(rig: Rig) -> None:
    real = rig.engine.arm

    async def fails_late(attempt: Attempt) -> None:
        if attempt.account == "user1":
            await rig.engine.clock.sleep_until(OPENINGS[0] - timedelta(seconds=5))
            raise ArmError("user1: no such page")
        await real(attempt)

    rig.engine.arm = fails_late  # type: ignore[method-assign]
    result = rig.run()
    assert (taken_over(rig)[0], owners(result.held)["X1 A 13:00"]) == (("user2", "user1"), "user2")
    outcomes = [(a.account, a.outcome) for a in rig.store.run(rig.run_id).attempts if a.wave == 1]
    assert sorted(outcomes) == [("user1", Outcome.NOT_PARKED), ("user2", Outcome.BOOKED)]


def test_who_stands_by_and_is_broken_itself_takes_over_from_nobody(rig: Rig) -> None:
    crashes(rig, "user1", timedelta(seconds=2))
    real = rig.engine.arm

    async def breaks(attempt: Attempt) -> None:
        await real(attempt)
        if attempt.account == "user2":
            rig.engine.broken.add("user2")

    rig.engine.arm = breaks  # type: ignore[method-assign]
    rig.run()
    assert ("user2", "user1") not in taken_over(rig)


@pytest.mark.parametrize(("press", "accounts"), [(False, 3), (True, 1)])
def test_nobody_stands_by_in_a_dry_run_or_where_nobody_is_left(rig: Rig, press: bool, accounts: int) -> None:
    rig.run(accounts=accounts, press=press, hours=accounts)
    assert stand_by(rig) == []


def test_slots_that_are_open_already_are_fired_at_and_nobody_stands_by(rig: Rig) -> None:
    rig.clock = rig.engine.clock = OrderedClock(OPENINGS[2] + timedelta(minutes=1))
    rig.run(accounts=4)
    assert stand_by(rig) == []
