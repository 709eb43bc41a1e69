"""A headless page that draws nothing while it fires."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Page


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
        await _window(page, "normal")


async def _window(page: Page, state: str) -> None:
    with suppress(PlaywrightError):  # A page that is gone has no window.
        session = await page.context.new_cdp_session(page)
        window = await session.send("Browser.getWindowForTarget")
        await session.send(
            "Browser.setWindowBounds", {"windowId": window["windowId"], "bounds": {"windowState": state}}
        )
        await session.detach()
