"""A page's DevTools: nobody waits for them."""

from __future__ import annotations

import asyncio
import sys
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest
from playwright.async_api import Page

from sniper.clock.clock import SimulatedClock
from sniper.engine.browser import devtools
from sniper.engine.browser.page_clock import PageClock, calibrate
from tests.aio import run_async

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Hangs:
    """A page that tells the time, its context and its session in one, of which one call is never answered."""

    def __init__(self, at: str) -> None:
        self._at = at

    @property
    def context(self) -> Hangs:
        """Itself."""
        return self

    async def evaluate(self, _script: str) -> float:
        """The time."""
        return 0

    async def new_cdp_session(self, _page: Any) -> Hangs:
        """Open."""
        await self._called("opened")
        return self

    async def send(self, _method: str, _how: Any = None) -> dict[str, Any]:
        """Ask."""
        await self._called("asked")
        return {"metrics": []}

    async def detach(self) -> None:
        """Close."""
        await self._called("closed")

    async def _called(self, name: str) -> None:
        if name == self._at:
            await asyncio.Event().wait()


@pytest.fixture(params=["opened", "asked", "closed"])
def hanging(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Page:
    """Its browser hangs when the DevTools are being opened, asked or closed, and all patience is over."""
    monkeypatch.setattr(devtools, "WITHIN", 0)
    return cast("Page", Hangs(request.param))


def test_what_asks_a_browser_that_hangs_is_ended(hanging: Page) -> None:
    async def ask() -> None:
        with pytest.raises(TimeoutError):
            async with devtools.devtools(hanging) as session:
                await session.send("Performance.enable")

    run_async(asyncio.wait_for(ask(), 10))


def test_a_browser_that_hangs_does_not_hold_up_who_reads_its_pages_clock(
    hanging: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    found = run_async(asyncio.wait_for(calibrate(hanging, SimulatedClock(EPOCH)), 10))
    assert found == PageClock(timedelta(0), timedelta(microseconds=100))
