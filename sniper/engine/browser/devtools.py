"""A page's DevTools, for what Playwright has no call for."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from playwright.async_api import CDPSession, Page


@asynccontextmanager
async def devtools(page: Page) -> AsyncIterator[CDPSession]:
    """A session with them for the block.

    Raises:
        PlaywrightError: The page has crashed or is closed.
    """
    session = await page.context.new_cdp_session(page)
    yield session
    # Only where all went well: a browser that hangs would not answer to this either, and be waited for.
    await session.detach()
