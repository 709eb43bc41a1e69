"""Signing in as a person does, page by page, and what the app keeps of it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pyotp
from playwright.sync_api import Page, expect

from sniper.practice.server import RunningSite
from tests.conftest import StartSite
from tests.pages.conftest import Visit
from tests.pages.visitor import SCHEDULE, Visitor

TILE = "div[data-title='Delft University of Technology']"


def kept(page: Page) -> dict[str, Any] | None:
    text = page.evaluate("() => localStorage.getItem('delcom_auth')")
    return None if text is None else dict(json.loads(text))


def to_the_form(visitor: Visitor) -> None:
    visitor.go("/")
    visitor.find("oidc-login-button").click()
    visitor.page.locator(TILE).click()


def code_of(site: RunningSite, username: str, *, ago: timedelta = timedelta()) -> str:
    person = next(person for person in site.accounts.people if person.username == username)
    return pyotp.TOTP(person.totp_secret or "").at(site.clock.machine_now() - ago)


def test_a_person_signs_in_through_the_tile_page_and_the_form(visitor: Visitor) -> None:
    page, url = visitor.page, visitor.site.url
    visitor.go("/")
    expect(page.locator("h1[data-test-id='login-page-header']")).to_be_visible()
    page.locator("button[data-test-id='oidc-login-button']").click()
    expect(page).to_have_url(re.compile(rf"^{url}/sso/discovery"))
    page.locator(TILE).click()
    expect(page).to_have_url(f"{url}/sso/login")
    visitor.fill_in("user1", "pass1")
    expect(page).to_have_url(f"{url}/dashboard")
    expect(visitor.find("member-name")).to_have_text("Practice User 1")
    expect(page.locator("h1[data-test-id='login-page-header']")).to_have_count(0)


def test_the_tile_is_remembered_and_skipped_the_next_time(visitor: Visitor) -> None:
    to_the_form(visitor)
    expect(visitor.page.locator("#username")).to_be_visible()
    visitor.go("/")
    visitor.find("oidc-login-button").click()
    expect(visitor.page).to_have_url(f"{visitor.site.url}/sso/login")


def test_a_wrong_password_is_told_and_the_right_one_still_works(visitor: Visitor) -> None:
    to_the_form(visitor)
    visitor.fill_in("user1", "pass2")
    expect(visitor.page.locator("#login_error")).to_have_text("Username or password is incorrect.")
    expect(visitor.page.locator("#username")).to_have_value("user1")
    expect(visitor.page.locator("#password")).to_have_value("")
    visitor.fill_in("user1", "pass1")
    expect(visitor.page).to_have_url(f"{visitor.site.url}/dashboard")


def test_a_second_factor_wants_the_code_of_now(visitor: Visitor) -> None:
    page = visitor.page
    to_the_form(visitor)
    visitor.fill_in("user20", "pass20")
    expect(page).to_have_url(f"{visitor.site.url}/sso/second-factor")
    page.fill("#totp_code", code_of(visitor.site, "user20", ago=timedelta(minutes=10)))
    page.click("#totp_submit")
    expect(page.locator("#login_error")).to_have_text("This code is not correct. Please try the next one.")
    page.fill("#totp_code", code_of(visitor.site, "user20"))
    page.click("#totp_submit")
    expect(page).to_have_url(f"{visitor.site.url}/dashboard")
    expect(visitor.find("member-name")).to_have_text("Practice User 20")


def test_the_session_is_kept_in_the_shape_of_the_real_app(visitor: Visitor) -> None:
    to_the_form(visitor)
    visitor.fill_in("user3", "pass3")
    expect(visitor.page).to_have_url(f"{visitor.site.url}/dashboard")
    session = kept(visitor.page)
    assert session is not None
    tokens = session["tokenResponse"]
    who = visitor.site.accounts.member("user3")
    assert session == {
        "member": {
            "id": who.id,
            "firstName": "Practice",
            "lastName": "User 3",
            "email": "user3@practice.invalid",
        },
        "tokenResponse": tokens,
        "isOidc": True,
        "isLoggedIn": True,
    }
    assert set(tokens) == {"accessToken", "tokenType", "expiresIn", "idToken", "refreshToken", "issuedAt"}
    assert (tokens["tokenType"], tokens["expiresIn"]) == ("Bearer", 86400)
    assert visitor.site.accounts.who(tokens["accessToken"]) == who


def test_the_session_appears_as_late_as_the_site_says(visit: Visit, shared_site: StartSite) -> None:
    # A delay that no test waits for, on a page whose clock can be turned.
    visitor = visit(shared_site(session_delay=timedelta(hours=1)))
    page, accounts = visitor.page, visitor.site.accounts
    page.clock.install()
    with page.expect_response("**/api/auth/token"):
        visitor.go(f"/oidc-callback?code={accounts.issue_code(accounts.people[0])}")
    expect(page.get_by_role("heading", name="Signing you in…")).to_be_visible()
    page.clock.fast_forward("50:00")
    assert kept(page) is None
    page.clock.fast_forward("10:00")
    expect(page).to_have_url(f"{visitor.site.url}/dashboard")
    assert kept(page) is not None


def test_whoever_is_signed_in_needs_no_start_page(visitor: Visitor) -> None:
    visitor.sign_in()
    visitor.go("/")
    expect(visitor.page).to_have_url(f"{visitor.site.url}/dashboard")
    visitor.go(SCHEDULE)
    expect(visitor.page.locator("bookable-product-schedule")).to_be_visible()


def test_who_is_not_signed_in_sees_the_start_page_only(visitor: Visitor) -> None:
    for path in (SCHEDULE, "/dashboard", "/no/such/page"):
        visitor.go(path)
        expect(visitor.page.locator("h1[data-test-id='login-page-header']")).to_be_visible()
        expect(visitor.page).to_have_url(f"{visitor.site.url}/")


def test_signing_out_ends_the_session(visitor: Visitor) -> None:
    visitor.sign_in()
    visitor.find("logout-button").click()
    expect(visitor.find("session-note")).to_have_text("You have signed out.")
    assert kept(visitor.page) is None


def test_a_code_that_is_used_up_is_told(visitor: Visitor) -> None:
    accounts = visitor.site.accounts
    code = accounts.issue_code(accounts.people[0])
    accounts.redeem(code)
    visitor.go(f"/oidc-callback?code={code}")
    expect(visitor.find("callback-error")).to_have_text("This sign-in code is not valid any more.")
    assert kept(visitor.page) is None


def test_a_token_that_has_ended_leads_back_to_the_start_with_a_note(member: Callable[..., Visitor]) -> None:
    visitor = member()
    visitor.site.clock.jump(timedelta(hours=24))
    visitor.page.get_by_role("link", name="My bookings").click()
    expect(visitor.find("session-note")).to_have_text("Your session has ended. Please sign in again.")
    expect(visitor.page).to_have_url(f"{visitor.site.url}/")
    assert kept(visitor.page) is None


def test_a_token_that_ends_before_the_booking_leads_back_too(member: Callable[..., Visitor]) -> None:
    visitor = member()
    visitor.press_book("X1", "12:00")
    visitor.pick("X1 A")
    visitor.site.clock.jump(timedelta(hours=24))
    visitor.confirm.click()
    expect(visitor.find("session-note")).to_have_text("Your session has ended. Please sign in again.")
    expect(visitor.dialog).to_have_count(0)
