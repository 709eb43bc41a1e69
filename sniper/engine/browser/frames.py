"""A headless page that draws nothing while it fires."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta

from playwright.async_api import CDPSession, Page
from playwright.async_api import Error as PlaywrightError

from sniper.engine.browser.inpage import HANDLE

TAKES = timedelta(milliseconds=700)
"""How long it takes to have no frames drawn, at most: whoever has less time had better begin."""
_WITHIN = 1.0
_MOUSE_WITHIN = 0.3
_OUTSIDE = {"type": "mouseMoved", "x": -1, "y": -1}


@asynccontextmanager
async def without_frames(page: Page) -> AsyncIterator[None]:
    """Within the block nobody asks the page for pictures: a third of the work of an opening is drawing them.

    Its window is minimized; the page itself goes on to take itself for visible, as Playwright sees to. What
    waits for an animation frame waits, so whoever does this has to know that the page gets along without. The
    mouse is led out of it: under one, a page is laid out after every change, for what it points at.
    """
    try:
        with _patience():
            async with asyncio.timeout(_WITHIN), _devtools(page) as session:
                # It waits for a page that is busy, and is not worth the rest.
                with suppress(TimeoutError):
                    async with asyncio.timeout(_MOUSE_WITHIN):
                        await session.send("Input.dispatchMouseEvent", _OUTSIDE)
                await _window(session, "minimized")
                await page.evaluate(f"{HANDLE}?.drawNoMore()")
        yield
    finally:
        if not page.is_closed():
            with _patience():
                async with asyncio.timeout(_WITHIN), _devtools(page) as session:
                    await _window(session, "normal")


def _patience() -> suppress:
    """A page that crashed has no window, and one that hangs keeps the one it has: nobody waits for it."""
    return suppress(PlaywrightError, TimeoutError)


@asynccontextmanager
async def _devtools(page: Page) -> AsyncIterator[CDPSession]:
    session = await page.context.new_cdp_session(page)
    yield session
    # Only where all went well: a browser that hangs would not answer to this either, and be waited for.
    await session.detach()


async def _window(session: CDPSession, state: str) -> None:
    window = await session.send("Browser.getWindowForTarget")
    bounds = {"windowId": window["windowId"], "bounds": {"windowState": state}}
    await session.send("Browser.setWindowBounds", bounds)
