"""Practice sites, and engines on them without a coordinator."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from playwright.async_api import Page, Route
from pydantic import AnyHttpUrl

from sniper.clock.clock import Clock, SystemClock
from sniper.core.plan import Attempt, Role
from sniper.core.slots import Slot
from sniper.core.tries import Try
from sniper.engine.browser.engine import BrowserEngine
from sniper.engine.browser.firing import Mode
from sniper.engine.browser.pool import BrowserPool
from sniper.engine.browser.session import AccountSession
from sniper.engine.protocol import Credentials, NothingKept, Order, SignIn, SignInStates
from sniper.practice.server import RunningSite
from sniper.sites.library import find_profile, load_profile
from sniper.sites.profile import Profile
from tests.aio import LastingLoop
from tests.local_http import post
from tests.signed_in import kept_of

Result = TypeVar("Result")

TUESDAY = date(2026, 11, 24)
OPEN = datetime.fromisoformat("2026-11-21T13:00:30+01:00")
"""Half a minute after the 13:00 slots of Tuesday have opened."""
CLOSED = datetime.fromisoformat("2026-11-21T12:58:00+01:00")


class SignedIn(NothingKept):
    """Everybody has signed in to the site before: for tests that are about something else."""

    def __init__(self, site: RunningSite) -> None:
        self._site = site

    def load(self, account: str) -> str:
        """What the app keeps of a sign-in."""
        return kept_of(self._site, account)


@dataclass(frozen=True)
class SharedBrowser:
    """The browser of all tests that do it no harm, and the loop it lives in."""

    loop: LastingLoop
    pool: BrowserPool


@dataclass
class Bench:
    """A practice site, the profile for it, and engines on it."""

    site: RunningSite
    profile: Profile
    folder: Path
    mode: Mode
    shared: SharedBrowser

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

    def has(self, account: str) -> list[str]:
        """The references of what the venue has booked for an account."""
        venue = self.site.venue
        return [str(one.id) for one in venue.participations(self.site.accounts.member(account))]

    def suffer(self, *faults: str) -> None:
        """What is wrong with the site from now on."""
        post(f"{self.site.url}/practice/faults", {"faults": faults})

    def run(self, coroutine: Coroutine[Any, Any, Result]) -> Result:
        """Run what engines do."""
        return self.shared.loop.run(coroutine)

    @asynccontextmanager
    async def engine(
        self,
        clock: Clock | None = None,
        *,
        states: SignInStates | None = None,
        pool: BrowserPool | None = None,
        **changes: Any,
    ) -> AsyncIterator[BrowserEngine]:
        """A started engine.

        Args:
            clock: The site's; ours, if nothing is said.
            states: What is kept of sign-ins; if nothing is said, everybody has signed in before.
            pool: Browsers of its own, which the engine may ruin.
            changes: To the profile, which rehearses only when they say so.
        """
        async with AsyncExitStack() as stack:
            if pool:
                await stack.enter_async_context(pool)
            engine = BrowserEngine(
                self.profile.model_copy(update={"rehearse": (), **changes}),
                clock or SystemClock(),
                self.folder,
                pool or self.shared.pool,
                mode=self.mode,
                states=SignedIn(self.site) if states is None else states,
            )
            yield await stack.enter_async_context(engine)


@cache
def practice_profile(name: str = "practice") -> Profile:
    """A profile for the practice site, wherever that is."""
    return load_profile(find_profile(name, Path.cwd()))


def at(site: RunningSite, profile: Profile) -> Profile:
    """A profile for this site."""
    return profile.model_copy(update={"base_url": AnyHttpUrl(site.url)})


def credentials(account: str, password: str | None = None, totp: str | None = None) -> Credentials:
    """A demo account's."""
    return Credentials(account, password or account.replace("user", "pass"), totp)


def page_of(engine: BrowserEngine, account: str) -> Page:
    """The account's page, for what a test does to it."""
    return engine._sessions[account]._page.page


class ParkedSession(AccountSession):
    """One whose page stands parked already."""


async def park(engine: BrowserEngine, attempt: Attempt) -> None:
    """Sign in and park, as far as that is still to be done; everybody has signed in before."""
    if attempt.account not in engine._sessions:
        assert await engine.sign_in(credentials(attempt.account)) is SignIn.STILL
    if not isinstance(engine._sessions[attempt.account], ParkedSession):
        await engine.arm(attempt)


async def fire(
    engine: BrowserEngine,
    account: str,
    *chain: Slot,
    press: bool = True,
    presses: int | None = None,
    meanwhile: Callable[[Route], Awaitable[None]] | None = None,
    alongside: Callable[[Page], Coroutine[None, None, None]] | None = None,
) -> tuple[Try, ...]:
    """Park and fire at once.

    Args:
        engine: As for `park`.
        account: Whose.
        chain: At what.
        press: Whether the last step is made.
        presses: How often it may be made; as the profile's budget says, unless told.
        meanwhile: Holds the press's request on its way to the site.
        alongside: Goes on in the page from a moment before it fires.
    """
    attempt = Attempt(account, chain, Role.LEAD)
    await park(engine, attempt)
    if meanwhile:
        await page_of(engine, account).route("**/api/participations", meanwhile)
    order = Order(datetime.now(UTC) - timedelta(seconds=1), press=press, presses=presses)
    beside = asyncio.create_task(alongside(page_of(engine, account))) if alongside else None
    result = await engine.fire(attempt, order)
    if beside:
        await beside
    return result.tries
