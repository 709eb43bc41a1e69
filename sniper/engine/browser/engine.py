"""The browser engine: launches the browser and keeps one session per account."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import Self

from playwright.async_api import Browser, BrowserContext, Playwright, async_playwright
from playwright.async_api import Error as PlaywrightError

from sniper.clock.clock import Clock
from sniper.core.plan import Attempt, Held
from sniper.core.tries import AttemptResult
from sniper.engine.browser.account_page import AccountPage, Site
from sniper.engine.browser.armed import Armed
from sniper.engine.browser.driver import Driver
from sniper.engine.browser.firing import Mode
from sniper.engine.browser.session import AccountSession
from sniper.engine.protocol import Credentials, Order, SignInError
from sniper.errors import EnvironmentProblem
from sniper.setup.browser import launch_options
from sniper.sites.profile import Profile


class BrowserEngine:
    """An `Engine` on one browser. Use it as an async context manager; leaving it closes the browser."""

    def __init__(
        self,
        profile: Profile,
        clock: Clock,
        evidence: Path,
        *,
        headless: bool = True,
        mode: Mode = Mode.ARMED,
    ) -> None:
        """Nothing is started yet.

        Args:
            profile: The site.
            clock: The site's clock; openings are waited for on it.
            evidence: The folder for pictures of pages that were not understood; it exists.
            headless: False shows the browser's windows.
            mode: Who presses at the opening.
        """
        self._site = Site(profile, clock, evidence)
        self._headless = headless
        self._mode = mode
        self._sessions: dict[str, AccountSession] = {}
        self._playwright: Playwright | None = None
        self._browser: Browser | None = None

    async def __aenter__(self) -> Self:
        options = launch_options(self._headless)
        self._playwright = await async_playwright().start()
        try:
            # Ctrl-C goes to every process of the terminal: the browser has to outlive it, to read back.
            self._browser = await self._playwright.chromium.launch(
                **options, handle_sigint=False, handle_sigterm=False, handle_sighup=False
            )
        except PlaywrightError as error:
            raise EnvironmentProblem(
                f"the browser does not start: {error.message.splitlines()[0]}",
                mend="`sniper doctor` looks for the reason.",
            ) from None
        finally:
            if self._browser is None:
                await self._playwright.stop()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for session in self._sessions.values():
            await session.close()
        if self._browser:
            await self._browser.close()
        if self._playwright:
            await self._playwright.stop()

    async def sign_in(self, credentials: Credentials) -> None:
        """See `Engine.sign_in`."""
        try:
            context = await self._context()
            firing = await Armed.install(context) if self._mode is Mode.ARMED else Driver()
            page = await context.new_page()
        except PlaywrightError as error:
            raise SignInError(f"{credentials.account}: no page: {error.message.splitlines()[0]}") from None
        session = AccountSession(AccountPage(self._site, credentials, page), credentials, firing)
        if old := self._sessions.pop(credentials.account, None):
            await old.close()
        self._sessions[credentials.account] = session
        await session.sign_in()

    async def arm(self, attempt: Attempt) -> None:
        """See `Engine.arm`."""
        await self._sessions[attempt.account].arm(attempt)

    async def fire(self, attempt: Attempt, order: Order) -> AttemptResult:
        """See `Engine.fire`."""
        return await self._sessions[attempt.account].fire(attempt, order)

    async def my_bookings(self, account: str) -> tuple[Held, ...]:
        """See `Engine.my_bookings`."""
        return await self._sessions[account].my_bookings()

    async def cancel(self, booking: Held) -> None:
        """See `Engine.cancel`."""
        await self._sessions[booking.account].cancel(booking)

    async def _context(self) -> BrowserContext:
        """An isolated context that sees the site's time zone and language, whatever this machine's are."""
        assert self._browser is not None, "used outside its `async with`"
        profile = self._site.profile
        return await self._browser.new_context(timezone_id=str(profile.timezone), locale=profile.locale)
