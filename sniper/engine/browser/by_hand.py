"""A window in which the owner of an account signs in by hand, with what a second factor or a captcha asks."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from urllib.parse import urlsplit

from playwright.async_api import BrowserContext, Page
from playwright.async_api import Error as PlaywrightError

from sniper.engine.browser.account_page import AccountPage, Site
from sniper.engine.browser.kept_state import secrets_in, state_of
from sniper.engine.browser.pool import BrowserPool
from sniper.engine.browser.selectors import locate, shown, values_to_sign_in
from sniper.engine.browser.steps import StepError, action_of
from sniper.engine.protocol import Credentials, SignInError
from sniper.sites.placeholders import missing_in
from sniper.sites.steps import Click, ClickStep, EachLocationStep, Fill, FillStep, GotoStep, Step

_LOOK_EVERY = 0.5
_TOTP = "totp"


class Window:
    """The owner's window. What is stored of the account is filled in there; the rest is the owner's."""

    def __init__(self, site: Site, credentials: Credentials, context: BrowserContext, page: Page) -> None:
        self._profile = site.profile
        self._account = credentials.account
        self._values = values_to_sign_in(credentials)
        self._have = credentials.placeholders
        self._context = context
        self._page = AccountPage(site, credentials, page)

    @classmethod
    async def open(cls, site: Site, credentials: Credentials, pool: BrowserPool) -> Window:
        """Open an empty window.

        Raises:
            SignInError: There is no browser for it.
        """
        try:
            context = await pool.context(timezone=str(site.profile.timezone), locale=site.profile.locale)
            return cls(site, credentials, context, await context.new_page())
        except PlaywrightError as error:
            raise SignInError(f"{credentials.account}: no window: {error.message.splitlines()[0]}") from None

    async def fill_in(self) -> None:
        """Go to where one signs in, and fill in what is known: up to what only the owner knows.

        From there on only the code of a second factor is filled in, once it is asked for.

        Raises:
            SignInError: The site cannot be reached.
        """
        steps = self._profile.sign_in
        known = next((i for i, step in enumerate(steps) if missing_in(step, self._have)), len(steps))
        for step in steps[:known]:
            try:
                await self._page.run((step,), self._values)
            except StepError as error:
                if isinstance(step, GotoStep):
                    raise SignInError(
                        f"{self._account}: {self._page.said(error)}",
                        mend="`sniper practice` starts the practice site."
                        if self._profile.practice
                        else f"Look whether {self._profile.url} can be reached.",
                    ) from None
                return  # The owner sees what there is instead.
        await self._fill_in_codes(steps[known:])

    async def state(self, but: str | None = None) -> str:
        """What the window keeps, as soon as its owner may be signed in; `but` is one that is of no use.

        Raises:
            SignInError: The window was closed.
        """
        while True:
            browser = self._context.browser
            if not self._context.pages or browser is None or not browser.is_connected():
                raise SignInError(f"{self._account}: the window was closed before the sign-in was seen")
            with suppress(PlaywrightError, TimeoutError):
                if await self._may_be_signed_in():
                    state = await state_of(self._context)
                    if state != but and secrets_in(state):
                        return state
            await asyncio.sleep(_LOOK_EVERY)

    async def _may_be_signed_in(self) -> bool:
        """Is a page of the site itself shown, and not the one that only those see who are not signed in?"""
        how = self._profile.signed_in
        assert how is not None, "nobody signs in there"
        ours = urlsplit(self._profile.url).netloc
        for page in self._context.pages:
            if urlsplit(page.url).netloc == ours:
                out = shown(locate(page, how.unless, {}))
                if await page.evaluate("document.readyState") == "complete" and not await out.count():
                    return True
        return False

    async def _fill_in_codes(self, steps: Sequence[Step]) -> None:
        """The steps of the second factor, each when its control is there."""
        if _TOTP not in self._have:
            return
        for step in steps:
            if isinstance(step, GotoStep | EachLocationStep) or action_of(step).only_with != _TOTP:
                continue
            try:
                await self._asked_for(step)
                await self._page.run((step,), self._values)
            except (StepError, PlaywrightError):
                return

    async def _asked_for(self, step: Step) -> None:
        """Wait until the page shows what a step is about, however long its owner takes."""
        match step:
            case ClickStep(click=Click(on=control)) | FillStep(fill=Fill(into=control)):
                found = shown(locate(self._page.page, control, self._values)).first
                await found.wait_for(state="attached", timeout=0)
