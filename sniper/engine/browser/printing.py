"""A page of ours as a picture, drawn by the browser that is there."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from datetime import timedelta
from math import ceil
from pathlib import Path

from playwright.async_api import Error as PlaywrightError
from playwright.async_api import async_playwright

from sniper.errors import EnvironmentProblem
from sniper.setup.browser import launch_options

_WITHIN = timedelta(seconds=20)
_SHARPNESS = 1.5
"""Pixels for each of the page's units: letters are read on a telephone."""


async def draw(page: str, path: Path, *, width: int, hidden: Collection[str] = ()) -> None:
    """Draw a page, that fetches nothing, into a PNG file.

    Args:
        page: Its HTML.
        path: Where the file goes.
        width: Of the page, in its own units.
        hidden: Environment variables the browser is not to know, beside our own.

    Raises:
        EnvironmentProblem: The browser does not start, does not draw it within 20 s, or the file cannot be
            written.
    """
    try:
        async with asyncio.timeout(_WITHIN / timedelta(seconds=1)), async_playwright() as playwright:
            browser = await playwright.chromium.launch(
                **launch_options(headless=True, hidden=hidden),
                handle_sigint=False,
                handle_sigterm=False,
                handle_sighup=False,
            )
            context = await browser.new_context(
                viewport={"width": width, "height": 400},
                device_scale_factor=_SHARPNESS,
                java_script_enabled=False,
                offline=True,
            )
            shown = await context.new_page()
            await shown.set_content(page)
            # What is fixed to the window, the watermark say, is then over all of it.
            if box := await shown.locator("html").bounding_box():
                await shown.set_viewport_size({"width": width, "height": ceil(box["height"])})
            await shown.screenshot(path=path, full_page=True, type="png")
            await browser.close()
    except TimeoutError:
        raise EnvironmentProblem(f"{path} was not drawn within {_WITHIN.seconds} s") from None
    except (PlaywrightError, OSError) as error:
        raise EnvironmentProblem(f"{path} could not be drawn: {str(error).splitlines()[0]}") from None
