"""Everybody is signed in at every opening, however long the run waits for it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from sniper.clock.bracket import Bracket
from sniper.clock.site import SiteClock
from sniper.coordinator.context import Context
from sniper.coordinator.sign_ins import SignIns
from sniper.coordinator.task import Task
from sniper.core.outcomes import Outcome
from sniper.core.plan import Attempt, Standing
from sniper.core.policy import StrategyName
from sniper.core.tries import AttemptResult, Try
from sniper.engine.protocol import (
    Credentials,
    Order,
    SignedOutError,
    SignIn,
    SignInError,
    SignInRefusedError,
    TurnedAwayError,
)
from sniper.errors import SniperError
from sniper.events import AccountDoes, Activity, Noted, Tried
from sniper.store.records import AttemptState
from tests.aio import run_async
from tests.coordinator.conftest import Rig, goal, terms
from tests.coordinator.venue_engine import owners

ONE = datetime(2026, 11, 21, 12, tzinfo=UTC)
"""The first opening, 13:00 in Delft; the next ones follow at full hours."""
HOUR = timedelta(hours=1)


def looks_at(rig: Rig, account: str) -> list[timedelta]:
    """When an account was looked at while the run waited, from the first opening on."""
    return [at - ONE for who, at in rig.engine.looked if who == account]


def details(rig: Rig, account: str, activity: Activity) -> list[str]:
    return [
        e.detail
        for e in rig.events
        if isinstance(e, AccountDoes) and e.account == account and e.activity is activity
    ]


# -- before the first opening


def test_who_is_still_signed_in_is_told_so(rig: Rig) -> None:
    rig.engine.kept = {"user1"}
    rig.run()
    assert details(rig, "user1", Activity.READY)[0] == "still signed in"
    assert details(rig, "user2", Activity.READY)[0] == ""


def test_who_was_seen_signed_in_minutes_ago_is_not_looked_at_before_parking(rig: Rig) -> None:
    rig.run(hours=1)
    assert rig.engine.looked == []


# -- between openings


def test_between_openings_every_account_is_looked_at_as_often_as_the_profile_says(rig: Rig) -> None:
    how = rig.profile.signed_in
    assert how is not None
    every = how.check_every
    assert every == timedelta(minutes=10)
    rig.run()
    looks = [at for at in looks_at(rig, "user3") if at < HOUR]
    assert len(looks) == 6
    # The last one is the look before parking.
    for one, next_one in pairwise(looks[:-1]):
        # The check ten minutes before the opening is a look as well, and nobody is looked at just before it.
        assert every <= next_one - one <= every + timedelta(seconds=30)


def test_shortly_before_each_parking_every_account_is_looked_at_once_more(rig: Rig) -> None:
    rig.run()
    for account in ("user2", "user3"):
        last = max(at for at in looks_at(rig, account) if at < HOUR)
        assert HOUR - timedelta(seconds=60) <= last < HOUR - timedelta(seconds=20)


def test_nobody_is_looked_at_so_late_that_parking_would_interrupt_it(rig: Rig) -> None:
    strategy = StrategyName.OPTIMAL.on(terms(rig.profile, goal(rig.profile)))
    task = Task(rig.profile, goal(rig.profile), (Credentials("user1", "secret1"),), strategy, {})
    site_clock = SiteClock(rig.clock, Bracket(timedelta(0), timedelta(0)))
    sign_ins = SignIns(Context(task, rig.engine, site_clock, rig.store, rig.events.append, run_id=1))

    async def overdue(left: timedelta) -> int:
        rig.clock.advance(HOUR)
        before = len(rig.engine.looked)
        until = rig.clock.now() + left
        async with sign_ins.kept_alive(until):
            await site_clock.sleep_until(until)
        return len(rig.engine.looked) - before

    async def go() -> list[int]:
        await sign_ins.sign_in_all(datetime.max.replace(tzinfo=UTC))
        return [await overdue(timedelta(seconds=left)) for left in (20, 60)]

    assert run_async(go()) == [0, 1]


def test_who_is_signed_out_while_the_run_waits_is_signed_in_again(rig: Rig) -> None:
    real = rig.engine.fire

    async def fired(attempt: Attempt, order: Order) -> AttemptResult:
        if order.at == ONE:
            rig.engine.signed_out = {"user2"}
        return await real(attempt, order)

    rig.engine.fire = fired  # type: ignore[method-assign]
    result = rig.run()
    assert result.verdict.standing is Standing.REACHED
    assert rig.engine.signed_in.count("user2") == 2
    assert "signed in anew" in details(rig, "user2", Activity.READY)
    assert not result.problems


def test_a_site_that_does_not_tell_is_asked_again_and_nobody_is_given_up(rig: Rig) -> None:
    rig.engine.cannot_tell = {"user3"}
    result = rig.run()
    assert result.verdict.standing is Standing.REACHED
    assert len(looks_at(rig, "user3")) > len(looks_at(rig, "user2")) / 2
    assert any("does not answer" in e.text for e in rig.events if isinstance(e, Noted))
    # The check before the opening says so, too.
    assert result.problems == ("user3: the site does not answer",)


def test_who_cannot_be_signed_in_again_is_tried_again_until_it_works(rig: Rig) -> None:
    real = rig.engine.sign_in
    failures = ["the site is away", "the site is away"]

    async def sign_in(credentials: Credentials) -> SignIn:
        if rig.clock.now() > ONE and credentials.account == "user2" and failures:
            raise SignInError(f"user2: {failures.pop()}")
        return await real(credentials)

    async def first_fired(attempt: Attempt, order: Order) -> AttemptResult:
        rig.engine.signed_out |= {"user2"} if order.at == ONE else set()
        return await real_fire(attempt, order)

    real_fire = rig.engine.fire
    rig.engine.sign_in = sign_in  # type: ignore[method-assign]
    rig.engine.fire = first_fired  # type: ignore[method-assign]
    result = rig.run()
    assert owners(result.held)["X1 A 14:00"] == "user2"
    assert failures == []


def test_who_is_refused_while_the_run_waits_fires_no_more(rig: Rig) -> None:
    real = rig.engine.sign_in

    async def sign_in(credentials: Credentials) -> SignIn:
        if rig.clock.now() > ONE:
            raise SignInRefusedError(f"{credentials.account}: the password was changed")
        return await real(credentials)

    async def first_fired(attempt: Attempt, order: Order) -> AttemptResult:
        rig.engine.signed_out |= {"user2"} if order.at == ONE else set()
        return await real_fire(attempt, order)

    real_fire = rig.engine.fire
    rig.engine.sign_in = sign_in  # type: ignore[method-assign]
    rig.engine.fire = first_fired  # type: ignore[method-assign]
    result = rig.run(accounts=4)
    assert "user2" not in {a.account for a in rig.engine.fired if a.target.start.hour > 13}
    assert any("the password was changed" in problem for problem in result.problems)
    assert result.verdict.standing is Standing.REACHED


def from_the_first_opening_on(rig: Rig, who: str, sign_in: SniperError, look: SniperError) -> list[datetime]:
    """Let the site refuse to look at an account, and to sign it in; returns when it was asked to."""
    real_sign_in, real_look = rig.engine.sign_in, rig.engine.stay_signed_in
    asked: list[datetime] = []

    async def signs_in(credentials: Credentials) -> SignIn:
        if credentials.account == who and rig.clock.now() > ONE:
            asked.append(rig.clock.now())
            raise sign_in
        return await real_sign_in(credentials)

    async def looks(account: str) -> None:
        await real_look(account)
        if account == who and rig.clock.now() > ONE:
            raise look

    rig.engine.sign_in, rig.engine.stay_signed_in = signs_in, looks  # type: ignore[method-assign]
    return asked


def test_a_sign_in_that_fails_again_and_again_is_repeated_more_and_more_seldom_and_given_up(rig: Rig) -> None:
    away = SignInError("user3: the site is away")
    asked = from_the_first_opening_on(rig, "user3", away, SignedOutError("user3: the sign-in page"))
    result = rig.run(accounts=4)
    pauses = [(later - earlier) / timedelta(minutes=1) for earlier, later in pairwise(asked)]
    assert [round(pause) for pause in pauses] == [1, 2, 4, 8]
    assert any("user3: 5 sign-ins in a row did not work" in problem for problem in result.problems)
    assert result.verdict.standing is Standing.REACHED


def test_who_meets_a_captcha_while_the_run_waits_is_left_alone_and_a_person_is_told(rig: Rig) -> None:
    captcha = TurnedAwayError("user3: captcha: a person is needed", mend="Sign in by hand.")
    asked = from_the_first_opening_on(rig, "user3", captcha, captcha)
    result = rig.run(accounts=4)
    assert asked == []
    assert len([at for at in looks_at(rig, "user3") if at > timedelta(0)]) == 1
    assert captcha.explain() in result.problems
    assert "user3" not in {a.account for a in rig.engine.fired}
    assert result.verdict.standing is Standing.REACHED


def test_who_is_refused_when_its_page_is_parked_is_not_signed_in_once_more(rig: Rig) -> None:
    refused = SignInRefusedError("user1: the password was changed")
    asked: list[datetime] = []
    real = rig.engine.sign_in

    async def signs_in(credentials: Credentials) -> SignIn:
        if credentials.account == "user1" and "user1" in rig.engine.signed_in:
            asked.append(rig.clock.now())
            raise refused
        return await real(credentials)

    rig.engine.sign_in = signs_in  # type: ignore[method-assign]
    rig.engine.cannot_arm = {"user1"}
    result = rig.run(accounts=4)
    assert len(asked) == 1
    assert str(refused) in result.problems
    assert result.verdict.standing is Standing.REACHED


def test_an_account_the_site_signs_out_at_the_opening_fires_again_at_the_next(rig: Rig) -> None:
    rig.engine.answers = {"user1": Outcome.SIGNED_OUT}
    result = rig.run()
    assert any("signed out" in problem for problem in result.problems)
    assert "user1" in owners(result.held).values()
    assert result.verdict.standing is Standing.REACHED


# -- the last seconds


def test_ten_seconds_before_each_opening_every_parked_page_is_looked_at(rig: Rig) -> None:
    rig.run()
    (first,) = {at for who, at in rig.engine.last_looks if who == "user1"}
    assert timedelta(seconds=9) <= ONE - first <= timedelta(seconds=10)
    assert {who for who, _ in rig.engine.last_looks} == {"user1", "user2", "user3"}


def test_a_page_that_is_gone_ten_seconds_before_is_opened_again_and_fires(rig: Rig) -> None:
    rig.engine.broken = {"user1"}
    arm = rig.engine.arm
    rig.engine.cannot_arm = set()
    armed: list[str] = []

    async def noted(attempt: Attempt) -> None:
        armed.append(attempt.account)
        await arm(attempt)

    async def stays_broken(credentials: Credentials) -> SignIn:
        how = await sign_in(credentials)
        if rig.clock.now() < ONE - timedelta(seconds=30):
            rig.engine.broken.add("user1")
        return how

    sign_in = rig.engine.sign_in
    rig.engine.arm, rig.engine.sign_in = noted, stays_broken  # type: ignore[method-assign]
    result = rig.run()
    assert owners(result.held)["X1 A 13:00"] == "user1"
    assert armed.count("user1") == 2
    assert any("the page crashed" in e.text for e in rig.events if isinstance(e, Noted))
    assert not result.problems


def test_a_page_that_cannot_be_opened_again_does_not_hold_up_the_others_and_is_told(rig: Rig) -> None:
    async def gone(account: str) -> None:
        rig.engine.cannot_arm = {"user1"}
        rig.engine.broken = {"user1"}
        await look(account)

    look = rig.engine.look
    rig.engine.look = gone  # type: ignore[method-assign]
    result = rig.run(accounts=4)
    assert "user1" not in {a.account for a in rig.engine.fired}
    assert result.verdict.standing is Standing.REACHED
    assert any("user1" in problem and "could not be parked" in problem for problem in result.problems)
    mine = [a for a in rig.store.run(rig.run_id).attempts if a.account == "user1"]
    assert [(a.state, a.outcome) for a in mine] == [(AttemptState.CLOSED, Outcome.NOT_PARKED)] * len(mine)


def fails_before_the_opening(rig: Rig, account: str, by: timedelta, times: int = 1) -> list[datetime]:
    """Let an account's page crash after the plan was handed over; returns when it happened."""
    real = rig.engine.fire
    crashes: list[datetime] = []

    async def fire(attempt: Attempt, order: Order) -> AttemptResult:
        if attempt.account == account and len(crashes) < times:
            await rig.clock.sleep_until(order.at - by)
            crashes.append(rig.clock.now())
            crash = Try(attempt.target, Outcome.FAILED, rig.clock.now(), timedelta(0), "the page crashed")
            return AttemptResult(attempt, (crash,))
        return await real(attempt, order)

    rig.engine.fire = fire  # type: ignore[method-assign]
    return crashes


