"""A run tells when a wave begins and when it is over: between the two, others keep quiet."""

from __future__ import annotations

import asyncio

import pytest

from sniper.coordinator import RunResult
from sniper.core.plan import Attempt
from sniper.core.tries import AttemptResult
from sniper.engine.protocol import Order
from sniper.events import AccountDoes, Activity, Aimed, Event, Proven, Tried, WaveOver, WavePlanned
from tests.coordinator.conftest import Rig, slot


def waves(events: list[Event]) -> list[tuple[str, int]]:
    return [
        (type(event).__name__, event.number) for event in events if isinstance(event, WavePlanned | WaveOver)
    ]


def test_a_wave_is_over_when_its_answers_are_proven(rig: Rig) -> None:
    rig.run()
    assert waves(rig.events) == [
        (name, number) for number in (1, 2, 3) for name in ("WavePlanned", "WaveOver")
    ]
    kinds = [
        type(one) for one in rig.events if isinstance(one, WavePlanned | Aimed | Tried | Proven | WaveOver)
    ]
    assert kinds == [WavePlanned, Aimed, Tried, Proven, WaveOver] * 3


def test_what_is_told_of_an_account_while_its_page_is_parked_and_then(rig: Rig) -> None:
    rig.run(accounts=1, hours=1)
    told = [one for one in rig.events if isinstance(one, AccountDoes)]
    parking = [one.activity for one in told].index(Activity.ARMING)
    assert [(one.activity, one.detail.split(" → ")[0]) for one in told[parking : parking + 2]] == [
        (Activity.ARMING, str(slot("X1 A", 13))),
        (Activity.ARMED, "X1 A"),
    ]


def test_a_wave_that_is_planned_anew_since_nobody_could_be_parked_is_over_too(rig: Rig) -> None:
    rig.engine.cannot_arm = {"user1"}
    rig.run(accounts=2, hours=1)
    told = waves(rig.events)
    assert told[:2] == [("WavePlanned", 1), ("WaveOver", 1)]
    assert [name for name, _ in told] == ["WavePlanned", "WaveOver"] * (len(told) // 2)
    assert len(told) > 2


def test_a_wave_is_over_when_the_run_is_stopped_in_the_midst_of_it(rig: Rig) -> None:
    running: list[asyncio.Task[RunResult]] = []

    async def fire(attempt: Attempt, order: Order) -> AttemptResult:
        running[0].cancel()
        await asyncio.sleep(0)
        raise AssertionError(f"{attempt} at {order.at} goes on")

    rig.engine.fire = fire  # type: ignore[method-assign]
    with pytest.raises(asyncio.CancelledError):
        rig.run(accounts=1, hours=1, stop=running.append)
    assert waves(rig.events) == [("WavePlanned", 1), ("WaveOver", 1)]
