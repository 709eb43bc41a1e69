"""What a page's script, style and layout take of a processor."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta

from playwright.async_api import CDPSession, Page
from playwright.async_api import Error as PlaywrightError

from sniper.engine.browser.devtools import WITHIN, metric


@dataclass
class Used:
    """How long the page's main thread ran within the block; None where the browser does not tell."""

    duration: timedelta | None = None


@asynccontextmanager
async def processor_time(page: Page) -> AsyncIterator[Used]:
    """Measure it, to be read after the block. Time in which others had the processor does not count."""
    used = Used()
    session: CDPSession | None = None
    before: float | None = None
    with suppress(PlaywrightError, TimeoutError):
        async with asyncio.timeout(WITHIN):
            # It is open for all of the block, which takes longer than `devtools` would let it.
            session = await page.context.new_cdp_session(page)
            await session.send("Performance.enable", {"timeDomain": "threadTicks"})
            before = await metric(session, "TaskDuration")
    yield used
    if session is None or before is None:
        return
    with suppress(PlaywrightError, TimeoutError):
        async with asyncio.timeout(WITHIN):
            after = await metric(session, "TaskDuration")
            used.duration = None if after is None else timedelta(seconds=after - before)
            await session.detach()