def test_a_page_that_crashes_in_the_last_seconds_is_opened_again_and_fires(rig: Rig) -> None:
    crashes = fails_before_the_opening(rig, "user1", timedelta(seconds=6))
    result = rig.run()
    assert len(crashes) == 1
    assert owners(result.held)["X1 A 13:00"] == "user1"
    # What became of the first page is not told as an answer of the site.
    assert [e.result.outcome for e in rig.events if isinstance(e, Tried) and e.account == "user1"] == [
        Outcome.BOOKED
    ]


@pytest.mark.parametrize("by", [timedelta(seconds=3), timedelta(milliseconds=200)])
def test_a_page_that_crashes_too_late_is_read_back_like_any_that_failed(rig: Rig, by: timedelta) -> None:
    fails_before_the_opening(rig, "user1", by)
    rig.run(accounts=1, hours=1)
    first = rig.store.run(rig.run_id).attempts[0]
    assert (first.state, first.outcome) == (AttemptState.CLOSED, Outcome.FAILED)


def test_a_page_that_crashes_again_and_again_is_given_up(rig: Rig) -> None:
    crashes = fails_before_the_opening(rig, "user1", timedelta(seconds=8), times=99)
    rig.run(accounts=1, hours=1)
    fired = len(rig.store.run(rig.run_id).attempts)
    assert 0 < len(crashes) <= 3 * fired
