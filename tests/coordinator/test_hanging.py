"""Work for one account that hangs, is cancelled or comes late is that account's trouble."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from sniper.core.plan import Attempt, Standing
from sniper.core.tries import AttemptResult
from sniper.engine.protocol import (
    Credentials,
    Order,
    SignIn,
)
from sniper.events import Tried
from sniper.store.records import AttemptState
from tests.coordinator.conftest import OPENINGS, OrderedClock, Rig, hangs, hangs_and_does_not_hear


@pytest.mark.parametrize("does", [hangs, hangs_and_does_not_hear])
@pytest.mark.parametrize("begun", [60, 15, 4, 0.5])
def test_a_page_that_hangs_while_it_is_parked_makes_nobody_late(
    rig: Rig, does: Callable[[], Awaitable[None]], begun: float
) -> None:
    rig.clock = rig.engine.clock = OrderedClock(OPENINGS[0] - timedelta(seconds=begun))
    real = rig.engine.arm

    async def slow_for_user4(attempt: Attempt) -> None:
        if attempt.account == "user4":
            await does()
        await real(attempt)

    rig.engine.arm = slow_for_user4  # type: ignore[method-assign]
    result = rig.run(accounts=4)
    assert result.verdict.standing is Standing.REACHED
    assert "user4" not in {a.account for a in rig.engine.fired}
    assert [e.result.started_at for e in rig.events if isinstance(e, Tried)] == OPENINGS
    assert any("user4" in problem for problem in result.problems)


@pytest.mark.parametrize("does", [hangs, hangs_and_does_not_hear])
def test_a_page_that_hangs_when_its_sign_in_is_looked_at_makes_nobody_late(
    rig: Rig, does: Callable[[], Awaitable[None]]
) -> None:
    rig.clock = rig.engine.clock = OrderedClock(OPENINGS[0] - timedelta(seconds=60))
    real = rig.engine.stay_signed_in

    async def slow_for_user4(account: str) -> None:
        if account == "user4":
            await does()
        await real(account)

    rig.engine.stay_signed_in = slow_for_user4  # type: ignore[method-assign]
    result = rig.run(accounts=4)
    assert result.verdict.standing is Standing.REACHED
    others = [e.result for e in rig.events if isinstance(e, Tried) and e.account != "user4"]
    assert [one.started_at for one in others] == OPENINGS


def test_a_sign_in_that_hangs_makes_nobody_late(rig: Rig) -> None:
    rig.clock = rig.engine.clock = OrderedClock(OPENINGS[0] - timedelta(minutes=5))
    real = rig.engine.sign_in

    async def hangs_for_user4(credentials: Credentials) -> SignIn:
        if credentials.account == "user4":
            await hangs()
        return await real(credentials)

    rig.engine.sign_in = hangs_for_user4  # type: ignore[method-assign]
    result = rig.run(accounts=4)
    assert result.verdict.standing is Standing.REACHED
    assert [e.result.started_at for e in rig.events if isinstance(e, Tried)] == OPENINGS
    assert "user4: was not signed in in time" in result.problems


def test_work_for_one_account_that_is_cancelled_from_elsewhere_ends_no_run(rig: Rig) -> None:
    real = rig.engine.arm

    async def cancelled_for_user4(attempt: Attempt) -> None:
        if attempt.account == "user4":
            raise asyncio.CancelledError
        await real(attempt)

    rig.engine.arm = cancelled_for_user4  # type: ignore[method-assign]
    assert rig.run(accounts=4).verdict.standing is Standing.REACHED


def test_who_is_parked_after_the_opening_only_joins_then(rig: Rig) -> None:
    rig.clock = rig.engine.clock = OrderedClock(OPENINGS[0] - timedelta(seconds=4))
    parked = asyncio.Event()
    arm, fire = rig.engine.arm, rig.engine.fire

    async def slow_for_user3(attempt: Attempt) -> None:
        if attempt.account == "user3":
            await parked.wait()
        await arm(attempt)

    async def lets_user3_park(attempt: Attempt, order: Order) -> AttemptResult:
        result = await fire(attempt, order)
        parked.set()
        return result

    rig.engine.arm, rig.engine.fire = slow_for_user3, lets_user3_park  # type: ignore[method-assign]
    rig.run(hours=1)
    assert [a.account for a in rig.engine.fired] == ["user1", "user2", "user3"]
    assert {a.state for a in rig.store.run(rig.run_id).attempts} == {AttemptState.CLOSED}
