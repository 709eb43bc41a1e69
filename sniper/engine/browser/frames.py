"""A headless page that draws nothing while it fires."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta

from playwright.async_api import CDPSession, Page
from playwright.async_api import Error as PlaywrightError

from sniper.clock.clock import Clock
from sniper.engine.browser.devtools import WITHIN, devtools
from sniper.engine.browser.inpage import HANDLE

_A_MILLISECOND = timedelta(milliseconds=1)
_A_SECOND = timedelta(seconds=1)
# How long before the opening it begins. Who is first is done soonest, and who is last has to do without the
# longest: a second from its last frame.
_FIRST = timedelta(milliseconds=700)
_EACH_LATER = timedelta(milliseconds=10)
_LAST = timedelta(milliseconds=400)
# A page that comes, or is woken, later than this had better go on drawing than begin within the race.
_TOO_LATE = timedelta(milliseconds=200)
# A frame a second comes up to a sixtieth of a second late, and so does the next one then.
_SECONDS_KEPT = 15
_MOUSE_WITHIN = 0.3
_OUTSIDE = {"type": "mouseMoved", "x": -1, "y": -1}


def begins(opening: datetime, rank: int, now: datetime) -> datetime:
    """When the page `rank` is to have no frames drawn any more.

    It is asked for one a second all the same, counted from the last. So it begins whole seconds before a
    moment so short before the opening that the next frame does not come while others still fire.

    Args:
        opening: Of the wave.
        rank: The page's place among those that fire, from 0.
        now: It is not earlier than this, unless that moment is past.
    """
    last = opening - max(_FIRST - rank * _EACH_LATER, _LAST)
    return last - min(max((last - now) // _A_SECOND, 0), _SECONDS_KEPT) * _A_SECOND


@asynccontextmanager
async def without_frames_at(
    page: Page, clock: Clock, opening: datetime, rank: int, not_laid_out: str | None = None
) -> AsyncIterator[None]:
    """The same as `without_frames`, from the moment on that leaves the opening without a frame.

    Not at all where it is too late for that.
    """

    async def draw_no_more() -> None:
        await clock.sleep_until(begins(opening, rank, clock.now()))
        left = opening - clock.now()
        if left < _TOO_LATE:
            return
        async with without_frames(page, not_laid_out, left):
            await asyncio.Event().wait()

    undrawn = asyncio.create_task(draw_no_more())
    try:
        yield
    finally:
        undrawn.cancel()
        await asyncio.wait([undrawn])
        if not undrawn.cancelled() and (bug := undrawn.exception()):
            # Logged, not raised: what came of the block is worth more.
            about = {"message": "The page was not kept from drawing", "exception": bug}
            asyncio.get_running_loop().call_exception_handler(about)


@asynccontextmanager
async def without_frames(
    page: Page, not_laid_out: str | None = None, opens_in: timedelta = timedelta(0)
) -> AsyncIterator[None]:
    """Within the block nobody asks the page for pictures: a third of the work of an opening is drawing them.

    Its window is minimized; the page itself goes on to take itself for visible, as Playwright sees to. What
    waits for an animation frame waits, so whoever does this has to know that the page gets along without. The
    mouse is led out of it: under one, a page is laid out after every change, for what it points at.

    Args:
        page: Whose.
        not_laid_out: The CSS of what is not laid out meanwhile, unless somebody asks where it stands.
        opens_in: So long the frames that it is asked for all the same are drawn, one a second.
    """
    try:
        with _patience():
            async with devtools(page) as session:
                # It waits for a page that is busy, and is not worth the rest.
                with suppress(TimeoutError):
                    async with asyncio.timeout(_MOUSE_WITHIN):
                        await session.send("Input.dispatchMouseEvent", _OUTSIDE)
                await _window(session, "minimized")
                await page.evaluate(
                    f"([left, css]) => {HANDLE}?.drawNoMore(left, css)",
                    [opens_in / _A_MILLISECOND, not_laid_out],
                )
        yield
    finally:
        if not page.is_closed():
            with _patience():
                async with devtools(page) as session:
                    await _window(session, "normal")
            with _patience():
                async with asyncio.timeout(WITHIN):
                    await page.evaluate(f"{HANDLE}?.drawAgain()")


def _patience() -> suppress:
    """A page that crashed has no window, and one that hangs keeps the one it has: nobody waits for it."""
    return suppress(PlaywrightError, TimeoutError)


async def _window(session: CDPSession, state: str) -> None:
    window = await session.send("Browser.getWindowForTarget")
    bounds = {"windowId": window["windowId"], "bounds": {"windowState": state}}
    await session.send("Browser.setWindowBounds", bounds)
