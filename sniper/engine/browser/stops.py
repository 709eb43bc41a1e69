"""A captcha or a ban that is met while nothing is fired, as the profile's rules for answers tell them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Page

from sniper.core.outcomes import Outcome
from sniper.core.retry_after import TOO_MANY_REQUESTS
from sniper.engine.browser.selectors import locate
from sniper.sites.answers import Answer, OutcomeRule

STOPS = (Outcome.CAPTCHA, Outcome.BLOCKED)
_NOT_SIGNED_IN = 401
_FAILED = 500
_ANSWERED = "() => performance.getEntriesByType('navigation')[0]?.responseStatus ?? 0"
_LOOK_WITHIN = 2.0


async def stop_shown(
    page: Page, rules: Sequence[OutcomeRule], within: float = _LOOK_WITHIN
) -> Outcome | None:
    """What of the two the page shows. A page that hangs (for so many seconds) or is gone shows nothing."""
    for rule in rules:
        if rule.is_ not in STOPS or rule.page is None:
            continue
        try:
            async with asyncio.timeout(within):
                if await locate(page, rule.page, {}).first.is_visible():
                    return rule.is_
        except KeyError:
            continue  # What it looks for is about a slot.
        except (PlaywrightError, TimeoutError):
            return None
    return None


async def out_of_order(page: Page, within: float) -> str:
    """What is wrong with a page that the site could not or would not answer; empty where nothing is.

    Args:
        page: Which.
        within: How many seconds it may hang.

    Raises:
        PlaywrightError: The page is gone.
        TimeoutError: It hangs.
    """
    async with asyncio.timeout(within):
        status: int = await page.evaluate(_ANSWERED)
    return f"the page was answered {status}" if is_no_answer(status) else ""


def is_no_answer(status: int) -> bool:
    """Has the site no answer just now, whatever it is asked for?"""
    return status in (_NOT_SIGNED_IN, TOO_MANY_REQUESTS) or status >= _FAILED


def stop_said(answer: Answer, rules: Sequence[OutcomeRule]) -> Outcome | None:
    """What of the two an answer says in words: these are the same, whatever was asked for."""
    for rule in rules:
        about = rule.response
        if rule.is_ in STOPS and about and about.text:
            anything = about.model_copy(update={"url": "", "method": answer.method})
            if anything.fits(answer):
                return rule.is_
    return None
