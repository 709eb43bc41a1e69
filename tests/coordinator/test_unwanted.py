"""What is held beyond the need, or without it, is given back: at once, or at the end if that is wanted."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, time, timedelta
from typing import Any

import pytest

from sniper.coordinator import Coordinator, Task
from sniper.core.goals import Fallback
from sniper.core.outcomes import Outcome
from sniper.core.plan import Attempt, Held, Standing
from sniper.core.tries import AttemptResult, Try
from sniper.core.unwanted import GiveBack
from sniper.engine.protocol import Order, ReadBackError
from sniper.store.records import BookingStatus
from tests.coordinator.conftest import Rig, slot
from tests.coordinator.venue_engine import owners

Told = Callable[..., Any]


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Told:
    """Run with what was said about unwanted hours; `answers` are the person's, in order."""

    def run(
        rig: Rig, give_back: GiveBack, *answers: bool | None, someone: bool = True
    ) -> tuple[Any, list[str]]:
        asked: list[str] = []
        left = list(answers)

        async def ask(question: str) -> bool | None:
            asked.append(question)
            return left.pop(0)

        real = Coordinator.__init__

        def with_a_person(self: Coordinator, task: Task, *rest: Any, **named: Any) -> None:
            object.__setattr__(task, "give_back", give_back)
            real(self, task, *rest, **named, ask=ask if someone else None)

        monkeypatch.setattr(Coordinator, "__init__", with_a_person)
        # 13 is won; then nothing more is to be had, and one hour is of no use.
        rig.engine.gone = {(f"X1 {half}", hour) for half in "AB" for hour in range(14, 18)}
        only = rig.priorities[:1]
        return rig.run(accounts=3, priorities=only, window_end=time(16), fallback=Fallback(2)), asked

    return run


def test_hours_that_nobody_wants_are_given_back_when_the_goal_is_missed_and_the_person_says_so(
    rig: Rig, told: Told
) -> None:
    result, asked = told(rig, GiveBack.ASK, True)
    assert asked == ["Give back X1 A Tue 24 Nov 13:00 of user1?"]
    assert (result.verdict.standing, result.held) == (Standing.MISSED, ())
    assert [one.slot.hour.hour for one in rig.engine.cancelled] == [13]
    assert [one.status for one in rig.store.run(rig.run_id).bookings] == [BookingStatus.CANCELLED]


def test_they_are_kept_when_the_person_says_no(rig: Rig, told: Told) -> None:
    result, _ = told(rig, GiveBack.ASK, False)
    assert owners(result.held) == {"X1 A 13:00": "user1"}
    assert result.problems == ()


@pytest.mark.parametrize("someone", [True, False])
def test_where_nobody_answers_they_are_kept_and_it_is_told_how_to_give_them_back(
    rig: Rig, told: Told, someone: bool
) -> None:
    result, _ = told(rig, GiveBack.ASK, None, someone=someone)
    (booking,) = result.held
    command = f"sniper bookings give-back {booking.reference} --file bookings.json"
    assert any(command in problem for problem in result.problems)


def test_they_are_given_back_or_kept_without_asking_where_that_was_said(rig: Rig, told: Told) -> None:
    result, asked = told(rig, GiveBack.ALWAYS)
    assert (result.held, asked) == ((), [])


def test_they_are_kept_without_asking_where_that_was_said(rig: Rig, told: Told) -> None:
    result, asked = told(rig, GiveBack.NEVER)
    assert (len(result.held), asked, result.problems) == (1, [], ())


def test_what_was_held_before_the_run_is_never_offered(rig: Rig, told: Told) -> None:
    rig.engine.give("user2", slot("X1 A", 14))
    rig.engine.give("user3", slot("Fitness", 15))
    result, asked = told(rig, GiveBack.ALWAYS)
    assert {one.account for one in rig.engine.cancelled} <= {"user1"}
    assert {"user2", "user3"} <= {one.account for one in rig.engine.held}
    assert asked == []
    assert result.verdict.standing is Standing.FALLBACK


def test_nothing_is_offered_when_the_goal_is_reached(rig: Rig) -> None:
    assert rig.run().verdict.standing is Standing.REACHED
    assert rig.engine.cancelled == []


def both_win(rig: Rig) -> None:
    """All requests are on their way before the first answer comes."""
    real = rig.engine.fire

    async def fire(attempt: Attempt, order: Order) -> AttemptResult:
        return await real(attempt, Order(order.at, press=order.press))

    rig.engine.fire = fire  # type: ignore[method-assign]


def test_what_is_too_much_is_given_back_before_the_slowest_account_is_read(rig: Rig) -> None:
    both_win(rig)
    real = rig.engine.my_bookings
    read: list[tuple[str, datetime]] = []

    async def slow_for_one(account: str) -> tuple[Held, ...]:
        if rig.engine.fired and account == "user6" and not rig.engine.cancelled:
            for _ in range(2000):
                await asyncio.sleep(0)
        read.append((account, rig.clock.now()))
        return await real(account)

    rig.engine.my_bookings = slow_for_one  # type: ignore[method-assign]
    cancelled_when: list[list[str]] = []
    cancel = rig.engine.cancel

    async def noted(booking: Held) -> None:
        cancelled_when.append([account for account, _ in read])
        await cancel(booking)

    rig.engine.cancel = noted  # type: ignore[method-assign]
    rig.run(accounts=6)
    first = cancelled_when[0]
    assert first.count("user6") == 1, "at the sign-in, and not again yet"
    stored = {one.reference: one.status for one in rig.store.run(rig.run_id).bookings}
    assert all(stored[one.reference] is BookingStatus.CANCELLED for one in rig.engine.cancelled)


def test_what_turns_out_not_to_be_ours_at_the_end_is_gone_for_again(rig: Rig) -> None:
    """Nothing is known of the press at 13 until the waves are over: then it is, and the hour is open."""
    real_read, real_fire = rig.engine.my_bookings, rig.engine.fire
    lost: list[Attempt] = []

    async def fails_once(attempt: Attempt, order: Order) -> AttemptResult:
        if attempt.account == "user1" and not lost:
            lost.append(attempt)
            await rig.clock.sleep_until(order.at)
            failed = Try(attempt.target, Outcome.FAILED, rig.clock.now(), timedelta(0))
            return AttemptResult(attempt, (failed,))
        return await real_fire(attempt, order)

    async def unreadable_until_the_end(account: str) -> tuple[Held, ...]:
        if account == "user1" and lost and len(rig.engine.held) < 2:
            raise ReadBackError("user1: my bookings answered 500")
        return await real_read(account)

    rig.engine.fire = fails_once  # type: ignore[method-assign]
    rig.engine.my_bookings = unreadable_until_the_end  # type: ignore[method-assign]
    result = rig.run(accounts=4, priorities=rig.priorities[:1], window_end=time(16), fallback=Fallback(None))
    assert result.verdict.standing is Standing.REACHED
