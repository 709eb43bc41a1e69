"""A headless page that draws nothing while it fires."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Page

_WITHIN = 1.0


@asynccontextmanager
async def without_frames(page: Page) -> AsyncIterator[None]:
    """Within the block nobody asks the page for pictures: a third of the work of an opening is drawing them.

    Its window is minimized; the page itself goes on to take itself for visible, as Playwright sees to. What
    waits for an animation frame waits, so whoever does this has to know that the page gets along without.
    """
    await _window(page, "minimized")
    try:
        yield
    finally:
        if not page.is_closed():
            await _window(page, "normal")


async def _window(page: Page, state: str) -> None:
    """A page that crashed has no window, and one that hangs keeps the one it has: nobody waits for it."""
    with suppress(PlaywrightError, TimeoutError):
        async with asyncio.timeout(_WITHIN):
            session = await page.context.new_cdp_session(page)
            window = await session.send("Browser.getWindowForTarget")
            await session.send(
                "Browser.setWindowBounds", {"windowId": window["windowId"], "bounds": {"windowState": state}}
            )
            await session.detach()
