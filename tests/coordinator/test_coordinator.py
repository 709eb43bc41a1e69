"""How a run goes, opening by opening."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from sniper.coordinator import RunResult
from sniper.core.goals import Fallback
from sniper.core.outcomes import Outcome, Proof
from sniper.core.plan import Attempt, Held, Standing
from sniper.core.slots import Slot
from sniper.core.tries import AttemptResult, Try
from sniper.engine.protocol import (
    ArmError,
    Credentials,
    Order,
    ReadBackError,
    SignInError,
    SignInRefusedError,
)
from sniper.errors import EnvironmentProblem
from sniper.events import AccountDoes, Activity, GivenBack, Proven, Tried
from sniper.store.records import AttemptState, BookingStatus, RunState
from tests.coordinator.conftest import DAY, Rig
from tests.coordinator.venue_engine import owners

DELFT = ZoneInfo("Europe/Amsterdam")


def slot(place: str, hour: int) -> Slot:
    location, _, sub = place.partition(" ")
    return Slot(location, f"{location} {sub}" if sub else None, datetime.combine(DAY, time(hour), DELFT))


def test_three_accounts_win_three_hours_in_three_waves(rig: Rig) -> None:
    result = rig.run()
    assert result.verdict.standing is Standing.REACHED
    assert result.exit_code == 0
    assert owners(result.held) == {"X1 A 13:00": "user1", "X1 A 14:00": "user2", "X1 A 15:00": "user3"}
    assert len(rig.engine.fired) == 3


def test_every_booking_is_proven_and_stored_with_its_reference(rig: Rig) -> None:
    result = rig.run()
    stored = rig.store.run(rig.run_id).bookings
    assert {(b.account, b.slot, b.reference, b.proof) for b in stored} == {
        (h.account, h.slot, h.reference, Proof.CONFIRMED) for h in result.held
    }
    assert [e.proof for e in rig.events if isinstance(e, Proven)] == [Proof.CONFIRMED] * 3


def test_what_a_rival_took_is_looked_for_in_the_next_sub_location(rig: Rig) -> None:
    rig.engine.gone = {("X1 A", 13), ("X1 A", 14)}
    result = rig.run()
    assert owners(result.held) == {"X1 B 13:00": "user1", "X1 B 14:00": "user2", "X1 A 15:00": "user3"}


def test_when_all_of_x1_is_lost_the_run_goes_on_at_x3(rig: Rig) -> None:
    rig.engine.gone = {(f"X1 {half}", hour) for half in "AB" for hour in range(13, 18)}
    result = rig.run()
    assert result.verdict.standing is Standing.REACHED
    assert {h.slot.location for h in result.verdict.streak} == {"X3"}


def test_two_hours_are_accepted_when_three_cannot_be_had(rig: Rig) -> None:
    rig.engine.gone = {(f"{place} {half}", 15) for place in ("X1", "X3") for half in "AB"}
    rig.engine.gone |= {("Fitness", hour) for hour in range(13, 18)}
    result = rig.run(window_end=time(16))
    assert (result.verdict.standing, result.exit_code) == (Standing.FALLBACK, 0)
    assert [h.slot.start.hour for h in result.verdict.streak] == [13, 14]


def test_without_a_fallback_less_than_the_goal_is_a_miss(rig: Rig) -> None:
    rig.engine.gone = {(f"{place} {half}", 15) for place in ("X1", "X3") for half in "AB"}
    result = rig.run(window_end=time(16), priorities=rig_priorities(rig)[:2], fallback=Fallback(None))
    assert (result.verdict.standing, result.exit_code) == (Standing.MISSED, 1)


def test_an_account_with_a_wrong_password_does_not_stop_the_others(rig: Rig) -> None:
    rig.engine.refuse_sign_in = {"user2"}
    result = rig.run(accounts=4)
    assert result.verdict.standing is Standing.REACHED
    assert {h.account for h in result.held} == {"user1", "user3", "user4"}
    assert any("user2" in problem for problem in result.problems)
    assert AccountDoes("user2", Activity.OUT, "the site refused the sign-in") in rig.events


def test_an_account_that_cannot_be_parked_is_replaced_before_the_opening(rig: Rig) -> None:
    rig.engine.cannot_arm = {"user1"}
    result = rig.run(accounts=4)
    assert result.verdict.standing is Standing.REACHED
    assert {h.account for h in result.held} == {"user2", "user3", "user4"}


def test_a_run_in_which_no_account_can_sign_in_ends_with_a_miss(rig: Rig) -> None:
    rig.engine.refuse_sign_in = {"user1", "user2", "user3"}
    result = rig.run()
    assert (result.verdict.standing, rig.engine.fired) == (Standing.MISSED, [])


@pytest.mark.parametrize("outcome", [Outcome.BLOCKED, Outcome.CAPTCHA, Outcome.SIGNED_OUT])
def test_an_account_the_site_stops_fires_no_more_and_a_person_is_told(rig: Rig, outcome: Outcome) -> None:
    rig.engine.answers = {"user1": outcome}
    result = rig.run(accounts=4)
    assert [a.account for a in rig.engine.fired].count("user1") == 1
    assert any(p.startswith("user1") and outcome.meaning in p for p in result.problems)
    assert result.verdict.standing is Standing.REACHED


@pytest.mark.parametrize("outcome", [Outcome.UNKNOWN, Outcome.FAILED])
def test_an_answer_nobody_understands_is_read_back_and_not_tried_again_blindly(
    rig: Rig, outcome: Outcome
) -> None:
    rig.engine.answers = {"user1": outcome}
    result = rig.run(accounts=4)
    first = next(a for a in rig.engine.fired if a.account == "user1").target
    again = [a for a in rig.engine.fired if a.account == "user1" and first in a.chain]
    assert len(again) == 1
    assert result.verdict.standing is Standing.REACHED


def test_the_first_win_of_an_hour_stands_the_others_down(rig: Rig) -> None:
    rig.run(accounts=6)
    answers = [e.result.outcome for e in rig.events if isinstance(e, Tried)]
    assert answers.count(Outcome.STOOD_DOWN) > 0


def test_a_second_booking_of_one_hour_is_given_back(rig: Rig) -> None:
    class BothWin(type(rig.engine)):  # type: ignore[misc]
        async def fire(self, attempt: Attempt, order: Order) -> AttemptResult:
            # All requests are on their way before the first answer comes.
            result: AttemptResult = await super().fire(attempt, Order(order.at, press=order.press))
            return result

    rig.engine.__class__ = BothWin
    result = rig.run(accounts=6)
    assert result.verdict.standing is Standing.REACHED
    assert owners(result.held) == owners(result.verdict.streak)
    assert len(rig.engine.cancelled) > 0
    given_back = [e for e in rig.events if isinstance(e, GivenBack)]
    assert [e.booking.reference for e in given_back] == [h.reference for h in rig.engine.cancelled]
    stored = {b.reference: b.status for b in rig.store.run(rig.run_id).bookings}
    assert all(stored[h.reference] is BookingStatus.CANCELLED for h in rig.engine.cancelled)


def test_what_cannot_be_cancelled_is_told_and_the_run_goes_on(rig: Rig) -> None:
    # 13 is won and 14 lost: the hour at 13 uses up an account that 15 to 18 needs.
    rig.engine.gone = {("X1 A", 14), ("X1 B", 14)}
    rig.engine.cannot_cancel = True
    result = rig.run(priorities=rig_priorities(rig)[:1])
    assert any("Cancel it by hand" in problem for problem in result.problems)
    assert result.verdict.standing is Standing.FALLBACK


def test_a_lonely_hour_is_given_back_when_its_account_is_needed(rig: Rig) -> None:
    rig.engine.gone = {("X1 A", 14), ("X1 B", 14)}
    result = rig.run(priorities=rig_priorities(rig)[:1])
    assert [h.slot.start.hour for h in result.verdict.streak] == [15, 16, 17]
    assert [h.slot.start.hour for h in rig.engine.cancelled] == [13]


def test_a_booking_that_my_bookings_does_not_show_is_unverified(rig: Rig) -> None:
    rig.engine.phantom = {"user1"}
    result = rig.run(accounts=4)
    assert ("user1", "999") in {(h.account, h.reference) for h in result.unproven}
    assert "user1" not in {h.account for h in result.verdict.streak}
    assert result.verdict.standing is Standing.REACHED
    proofs = {b.proof for b in rig.store.run(rig.run_id).bookings if b.account == "user1"}
    assert proofs == {Proof.UNVERIFIED}


def test_when_my_bookings_cannot_be_read_nothing_is_called_booked(rig: Rig) -> None:
    class CannotReadLater(type(rig.engine)):  # type: ignore[misc]
        async def my_bookings(self, account: str) -> tuple[Held, ...]:
            self.cannot_read = {a.account for a in self.fired}
            held: tuple[Held, ...] = await super().my_bookings(account)
            return held

    rig.engine.__class__ = CannotReadLater
    result = rig.run()
    assert result.verdict.standing is Standing.MISSED
    assert result.unproven


def test_what_an_account_held_before_counts_and_is_never_given_back(rig: Rig) -> None:
    rig.engine.give("user1", slot("X1 A", 14))
    result = rig.run()
    assert [h.slot.start.hour for h in result.verdict.streak] == [13, 14, 15]
    assert not rig.engine.cancelled
    assert len(rig.engine.fired) == 2


def test_a_goal_that_is_reached_already_fires_nothing(rig: Rig) -> None:
    for number, hour in enumerate((13, 14, 15), 1):
        rig.engine.give(f"user{number}", slot("X1 A", hour))
    result = rig.run()
    assert (result.verdict.standing, rig.engine.fired) == (Standing.REACHED, [])


def test_accounts_are_signed_in_three_minutes_before_the_first_opening(rig: Rig) -> None:
    rig.clock.__init__(datetime(2026, 11, 20, 8, tzinfo=UTC))  # type: ignore[misc]
    moments = []
    real = rig.engine.sign_in

    async def noted(credentials: object) -> None:
        moments.append(rig.clock.now())
        await real(credentials)  # type: ignore[arg-type]

    rig.engine.sign_in = noted  # type: ignore[method-assign]
    rig.run()
    # Fitness opened days before; X1, which comes first, opens on Saturday at 13:00 in Delft.
    assert set(moments) == {datetime(2026, 11, 21, 11, 57, tzinfo=UTC)}


def test_nobody_fires_before_the_opening(rig: Rig) -> None:
    rig.run()
    tried = [e.result for e in rig.events if isinstance(e, Tried)]
    openings = [datetime(2026, 11, 21, hour, tzinfo=UTC) for hour in (12, 13, 14)]
    assert [t.started_at for t in tried] == openings


def test_attempts_are_in_the_store_before_they_are_fired_and_closed_after(rig: Rig) -> None:
    seen: list[list[AttemptState]] = []
    real = rig.engine.fire

    async def looked(attempt: Attempt, order: Order) -> AttemptResult:
        seen.append([a.state for a in rig.store.run(rig.run_id).attempts if a.account == attempt.account])
        return await real(attempt, order)

    rig.engine.fire = looked  # type: ignore[method-assign]
    rig.run()
    assert seen == [[AttemptState.OPEN]] * 3
    assert {a.state for a in rig.store.run(rig.run_id).attempts} == {AttemptState.CLOSED}


def test_ctrl_c_between_press_and_answer_reads_back_before_leaving(rig: Rig) -> None:
    real = rig.engine.fire

    async def pressed_then_hangs(attempt: Attempt, order: Order) -> AttemptResult:
        await real(attempt, order)
        running[0].cancel()
        await asyncio.Event().wait()
        raise AssertionError

    running: list[asyncio.Task[RunResult]] = []
    rig.engine.fire = pressed_then_hangs  # type: ignore[method-assign]
    with pytest.raises(asyncio.CancelledError):
        rig.run(stop=running.append)
    detail = rig.store.run(rig.run_id)
    assert [(a.state, a.outcome) for a in detail.attempts] == [(AttemptState.CLOSED, Outcome.BOOKED)]
    assert [(b.account, b.proof) for b in detail.bookings] == [("user1", Proof.CONFIRMED)]


def test_a_dry_run_gets_every_page_to_the_press_and_books_nothing(rig: Rig) -> None:
    result = rig.run(press=False)
    assert rig.engine.held == []
    assert [a.last.outcome for a in result.attempts if a.last] == [Outcome.NOT_PRESSED] * 3
    assert result.exit_code == 0


def test_a_dry_run_in_which_a_page_does_not_get_there_is_a_failure(rig: Rig) -> None:
    rig.engine.cannot_arm = {"user1"}
    assert rig.run(press=False).exit_code == 1


def rig_priorities(rig: Rig) -> tuple:  # type: ignore[type-arg]
    from tests.coordinator.conftest import goal

    return goal(rig.profile).priorities


# -- when things go wrong on the way


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


def test_a_page_that_hangs_while_it_is_parked_makes_nobody_late(rig: Rig) -> None:
    real = rig.engine.arm

    async def slow_for_user4(attempt: Attempt) -> None:
        if attempt.account == "user4":
            await asyncio.Event().wait()
        await real(attempt)

    rig.engine.arm = slow_for_user4  # type: ignore[method-assign]
    result = rig.run(accounts=4)
    assert result.verdict.standing is Standing.REACHED
    assert "user4" not in {a.account for a in rig.engine.fired}


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

    async def hiccup(credentials: Credentials) -> None:
        if credentials.account in failing:
            failing.remove(credentials.account)
            raise SignInError(f"{credentials.account}: the page did not come")
        await real(credentials)

    rig.engine.sign_in = hiccup  # type: ignore[method-assign]
    result = rig.run()
    assert result.verdict.standing is Standing.REACHED
    assert not result.problems


def test_a_refused_sign_in_is_not_tried_again(rig: Rig) -> None:
    tried = []

    async def refused(credentials: Credentials) -> None:
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
    real = rig.store.plan_wave

    def fails_from_the_second_wave_on(*args: Any, **kwargs: Any) -> int:
        if rig.engine.held:
            raise EnvironmentProblem("the database is gone")
        return real(*args, **kwargs)

    monkeypatch.setattr(rig.store, "plan_wave", fails_from_the_second_wave_on)
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
    result = rig.run(accounts=6, priorities=rig_priorities(rig)[:1])
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
    result = rig.run(priorities=rig_priorities(rig)[:1])
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
