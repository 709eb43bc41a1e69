"""Runs at a site that shows nobody their bookings: its word counts, and is never called proven."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import time, timedelta
from io import StringIO
from types import SimpleNamespace
from typing import Any, cast

import pytest
from rich.console import Console

from sniper.cli.summary import as_json, print_summary
from sniper.core.goals import Fallback
from sniper.core.outcomes import Outcome, Proof
from sniper.core.plan import Attempt, Held, Standing
from sniper.core.tries import AttemptResult, Try
from sniper.engine.protocol import Order
from sniper.events import Checked, GivenBack, LeftToDo, Proven
from sniper.execution import Prepared
from sniper.sites.profile import Limits, Practice
from sniper.store.records import AttemptState, BookingStatus
from tests.coordinator.conftest import Rig, slot
from tests.coordinator.mortal import Killed, Life
from tests.coordinator.test_resuming import LATER, killed_at, told
from tests.coordinator.venue_engine import owners

ONE_HOUR: dict[str, Any] = {"hours": 1, "window_end": time(14), "fallback": Fallback(None)}


@pytest.fixture
def by_word(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> Rig:
    async def asked(account: str) -> tuple[Held, ...]:
        pytest.fail(f"the site was asked for the bookings of {account}")

    monkeypatch.setattr(rig.engine, "my_bookings", asked)
    nothing = {"my_bookings": None, "cancel": None, "slot_owners": None}
    return replace(rig, profile=rig.profile.model_copy(update=nothing))


def failing_before_the_press(rig: Rig) -> Callable[[Attempt, Order], Awaitable[AttemptResult]]:
    """How an engine fires where the page of the first account lacks what comes before the press."""
    fire = rig.engine.fire

    async def fails(attempt: Attempt, order: Order) -> AttemptResult:
        if attempt.account != "user1":
            return await fire(attempt, order)
        await rig.clock.sleep_until(order.at)
        missing = Try(attempt.target, Outcome.FAILED, rig.clock.now(), timedelta(0), before_press=True)
        return AttemptResult(attempt, (missing,))

    return fails


def test_what_the_site_calls_booked_counts_and_stays_unverified(by_word: Rig) -> None:
    result = by_word.run()
    assert (result.verdict.standing, result.exit_code) == (Standing.REACHED, 0)
    assert owners(result.unproven) == {"X1 A 13:00": "user1", "X1 A 14:00": "user2", "X1 A 15:00": "user3"}
    assert not result.held
    assert {result.proof_of(one) for one in result.verdict.streak} == {Proof.UNVERIFIED}
    assert result.unverified_because == "TU Delft X shows nobody their bookings"
    assert len(by_word.engine.fired) == 3
    stored = by_word.store.run(by_word.run_id).bookings
    assert {(one.proof, one.status) for one in stored} == {(Proof.UNVERIFIED, BookingStatus.PENDING)}
    assert {event.proof for event in by_word.events if isinstance(event, Proven)} == {Proof.UNVERIFIED}
    assert any("stays UNVERIFIED" in text for text in told(by_word))


def test_of_what_is_unwanted_and_unverified_it_is_not_said_that_it_is_held(by_word: Rig) -> None:
    by_word.engine.gone = {(f"X1 {half}", hour) for half in "AB" for hour in range(14, 18)}
    result = by_word.run(priorities=by_word.priorities[:1], window_end=time(16), fallback=Fallback(2))
    assert result.verdict.standing is Standing.MISSED
    assert result.problems[-1] == (
        "X1 A Tue 24 Nov 13:00 of user1 is of no use without the rest and may be held. Give it back by hand"
    )


def test_the_check_does_not_say_that_an_account_holds_nothing(by_word: Rig) -> None:
    by_word.clock.advance(timedelta(hours=-2))
    by_word.run()
    checks = [event for event in by_word.events if isinstance(event, Checked)]
    said = [one.what for event in checks for one in event.findings if one.name == "user1"]
    assert said
    assert all("what it holds is shown nowhere, could book" in what for what in said)


def test_an_answer_nobody_understands_is_for_a_person_and_is_not_tried_again(by_word: Rig) -> None:
    by_word.engine.answers = {"user1": Outcome.UNKNOWN}
    result = by_word.run(1, **ONE_HOUR)
    assert result.verdict.standing is Standing.MISSED
    assert not result.unproven
    assert result.unverified_because is None
    assert len(by_word.engine.fired) == 1
    assert any("look whether it has written to you" in problem for problem in result.problems)


@pytest.mark.parametrize("call", ["close_attempt", "record_booking"])
def test_a_run_that_goes_on_takes_the_sites_word_to_the_killed_one(by_word: Rig, call: str) -> None:
    by_word.life = Life(last_call=call)
    with pytest.raises(Killed):
        by_word.run(1, **ONE_HOUR)
    by_word.life = None
    first = by_word.run_id
    result = by_word.run(1, later=LATER, **ONE_HOUR)
    assert result.continues == first
    assert result.verdict.standing is Standing.REACHED
    assert [(one.slot, one.account) for one in result.unproven] == [(slot("X1 A", 13), "user1")]
    assert len(by_word.engine.fired) == 1
    (booking,) = by_word.store.run(first).bookings
    assert booking.proof is Proof.UNVERIFIED


def test_an_attempt_left_open_is_in_doubt_though_the_account_holds_something_else_by_word(
    by_word: Rig,
) -> None:
    there = replace(by_word, profile=by_word.profile.model_copy(update={"limits": Limits()}))
    two: dict[str, Any] = {"hours": 2, "window_end": time(15), "fallback": Fallback(None)}
    killed_at(there, "finish_wave", accounts=1, **two)
    there.life = Life(last_call="close_attempt", last_is_done=False)
    with pytest.raises(Killed):
        there.run(1, later=LATER, **two)
    there.life = None
    second = there.run_id
    result = there.run(1, later=2 * LATER, **two)
    assert len(there.engine.fired) == 2
    assert [one.slot for one in result.unproven] == [slot("X1 A", 13)]
    (left,) = there.store.run(second).attempts
    assert left.state is AttemptState.OPEN
    assert any("its bookings cannot be read" in problem for problem in result.problems)


@pytest.mark.parametrize("accounts", [1, 2])
def test_an_answer_nobody_understands_is_in_doubt_also_for_the_run_that_goes_on(
    by_word: Rig, accounts: int
) -> None:
    by_word.engine.answers = {"user1": Outcome.UNKNOWN}
    killed_at(by_word, "finish_wave", accounts=1, **ONE_HOUR)
    result = by_word.run(accounts, later=LATER, **ONE_HOUR)
    assert len(by_word.engine.fired) == 1
    assert result.verdict.standing is Standing.MISSED
    assert not result.unproven
    assert any("look whether it has written to you" in problem for problem in result.problems)


def test_what_failed_before_the_press_of_a_killed_run_is_tried_by_others(
    by_word: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(by_word.engine, "fire", failing_before_the_press(by_word))
    killed_at(by_word, "finish_wave", accounts=1, **ONE_HOUR)
    result = by_word.run(2, later=LATER, **ONE_HOUR)
    assert [one.account for one in result.unproven] == ["user2"]
    assert not any("look whether it has written" in problem for problem in result.problems)


def test_the_same_run_after_one_that_came_to_its_end_books_nothing_more(by_word: Rig) -> None:
    there = replace(by_word, profile=by_word.profile.model_copy(update={"left_to_do": "Confirm it."}))
    there.run(1, **ONE_HOUR)
    there.events.clear()
    result = there.run(2, later=LATER, **ONE_HOUR)
    assert len(there.engine.fired) == 1
    assert result.continues is None
    assert (result.verdict.standing, result.exit_code) == (Standing.REACHED, 0)
    assert [(one.account, one.slot, one.by_us) for one in result.unproven] == [
        ("user1", slot("X1 A", 13), False)
    ]
    assert {result.proof_of(one) for one in result.verdict.streak} == {Proof.UNVERIFIED}
    assert result.unverified_because == "TU Delft X shows nobody their bookings"
    assert any("stays UNVERIFIED" in text for text in told(there))
    # That was told when it was booked.
    assert result.left_to_do is None
    assert not [event for event in there.events if isinstance(event, LeftToDo)]


def test_what_another_account_or_another_hour_has_by_word_counts_for_nothing(by_word: Rig) -> None:
    by_word.run(1, **ONE_HOUR)
    result = by_word.run(2, first=2, later=LATER, **ONE_HOUR)
    assert [one.account for one in result.unproven] == ["user2"]
    two = by_word.run(1, later=2 * LATER, hours=1, window_start=time(15), fallback=Fallback(None))
    assert [one.slot.hour.hour for one in two.unproven if one.by_us] == [15]
    assert len(two.unproven) == 1


def test_a_dry_run_shows_what_would_be_pressed_whatever_was_booked_by_word(by_word: Rig) -> None:
    by_word.run(1, **ONE_HOUR)
    by_word.run(1, later=LATER, press=False, **ONE_HOUR)
    assert len(by_word.engine.fired) == 2


def test_what_a_killed_run_and_an_earlier_one_have_by_word_is_each_told_once(by_word: Rig) -> None:
    there = replace(by_word, profile=by_word.profile.model_copy(update={"limits": Limits()}))
    there.engine.limits = ()
    there.run(1, **ONE_HOUR)
    two: dict[str, Any] = {"hours": 2, "window_end": time(15), "fallback": Fallback(None)}
    killed_at(there, "finish_wave", accounts=1, later=LATER, **two)
    result = there.run(1, later=2 * LATER, **two)
    assert [(one.slot, one.by_us) for one in result.unproven] == [
        (slot("X1 A", 14), True),
        (slot("X1 A", 13), False),
    ]
    assert result.verdict.standing is Standing.REACHED
    assert len(there.engine.fired) == 2


def test_a_practice_site_that_is_started_anew_knows_nothing_of_what_was_booked_by_word(by_word: Rig) -> None:
    by_word.run(1, **ONE_HOUR)
    by_word.engine.held.clear()
    practice = by_word.profile.model_copy(update={"practice": Practice()})
    result = replace(by_word, profile=practice).run(1, later=LATER, **ONE_HOUR)
    assert [one.by_us for one in result.unproven] == [True]


def test_what_is_left_to_do_is_told_once_for_each_booking_and_at_the_end(by_word: Rig) -> None:
    what = "Confirm by the link in the e-mail, within 30 minutes."
    there = replace(by_word, profile=by_word.profile.model_copy(update={"left_to_do": what}))
    result = there.run()
    told_of = [event for event in there.events if isinstance(event, LeftToDo)]
    assert {(one.booking.account, one.what) for one in told_of} == {
        ("user1", what),
        ("user2", what),
        ("user3", what),
    }
    assert len(told_of) == 3
    out = Console(file=StringIO(), width=200)
    print_summary(out, cast(Prepared, SimpleNamespace(profile=there.profile)), result)
    shown = cast(StringIO, out.file).getvalue()
    assert f"left to do: {what}" in shown
    assert "by the site's word: TU Delft X shows nobody their bookings" in shown
    document = as_json(cast(Prepared, SimpleNamespace(profile=there.profile)), result)
    assert document["left_to_do"] == what
    assert document["unverified_because"] == "TU Delft X shows nobody their bookings"


def test_nothing_is_left_to_do_about_what_is_given_back_or_was_never_there(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = replace(rig, profile=rig.profile.model_copy(update={"left_to_do": "Pay."}))
    fire = rig.engine.fire

    async def everybody_wins(attempt: Attempt, order: Order) -> AttemptResult:
        return await fire(attempt, Order(order.at, press=order.press))

    monkeypatch.setattr(rig.engine, "fire", everybody_wins)
    result = there.run(3, **ONE_HOUR)
    gone = {event.booking.account for event in there.events if isinstance(event, GivenBack)}
    assert gone
    left = [event.booking.account for event in there.events if isinstance(event, LeftToDo)]
    assert left == [one.account for one in result.held]
    assert not gone & set(left)


def test_what_the_site_only_claims_leaves_nothing_to_do(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    async def nothing(_account: str) -> tuple[Held, ...]:
        return ()

    monkeypatch.setattr(rig.engine, "my_bookings", nothing)
    there = replace(rig, profile=rig.profile.model_copy(update={"left_to_do": "Pay."}))
    result = there.run(1, **ONE_HOUR)
    assert result.unproven
    assert result.left_to_do is None
    assert not [event for event in there.events if isinstance(event, LeftToDo)]


def test_what_failed_before_the_press_is_not_in_doubt_and_others_try_it(
    by_word: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(by_word.engine, "fire", failing_before_the_press(by_word))
    result = by_word.run(2, hours=1, window_end=time(18), fallback=Fallback(None))
    assert result.verdict.standing is Standing.REACHED
    assert [one.account for one in result.unproven] == ["user2"]
    assert not any("look whether it has written" in problem for problem in result.problems)


def test_what_the_page_calls_booked_counts_also_where_a_step_before_the_press_did_not_work(
    by_word: Rig,
) -> None:
    async def shows_it(attempt: Attempt, order: Order) -> AttemptResult:
        await by_word.clock.sleep_until(order.at)
        shown = Try(attempt.target, Outcome.BOOKED, by_word.clock.now(), timedelta(0), before_press=True)
        return AttemptResult(attempt, (shown,))

    by_word.engine.fire = shows_it  # type: ignore[method-assign]
    result = by_word.run(1, **ONE_HOUR)
    assert result.verdict.standing is Standing.REACHED
    assert [one.account for one in result.unproven] == ["user1"]


def test_where_nothing_was_booked_nothing_is_left_to_do(by_word: Rig) -> None:
    there = replace(by_word, profile=by_word.profile.model_copy(update={"left_to_do": "Confirm it."}))
    there.engine.gone = {(place, 13) for place in ("X1 A", "X1 B", "X3 A", "X3 B", "Fitness")}
    result = there.run(1, **ONE_HOUR)
    assert result.left_to_do is None
    assert not [event for event in there.events if isinstance(event, LeftToDo)]
