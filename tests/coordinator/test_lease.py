"""A run keeps what it works on to itself, and notices when another has taken over."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest

from sniper.coordinator import Lease
from sniper.coordinator.lease import RENEWED_EVERY
from sniper.errors import EnvironmentProblem
from sniper.store.leases import LASTS, Job, LeaseLostError
from sniper.store.repository import Store
from tests.aio import run_async
from tests.coordinator.conftest import OrderedClock

NOW = datetime(2026, 11, 21, 11, 0, tzinfo=UTC)
JOB = Job(date(2026, 11, 24), ("user1", "user2"))


class Holder:
    """A run with its lease, on a clock that only moves when everybody waits."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.clock = OrderedClock(NOW)
        self.run_id = store.start_run("tudelft-x", {}, rehearsal=False, now=NOW, job=JOB)
        self.failures: list[EnvironmentProblem] = []
        self.lease = Lease(store.for_run(self.run_id), self.run_id, self.clock, self.failures.append)

    @property
    def alive_until(self) -> datetime:
        until = self.store.run(self.run_id).run.alive_until
        assert until is not None
        return until

    def take_over(self) -> int:
        """Another run begins at a time when this one counts as gone."""
        now = self.alive_until + timedelta(seconds=1)
        return self.store.start_run("tudelft-x", {}, rehearsal=False, now=now, job=JOB)

    def wait(self, *waits: timedelta, then: Callable[[], object] = lambda: None) -> list[datetime]:
        """Wait so often with the lease kept, doing something in between; until when it was good each time."""
        seen: list[datetime] = []

        async def work() -> None:
            for wait in waits:
                until = self.clock.now() + wait
                while self.clock.now() < until:
                    # In steps, and a bit of real time for the thread that renews.
                    await self.clock.sleep_until(min(until, self.clock.now() + timedelta(seconds=10)))
                    await asyncio.sleep(0.005)
                seen.append(self.alive_until)
                then()

        run_async(self.lease.kept_during(work()))
        return seen


@pytest.fixture
def holder(store: Store) -> Holder:
    return Holder(store)


def test_a_run_that_waits_for_hours_stays_alive(holder: Holder) -> None:
    (until,) = holder.wait(timedelta(hours=1))
    assert until > NOW + timedelta(hours=1) + LASTS - 2 * RENEWED_EVERY
    assert not holder.failures


def test_work_is_stopped_when_another_run_has_taken_over(holder: Holder) -> None:
    done: list[datetime] = []

    def taken_over() -> None:
        done.append(holder.clock.now())
        holder.take_over()

    with pytest.raises(LeaseLostError, match="took over"):
        holder.wait(timedelta(seconds=40), timedelta(hours=1), then=taken_over)
    assert len(done) == 1
    assert holder.clock.now() < done[0] + 3 * RENEWED_EVERY


def test_around_an_opening_the_database_is_left_alone_and_the_lease_lasts_beyond(holder: Holder) -> None:
    asked: list[datetime] = []
    real = Store.stay_alive

    def noted(store: Store, run_id: int, until: datetime) -> None:
        asked.append(holder.clock.now())
        real(store, run_id, until)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Store, "stay_alive", noted)
        holder.lease.secure(timedelta(seconds=100))
        opening = NOW + timedelta(seconds=100)
        assert holder.alive_until == opening + LASTS
        holder.wait(timedelta(seconds=200))
    assert asked[0] == NOW
    assert all(at > opening for at in asked[1:])
    assert len(asked) > 2


def test_nothing_is_handed_to_the_pages_by_a_run_that_was_taken_over(holder: Holder) -> None:
    holder.take_over()
    with pytest.raises(LeaseLostError):
        holder.lease.secure(timedelta(seconds=10))


def test_a_database_that_does_not_answer_is_told_and_asked_again(holder: Holder) -> None:
    real = Store.stay_alive
    away = [True, True]

    def sometimes(store: Store, run_id: int, until: datetime) -> None:
        if away and away.pop():
            raise EnvironmentProblem("the database is away")
        real(store, run_id, until)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Store, "stay_alive", sometimes)
        (until,) = holder.wait(timedelta(minutes=5))
    assert [str(one) for one in holder.failures] == ["the database is away"] * 2
    assert until > NOW + timedelta(minutes=5)


def test_what_ends_the_work_ends_the_keeping(holder: Holder) -> None:
    async def fails() -> None:
        raise EnvironmentProblem("no browser")

    with pytest.raises(EnvironmentProblem, match="no browser"):
        run_async(holder.lease.kept_during(fails()))


def test_ctrl_c_reaches_the_work(holder: Holder) -> None:
    ended: list[str] = []

    async def works() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append("in good order")

    async def stopped() -> None:
        running = asyncio.create_task(holder.lease.kept_during(works()))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        running.cancel()
        await running

    with pytest.raises(asyncio.CancelledError):
        run_async(stopped())
    assert ended == ["in good order"]
