"""What a run makes of an earlier one of its job that did not come to its end."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest

from sniper.core.goals import Fallback
from sniper.core.outcomes import Outcome
from sniper.core.plan import Attempt, Held, Standing
from sniper.core.tries import AttemptResult, Mark, Moment, Try
from sniper.engine.protocol import Order
from sniper.events import Noted
from sniper.store.leases import Job
from sniper.store.records import AttemptState, RunState
from tests.coordinator.conftest import DAY, OPENINGS, Rig, slot
from tests.coordinator.mortal import Killed, Life
from tests.coordinator.venue_engine import owners

LATER = timedelta(minutes=10)
"""The lease of who was killed has ended by then."""
ONE_HOUR: dict[str, Any] = {"hours": 1, "window_end": time(14), "fallback": Fallback(None)}


def killed_at(rig: Rig, call: str, accounts: int = 3, **changes: Any) -> None:
    """A run that is killed right after this call, the first of them."""

    rig.life = Life(last_call=call)
    with pytest.raises(Killed):
        rig.run(accounts, **changes)
    rig.life = None


def told(rig: Rig) -> list[str]:
    return [event.text for event in rig.events if isinstance(event, Noted)]


def test_what_the_killed_run_won_counts_for_the_goal_and_as_ours(rig: Rig) -> None:
    killed_at(rig, "close_attempt")
    first = rig.run_id
    result = rig.run(later=LATER)
    assert result.continues == first
    assert owners(result.held) == {"X1 A 13:00": "user1", "X1 A 14:00": "user2", "X1 A 15:00": "user3"}
    assert all(held.by_us for held in result.held)
    assert len(rig.engine.fired) == 3
    assert any(f"goes on with run {first}" in text for text in told(rig))
    assert rig.store.run(first).run.state is RunState.CRASHED


def test_what_the_killed_run_won_too_much_is_given_back_before_anybody_fires_again(rig: Rig) -> None:
    class EverybodyWins(type(rig.engine)):  # type: ignore[misc]
        async def fire(self, attempt: Attempt, order: Order) -> AttemptResult:
            result: AttemptResult = await super().fire(attempt, Order(order.at, press=order.press))
            return result

    rig.engine.__class__ = EverybodyWins
    killed_at(rig, "finish_wave", accounts=5)
    assert len(rig.engine.held) > 1
    at_13 = []
    real = rig.engine.fire

    async def noted(attempt: Attempt, order: Order) -> AttemptResult:
        at_13.append([h for h in rig.engine.held if h.slot.location == "X1" and h.slot.start.hour == 13])
        return await real(attempt, order)

    rig.engine.fire = noted  # type: ignore[method-assign]
    result = rig.run(accounts=5, later=LATER)
    assert result.verdict.standing is Standing.REACHED
    assert all(len(held) == 1 for held in at_13)


def test_what_the_killed_run_found_in_my_bookings_is_ours_though_the_site_had_refused_it(rig: Rig) -> None:
    # The answer to the press that booked was lost, and the next press met the account's limit.
    class LosesAnswers(type(rig.engine)):  # type: ignore[misc]
        async def fire(self, attempt: Attempt, order: Order) -> AttemptResult:
            result: AttemptResult = await super().fire(attempt, order)
            tries = [replace(one, outcome=Outcome.ACCOUNT_LIMIT, reference=None) for one in result.tries[:1]]
            return replace(result, tries=tuple(tries))

    honest = rig.engine.__class__
    rig.engine.__class__ = LosesAnswers
    killed_at(rig, "finish_wave")
    had = {(held.account, held.slot) for held in rig.engine.held}
    assert had
    rig.engine.__class__ = honest
    result = rig.run(later=LATER)
    assert all(held.by_us for held in result.held)
    assert result.verdict.standing is Standing.REACHED
    # Nothing is left over beside the goal.
    assert len(rig.engine.held) == len(result.verdict.streak)


def test_what_was_booked_by_hand_in_the_meantime_is_not_ours(rig: Rig) -> None:
    killed_at(rig, "finish_wave")
    rig.engine.held = [h for h in rig.engine.held if h.account != "user1"]
    rig.engine.held.append(Held("user1", slot("X1 A", 13), "4711"))
    result = rig.run(later=LATER)
    assert [(h.account, h.by_us) for h in result.held if h.reference == "4711"] == [("user1", False)]


def test_a_run_that_was_killed_before_its_opening_has_pressed_nothing(rig: Rig) -> None:
    killed_at(rig, "open_attempts")
    result = rig.run(later=LATER)
    assert owners(result.held)["X1 A 13:00"] == "user1"
    (left,) = rig.store.run(1).attempts
    assert (left.state, left.outcome) == (AttemptState.CLOSED, None)
    assert any("nothing had been pressed yet" in text for text in told(rig))


def presses_allowed(rig: Rig) -> list[tuple[str, int | None]]:
    """How often each order lets its account press, from now on."""
    allowed: list[tuple[str, int | None]] = []
    real = rig.engine.fire

    async def noted(attempt: Attempt, order: Order) -> AttemptResult:
        allowed.append((attempt.account, order.presses))
        return await real(attempt, order)

    rig.engine.fire = noted  # type: ignore[method-assign]
    return allowed


def test_presses_before_the_kill_count_for_the_budget_of_the_opening(rig: Rig) -> None:
    async def opens_late(attempt: Attempt, order: Order) -> AttemptResult:
        await rig.clock.sleep_until(order.at)
        now, first = rig.clock.now(), attempt.target
        early = Try(first, Outcome.TOO_EARLY, now, timedelta(seconds=5))
        return AttemptResult(attempt, (early,), tuple(Moment(now, Mark.FIRED, first) for _ in range(10)))

    real, rig.engine.fire = rig.engine.fire, opens_late  # type: ignore[method-assign]
    killed_at(rig, "finish_wave", accounts=1, **ONE_HOUR)
    rig.engine.fire = real  # type: ignore[method-assign]
    allowed = presses_allowed(rig)
    rig.run(accounts=1, later=LATER, **ONE_HOUR)
    assert allowed == [("user1", 2)]


def test_an_attempt_of_which_nobody_saw_the_end_counts_as_pressed_once_at_each_slot_of_its_chain(
    rig: Rig,
) -> None:
    killed_at(rig, "open_attempts", accounts=1, priorities=rig.priorities[:1], **ONE_HOUR)
    rig.clock.advance(timedelta(minutes=1))  # The opening is past: it may have pressed.
    allowed = presses_allowed(rig)
    result = rig.run(accounts=1, later=LATER, priorities=rig.priorities[:1], **ONE_HOUR)
    assert allowed == [("user1", 12 - 2)]
    assert result.verdict.standing is Standing.REACHED


def test_what_was_refused_or_taken_before_the_kill_is_not_tried_again(rig: Rig) -> None:
    rig.engine.gone = {("X1 A", 13)}
    killed_at(rig, "record_booking")
    rig.engine.gone = set()
    rig.run(later=LATER)
    again = [a for a in rig.engine.fired[1:] if slot("X1 A", 13) in a.chain]
    assert again == []


def test_a_request_that_was_on_its_way_when_its_run_was_killed_is_waited_for(rig: Rig) -> None:
    killed_at(rig, "open_attempts")
    rig.clock.advance(timedelta(minutes=1))
    begun = rig.clock.now()
    real = rig.engine.my_bookings

    async def booked_later(account: str) -> tuple[Held, ...]:
        if rig.clock.now() >= begun + timedelta(seconds=8) and not rig.engine.held:
            rig.engine.give("user1", slot("X1 B", 13))
        return await real(account)

    rig.engine.my_bookings = booked_later  # type: ignore[method-assign]
    result = rig.run(later=LATER)
    assert owners(result.held) == {"X1 B 13:00": "user1", "X1 A 14:00": "user2", "X1 A 15:00": "user3"}
    assert owners(rig.engine.held) == owners(result.held)


def test_what_shows_only_after_that_is_found_at_the_end_and_given_back(rig: Rig) -> None:
    killed_at(rig, "open_attempts", accounts=2, **ONE_HOUR)
    rig.clock.advance(timedelta(minutes=1))
    # Another gets the hour; after that nobody has a reason to read what user1 holds.
    rig.engine.answers = {"user1": Outcome.SIGNED_OUT}
    real = rig.engine.my_bookings
    reads: list[str] = []

    async def booked_very_late(account: str) -> tuple[Held, ...]:
        reads.append(account)
        if reads.count("user1") == 4:
            rig.engine.give("user1", slot("X1 B", 13))
        return await real(account)

    rig.engine.my_bookings = booked_very_late  # type: ignore[method-assign]
    result = rig.run(accounts=2, later=LATER, **ONE_HOUR)
    assert result.verdict.standing is Standing.REACHED
    assert len(rig.engine.cancelled) == 1
    assert owners(rig.engine.held) == owners(result.verdict.streak)


def test_nobody_fires_for_an_hour_that_may_be_held_by_an_account_that_cannot_be_read(rig: Rig) -> None:
    killed_at(rig, "fire", accounts=6)
    rig.engine.refuse_sign_in = {"user1"}
    result = rig.run(accounts=6, later=LATER, priorities=rig.priorities[:1])
    at_13 = [h.account for h in rig.engine.held if h.slot.start.hour == 13]
    assert at_13.count("user1") == len(at_13)
    assert any("user1: run 1 left an attempt open, and its bookings" in text for text in result.problems)


def test_what_an_account_won_that_is_not_part_of_this_run_is_told_and_does_not_count(rig: Rig) -> None:
    killed_at(rig, "record_booking", accounts=4)
    result = rig.run(first=2, accounts=4, later=LATER)
    assert "user1" not in {held.account for held in result.held}
    assert any("X1 A" in text and "user1 is not part of this run" in text for text in result.problems)


def test_a_dry_run_leaves_an_unfinished_run_as_it_is(rig: Rig) -> None:
    killed_at(rig, "fire")
    before = rig.store.run(1)
    assert rig.run(press=False, later=LATER).continues is None
    assert rig.store.run(1) == before
    assert rig.run(later=2 * LATER).continues == 1


def test_what_is_left_open_is_settled_at_once_though_the_next_opening_is_days_away(rig: Rig) -> None:
    changes: dict[str, Any] = {"priorities": rig.priorities[:1]}
    killed_at(rig, "fire", **changes)
    rig.engine.fired.clear()
    signed_in: list[datetime] = []
    real = rig.engine.my_bookings

    async def noted(account: str) -> tuple[Held, ...]:
        signed_in.append(rig.clock.now())
        return await real(account)

    rig.engine.my_bookings = noted  # type: ignore[method-assign]
    begun = rig.clock.now()
    rig.run(later=LATER, **changes)
    assert signed_in[0] == begun
    assert begun < OPENINGS[1] - timedelta(minutes=30)


# -- two at the same time


def test_a_run_that_was_taken_over_stops_with_a_clear_message_and_presses_nothing(rig: Rig) -> None:
    real = rig.engine.arm
    goes_on: list[int] = []

    async def another_takes_over(attempt: Attempt) -> None:
        await real(attempt)
        if not goes_on:
            now = datetime.now(UTC) + LATER
            goes_on.append(
                rig.store.start_run("tudelft-x", {}, rehearsal=False, now=now, job=Job(DAY, ("user2",)))
            )

    rig.engine.arm = another_takes_over  # type: ignore[method-assign]
    result = rig.run()
    assert rig.engine.fired == []
    assert rig.store.run(rig.run_id).waves == ()
    assert (result.exit_code, result.verdict.standing) == (3, Standing.MISSED)
    assert any(f"run {goes_on[0]} (process" in text and "took over" in text for text in result.problems)
