"""A page's DevTools, for what Playwright has no call for."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from playwright.async_api import CDPSession, Page

WITHIN = 1.0
"""Seconds: what all of it may take, since nobody waits for a page or a browser that hangs."""


@asynccontextmanager
async def devtools(page: Page) -> AsyncIterator[CDPSession]:
    """A session with them for the block, which is for a few questions: it has a second.

    Raises:
        PlaywrightError: The page has crashed or is closed.
        TimeoutError: It hangs.
    """
    async with asyncio.timeout(WITHIN):
        session = await page.context.new_cdp_session(page)
        yield session
        # Only where all went well: a browser that hangs would not answer to this either.
        await session.detach()


async def metric(session: CDPSession, name: str) -> float | None:
    """What the browser has measured of the page since `Performance.enable`; None where it does not tell.

    https://chromedevtools.github.io/devtools-protocol/tot/Performance/#method-getMetrics
    """
    told = await session.send("Performance.getMetrics")
    return next((one["value"] for one in told["metrics"] if one["name"] == name), None)
