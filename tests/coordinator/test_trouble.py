"""What goes wrong on the way, and what it must not cost."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest

from sniper.coordinator import RunResult
from sniper.core.goals import Fallback
from sniper.core.outcomes import Outcome, Proof
from sniper.core.plan import Attempt, Held, Standing
from sniper.core.tries import AttemptResult, Mark, Moment, ReadBack, Try
from sniper.engine.protocol import (
    ArmError,
    Credentials,
    Order,
    ReadBackError,
    SignIn,
    SignInError,
    SignInRefusedError,
)
from sniper.errors import EnvironmentProblem
from sniper.sites.profile import Limits
from sniper.store.records import AttemptState, RunState
from sniper.store.repository import Store
from sniper.waterfall import waves_of
from tests.coordinator.conftest import OPENINGS, Rig, slot
from tests.coordinator.venue_engine import owners


def test_ctrl_c_while_my_bookings_is_read_still_records_what_was_won(rig: Rig) -> None:
    running: list[asyncio.Task[RunResult]] = []
    real = rig.engine.my_bookings

    async def interrupted(account: str) -> tuple[Held, ...]:
        held = await real(account)
        if rig.engine.fired:
            running[0].cancel()
            await asyncio.sleep(0)
        return held

    rig.engine.my_bookings = interrupted  # type: ignore[method-assign]
    with pytest.raises(asyncio.CancelledError):
        rig.run(stop=running.append)
    detail = rig.store.run(rig.run_id)
    assert [a.state for a in detail.attempts] == [AttemptState.CLOSED]
    assert [(b.account, b.proof) for b in detail.bookings] == [("user1", Proof.CONFIRMED)]


def test_ctrl_c_with_a_site_that_does_not_answer_leaves_the_attempt_open(rig: Rig) -> None:
    running: list[asyncio.Task[RunResult]] = []

    async def hangs(attempt: Attempt, order: Order) -> AttemptResult:  # noqa: ARG001 - the engine's signature
        rig.engine.cannot_read = {"user1"}
        running[0].cancel()
        await asyncio.Event().wait()
        raise AssertionError

    rig.engine.fire = hangs  # type: ignore[method-assign]
    with pytest.raises(asyncio.CancelledError):
        rig.run(stop=running.append)
    assert [a.state for a in rig.store.run(rig.run_id).attempts] == [AttemptState.OPEN]


def fires_and_hangs(running: list[asyncio.Task[RunResult]], rig: Rig, *, readable: bool) -> Any:
    """A page whose request has left when the run is stopped."""

    async def fire(attempt: Attempt, order: Order) -> AttemptResult:
        await rig.clock.sleep_until(order.at)
        for mark in (Mark.FIRED, Mark.SENT):
            order.noted.append(Moment(rig.clock.now(), mark, attempt.target))
        rig.engine.cannot_read = set() if readable else {"user1"}
        running[0].cancel()
        await asyncio.Event().wait()
        raise AssertionError

    return fire


@pytest.mark.parametrize("readable", [True, False])
def test_what_was_noted_of_an_attempt_that_was_interrupted_is_kept(rig: Rig, readable: bool) -> None:
    running: list[asyncio.Task[RunResult]] = []
    rig.engine.fire = fires_and_hangs(running, rig, readable=readable)  # type: ignore[method-assign]
    with pytest.raises(asyncio.CancelledError):
        rig.run(stop=running.append)
    (attempt,) = rig.store.run(rig.run_id).attempts
    noted = [(moment.mark, moment.detail) for moment in attempt.timeline]
    assert noted[:3] == [(Mark.PARKED, ""), (Mark.FIRED, ""), (Mark.SENT, "")]
    if readable:
        assert (attempt.outcome, attempt.fired_at) == (Outcome.INTERRUPTED, None)
        assert noted[3:] == [(Mark.PROVEN, ReadBack.NOT_SHOWN)]
    else:
        assert (attempt.state, noted[3:]) == (AttemptState.OPEN, [])


def test_an_attempt_that_was_left_open_is_settled_as_interrupted_with_what_was_noted(rig: Rig) -> None:
    running: list[asyncio.Task[RunResult]] = []
    real = rig.engine.fire
    rig.engine.fire = fires_and_hangs(running, rig, readable=False)  # type: ignore[method-assign]
    with pytest.raises(asyncio.CancelledError):
        rig.run(stop=running.append)
    first = rig.run_id
    rig.store.finish_run(first, RunState.INTERRUPTED, None, 130, now=datetime.now(UTC))
    rig.engine.fire, rig.engine.cannot_read = real, set()  # type: ignore[method-assign]
    rig.run()
    (wave,) = waves_of(rig.store.run(first))
    (row,) = wave.falls.rows
    assert wave.ended(row) == "interrupted"
    assert [point.mark for point in row.points] == [Mark.PARKED, Mark.FIRED, Mark.SENT]
    (lost,) = wave.losses
    assert lost.told.startswith("interrupted: the run was stopped or crashed; the request left")


def test_an_account_whose_session_ended_is_signed_in_again_before_it_is_parked(rig: Rig) -> None:
    real = rig.engine.arm
    ended = {"user2"}

    async def signed_out_once(attempt: Attempt) -> None:
        if attempt.account in ended:
            ended.discard(attempt.account)
            raise ArmError(f"{attempt.account}: the sign-in page is there")
        await real(attempt)

    rig.engine.arm = signed_out_once  # type: ignore[method-assign]
    result = rig.run()
    assert result.verdict.standing is Standing.REACHED
    assert rig.engine.signed_in.count("user2") == 2


def test_a_sign_in_that_fails_without_a_refusal_is_tried_again(rig: Rig) -> None:
    real = rig.engine.sign_in
    failing = ["user1"]

    async def hiccup(credentials: Credentials) -> SignIn:
        if credentials.account in failing:
            failing.remove(credentials.account)
            raise SignInError(f"{credentials.account}: the page did not come")
        return await real(credentials)

    rig.engine.sign_in = hiccup  # type: ignore[method-assign]
    result = rig.run()
    assert result.verdict.standing is Standing.REACHED
    assert not result.problems


def test_a_refused_sign_in_is_not_tried_again(rig: Rig) -> None:
    tried = []

    async def refused(credentials: Credentials) -> SignIn:
        tried.append(credentials.account)
        raise SignInRefusedError(f"{credentials.account}: wrong password")

    rig.engine.sign_in = refused  # type: ignore[method-assign]
    rig.run()
    assert sorted(tried) == ["user1", "user2", "user3"]


def test_a_bug_that_meets_one_account_is_not_the_end_for_the_others(rig: Rig) -> None:
    real = rig.engine.fire

    async def breaks_for_user1(attempt: Attempt, order: Order) -> AttemptResult:
        if attempt.account == "user1":
            raise KeyError("sub_location")
        return await real(attempt, order)

    rig.engine.fire = breaks_for_user1  # type: ignore[method-assign]
    result = rig.run(accounts=4)
    assert result.verdict.standing is Standing.REACHED
    assert any("user1: firing failed unexpectedly (KeyError)" in problem for problem in result.problems)


def test_a_clock_that_cannot_be_read_again_does_not_end_the_run(rig: Rig) -> None:
    rig.clock.__init__(datetime(2026, 11, 21, 9, tzinfo=UTC))  # type: ignore[misc]
    rig.remeasure_fails = True
    assert rig.run().verdict.standing is Standing.REACHED


def test_what_was_booked_before_a_failure_is_still_told(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    real = Store.plan_wave

    def fails_from_the_second_wave_on(*args: Any, **kwargs: Any) -> int:
        if rig.engine.held:
            raise EnvironmentProblem("the database is gone")
        return real(*args, **kwargs)

    monkeypatch.setattr(Store, "plan_wave", fails_from_the_second_wave_on)
    result = rig.run()
    assert owners(result.held) == {"X1 A 13:00": "user1"}
    assert (result.exit_code, "the database is gone" in result.problems) == (3, True)


def test_while_it_is_not_known_whether_an_hour_is_ours_nobody_else_fires_for_it(rig: Rig) -> None:
    real = rig.engine.my_bookings

    async def cannot_read_user1(account: str) -> tuple[Held, ...]:
        if account == "user1" and len(rig.engine.fired) in (1, 2):
            raise ReadBackError("user1: my bookings answered 500")
        return await real(account)

    rig.engine.my_bookings = cannot_read_user1  # type: ignore[method-assign]
    result = rig.run(accounts=6, priorities=rig.priorities[:1])
    at_13 = [h for h in rig.engine.held if h.slot.start.hour == 13]
    assert [h.account for h in at_13] == ["user1"]
    # At the end it can be read again, and counts.
    assert result.verdict.standing is Standing.REACHED
    assert not result.unproven


def test_a_booking_made_by_hand_during_the_run_is_never_given_back(rig: Rig) -> None:
    real = rig.engine.fire

    async def books_by_hand_meanwhile(attempt: Attempt, order: Order) -> AttemptResult:
        if not rig.engine.fired:
            rig.engine.give("user1", slot("Fitness", 17))
        return await real(attempt, order)

    rig.engine.fire = books_by_hand_meanwhile  # type: ignore[method-assign]
    rig.run()
    assert not rig.engine.cancelled


def test_a_cancelled_booking_that_still_shows_is_told_as_such(rig: Rig) -> None:
    async def says_so_only(booking: Held) -> None:
        rig.engine.cancelled.append(booking)

    rig.engine.cancel = says_so_only  # type: ignore[method-assign]
    rig.engine.gone = {("X1 A", 14), ("X1 B", 14)}
    result = rig.run(priorities=rig.priorities[:1])
    assert any("my bookings still shows it" in problem for problem in result.problems)


def test_a_site_that_only_errs_is_left_alone_after_a_few_tries(rig: Rig) -> None:
    async def errs(attempt: Attempt, order: Order) -> AttemptResult:
        rig.engine.fired.append(attempt)
        await rig.clock.sleep_until(order.at)
        one = Try(attempt.target, Outcome.MAINTENANCE, rig.clock.now(), timedelta(0))
        return AttemptResult(attempt, (one,))

    rig.engine.fire = errs  # type: ignore[method-assign]
    rig.run()
    assert all([a.account for a in rig.engine.fired].count(f"user{n}") <= 3 for n in (1, 2, 3))


def test_what_an_interrupted_run_left_open_is_settled_by_the_next_one(rig: Rig) -> None:
    running: list[asyncio.Task[RunResult]] = []
    real_fire = rig.engine.fire

    async def books_and_hangs(attempt: Attempt, order: Order) -> AttemptResult:
        await real_fire(attempt, order)
        rig.engine.cannot_read = {"user1"}
        running[0].cancel()
        await asyncio.Event().wait()
        raise AssertionError

    rig.engine.fire = books_and_hangs  # type: ignore[method-assign]
    with pytest.raises(asyncio.CancelledError):
        rig.run(stop=running.append)
    first = rig.run_id
    rig.store.finish_run(first, RunState.INTERRUPTED, None, 130, now=datetime.now(UTC))
    rig.engine.fire, rig.engine.cannot_read = real_fire, set()  # type: ignore[method-assign]

    result = rig.run()
    assert result.verdict.standing is Standing.REACHED
    assert [h.slot.start.hour for h in result.verdict.streak] == [13, 14, 15]
    (attempt,) = rig.store.run(first).attempts
    assert (attempt.state, attempt.outcome) == (AttemptState.CLOSED, Outcome.BOOKED)
    assert [(b.account, b.proof) for b in rig.store.run(first).bookings] == [("user1", Proof.CONFIRMED)]


def noting_reads(rig: Rig, who: str) -> list[datetime]:
    """When *my bookings* of an account is asked for after the first opening."""
    real = rig.engine.my_bookings
    asked: list[datetime] = []

    async def noted(account: str) -> tuple[Held, ...]:
        if account == who and rig.engine.fired:
            asked.append(rig.clock.now())
        return await real(account)

    rig.engine.my_bookings = noted  # type: ignore[method-assign]
    return asked


@pytest.mark.parametrize(
    ("per", "tried"),
    [
        (["date"], ["X1 A"]),
        (["date", "start"], ["X1 A", "X1 A"]),
        (["date", "start", "location"], ["X1 A", "X1 B", "X1 A", "X1 B"]),
    ],
)
def test_at_a_limit_that_counts_bookings_wherever_they_are_an_account_leaves_what_it_counts_to_others(
    rig: Rig, per: list[str], tried: list[str]
) -> None:
    limits = Limits.model_validate({"per_account": [{"bookings": 1, "per": per}]})
    rig.profile = rig.profile.model_copy(update={"limits": limits})

    async def limited(attempt: Attempt, order: Order) -> AttemptResult:
        await rig.clock.sleep_until(order.at)
        rig.engine.fired.append(attempt)
        now = rig.clock.now()
        return AttemptResult(attempt, (Try(attempt.target, Outcome.ACCOUNT_LIMIT, now, timedelta(0)),))

    rig.engine.fire = limited  # type: ignore[method-assign]
    x1 = rig.priorities[:1]
    rig.run(accounts=1, hours=1, window_end=time(15), priorities=x1, fallback=Fallback(None))
    assert [attempt.target.place for attempt in rig.engine.fired] == tried


def test_who_is_told_to_ask_less_often_is_not_asked_about_again_for_a_minute(rig: Rig) -> None:
    rig.engine.answers = {"user1": Outcome.RATE_LIMITED}
    reads = noting_reads(rig, "user1")
    result = rig.run(accounts=4)
    assert reads[0] >= OPENINGS[0] + timedelta(minutes=1)
    assert not any("could not be read" in problem for problem in result.problems)


@pytest.mark.parametrize("pause", [timedelta(seconds=40), timedelta(hours=5)])
def test_my_bookings_is_not_asked_for_again_before_the_pause_the_site_wants_is_over(
    rig: Rig, pause: timedelta
) -> None:
    reads = noting_reads(rig, "user1")
    real = rig.engine.my_bookings

    async def too_often(account: str) -> tuple[Held, ...]:
        held = await real(account)
        if len(reads) == 1:
            raise ReadBackError("user1: my bookings answered 429", pause=pause)
        return held

    rig.engine.my_bookings = too_often  # type: ignore[method-assign]
    only = rig.priorities[:1]
    result = rig.run(accounts=1, hours=1, window_end=time(14), priorities=only, fallback=Fallback(None))
    if pause < timedelta(hours=1):
        assert reads[1:] == [OPENINGS[0] + pause]
        assert result.verdict.standing is Standing.REACHED
    else:
        assert reads[1:] == []
        assert any("could not be read" in problem for problem in result.problems)


def test_the_presses_of_an_opening_are_counted_over_all_of_its_waves(rig: Rig) -> None:
    left: list[int | None] = []
    real = rig.engine.fire

    async def opens_late(attempt: Attempt, order: Order) -> AttemptResult:
        left.append(order.presses)
        if len(left) > 1:
            return await real(attempt, order)
        await rig.clock.sleep_until(order.at)
        now, first = rig.clock.now(), attempt.target
        early = Try(first, Outcome.TOO_EARLY, now, timedelta(seconds=5))
        course = tuple(Moment(now, Mark.FIRED, first) for _ in range(10))
        return AttemptResult(attempt, (early,), course)

    rig.engine.fire = opens_late  # type: ignore[method-assign]
    rig.run(accounts=1, hours=1, window_end=time(14), priorities=rig.priorities[:1], fallback=Fallback(None))
    assert left == [12, 2]
