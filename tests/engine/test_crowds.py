"""Many accounts at once: no page's time-outs are eaten by too many others that load at the same time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from sniper.clock.clock import SystemClock
from sniper.core.plan import Attempt, Role
from sniper.core.slots import Slot
from sniper.engine.browser import engine as engine_module
from sniper.engine.browser.engine import BrowserEngine
from sniper.engine.browser.pool import BrowserPool
from sniper.engine.browser.recording import NotRecorded
from sniper.engine.protocol import Credentials, NothingKept
from sniper.sites.library import find_profile, load_profile
from tests.aio import run_async

CREW = tuple(Credentials(f"user{number}", "secret") for number in range(1, 21))
FITNESS = Slot("Fitness", None, datetime.fromisoformat("2026-11-24T13:00+01:00"))
ATTEMPTS = tuple(Attempt(one.account, (FITNESS,), Role.LEAD) for one in CREW)


class Kept(NothingKept):
    def load(self, account: str) -> str:  # noqa: ARG002
        return "{}"


class Crowd:
    """How many sessions are at work."""

    def __init__(self) -> None:
        self.at_work = 0
        self.most = 0

    async def works(self, *_: Any) -> None:
        """A session that signs in, looks, parks or rehearses."""
        self.at_work += 1
        self.most = max(self.most, self.at_work)
        for _turn in range(3):
            await asyncio.sleep(0)
        self.at_work -= 1


class FakePage:
    recording = NotRecorded()

    async def show(self, name: str, *, hurry: bool = False) -> None:
        del name, hurry


class FakeSession:
    page = FakePage()
    lost = None
    signed_in = None
    browser = None

    def __init__(self, crowd: Crowd) -> None:
        self.sign_in = self.stay_signed_in = self.arm = self.rehearse = crowd.works

    async def close(self) -> None:
        pass


@pytest.fixture
def crowd() -> Crowd:
    return Crowd()


@pytest.fixture
def in_an_engine(
    crowd: Crowd, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[[Callable[[BrowserEngine], Awaitable[None]]], None]:
    """Does something in an engine without browsers, on a machine with two processors."""
    monkeypatch.setattr(engine_module, "usable_processors", lambda: 2)

    async def opened(engine: BrowserEngine, credentials: Credentials, *_: Any) -> FakeSession:
        session = FakeSession(crowd)
        engine._sessions[credentials.account] = session  # type: ignore[assignment]
        return session

    monkeypatch.setattr(BrowserEngine, "_open", opened)
    profile = load_profile(find_profile("practice", Path.cwd()))

    def run(do: Callable[[BrowserEngine], Awaitable[None]]) -> None:
        async def go() -> None:
            async with BrowserEngine(profile, SystemClock(), tmp_path, BrowserPool()) as engine:
                await do(engine)

        run_async(go())

    return run


Run = Callable[[Callable[[BrowserEngine], Awaitable[None]]], None]


async def all_sign_in(engine: BrowserEngine) -> None:
    await asyncio.gather(*(engine.sign_in(one) for one in CREW))


def test_so_many_accounts_sign_in_at_a_time_as_the_processors_can_do_with(
    in_an_engine: Run, crowd: Crowd
) -> None:
    in_an_engine(all_sign_in)
    assert crowd.most == 4


def test_a_kept_sign_in_that_only_has_to_be_looked_at_counts_the_same(
    in_an_engine: Run, crowd: Crowd
) -> None:
    async def look(engine: BrowserEngine) -> None:
        engine._states = Kept()
        await all_sign_in(engine)
        await asyncio.gather(*(engine.stay_signed_in(one.account) for one in CREW))

    in_an_engine(look)
    assert crowd.most == 4


def test_so_many_pages_are_parked_at_a_time_as_the_processors_can_do_with(
    in_an_engine: Run, crowd: Crowd
) -> None:
    async def park(engine: BrowserEngine) -> None:
        await all_sign_in(engine)
        crowd.most = 0
        await asyncio.gather(*(engine.arm(attempt) for attempt in ATTEMPTS))

    in_an_engine(park)
    assert crowd.most == 4


def test_twice_as_many_rehearse_at_a_time_since_they_wait_half_of_it(in_an_engine: Run, crowd: Crowd) -> None:
    async def rehearse(engine: BrowserEngine) -> None:
        await all_sign_in(engine)
        crowd.most = 0
        await asyncio.gather(*(engine.rehearse(attempt) for attempt in ATTEMPTS))

    in_an_engine(rehearse)
    assert crowd.most == 8


def test_who_is_to_be_parked_goes_before_who_rehearses(in_an_engine: Run) -> None:
    begun: list[str] = []

    async def works(engine: BrowserEngine) -> None:
        await all_sign_in(engine)
        for one in CREW:
            session: Any = engine._sessions[one.account]
            session.arm, session.rehearse = noting("parks"), noting("rehearses")
        await asyncio.gather(
            *(engine.arm(attempt) for attempt in ATTEMPTS[:6]),
            *(engine.rehearse(attempt) for attempt in ATTEMPTS[6:8]),
        )

    def noting(what: str) -> Any:
        async def work(attempt: Attempt) -> None:  # noqa: ARG001 - the session's signature
            begun.append(what)
            await asyncio.sleep(0)

        return work

    in_an_engine(works)
    assert begun == ["parks"] * 6 + ["rehearses"] * 2


@pytest.mark.parametrize("full", ["to_park", "_to_rehearse"])
def test_who_finds_no_place_to_rehearse_in_time_is_left_as_it_is(
    in_an_engine: Run, crowd: Crowd, full: str
) -> None:
    async def rehearse(engine: BrowserEngine) -> None:
        await all_sign_in(engine)
        crowd.most = 0
        places: asyncio.Semaphore = getattr(engine._places, full)
        while not places.locked():
            await places.acquire()
        await engine.rehearse(ATTEMPTS[0], datetime.now(UTC) + timedelta(milliseconds=20))
        assert crowd.most == 0
        for _ in range(8):
            places.release()
        await engine.rehearse(ATTEMPTS[0], datetime.now(UTC) + timedelta(minutes=1))
        assert crowd.most == 1

    in_an_engine(rehearse)


def test_who_is_signed_in_again_in_the_last_seconds_waits_for_nobody_who_is_being_parked(
    in_an_engine: Run,
) -> None:
    async def hangs(attempt: Attempt) -> None:  # noqa: ARG001 - the session's signature
        await asyncio.Event().wait()

    async def repair(engine: BrowserEngine) -> None:
        await all_sign_in(engine)
        for one in CREW:
            engine._sessions[one.account].arm = hangs  # type: ignore[method-assign]
        parking = [asyncio.create_task(engine.arm(attempt)) for attempt in ATTEMPTS[1:]]
        for _ in range(5):
            await asyncio.sleep(0)
        await engine.sign_in(CREW[0])
        for task in parking:
            task.cancel()

    in_an_engine(repair)
