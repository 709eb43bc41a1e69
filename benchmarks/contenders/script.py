"""What a good Playwright script does: signed in and parked beforehand, locators and clicks at the opening."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from datetime import date, datetime
from types import TracebackType
from typing import Any, Self

from playwright.async_api import Browser, Locator, Page, async_playwright
from playwright.async_api import TimeoutError as PlaywrightTimeout

from benchmarks.contenders.contender import Booked, Contender
from benchmarks.venue import Person
from sniper.core.slots import Slot
from sniper.practice.settings import Mode
from sniper.setup.browser import launch_options

_SCHEDULE = "/products/bookable-product-schedule"
_CONFIRMED_WITHIN = 30_000
_GIVES_UP_AFTER = 3_000
_PARKED_WITHIN = 60_000
_PARKED_AT_A_TIME = 4
_TEST_ID = "data-test-id"


class PlaywrightScript(Contender):
    """A context an account. Strict, it presses Refresh at the opening; lenient, only Confirm."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._stack = AsyncExitStack()
        self._pages: dict[str, Page] = {}
        self._places: dict[Page, tuple[date, str]] = {}
        self._targets: dict[str, Slot] = {}

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack:
            playwright = await stack.enter_async_context(async_playwright())
            playwright.selectors.set_test_id_attribute(_TEST_ID)
            browser = await playwright.chromium.launch(**launch_options(headless=True))
            stack.push_async_callback(browser.close)
            await asyncio.gather(*(self._open(browser, person) for person in self.people))
            self._stack = stack.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.aclose()

    def turn_to(self, mode: Mode, accounts: int) -> None:
        """Every page goes to the list anew."""
        super().turn_to(mode, accounts)
        self._places.clear()

    async def park(self, targets: dict[str, Slot]) -> None:
        """The list of the day with the location's tag; lenient, the dialog filled in."""
        self._targets = targets
        places = asyncio.Semaphore(_PARKED_AT_A_TIME)

        async def park(page: Page, slot: Slot) -> None:
            async with places:
                page.set_default_timeout(_PARKED_WITHIN)
                await self._park(page, slot)
                # At the opening, a slot that is not to be had is given up soon.
                page.set_default_timeout(_GIVES_UP_AFTER)

        await asyncio.gather(*(park(self._pages[account], slot) for account, slot in targets.items()))

    async def fire(self, opening: datetime) -> Booked:
        """All at once."""
        await self.clock.sleep_until(opening)
        answers = await asyncio.gather(
            *(self._book(account, self._pages[account], slot) for account, slot in self._targets.items())
        )
        return {account: at for account, at in answers if at is not None}

    async def _open(self, browser: Browser, person: Person) -> None:
        context = await browser.new_context(timezone_id="Europe/Amsterdam", locale="en-GB")
        await context.add_init_script(person.keeping_script)
        self._pages[person.username] = await context.new_page()

    async def _park(self, page: Page, slot: Slot) -> None:
        if (slot.day, slot.location) == self._places.get(page):
            if await page.get_by_test_id("button-close-modal").is_visible():
                await page.get_by_test_id("button-close-modal").click()
        else:
            await self._go_to(page, slot)
            self._places[page] = slot.day, slot.location
        await self._card(page, slot).wait_for()
        if self.mode == "lenient":
            await self._fill_in(page, slot)

    async def _go_to(self, page: Page, slot: Slot) -> None:
        await page.goto(self.url + _SCHEDULE)
        await page.locator("#tag-filterinput").click()
        box = page.get_by_label(slot.location, exact=True)
        if not await box.is_visible():
            await page.get_by_role("button", name="All spaces").click()
        await box.check()
        await page.keyboard.press("Escape")
        await page.locator("input[type='date'].form-control").fill(slot.day.isoformat())

    async def _book(self, account: str, page: Page, slot: Slot) -> tuple[str, datetime | None]:
        try:
            if self.mode == "strict":
                await page.get_by_test_id("refresh").click()
                await self._fill_in(page, slot, only="div:not(.opacity-50)")
            await page.get_by_test_id("details-book-button").click()
            success = page.get_by_test_id("booking-success")
            refused = page.get_by_test_id("booking-error")
            await success.or_(refused).first.wait_for(timeout=_CONFIRMED_WITHIN)
            answered = self.clock.now()
            return account, answered if await success.is_visible() else None
        except PlaywrightTimeout:
            return account, None

    async def _fill_in(self, page: Page, slot: Slot, only: str | None = None) -> None:
        card = self._card(page, slot)
        if only:
            card = card.and_(page.locator(only))
        await card.get_by_test_id("bookable-slot-book-button").click()
        await page.locator("product-select-input ng-select").click()
        await page.get_by_role("option", name=slot.sub_location, exact=True).click()

    def _card(self, page: Page, slot: Slot) -> Locator:
        time = page.get_by_test_id("bookable-slot-start-time").get_by_text(f"{slot.start:%H:%M}", exact=True)
        title = page.get_by_test_id("bookable-slot-linked-product-description")
        named = title.get_by_text(slot.location, exact=True)
        return page.get_by_test_id("bookable-slot-list").filter(has=time).filter(has=named)
