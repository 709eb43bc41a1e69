"""What a page asks its site for, and what it is answered."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from difflib import get_close_matches
from typing import Any
from urllib.parse import urlsplit

from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Page, Request

from sniper.core.outcomes import Outcome
from sniper.engine.browser.answers import BY_THE_PAGE_ITSELF
from sniper.engine.browser.selectors import Values, filled
from sniper.engine.browser.steps import StepError
from sniper.sites.answers import Answer, ResponseRule

ANSWER_WITHIN = 20.0
"""Seconds that a site has for an answer which no opening depends on."""


async def answer_to(
    page: Page, rule: ResponseRule, values: Values, steps: Coroutine[Any, Any, None]
) -> Answer:
    """Run steps that make the page ask for something, and take the answer the page gets.

    Only what is asked for from now on counts. A request of the page that is being left may be among it:
    its answer is gone with its page, and the next one is taken.

    Raises:
        StepError: A step did not work, or there was no answer in time.
    """
    about = with_values(rule, values)
    asked: asyncio.Queue[Request] = asyncio.Queue()

    others: set[str] = set()

    def noted(request: Request) -> None:
        if about.is_about(request.method, request.url):
            asked.put_nowait(request)
        elif request.resource_type in BY_THE_PAGE_ITSELF:
            others.add(f"{request.method} {urlsplit(request.url).path}")

    page.on("request", noted)
    try:
        async with asyncio.timeout(ANSWER_WITHIN):
            await steps
            while True:
                if answer := await answer_of(await asked.get()):
                    return answer
    except TimeoutError:
        said = f"no answer to {about.method} {about.url} in time"
        near = get_close_matches(f"{about.method} {about.url}", others)
        raise StepError(Outcome.FAILED, said, about=rule, near=tuple(near)) from None
    finally:
        page.remove_listener("request", noted)


def with_values(rule: ResponseRule, values: Values) -> ResponseRule:
    """The rule with its placeholders filled in."""
    return rule.model_copy(update={"url": filled(rule.url, values)})


async def answer_of(request: Request) -> Answer | None:
    """What the request was answered with; None when the answer is lost."""
    try:
        response = await request.response()
        if response is None:
            return None
        pause = response.headers.get("retry-after")
        return Answer(request.method, request.url, response.status, await response.text(), pause)
    except PlaywrightError:
        return None
