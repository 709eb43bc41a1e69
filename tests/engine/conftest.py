"""The browser engine against a real practice site, without a coordinator."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import pytest
from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Page, Route
from playwright.sync_api import Browser, BrowserContext
from pydantic import AnyHttpUrl

from sniper.clock.clock import Clock, SystemClock
from sniper.core.plan import Attempt, Role
from sniper.core.slots import Slot
from sniper.core.tries import Try
from sniper.engine.browser.account_page import AccountPage
from sniper.engine.browser.engine import BrowserEngine
from sniper.engine.browser.firing import Firing, Mode
from sniper.engine.browser.inpage import script
from sniper.engine.browser.pool import BrowserPool
from sniper.engine.browser.session import AccountSession
from sniper.engine.browser.steps import StepError, run_steps
from sniper.engine.protocol import Credentials, NothingKept, Order, SignIn, SignInStates
from sniper.practice.server import RunningSite, running_practice_site
from sniper.practice.settings import PracticeSettings
from sniper.sites.library import find_profile, load_profile
from sniper.sites.profile import Profile
from tests.aio import LastingLoop
from tests.engine.both_modes import BothModes
from tests.engine.stage import SITE, Stage, Told
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


@dataclass
class ParkedBench(Bench):
    """One on which user1 stays signed in, and mostly parked, from one test to the next.

    To load the pages of a site takes ten times as long as to fire on them.
    """

    page: Page
    firing: Firing
    is_parked: bool = False

    @classmethod
    async def of(cls, here: Bench) -> ParkedBench:
        """Sign in."""
        async with here.engine() as engine:
            await engine.sign_in(credentials("user1"))
            session = engine._sessions.pop("user1")
        return cls(**vars(here), page=session._page.page, firing=session._firing)

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
            who = credentials("user1")
            session = AccountSession(AccountPage(engine._site, who, self.page), who, self.firing)
            session.signed_in = True
            engine._sessions["user1"], engine._credentials["user1"] = session, who
            try:
                yield engine
            finally:
                del engine._sessions["user1"]

    async def parked(self) -> None:
        """Stand parked where every slot of the day can be fired at, without a dialog."""
        if self.is_parked:
            with suppress(StepError, PlaywrightError):  # A test that fails may leave it anywhere.
                await run_steps(self.page, self.profile.url, self.profile.reset, {}, [])
                if await self.page.locator("bookable-slot-list").is_visible():
                    return
        chain = tuple(self.slot(place, 13) for place in ("X1 A", "X3 A", "Fitness"))
        async with self.engine() as engine:
            await engine.arm(Attempt("user1", chain, Role.LEAD))
        self.is_parked = True

    async def put_back(self) -> None:
        """Nothing is booked, and what the page asks for gets to the site."""
        await self.page.unroute_all()
        for person in self.site.accounts.people:
            member = self.site.accounts.member(person.username)
            for booking in self.site.venue.participations(member):
                self.site.venue.cancel(member, booking.id)


def credentials(account: str, password: str | None = None, totp: str | None = None) -> Credentials:
    """A demo account's."""
    return Credentials(account, password or account.replace("user", "pass"), totp)


def page_of(engine: BrowserEngine, account: str) -> Page:
    """The account's page, for what a test does to it."""
    return engine._sessions[account]._page.page


async def park(engine: BrowserEngine, attempt: Attempt) -> None:
    """Sign in and park, unless the page stands parked already; everybody has signed in before."""
    if attempt.account not in engine._sessions:
        assert await engine.sign_in(credentials(attempt.account)) is SignIn.STILL
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


@pytest.fixture(params=Mode)
def mode(request: pytest.FixtureRequest) -> Mode:
    """Both ways to fire have to agree."""
    chosen: Mode = request.param
    return chosen


@pytest.fixture(scope="session")
def shared_browser() -> Iterator[SharedBrowser]:
    """Started once: a browser takes longer to start than most tests take to do what they do in it."""
    with LastingLoop.running() as loop:
        pool = loop.run(BrowserPool().__aenter__())
        try:
            yield SharedBrowser(loop, pool)
        finally:
            loop.run(pool.__aexit__(None, None, None))


@pytest.fixture(scope="module")
def both(shared_browser: SharedBrowser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[BothModes]:
    """Small pages on which both modes fire."""
    built = shared_browser.loop.run(BothModes.built(shared_browser.pool, tmp_path_factory.mktemp("pictures")))
    yield built
    shared_browser.loop.run(built.cleared())


@cache
def practice_profile(name: str = "practice") -> Profile:
    """A profile for the practice site, wherever that is."""
    return load_profile(find_profile(name, Path.cwd()))


def at(site: RunningSite, profile: Profile) -> Profile:
    """A profile for this site."""
    return profile.model_copy(update={"base_url": AnyHttpUrl(site.url)})


@pytest.fixture
def bench(tmp_path: Path, mode: Mode, shared_browser: SharedBrowser) -> Iterator[Callable[..., Bench]]:
    """Makes a bench with a practice site set up as the test wants it."""
    with ExitStack() as stack:

        def make(start: datetime = OPEN, **settings: Any) -> Bench:
            site = stack.enter_context(running_practice_site(PracticeSettings(start=start, **settings)))
            return Bench(site, at(site, practice_profile()), tmp_path, mode, shared_browser)

        yield make


@pytest.fixture(scope="session")
def parked_benches(
    shared_browser: SharedBrowser, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[Mode], ParkedBench]]:
    """One for each mode, made when a test wants it, with the site it is on."""
    with ExitStack() as stack:

        @cache
        def of(mode: Mode) -> ParkedBench:
            site = stack.enter_context(running_practice_site(PracticeSettings(start=OPEN)))
            folder = tmp_path_factory.mktemp("parking")
            here = Bench(site, at(site, practice_profile()), folder, mode, shared_browser)
            made = here.run(ParkedBench.of(here))
            stack.callback(lambda: here.run(made.page.context.close()))
            return made

        yield of


@pytest.fixture
def parked(
    parked_benches: Callable[[Mode], ParkedBench], mode: Mode, tmp_path: Path
) -> Iterator[ParkedBench]:
    """For a test that leaves nothing behind but bookings and dialogs: it turns no clock, signs nobody out."""
    here = parked_benches(mode)
    here.folder = tmp_path
    here.run(here.parked())
    yield here
    here.run(here.put_back())


@pytest.fixture
def signed_in(
    parked_benches: Callable[[Mode], ParkedBench], mode: Mode, tmp_path: Path
) -> Iterator[ParkedBench]:
    """As `parked`, for a test that takes the page elsewhere."""
    here = parked_benches(mode)
    here.folder = tmp_path
    here.is_parked = False
    yield here
    here.run(here.put_back())


@pytest.fixture(scope="module")
def stage_context(browser: Browser) -> Iterator[tuple[BrowserContext, Told]]:
    """A context whose pages have the scripts in them, for all stages of a module."""
    told = Told()
    made = browser.new_context()
    made.expose_binding("sniperReport", lambda _source, report: told.heard(report))
    made.add_init_script(script())
    yield made, told
    made.close()


@pytest.fixture
def stage(stage_context: tuple[BrowserContext, Told]) -> Iterator[Stage]:
    """A page of the test's own."""
    context, told = stage_context
    told.clear()
    page = context.new_page()
    on = Stage(page, told)
    page.route(f"{SITE}/**", on.serve)
    yield on
    page.close()
