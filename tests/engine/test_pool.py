"""The browsers of a run: what one account does to them is not felt by the others."""

from __future__ import annotations

import asyncio
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Error as PlaywrightError

from sniper.clock.clock import SystemClock
from sniper.core.plan import Attempt, Role
from sniper.core.slots import Slot
from sniper.engine.browser import pool as pool_module
from sniper.engine.browser.engine import BrowserEngine
from sniper.engine.browser.pool import BrowserPool
from sniper.engine.browser.recording import NotRecorded
from sniper.sites.library import find_profile, load_profile
from tests.aio import run_async
from tests.engine.benches import SharedBrowser


class FakeBrowser:
    """A browser that is there, and does nothing."""

    def __init__(self, *, hangs: bool = False) -> None:
        self._hangs = hangs
        self.closing = 0

    def on(self, *_: Any) -> None:
        pass

    def is_connected(self) -> bool:
        return True

    async def new_context(self, **_: Any) -> FakeContext:
        return FakeContext()

    async def new_browser_cdp_session(self) -> Any:
        raise PlaywrightError("no session")

    async def close(self) -> None:
        self.closing += 1
        if self._hangs:
            await asyncio.Event().wait()


class FakeContext:
    def once(self, *_: Any) -> None:
        pass


class FakePlaywright:
    """Starts browsers when it is told to."""

    def __init__(self, *browsers: FakeBrowser) -> None:
        self.started = asyncio.Event()
        self._browsers = list(browsers)
        self.chromium = self

    async def launch(self, **_: Any) -> FakeBrowser:
        await self.started.wait()
        return self._browsers.pop(0)

    async def stop(self) -> None:
        pass


class FakePage:
    """A page that nobody sees."""

    recording = NotRecorded()

    async def show(self, name: str, *, hurry: bool) -> None:
        pass


class ParkableSession:
    """A session whose page parks at once."""

    page = FakePage()
    browser = FakeBrowser()
    signed_in = True

    async def arm(self, _: Attempt) -> None:
        pass


def pool_of(playwright: FakePlaywright, contexts_per_browser: int = 8) -> BrowserPool:
    """A pool that has not started anything yet."""
    pool = BrowserPool(contexts_per_browser=contexts_per_browser)
    pool._playwright = playwright  # type: ignore[assignment]
    return pool


def context_of(pool: BrowserPool) -> asyncio.Task[Any]:
    return asyncio.create_task(pool.context(timezone="UTC", locale="en-GB"))


async def a_moment() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


def test_an_account_whose_time_is_over_takes_no_starting_browser_from_the_others() -> None:
    async def go() -> None:
        playwright = FakePlaywright(FakeBrowser())
        pool = pool_of(playwright)
        mine, other = context_of(pool), context_of(pool)
        await a_moment()
        mine.cancel()
        await asyncio.gather(mine, return_exceptions=True)
        playwright.started.set()
        assert isinstance(await other, FakeContext)

    run_async(go())


def test_a_page_is_parked_while_a_browser_for_others_starts_and_does_not_come(tmp_path: Path) -> None:
    async def go() -> None:
        pool = pool_of(FakePlaywright(FakeBrowser()))
        other = context_of(pool)
        await a_moment()
        profile = load_profile(find_profile("practice", Path.cwd()))
        engine = BrowserEngine(profile, SystemClock(), tmp_path, pool)
        engine._sessions["user1"] = ParkableSession()  # type: ignore[assignment]
        slot = Slot("Fitness", None, datetime(2026, 11, 24, 13, tzinfo=profile.timezone))
        await engine.arm(Attempt("user1", (slot,), Role.LEAD))
        assert not other.done()
        other.cancel()

    run_async(go())


def test_browsers_are_closed_together_and_one_that_hangs_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool_module, "_CLOSED_WITHIN", 0.01)

    async def go() -> list[int]:
        browsers = [FakeBrowser(hangs=True), FakeBrowser(), FakeBrowser(hangs=True)]
        playwright = FakePlaywright(*browsers)
        playwright.started.set()
        pool = pool_of(playwright, contexts_per_browser=1)
        for _ in browsers:
            await context_of(pool)
        await pool.__aexit__(None, None, None)
        return [browser.closing for browser in browsers]

    assert run_async(go()) == [1, 1, 1]


def environment_of(process: int) -> bytes:
    return Path(f"/proc/{process}/environ").read_bytes()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a process's environment")
def test_no_process_of_a_browser_knows_the_vaults_key_or_a_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SNIPER_KEY", "the-key-of-the-vault")
    monkeypatch.setenv("CLUB_PASSWORD", "a-password")
    monkeypatch.setenv("HARMLESS", "anything")

    async def environments() -> list[bytes]:
        async with BrowserPool(hidden={"CLUB_PASSWORD"}) as pool:
            context = await pool.context(timezone="UTC", locale="en-GB")
            await (await context.new_page()).goto("about:blank")
            assert context.browser
            session = await context.browser.new_browser_cdp_session()
            found = await session.send("SystemInfo.getProcessInfo")
            return [environment_of(one["id"]) for one in found["processInfo"]]

    told = run_async(environments())
    assert len(told) > 1
    assert any(b"HARMLESS=anything" in one for one in told)
    assert not any(b"the-key-of-the-vault" in one or b"a-password" in one for one in told)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a process's arguments")
def test_what_playwright_leaves_out_of_a_browser_is_left_out_still(shared_browser: SharedBrowser) -> None:
    async def process() -> int:
        context = await shared_browser.pool.context(timezone="UTC", locale="en-GB")
        assert context.browser
        session = await context.browser.new_browser_cdp_session()
        found = await session.send("SystemInfo.getProcessInfo")
        await context.close()
        (number,) = (int(one["id"]) for one in found["processInfo"] if one["type"] == "browser")
        return number

    prefix = "--disable-features="
    arguments = Path(f"/proc/{shared_browser.loop.run(process())}/cmdline").read_text(encoding="utf-8")
    given = [one for one in arguments.split("\0") if one.startswith(prefix)]
    playwrights, ours = (set(one.removeprefix(prefix).split(",")) for one in given)
    assert playwrights <= ours


def test_a_browser_loads_nothing_for_itself(shared_browser: SharedBrowser) -> None:
    async def shown() -> list[str]:
        context = await shared_browser.pool.context(timezone="UTC", locale="en-GB")
        await (await context.new_page()).goto("about:blank")
        assert context.browser
        session = await context.browser.new_browser_cdp_session()
        found = await session.send("Target.getTargets", {"filter": [{}]})
        await context.close()
        return [one["url"] for one in found["targetInfos"]]

    urls = shared_browser.loop.run(shown())
    assert "about:blank" in urls
    assert not [url for url in urls if url.startswith("chrome")]
