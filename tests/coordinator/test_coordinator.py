"""How a run goes, opening by opening."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, time, timedelta

import pytest

from sniper.coordinator import RunResult
from sniper.coordinator.coordinator import park_ahead
from sniper.core.goals import Fallback
from sniper.core.outcomes import Outcome, Proof
from sniper.core.plan import Attempt, Held, Role, Standing, Wave
from sniper.core.policy import StrategyName
from sniper.core.tries import AttemptResult, Mark, ReadBack
from sniper.core.verdicts import Reason
from sniper.engine.protocol import Credentials, Order, SignIn, SignInError
from sniper.events import AccountDoes, Activity, Aimed, GivenBack, Proven, Tried, Waiting
from sniper.store.records import AttemptState, BookingStatus
from sniper.waterfall import waves_of
from tests.coordinator.conftest import Rig, TimeMachine, slot
from tests.coordinator.venue_engine import VenueEngine, owners


def test_three_accounts_win_three_hours_in_three_waves(rig: Rig) -> None:
    result = rig.run()
    assert result.verdict.standing is Standing.REACHED
    assert result.exit_code == 0
    assert owners(result.held) == {"X1 A 13:00": "user1", "X1 A 14:00": "user2", "X1 A 15:00": "user3"}
    assert len(rig.engine.fired) == 3


def test_a_rehearsal_waits_for_openings_and_for_nothing_else(rig: Rig) -> None:
    rig.clock.advance(timedelta(minutes=-30, milliseconds=-300))
    rig.time_travel = TimeMachine(rig.clock)
    result = rig.run()
    assert owners(result.held) == {"X1 A 13:00": "user1", "X1 A 14:00": "user2", "X1 A 15:00": "user3"}
    assert [e.what for e in rig.events if isinstance(e, Waiting)] == ["the opening"] * 3


def test_every_booking_is_proven_and_stored_with_its_reference(rig: Rig) -> None:
    result = rig.run()
    stored = rig.store.run(rig.run_id).bookings
    assert {(b.account, b.slot, b.reference, b.proof) for b in stored} == {
        (h.account, h.slot, h.reference, Proof.CONFIRMED) for h in result.held
    }
    assert [e.proof for e in rig.events if isinstance(e, Proven)] == [Proof.CONFIRMED] * 3


def test_the_record_tells_when_my_bookings_showed_what_was_booked(rig: Rig) -> None:
    rig.engine.gone = {("X1 A", 13)}
    result = rig.run(accounts=1, hours=1, fallback=Fallback(None))
    (attempt,) = rig.store.run(rig.run_id).attempts
    parked, proven = attempt.timeline
    assert parked.mark is Mark.PARKED
    assert (proven.mark, proven.slot, proven.detail) == (Mark.PROVEN, slot("X1 B", 13), ReadBack.SHOWN)
    assert proven.at >= attempt.opens_at
    assert result.attempts[0].timeline == attempt.timeline


@pytest.mark.parametrize(("silent", "told"), [(False, ReadBack.NOT_SHOWN), (True, ReadBack.UNREADABLE)])
def test_the_record_tells_what_my_bookings_did_not_show(rig: Rig, silent: bool, told: ReadBack) -> None:
    rig.engine.phantom = {"user1"}
    fire = rig.engine.fire

    async def fire_and_fall_silent(attempt: Attempt, order: Order) -> AttemptResult:
        rig.engine.cannot_read = {"user1"} if silent else set()
        return await fire(attempt, order)

    rig.engine.fire = fire_and_fall_silent  # type: ignore[method-assign]
    rig.run(accounts=1, hours=1, fallback=Fallback(None))
    first = rig.store.run(rig.run_id).attempts[0]
    assert [(m.mark, m.detail) for m in first.timeline] == [(Mark.PARKED, ""), (Mark.PROVEN, told)]


def test_a_lost_attempt_has_nothing_to_be_proven(rig: Rig) -> None:
    rig.engine.gone = {(f"X1 {half}", 13) for half in "AB"}
    rig.run(accounts=1, hours=1, window_end=time(14), priorities=rig.priorities[:1], fallback=Fallback(None))
    (attempt,) = rig.store.run(rig.run_id).attempts
    assert [moment.mark for moment in attempt.timeline] == [Mark.PARKED]


def test_the_record_tells_when_each_wave_was_to_fire(rig: Rig) -> None:
    rig.run()
    aimed = [event.aim for event in rig.events if isinstance(event, Aimed)]
    assert [wave.aim for wave in rig.store.run(rig.run_id).waves] == aimed
    assert len(aimed) == 3


def test_the_record_tells_when_a_page_was_parked_and_that_the_wave_was_planned_before_its_opening(
    rig: Rig,
) -> None:
    rig.run(accounts=1, hours=1, fallback=Fallback(None))
    detail = rig.store.run(rig.run_id)
    (wave,), (attempt,) = detail.waves, detail.attempts
    assert wave.aim is not None
    assert wave.aim.planned_at is not None
    assert wave.aim.planned_at < wave.opens_at
    assert attempt.timeline[0].at == wave.opens_at - timedelta(seconds=20)


def test_a_wave_of_slots_that_are_open_already_is_planned_after_its_opening(rig: Rig) -> None:
    rig.clock.advance(timedelta(hours=1))
    rig.run(accounts=1, hours=1, window_end=time(14), fallback=Fallback(None))
    (wave,) = rig.store.run(rig.run_id).waves
    assert wave.aim is not None
    assert wave.aim.planned_at is not None
    assert wave.aim.planned_at > wave.opens_at


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
    result = rig.run(window_end=time(16), priorities=rig.priorities[:2], fallback=Fallback(None))
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


def test_the_record_tells_who_could_not_be_parked_and_why(rig: Rig) -> None:
    rig.engine.cannot_arm = {"user1"}
    rig.run(accounts=4)
    first, *_ = waves_of(rig.store.run(rig.run_id))
    ended = {row.account: first.ended(row) for row in first.falls.rows}
    assert (ended["user2"], ended["user1"]) == ("booked, proven", "not parked")
    # Another account got what it was after.
    assert (first.losses, first.not_parked) == ((), (("user1", "no such page"),))


def test_where_nobody_could_be_parked_the_record_tells_what_was_lost_by_it(rig: Rig) -> None:
    rig.engine.cannot_arm = {"user1", "user2", "user3"}
    rig.run()
    detail = rig.store.run(rig.run_id)
    assert {(one.account, one.outcome, one.message) for one in detail.attempts} == {
        (f"user{number}", Outcome.NOT_PARKED, "no such page") for number in (1, 2, 3)
    }
    lost = [one for wave in waves_of(detail) for one in wave.losses]
    assert {one.reason for one in lost} == {Reason.NOT_PARKED}
    assert all(one.told == "not parked: it had no page to fire from. “no such page”" for one in lost)


def test_a_page_that_is_lost_in_the_last_seconds_and_cannot_be_repaired_is_told_as_not_parked(
    rig: Rig,
) -> None:
    rig.engine.broken = {"user1"}
    real = rig.engine.sign_in

    async def only_once(credentials: Credentials) -> SignIn:
        if rig.engine.last_looks:
            raise SignInError(f"{credentials.account}: the site is away")
        signed_in: SignIn = await real(credentials)
        rig.engine.broken = {"user1"}
        return signed_in

    rig.engine.sign_in = only_once  # type: ignore[method-assign]
    rig.run(accounts=1, hours=1, fallback=Fallback(None), priorities=rig.priorities[:1])
    attempt = rig.store.run(rig.run_id).attempts[0]
    assert (attempt.outcome, attempt.message) == (Outcome.NOT_PARKED, "the site is away")


def test_a_run_in_which_no_account_can_sign_in_ends_with_a_miss(rig: Rig) -> None:
    rig.engine.refuse_sign_in = {"user1", "user2", "user3"}
    result = rig.run()
    assert (result.verdict.standing, rig.engine.fired) == (Standing.MISSED, [])


@pytest.mark.parametrize("outcome", [Outcome.BLOCKED, Outcome.CAPTCHA])
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
    result = rig.run(priorities=rig.priorities[:1])
    assert any("Cancel it by hand" in problem for problem in result.problems)
    assert result.verdict.standing is Standing.FALLBACK


def test_a_lonely_hour_is_given_back_when_its_account_is_needed(rig: Rig) -> None:
    rig.engine.gone = {("X1 A", 14), ("X1 B", 14)}
    result = rig.run(priorities=rig.priorities[:1])
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


def cannot_read_later(engine: type[VenueEngine]) -> type[VenueEngine]:
    """One whose site does not tell any more what those hold who have fired."""

    class CannotReadLater(engine):  # type: ignore[misc,valid-type]
        async def my_bookings(self, account: str) -> tuple[Held, ...]:
            self.cannot_read = {a.account for a in self.fired}
            held: tuple[Held, ...] = await super().my_bookings(account)
            return held

    return CannotReadLater


def test_when_my_bookings_cannot_be_read_nothing_is_called_booked(rig: Rig) -> None:
    rig.engine.__class__ = cannot_read_later(type(rig.engine))
    result = rig.run()
    assert result.verdict.standing is Standing.MISSED
    assert result.unproven


@pytest.mark.parametrize("strategy", StrategyName)
def test_nobody_fires_any_more_while_a_booking_in_doubt_may_be_all_that_is_wanted(
    rig: Rig, strategy: StrategyName
) -> None:
    rig.engine.__class__ = cannot_read_later(type(rig.engine))
    result = rig.run(
        accounts=4, strategy=strategy, hours=1, fallback=Fallback(None), priorities=rig.priorities[:2]
    )
    assert {attempt.target.start.hour for attempt in rig.engine.fired} == {13}
    assert owners(rig.engine.held) == owners(result.unproven) == {"X1 A 13:00": "user1"}


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


def test_accounts_are_signed_in_three_minutes_before_the_first_opening_if_no_check_comes_before(
    rig: Rig,
) -> None:
    rig.clock.__init__(datetime(2026, 11, 21, 11, 52, tzinfo=UTC))  # type: ignore[misc]
    moments = []
    real = rig.engine.sign_in

    async def noted(credentials: Credentials) -> SignIn:
        moments.append(rig.clock.now())
        return await real(credentials)

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


def test_crowds_begin_to_park_earlier() -> None:
    def of(size: int) -> timedelta:
        attempts = tuple(Attempt(f"user{n}", (slot("X1 A", 13),), Role.LEAD) for n in range(size))
        return park_ahead(Wave(slot("X1 A", 13).instant - timedelta(hours=72), attempts, ""))

    assert of(1) == of(8) == timedelta(seconds=20)
    assert of(32) > timedelta(seconds=30)
