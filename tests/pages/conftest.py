"""Visitors of the practice site, whose browser may not complain about anything."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage
from pytest_playwright.pytest_playwright import CreateContextCallback

from sniper.practice.server import running_practice_site
from sniper.practice.settings import PracticeSettings
from tests.conftest import START, StartSite
from tests.pages.visitor import Visitor

Visit = Callable[..., Visitor]

_TELL_VIOLATIONS = """
document.addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI }) =>
    console.error(`policy violated: ${violatedDirective} ${blockedURI}`));
"""
# Chromium's own line about an answer that is a refusal of the venue.
_REFUSED = "Failed to load resource: the server responded with a status of 4"


@pytest.fixture(scope="session")
def heard() -> list[str]:
    """What the browser of whichever test has complained about."""
    return []


@pytest.fixture
def complaints(heard: list[str]) -> Iterator[list[str]]:
    """Errors on the console, errors nobody caught and violations of the content policy; in the end, none."""
    heard.clear()
    yield heard
    assert heard == []


def listen(context: BrowserContext, heard: list[str]) -> BrowserContext:
    """Hear what a browser complains about."""

    def note(message: ConsoleMessage) -> None:
        if message.type == "error" and not message.text.startswith(_REFUSED):
            heard.append(message.text)

    context.add_init_script(_TELL_VIOLATIONS)
    context.on("console", note)
    context.on("weberror", lambda error: heard.append(str(error.error)))
    return context


@pytest.fixture
def visit(new_context: CreateContextCallback, complaints: list[str]) -> Visit:
    """`visit(site)`: somebody with a browser of their own, which `new_context`'s arguments describe."""
    return lambda site, **own: Visitor(listen(new_context(**own), complaints).new_page(), site)


@pytest.fixture(scope="session")
def lasting(
    browser: Browser, browser_context_args: dict[str, Any], heard: list[str]
) -> Iterator[Callable[[], BrowserContext]]:
    """`lasting()`: a browser for several tests, which need not load the app's code anew."""
    with contextlib.ExitStack() as open_ones:
        yield lambda: listen(
            open_ones.enter_context(contextlib.closing(browser.new_context(**browser_context_args))), heard
        )


@pytest.fixture(scope="session")
def public_browser(lasting: Callable[[], BrowserContext]) -> BrowserContext:
    """For one visitor after the other."""
    return lasting()


@pytest.fixture
def visitor(
    public_browser: BrowserContext, complaints: list[str], shared_site: StartSite
) -> Iterator[Visitor]:
    """Somebody whom no page knows, and who changes nothing that another visitor of the site would notice."""
    del complaints
    page, site = public_browser.new_page(), shared_site()
    yield Visitor(page, site)
    public_browser.clear_cookies()
    public_browser.new_cdp_session(page).send(
        "Storage.clearDataForOrigin", {"origin": site.url, "storageTypes": "local_storage,session_storage"}
    )
    page.close()


@pytest.fixture(scope="session")
def regular_since_long(lasting: Callable[[], BrowserContext], front_end: Path) -> Iterator[Visitor]:
    """user1, signed in at a site of their own."""
    with running_practice_site(PracticeSettings(start=START, web=front_end)) as site:
        visitor = Visitor(lasting().new_page(), site)
        visitor.sign_in()
        yield visitor


@pytest.fixture
def regular(regular_since_long: Visitor, complaints: list[str]) -> Iterator[Visitor]:
    """user1, with the schedule open at a site where nothing is booked. It lasts: no test moves its clock."""
    del complaints
    visitor = regular_since_long
    visitor.page.get_by_role("link", name="My bookings").click()
    visitor.open_schedule()
    yield visitor
    visitor.page.unroute_all()
    # Also where a test has failed with a dialog open.
    if visitor.page.locator("modal-container").count():
        visitor.go("/dashboard")
    for person in visitor.site.accounts.people:
        member = visitor.site.accounts.member(person.username)
        for booking in visitor.site.venue.participations(member):
            visitor.site.venue.cancel(member, booking.id)


@pytest.fixture
def member(visit: Visit, practice_site: StartSite) -> Callable[..., Visitor]:
    """`member(mode="lenient")`: user1, signed in at a new site of their own, with the schedule open."""

    def arrive(**settings: Any) -> Visitor:
        visitor = visit(practice_site(**settings))
        visitor.sign_in()
        visitor.open_schedule()
        return visitor

    return arrive
