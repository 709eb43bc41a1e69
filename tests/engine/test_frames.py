"""Pages that fire draw nothing: whether Chromium asks one for frames."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from playwright.async_api import Page

from sniper.engine.browser.armed import Armed
from sniper.engine.browser.frames import without_frames
from tests.engine.benches import SharedBrowser

# One that changes all the time, and how often it was drawn within so many milliseconds.
_DRAWN = """milliseconds => new Promise(done => {
    let count = 0, over = false;
    const draw = () => {
        document.body.style.background = count % 2 ? "red" : "blue";
        count += 1;
        if (!over) requestAnimationFrame(draw);
    };
    requestAnimationFrame(draw);
    setTimeout(() => { over = true; done(count); }, milliseconds);
})"""


@asynccontextmanager
async def _page(shared: SharedBrowser) -> AsyncIterator[Page]:
    context = await shared.pool.context(timezone="UTC", locale="en-GB")
    await Armed.install(context)
    page = await context.new_page()
    await page.goto("data:text/html,<!doctype html><body>drawn")
    yield page
    await context.close()


def test_a_page_that_fires_is_drawn_once_a_second_at_most_and_as_before_afterwards(
    shared_browser: SharedBrowser,
) -> None:
    async def check() -> tuple[int, int]:
        async with _page(shared_browser) as page:
            async with without_frames(page):
                within = await page.evaluate(_DRAWN, 900)
            return within, await page.evaluate(_DRAWN, 900)

    within, afterwards = shared_browser.loop.run(check())
    assert 3 * within < afterwards


def test_what_uses_up_the_frames_leaves_the_page_as_it_was(shared_browser: SharedBrowser) -> None:
    looks = "() => [document.documentElement.outerHTML, document.adoptedStyleSheets.length]"

    async def check() -> tuple[object, object]:
        async with _page(shared_browser) as page:
            await page.evaluate("() => { document.adoptedStyleSheets = [new CSSStyleSheet()] }")
            before = await page.evaluate(looks)
            async with without_frames(page):
                return before, await page.evaluate(looks)

    before, within = shared_browser.loop.run(check())
    assert before == within


def test_the_mouse_is_led_out_of_a_page_that_fires(shared_browser: SharedBrowser) -> None:
    async def check() -> tuple[bool, bool]:
        async with _page(shared_browser) as page:
            hovers = "() => document.body.matches(':hover')"
            await page.mouse.move(20, 15)
            before = await page.evaluate(hovers)
            async with without_frames(page):
                return before, await page.evaluate(hovers)

    assert shared_browser.loop.run(check()) == (True, False)
