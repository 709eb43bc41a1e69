"""What a page takes of a processor."""

from __future__ import annotations

from datetime import timedelta

from playwright.async_api import Page

from sniper.engine.browser.processor_time import processor_time
from tests.engine.benches import SharedBrowser

_WAITS = "() => new Promise(done => setTimeout(done, 300))"
_WORKS = "() => { const end = performance.now() + 300; while (performance.now() < end); }"


async def _used(page: Page, script: str) -> timedelta:
    async with processor_time(page) as used:
        await page.evaluate(script)
    assert used.duration is not None
    return used.duration


def test_a_page_that_waits_takes_nothing_of_a_processor_and_one_that_works_does(
    shared_browser: SharedBrowser,
) -> None:
    async def check() -> tuple[timedelta, timedelta]:
        context = await shared_browser.pool.context(timezone="UTC", locale="en-GB")
        page = await context.new_page()
        took = await _used(page, _WAITS), await _used(page, _WORKS)
        await context.close()
        return took

    waited, worked = shared_browser.loop.run(check())
    assert timedelta(0) < waited < worked


def test_of_a_page_that_went_away_nothing_is_known(shared_browser: SharedBrowser) -> None:
    async def check() -> timedelta | None:
        context = await shared_browser.pool.context(timezone="UTC", locale="en-GB")
        page = await context.new_page()
        async with processor_time(page) as used:
            await context.close()
        return used.duration

    assert shared_browser.loop.run(check()) is None
