"""The browser engine against a real practice site, without a coordinator."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page, Route
from pydantic import AnyHttpUrl

from sniper.clock.clock import Clock, SystemClock
from sniper.core.plan import Attempt, Role
from sniper.core.slots import Slot
from sniper.core.tries import Try
from sniper.engine.browser.engine import BrowserEngine
from sniper.engine.browser.firing import Mode
from sniper.engine.browser.pool import CONTEXTS_PER_BROWSER
from sniper.engine.protocol import Credentials, Order, SignInStates
from sniper.practice.server import RunningSite, running_practice_site
from sniper.practice.settings import PracticeSettings
from sniper.sites.library import find_profile, load_profile
from sniper.sites.profile import Profile

TUESDAY = date(2026, 11, 24)
OPEN = datetime.fromisoformat("2026-11-21T13:00:30+01:00")
"""Half a minute after the 13:00 slots of Tuesday have opened."""
CLOSED = datetime.fromisoformat("2026-11-21T12:58:00+01:00")


@dataclass
class Bench:
    """A practice site, the profile for it, and engines on it."""

    site: RunningSite
    profile: Profile
    folder: Path
    mode: Mode

    def slot(self, place: str, hour: int, day: date = TUESDAY) -> Slot:
        """A slot by its short name: "X1 A", "Fitness"."""
        location = place.split()[0]
        sub = place if " " in place else None
        return Slot(location, sub, datetime.combine(day, time(hour), self.profile.timezone))

    def book(self, account: str, place: str, hour: int) -> None:
        """Let an account have a slot at once, as if by another hand."""
        slot = self.slot(place, hour)
        state = next(
            one
            for one in self.site.venue.owners_on(slot.day)
            if (one.slot.start, one.slot.label) == (slot.instant, place)
        )
        self.site.venue.book(self.site.accounts.member(account), state.slot)

    @asynccontextmanager
    async def engine(
        self,
        clock: Clock | None = None,
        *,
        states: SignInStates | None = None,
        contexts_per_browser: int = CONTEXTS_PER_BROWSER,
        **changes: Any,
    ) -> AsyncIterator[BrowserEngine]:
        """A started engine; `changes` are made to the profile, which rehearses only when they say so."""
        async with BrowserEngine(
            self.profile.model_copy(update={"rehearse": (), **changes}),
            clock or SystemClock(),
            self.folder,
            mode=self.mode,
            states=states,
            contexts_per_browser=contexts_per_browser,
        ) as engine:
            yield engine


def credentials(account: str, password: str | None = None, totp: str | None = None) -> Credentials:
    """A demo account's."""
    return Credentials(account, password or account.replace("user", "pass"), totp)


def page_of(engine: BrowserEngine, account: str) -> Page:
    """The account's page, for what a test does to it."""
    return engine._sessions[account]._page.page


async def fire(
    engine: BrowserEngine,
    account: str,
    *chain: Slot,
    press: bool = True,
    meanwhile: Callable[[Route], Awaitable[None]] | None = None,
    alongside: Callable[[Page], Coroutine[None, None, None]] | None = None,
) -> tuple[Try, ...]:
    """Sign in, park and fire at once.

    Args:
        engine: Nobody is signed in yet.
        account: Whose.
        chain: At what.
        press: Whether the last step is made.
        meanwhile: Holds the press's request on its way to the site.
        alongside: Goes on in the page from a moment before it fires.
    """
    await engine.sign_in(credentials(account))
    attempt = Attempt(account, chain, Role.LEAD)
    await engine.arm(attempt)
    if meanwhile:
        await page_of(engine, account).route("**/api/participations", meanwhile)
    order = Order(datetime.now(UTC) - timedelta(seconds=1), press=press)
    beside = asyncio.create_task(alongside(page_of(engine, account))) if alongside else None
    result = await engine.fire(attempt, order)
    if beside:
        await beside
    return result.tries


@pytest.fixture(params=Mode)
def mode(request: pytest.FixtureRequest) -> Mode:
    """Both ways to fire have to agree."""
    chosen: Mode = request.param
    return chosen


@pytest.fixture
def bench(tmp_path: Path, mode: Mode) -> Iterator[Callable[..., Bench]]:
    """Makes a bench with a practice site set up as the test wants it."""
    with ExitStack() as stack:

        def make(start: datetime = OPEN, **settings: Any) -> Bench:
            site = stack.enter_context(running_practice_site(PracticeSettings(start=start, **settings)))
            profile = load_profile(find_profile("practice", Path.cwd()))
            address = AnyHttpUrl(site.url)
            return Bench(site, profile.model_copy(update={"base_url": address}), tmp_path, mode)

        yield make
