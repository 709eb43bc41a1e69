"""APScheduler's alarms in our database, in real time."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

from sniper.service.wakes import ScheduledWakes
from sniper.store import Store
from tests.aio import run_async

HOUR = timedelta(hours=1)


def now() -> datetime:
    return datetime.now(UTC)


def test_an_alarm_goes_off_at_its_instant_and_is_gone_then(store: Store) -> None:
    async def go() -> None:
        rang = asyncio.Event()
        wakes = ScheduledWakes(store, rang.set)
        with wakes.running():
            moment = now() + timedelta(seconds=0.3)
            wakes.set({1: moment, 2: now() + HOUR})
            await asyncio.wait_for(rang.wait(), 20)
            assert now() >= moment
            assert list(wakes.jobs) == [2]

    run_async(go())


def test_alarms_are_kept_over_a_restart_and_one_that_is_late_rings_all_the_same(store: Store) -> None:
    async def set_and_die() -> None:
        wakes = ScheduledWakes(store, lambda: None)
        with wakes.running():
            wakes.set({1: now() + timedelta(seconds=0.2), 2: now() + HOUR})
            wakes.pause()

    async def begin_again() -> None:
        await asyncio.sleep(0.3)
        rang = asyncio.Event()
        wakes = ScheduledWakes(store, rang.set)
        with wakes.running():
            await asyncio.wait_for(rang.wait(), 20)
            assert list(wakes.jobs) == [2]
            # What is not wanted any more goes, also where another life has set it.
            wakes.set({3: now() + HOUR})
            assert list(wakes.jobs) == [3]

    run_async(set_and_die())
    run_async(begin_again())


def test_no_alarm_goes_off_while_they_are_paused_and_it_does_afterwards(store: Store) -> None:
    async def go() -> None:
        rang = asyncio.Event()
        wakes = ScheduledWakes(store, rang.set)
        with wakes.running():
            wakes.pause()
            wakes.set({1: now() + timedelta(seconds=0.1)})
            await asyncio.sleep(0.3)
            assert not rang.is_set()
            wakes.resume()
            await asyncio.wait_for(rang.wait(), 20)

    run_async(go())
