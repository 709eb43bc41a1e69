"""A person in front of the practice site: what they look for and what they press."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from playwright.sync_api import Locator, Page, expect

from sniper.practice.catalogue import CATALOGUE, Slot
from sniper.practice.server import RunningSite

SCHEDULE = "/products/bookable-product-schedule"
DAY = "2026-11-24"
"""Three days after the sites start: X1 and X3 are open up to the hour at 12:00, and not from 13:00 on."""


def slot_at(label: str, start: str, *, day: str = DAY) -> Slot:
    """The slot of this name, by its local start."""
    return next(
        slot
        for slot in CATALOGUE.slots_on(date.fromisoformat(day))
        if slot.label == label and CATALOGUE.local(slot.start).strftime("%H:%M") == start
    )


def at_venue(local: str) -> datetime:
    """An instant by the venue's calendar and wall clock."""
    return datetime.fromisoformat(local).replace(tzinfo=ZoneInfo("Europe/Amsterdam")).astimezone(UTC)


def long_day(day: date) -> re.Pattern[str]:
    """A date as the pages write it; some releases of Chromium put a comma behind the weekday."""
    return re.compile(f"{day:%A},? {day.day} {day:%B} {day.year}")


@dataclass(frozen=True)
class Visitor:
    """A page of one site, and ways around it."""

    page: Page
    site: RunningSite

    def find(self, test_id: str) -> Locator:
        return self.page.locator(f"[data-test-id='{test_id}']")

    def go(self, path: str) -> None:
        self.page.goto(self.site.url + path)

    def fill_in(self, username: str, password: str) -> None:
        self.page.fill("#username", username)
        self.page.fill("#password", password)
        self.page.click("#submit_button")

    def sign_in(self, username: str = "user1") -> None:
        """Come back from the sign-in pages, without having walked through them."""
        person = next(person for person in self.site.accounts.people if person.username == username)
        self.go(f"/oidc-callback?code={self.site.accounts.issue_code(person)}")
        expect(self.page).to_have_url(f"{self.site.url}/dashboard")

    def open_schedule(self, day: str = DAY) -> None:
        self.page.get_by_role("link", name="Schedule").click()
        self.choose_date(day)

    @property
    def date(self) -> Locator:
        return self.page.locator("input[type='date'].form-control")

    def choose_date(self, day: str) -> None:
        self.date.fill(day)
        when = date.fromisoformat(day)
        # The heading changes with the date, and from then on the list is busy until it shows the new one.
        expect(self.page.locator(".page-heading .lead")).to_have_text(long_day(when))
        expect(self.page.locator("bookable-slot-list")).to_have_attribute("aria-busy", "false")

    def cards(self) -> Locator:
        return self.find("bookable-slot-list")

    def card(self, title: str, time: str) -> Locator:
        page = self.page
        heading = page.locator("[data-test-id='bookable-slot-linked-product-description']")
        start = page.locator("p[data-test-id='bookable-slot-start-time'] strong")
        named = self.cards().filter(has=heading.get_by_text(title, exact=True))
        return named.filter(has=start.get_by_text(time, exact=True))

    def press_book(self, title: str, time: str) -> None:
        self.card(title, time).locator("[data-test-id='bookable-slot-book-button']").click()

    @property
    def dialog(self) -> Locator:
        return self.page.locator("modal-container .modal-content")

    @property
    def confirm(self) -> Locator:
        return self.dialog.locator("button[data-test-id='details-book-button']")

    def pick(self, sub_location: str) -> None:
        self.dialog.locator("product-select-input ng-select .ng-select-container").click()
        self.page.locator(".ng-option").get_by_text(sub_location, exact=True).click()

    def book(self, title: str, time: str, sub_location: str | None = None) -> None:
        """From the card to the answer."""
        self.press_book(title, time)
        if sub_location:
            self.pick(sub_location)
        self.confirm.click()
        expect(self.confirm).to_have_count(0)

    def drawn(self) -> None:
        """Let the page do what it may still do after a press: two frames, with a task between."""
        self.page.evaluate(
            """() => new Promise((done) =>
                requestAnimationFrame(() => setTimeout(() => requestAnimationFrame(done))))"""
        )
