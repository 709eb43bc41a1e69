"""Loads a page by its address."""

from __future__ import annotations

from playwright.async_api import Page


async def load(page: Page, url: str, *, milliseconds: float | None = None) -> None:
    """Go there, also where the page that is shown differs in nothing but what stands behind the `#`.

    A browser loads nothing then, and an app that has read it would go on as it is.

    Raises:
        PlaywrightError: It cannot be loaded, or not in time; where nothing is said, in Playwright's own.
    """
    if await page.goto(url, wait_until="domcontentloaded", timeout=milliseconds) is None:
        await page.reload(wait_until="domcontentloaded", timeout=milliseconds)
