"""What a page's script, style and layout take of a processor."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta

from playwright.async_api import CDPSession, Page
from playwright.async_api import Error as PlaywrightError

_WITHIN = 1.0


@dataclass
class Used:
    """How long the page's main thread ran within the block; None where the browser does not tell."""

    duration: timedelta | None = None


@asynccontextmanager
async def processor_time(page: Page) -> AsyncIterator[Used]:
    """Measure it, to be read after the block. Time in which others had the processor does not count."""
    used = Used()
    session: CDPSession | None = None
    before = None
    with suppress(PlaywrightError, TimeoutError):
        async with asyncio.timeout(_WITHIN):
            session = await page.context.new_cdp_session(page)
            await session.send("Performance.enable", {"timeDomain": "threadTicks"})
            before = await _task_duration(session)
    yield used
    if session is None or before is None:
        return
    with suppress(PlaywrightError, TimeoutError):
        async with asyncio.timeout(_WITHIN):
            used.duration = await _task_duration(session) - before
            await session.detach()


async def _task_duration(session: CDPSession) -> timedelta:
    told = await session.send("Performance.getMetrics")
    return next(timedelta(seconds=one["value"]) for one in told["metrics"] if one["name"] == "TaskDuration")
