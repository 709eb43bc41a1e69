"""What holds on every page there is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.conftest import StartSite
from tests.pages.conftest import Visit
from tests.pages.visitor import SCHEDULE, Visitor


def tour(visitor: Visitor) -> Iterator[str]:
    """Walk over all pages; a stop, by its name, once it is there."""
    page = visitor.page
    visitor.go("/")
    expect(visitor.find("oidc-login-button")).to_be_visible()
    yield "start"
    visitor.find("oidc-login-button").click()
    expect(page.locator("[data-title]").first).to_be_visible()
    yield "tiles"
    page.locator("[data-title='University of Elsewhere']").click()
    expect(page.get_by_role("alert")).to_be_visible()
    yield "tile of another institution"
    page.locator("[data-title='Delft University of Technology']").click()
    expect(page.locator("#username")).to_be_visible()
    yield "form"
    visitor.fill_in("user20", "wrong")
    expect(page.locator("#login_error")).to_be_visible()
    yield "form with an error"
    visitor.fill_in("user20", "pass20")
    expect(page.locator("#totp_code")).to_be_visible()
    yield "second factor"
    visitor.go("/oidc-callback")
    expect(visitor.find("callback-error")).to_be_visible()
    yield "callback without a code"
    visitor.sign_in()
    expect(visitor.find("participations-empty")).to_be_visible()
    yield "dashboard without bookings"
    visitor.go(SCHEDULE)
    expect(visitor.cards().first).to_be_visible()
    yield "schedule"
    page.click("#tag-filterinput")
    visitor.find("tag-group-all-spaces").click()
    yield "filter"
    page.keyboard.press("Escape")
    visitor.choose_date("2026-11-24")
    visitor.press_book("X1", "12:00")
    visitor.dialog.locator("ng-select .ng-select-container").click()
    expect(page.locator(".ng-option").first).to_be_visible()
    yield "dialog with its picker open"
    page.locator(".ng-option").first.click()
    visitor.confirm.click()
    expect(visitor.find("booking-success")).to_be_visible()
    yield "success"
    visitor.dialog.get_by_role("link", name="See my bookings").click()
    expect(visitor.find("participation-row")).to_be_visible()
    yield "dashboard"
    visitor.find("participation-cancel-button").click()
    expect(visitor.find("cancel-confirm-button")).to_be_visible()
    yield "cancellation"
    visitor.find("cancel-confirm-button").click()
    expect(visitor.find("participations-empty")).to_be_visible()
    visitor.find("logout-button").click()
    expect(visitor.find("session-note")).to_be_visible()
    yield "signed out"


PHONE = {"viewport": {"width": 320, "height": 640}, "is_mobile": True, "has_touch": True}
DESK = {"viewport": {"width": 1280, "height": 800}}


@pytest.mark.parametrize(
    ("screen", "picker"),
    [(DESK, {}), (PHONE, {"append_to_body": True, "search": True})],
    ids=["at a desk", "on a phone"],
)
def test_every_page_says_rehearsal_and_never_scrolls_sideways(
    visit: Visit, practice_site: StartSite, screen: dict[str, Any], picker: dict[str, bool]
) -> None:
    visitor = visit(practice_site(picker=picker), **screen)
    for stop in tour(visitor):
        banner = visitor.page.locator(".rehearsal")
        expect(banner, stop).to_be_visible()
        expect(banner, stop).to_contain_text("REHEARSAL")
        assert "REHEARSAL" in visitor.page.title(), stop
        wide = visitor.page.evaluate("() => document.documentElement.scrollWidth")
        assert wide <= screen["viewport"]["width"], f"{stop} is {wide} px wide"


def test_the_browsers_complaints_are_heard(visitor: Visitor, complaints: list[str]) -> None:
    visitor.go("/")
    expect(visitor.find("oidc-login-button")).to_be_visible()
    provoke: Callable[[str], object] = visitor.page.evaluate
    provoke("() => { document.head.append(Object.assign(document.createElement('script'), { text: '0' })); }")
    provoke("() => { setTimeout(() => { throw new Error('nobody caught this'); }); }")
    visitor.drawn()
    heard = "\n".join(complaints)
    complaints.clear()
    assert "policy violated: script-src-elem inline" in heard
    assert "nobody caught this" in heard
