"""A run looks ahead beside its event loop, and never so long that an opening would wait for it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TypeVar

import pytest

from sniper.coordinator.planning import Planning, in_a_thread
from sniper.core.goals import Fallback
from sniper.core.plan import Attempt, Held, Situation, Wave
from sniper.core.tries import AttemptResult
from sniper.engine.protocol import Order
from sniper.events import Noted, WavePlanned
from tests.aio import run_async
from tests.coordinator.conftest import OPENINGS, OrderedClock, Rig, at_once
from tests.coordinator.test_standing_by import stand_by
from tests.coordinator.venue_engine import owners

Answer = TypeVar("Answer")

LONG = timedelta(seconds=45)
NOW = Situation(datetime(2026, 11, 1, tzinfo=UTC), ())


@dataclass
class Pondering:
    """A strategy that has no answer before it is told to have one, and counts who asks at the same time."""

    may_answer: threading.Event = field(default_factory=threading.Event)
    asked: threading.Event = field(default_factory=threading.Event)
    at_work: int = 0
    most_at_work: int = 0

    def next_wave(self, situation: Situation) -> Wave | None:
        del situation
        self.at_work += 1
        self.most_at_work = max(self.most_at_work, self.at_work)
        self.asked.set()
        assert self.may_answer.wait(10), "nobody lets it answer: the loop stands still"
        self.at_work -= 1
        return None

    def doubles(self, situation: Situation) -> tuple[Held, ...]:
        return situation.held

    def surplus(self, situation: Situation) -> tuple[Held, ...]:
        return situation.held


def test_the_loop_goes_on_while_a_strategy_looks_ahead() -> None:
    strategy = Pondering()
    planning = Planning(strategy)

    async def something_else() -> None:
        await asyncio.to_thread(strategy.asked.wait, 60)
        strategy.may_answer.set()

    async def both() -> None:
        await asyncio.gather(planning.next_wave(NOW), something_else())

    run_async(both())
    assert strategy.most_at_work == 1


def test_who_waits_for_a_plan_can_be_stopped_at_once() -> None:
    strategy = Pondering()

    async def stopped() -> bool:
        asking = asyncio.create_task(Planning(strategy).next_wave(NOW))
        await asyncio.to_thread(strategy.asked.wait, 60)
        asking.cancel()
        await asyncio.wait({asking}, timeout=60)
        was_cancelled = asking.cancelled()
        strategy.may_answer.set()
        return was_cancelled

    assert run_async(stopped())


def test_a_strategy_is_asked_one_question_at_a_time_also_when_nobody_waits_for_the_first_answer() -> None:
    strategy = Pondering()
    planning = Planning(strategy)

    async def ask_twice() -> None:
        first = asyncio.create_task(planning.next_wave(NOW))
        await asyncio.to_thread(strategy.asked.wait, 60)
        first.cancel()
        second = asyncio.create_task(planning.next_wave(NOW))
        _, waiting = await asyncio.wait({second}, timeout=0.05)
        assert waiting
        strategy.may_answer.set()
        await second

    run_async(ask_twice())
    assert strategy.most_at_work == 1


def test_a_strategy_that_fails_tells_who_asked() -> None:
    class Broken(Pondering):
        def next_wave(self, situation: Situation) -> Wave | None:
            raise ZeroDivisionError(str(situation.accounts))

    with pytest.raises(ZeroDivisionError):
        run_async(Planning(Broken()).next_wave(NOW))


def test_a_run_that_plans_in_a_thread_wins_what_it_would_win_otherwise(rig: Rig) -> None:
    rig.apart = in_a_thread
    result = rig.run()
    assert owners(result.held) == {"X1 A 13:00": "user1", "X1 A 14:00": "user2", "X1 A 15:00": "user3"}


@pytest.fixture
def timed(rig: Rig) -> Rig:
    """Ten minutes before the first opening, and everybody's time is one."""
    rig.clock = rig.engine.clock = OrderedClock(OPENINGS[0] - timedelta(minutes=9))
    return rig


def taking_long(rig: Rig, when: Callable[[], bool]) -> None:
    """Let every plan take long, by the clock of the run, while this is so."""

    async def apart(work: Callable[[], Answer]) -> Answer:
        if when():
            await rig.clock.sleep_until(rig.clock.now() + LONG)
        return await at_once(work)

    rig.apart = apart


def test_nobody_is_parked_later_because_it_takes_long_to_find_out_who_stands_by(timed: Rig) -> None:
    timed.clock.advance(timedelta(minutes=8))
    told = timed.events
    taking_long(timed, lambda: [e.number for e in told[-1:] if isinstance(e, WavePlanned)] == [1])
    timed.run(accounts=4)
    parked = [attempt.timeline[0].at for attempt in timed.store.run(timed.run_id).attempts]
    assert parked[0] == OPENINGS[0] - timedelta(seconds=20)
    # Nobody at 13:00; at 14:00 it is known in time.
    assert stand_by(timed)[0] == "user3"


def test_those_who_are_parked_fire_in_time_when_planning_anew_takes_too_long(timed: Rig) -> None:
    timed.engine.cannot_arm = {"user1"}
    taking_long(timed, lambda: timed.clock.now() >= OPENINGS[0] - timedelta(seconds=20))
    handed_over = []
    real = timed.engine.fire

    async def fire(attempt: Attempt, order: Order) -> AttemptResult:
        handed_over.append((attempt.account, timed.clock.now()))
        result: AttemptResult = await real(attempt, order)
        return result

    timed.engine.fire = fire  # type: ignore[method-assign]
    timed.run(accounts=3, hours=1, fallback=Fallback(None))
    assert {account for account, at in handed_over if at < OPENINGS[0]} == {"user2", "user3"}
    assert any(isinstance(e, Noted) and "planning anew took too long" in e.text for e in timed.events)
