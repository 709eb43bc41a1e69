"""Pages that last from one test to the next."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Page

from sniper.clock.clock import Clock
from sniper.core.plan import Attempt, Role
from sniper.engine.browser.account_page import AccountPage
from sniper.engine.browser.armed import Armed
from sniper.engine.browser.driver import Driver
from sniper.engine.browser.engine import BrowserEngine
from sniper.engine.browser.firing import Firing
from sniper.engine.browser.locator_actions import LocatorActions
from sniper.engine.browser.pool import BrowserPool
from sniper.engine.browser.session import AccountSession
from sniper.engine.browser.steps import StepError, run_steps
from sniper.engine.protocol import SignInStates
from tests.engine.benches import Bench, ParkedSession, credentials
from tests.signed_in import kept_of


@dataclass
class SignedInBench(Bench):
    """One on which user1 has signed in, in a page that lasts from one test to the next.

    To open a page, and to load those of a site, takes ten times as long as to fire on them.
    """

    page: Page
    firing: Firing

    @asynccontextmanager
    async def engine(
        self,
        clock: Clock | None = None,
        *,
        states: SignInStates | None = None,
        pool: BrowserPool | None = None,
        **changes: Any,
    ) -> AsyncIterator[BrowserEngine]:
        """See `Bench.engine`; it has the page."""
        async with super().engine(clock, states=states, pool=pool, **changes) as engine:
            # A page that is not in front draws nothing, and much waits for that.
            await self.page.bring_to_front()
            session = self.session(engine)
            session.signed_in = True
            engine._sessions["user1"], engine._credentials["user1"] = session, session.credentials
            try:
                yield engine
            finally:
                # The page is not of this engine alone.
                await engine._sessions.pop("user1").rest.over()

    def session(self, engine: BrowserEngine) -> AccountSession:
        """That of user1."""
        who = credentials("user1")
        return AccountSession(AccountPage(engine._site, who, self.page), who, self.firing)

    async def at(self, other: Bench) -> SignedInBench:
        """The same page, signed in at another site."""
        # Any document of the site may keep something for all of them; this one does nothing else.
        await self.page.goto(f"{other.site.url}/practice/info")
        (origin,) = json.loads(kept_of(other.site, "user1"))["origins"]
        for item in origin["localStorage"]:
            await self.page.evaluate("({name, value}) => localStorage.setItem(name, value)", item)
        return SignedInBench(**vars(other), page=self.page, firing=self.firing)

    async def put_back(self) -> None:
        """Nothing is wrong with the site or booked there; what the page asks for gets to it."""
        assert isinstance(self.firing, Armed | Driver)
        self.firing._left_alone_until = None
        self.suffer()
        await self.page.unroute_all()
        for person in self.site.accounts.people:
            member = self.site.accounts.member(person.username)
            for booking in self.site.venue.participations(member):
                self.site.venue.cancel(member, booking.id)


@dataclass
class ParkedBench(SignedInBench):
    """One whose page stands parked as well, where every slot of the day can be fired at, without a dialog."""

    is_parked: bool = False

    def session(self, engine: BrowserEngine) -> AccountSession:
        """See `SignedInBench.session`."""
        who = credentials("user1")
        return ParkedSession(AccountPage(engine._site, who, self.page), who, self.firing)

    async def parked(self) -> None:
        """Stand parked, whatever the last test did to the page."""
        await self.page.bring_to_front()
        if self.is_parked:
            with suppress(StepError, PlaywrightError):  # A test that fails may leave it anywhere.
                await run_steps(self.page, self.profile.url, self.profile.reset, {}, LocatorActions())
                if await self.page.locator("bookable-slot-list").is_visible():
                    return
        chain = tuple(self.slot(place, 13) for place in ("X1 A", "X3 A", "Fitness"))
        async with self.engine() as engine:
            await engine.arm(Attempt("user1", chain, Role.LEAD))
        self.is_parked = True

    async def put_back(self) -> None:
        """See `SignedInBench.put_back`. A page that knows it has to leave the site alone is parked anew."""
        assert isinstance(self.firing, Armed | Driver)
        until = self.firing._left_alone_until
        self.is_parked = until is None or until <= datetime.now(UTC)
        await super().put_back()


@dataclass(frozen=True)
class LastingBenches:
    """Two pages of one account at one site."""

    signed_in: SignedInBench
    parked: ParkedBench

    @classmethod
    async def of(cls, here: Bench) -> LastingBenches:
        """Sign in."""
        async with here.engine() as engine:
            await engine.sign_in(credentials("user1"))
            session = engine._sessions.pop("user1")
            await session.rest.over()
        page, firing = session._page.page, session._firing
        beside = await page.context.new_page()
        return cls(
            SignedInBench(**vars(here), page=page, firing=firing),
            ParkedBench(**vars(here), page=beside, firing=firing),
        )
