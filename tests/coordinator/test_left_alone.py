"""A site that asks to be left alone by an account is, whatever the account was about to ask it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sniper.core.goals import Fallback
from sniper.core.outcomes import Outcome
from sniper.core.plan import Attempt, Standing
from sniper.core.tries import AttemptResult, Mark, Try
from sniper.engine.protocol import ArmError, Credentials, Order, SignIn, SignInError
from tests.coordinator.conftest import OPENINGS, Rig
from tests.coordinator.venue_engine import owners


def limits_user1(rig: Rig, pause: timedelta) -> None:
    """The first press of user1 is answered by asking it to wait so long."""
    real = rig.engine.fire

    async def fire(attempt: Attempt, order: Order) -> AttemptResult:
        if attempt.account != "user1" or any(a.account == "user1" for a in rig.engine.fired):
            return await real(attempt, order)
        await rig.clock.sleep_until(order.at)
        rig.engine.fired.append(attempt)
        now = rig.clock.now()
        limited = Try(attempt.target, Outcome.RATE_LIMITED, now, timedelta(milliseconds=5))
        return AttemptResult(attempt, (limited,), left_alone_until=now + pause)

    rig.engine.fire = fire  # type: ignore[method-assign]


def test_who_is_asked_to_wait_leaves_this_opening_to_others_and_fires_at_the_next(rig: Rig) -> None:
    limits_user1(rig, timedelta(seconds=10))
    result = rig.run(accounts=3)
    assert result.verdict.standing is Standing.REACHED
    assert owners(result.held)["X1 A 13:00"] != "user1"
    assert "user1" in {h.account for h in result.held}
    at_one = [a for a in rig.engine.fired if a.account == "user1" and a.target.start.hour == 13]
    assert len(at_one) == 1


def test_who_would_have_to_wait_for_very_long_is_out_and_the_instant_is_told(rig: Rig) -> None:
    limits_user1(rig, timedelta(hours=2))
    result = rig.run(accounts=4)
    assert [a.account for a in rig.engine.fired].count("user1") == 1
    told = "user1: the site wants to be left alone until Sat 15:00:00; it is, for the rest of this run"
    assert told in result.problems
    assert result.verdict.standing is Standing.REACHED


def test_nobody_is_parked_before_the_pause_is_over(rig: Rig) -> None:
    """The look a minute before the second opening is answered by asking for 50 seconds."""
    real = rig.engine.stay_signed_in
    asked: list[datetime] = []

    async def limited(account: str) -> None:
        now = rig.clock.now()
        if account == "user2" and OPENINGS[1] - now <= timedelta(minutes=1):
            asked.append(now)
            raise SignInError("user2: too many requests", pause=timedelta(seconds=50))
        await real(account)

    rig.engine.stay_signed_in = limited  # type: ignore[method-assign]
    rig.run(accounts=2, hours=2, priorities=rig.priorities[:1], fallback=Fallback(None))
    (began,) = asked
    (attempt,) = (one for one in rig.store.run(rig.run_id).attempts if one.account == "user2")
    parked = next(moment.at for moment in attempt.timeline if moment.mark is Mark.PARKED)
    assert began + timedelta(seconds=50) <= parked < OPENINGS[1]
    assert attempt.outcome is Outcome.BOOKED


def test_a_page_whose_parking_is_answered_so_is_not_opened_again_at_once(rig: Rig) -> None:
    real = rig.engine.arm

    async def limited(attempt: Attempt) -> None:
        if attempt.account == "user1" and attempt.target.start.hour == 13:
            raise ArmError("user1: /bookable-slots was answered 429", pause=timedelta(seconds=30))
        await real(attempt)

    rig.engine.arm = limited  # type: ignore[method-assign]
    result = rig.run(accounts=4)
    assert rig.engine.signed_in.count("user1") == 1
    assert result.verdict.standing is Standing.REACHED


def test_a_sign_in_that_is_answered_so_is_tried_again_when_the_pause_is_over(rig: Rig) -> None:
    real = rig.engine.sign_in
    asked: list[datetime] = []

    async def limited(credentials: Credentials) -> SignIn:
        if credentials.account == "user1":
            asked.append(rig.clock.now())
            if len(asked) == 1:
                raise SignInError("user1: too many requests", pause=timedelta(seconds=25))
        return await real(credentials)

    rig.engine.sign_in = limited  # type: ignore[method-assign]
    rig.run()
    assert asked[1] - asked[0] >= timedelta(seconds=25)


def test_where_a_whole_club_is_asked_to_wait_the_hour_is_lost_and_the_next_one_is_not(rig: Rig) -> None:
    async def limited(attempt: Attempt, order: Order) -> AttemptResult:
        await rig.clock.sleep_until(order.at)
        if attempt.target.start.hour != 13:
            booked: AttemptResult = await real(attempt, order)
            return booked
        now = rig.clock.now()
        one = Try(attempt.target, Outcome.RATE_LIMITED, now, timedelta(0))
        return AttemptResult(attempt, (one,), left_alone_until=now + timedelta(minutes=2))

    real: Any = rig.engine.fire
    rig.engine.fire = limited  # type: ignore[method-assign]
    result = rig.run(priorities=rig.priorities[:1])
    assert [h.slot.start.hour for h in result.verdict.streak] == [14, 15, 16]
