"""The page that only members get to see: it tells whether an account is signed in."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import Any

from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Request, Response

from sniper.core.outcomes import Outcome
from sniper.core.retry_after import TOO_MANY_REQUESTS, pause_after
from sniper.engine.browser.account_page import AccountPage
from sniper.engine.browser.asking import ANSWER_WITHIN, answer_of, answer_to
from sniper.engine.browser.selectors import filled
from sniper.engine.browser.steps import StepError, asks_for_less
from sniper.engine.browser.stops import is_no_answer, stop_said
from sniper.sites.answers import ResponseRule
from sniper.sites.signed_in import SignedIn

NOT_SIGNED_IN = 401
_BY_ITSELF = 2.0


@contextmanager
def asked_as_member(page: AccountPage, how: SignedIn | None) -> Iterator[list[Request]]:
    """What the page asks for, within the block, that only members are answered; see `came_by_itself`."""
    asked: list[Request] = []

    def noted(request: Request) -> None:
        if how and how.response and how.response.is_about(request.method, request.url):
            asked.append(request)

    page.page.on("request", noted)
    try:
        yield asked
    finally:
        page.page.remove_listener("request", noted)


async def came_by_itself(page: AccountPage, how: SignedIn, asked: Sequence[Request]) -> bool:
    """Has the site shown its members' page, and answered it what only members are, without being asked to?

    Many sign-ins end there: to load it once more would tell nothing new. Where it cannot be told, it has not.

    Args:
        asked: As of `asked_as_member`, for as long as the account signed in.
    """
    if how.response is None or not asked or page.page.url != _address(page, how):
        return False
    with suppress(PlaywrightError, TimeoutError):
        async with asyncio.timeout(_BY_ITSELF):
            answer = await answer_of(asked[-1])
            if answer is None or not how.response.fits(answer):
                return False
            shown = await page.first_shown((how.unless, how.seen))
            return shown is not None and shown.place == 1
    return False


def _address(page: AccountPage, how: SignedIn) -> str:
    return page.profile.url + filled(how.page, {})


async def see_members_page(page: AccountPage, how: SignedIn) -> None:
    """Go where only members get to, and see what becomes of it.

    Raises:
        StepError: With SIGNED_OUT, the site turned us away; otherwise it cannot be told.
        PlaywrightError: There is no page.
    """
    going = page.page.goto(_address(page, how), wait_until="domcontentloaded")
    if how.response is None:
        await _gone(going)
    else:
        await _ask_as_member(page, how, how.response, _gone(going))
    shown = await page.first_shown((how.unless, how.seen), within=timedelta(seconds=ANSWER_WITHIN))
    if shown is None:
        said = f"neither {how.seen.css} nor {how.unless.css} was there"
        raise StepError(Outcome.FAILED, said, about=how.seen)
    if shown.place == 0:
        raise _signed_out("the site shows its sign-in page")


async def _gone(going: Coroutine[Any, Any, Response | None]) -> None:
    """Go to a page.

    Raises:
        StepError: The site is asked too often.
    """
    response = await going
    if response and response.status == TOO_MANY_REQUESTS:
        raise asks_for_less(response)


async def _ask_as_member(
    page: AccountPage, how: SignedIn, rule: ResponseRule, going: Coroutine[Any, Any, object]
) -> None:
    """Go to a page and wait until what it asks for is answered, or it has sent us to the sign-in."""
    there = asyncio.Event()

    async def go() -> None:
        await going
        there.set()

    async def turned_away() -> None:
        await there.wait()  # What the page before it showed does not count.
        await page.first_shown((how.unless,))

    asking = asyncio.create_task(answer_to(page.page, rule, {}, go()))
    away = asyncio.create_task(turned_away())
    try:
        await asyncio.wait({asking, away}, return_when=asyncio.FIRST_COMPLETED)
        if away.done() and not away.exception():
            raise _signed_out("the site shows its sign-in page")
        answer = await asking
    finally:
        for task in (asking, away):
            task.cancel()
        await asyncio.gather(asking, away, return_exceptions=True)
    if not rule.fits(answer):
        said = f"the site answered {rule.method} {rule.url} with {answer.status}"
        # Any other refusal is not about being signed in: signing in again would not help.
        if answer.status == NOT_SIGNED_IN:
            raise _signed_out(said)
        pause = pause_after(answer.status, answer.retry_after, page.clock.now())
        outcome = stop_said(answer, page.profile.outcomes) or Outcome.FAILED
        raise StepError(outcome, said, pause, None if is_no_answer(answer.status) else rule)


def _signed_out(said: str) -> StepError:
    return StepError(Outcome.SIGNED_OUT, said)
