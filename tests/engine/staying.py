"""Runs one after another, as far as they sign in; and what can become of a page, a session and a browser."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from playwright.async_api import Browser, CDPSession, Page

from sniper.core.outcomes import Outcome
from sniper.core.plan import Attempt, Role
from sniper.core.slots import Slot
from sniper.engine.browser.engine import BrowserEngine
from sniper.engine.protocol import Order, SignIn
from sniper.practice.server import RunningSite
from tests.engine.benches import Bench, credentials, page_of
from tests.signed_in import kept_of


class Kept(dict[str, str]):
    """`SignInStates` in memory, in place of the store."""

    def load(self, account: str) -> str | None:
        return self.get(account)

    def save(self, account: str, state: str, expires_at: datetime | None = None) -> None:  # noqa: ARG002
        self[account] = state

    def forget(self, account: str) -> None:
        self.pop(account, None)

    @classmethod
    def of(cls, here: Bench, *accounts: str) -> Kept:
        """They have signed in before."""
        return cls({account: kept_of(here.site, account) for account in accounts or ("user1",)})


def signed_in_by_hand(site: RunningSite) -> list[str]:
    """From now on: who gave the site a password, in order."""
    given: list[str] = []
    check = site.accounts.check_password

    def noted(username: str, password: str) -> Any:
        given.append(username)
        return check(username, password)

    site.accounts.check_password = noted  # type: ignore[method-assign]
    return given


def in_an_engine(
    here: Bench, kept: Kept, do: Callable[[BrowserEngine], Awaitable[Any]], **options: Any
) -> Any:
    """Do something in an engine of its own, as one run after another would."""

    async def go() -> Any:
        async with here.engine(states=kept, **options) as engine:
            return await do(engine)

    return here.run(go())


async def sign_in(engine: BrowserEngine, account: str = "user1") -> SignIn:
    return await engine.sign_in(credentials(account))


async def end_session(page: Page) -> None:
    """The site takes the tokens of this page no more, and the page does not know of it."""
    await page.evaluate(
        """() => {
            const kept = JSON.parse(localStorage.getItem("delcom_auth"));
            kept.tokenResponse.accessToken = "a-token-that-the-site-does-not-know";
            localStorage.setItem("delcom_auth", JSON.stringify(kept));
        }"""
    )


def parked_at(here: Bench, *places: str, account: str = "user1") -> Attempt:
    chain: tuple[Slot, ...] = tuple(here.slot(place, 13) for place in places or ("X1 A",))
    return Attempt(account, chain, Role.LEAD)


async def fire_now(engine: BrowserEngine, attempt: Attempt) -> Outcome:
    result = await engine.fire(attempt, Order(datetime.now(UTC) - timedelta(seconds=1)))
    assert result.last is not None
    return result.last.outcome


async def crash(page: Page) -> None:
    """The page's renderer dies."""
    gone = asyncio.get_running_loop().create_future()
    page.once("crash", lambda _: gone.set_result(None))
    await _deadly(await page.context.new_cdp_session(page), "Page.crash", gone)


async def kill(browser: Browser) -> None:
    """The browser's process dies, with all that run in it."""
    gone = asyncio.get_running_loop().create_future()
    browser.once("disconnected", lambda _: gone.set_result(None))
    await _deadly(await browser.new_browser_cdp_session(), "Browser.crash", gone)


async def _deadly(session: CDPSession, command: str, gone: asyncio.Future[None]) -> None:
    """Nobody is left to answer such a command."""
    sent = asyncio.create_task(session.send(command))
    await asyncio.wait_for(gone, 20)
    sent.cancel()
    await asyncio.gather(sent, return_exceptions=True)


def browser_of(engine: BrowserEngine, account: str) -> Browser:
    browser = page_of(engine, account).context.browser
    assert browser is not None
    return browser


async def with_page(engine: BrowserEngine) -> Page:
    """The page of an account that has just come in."""
    await sign_in(engine)
    return page_of(engine, "user1")
