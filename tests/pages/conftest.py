"""Visitors of the practice site, whose browser may not complain about anything."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, ConsoleMessage
from pytest_playwright.pytest_playwright import CreateContextCallback

from sniper.practice.server import RunningSite
from tests.conftest import StartSite
from tests.pages.visitor import Visitor

Visit = Callable[..., Visitor]

_TELL_VIOLATIONS = """
document.addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI }) =>
    console.error(`policy violated: ${violatedDirective} ${blockedURI}`));
"""
# Chromium's own line about an answer that is a refusal of the venue.
_REFUSED = "Failed to load resource: the server responded with a status of 4"


@pytest.fixture
def complaints() -> Iterator[list[str]]:
    """Errors on the console, errors nobody caught and violations of the content policy; in the end, none."""
    found: list[str] = []
    yield found
    assert found == []


@pytest.fixture
def visit(new_context: CreateContextCallback, complaints: list[str]) -> Visit:
    """`visit(site)`: somebody with a browser of their own, which `new_context`'s arguments describe."""

    def listen(message: ConsoleMessage) -> None:
        if message.type == "error" and not message.text.startswith(_REFUSED):
            complaints.append(message.text)

    def arrive(site: RunningSite, **browser: Any) -> Visitor:
        context: BrowserContext = new_context(**browser)
        context.add_init_script(_TELL_VIOLATIONS)
        context.on("console", listen)
        context.on("weberror", lambda error: complaints.append(str(error.error)))
        return Visitor(context.new_page(), site)

    return arrive


@pytest.fixture
def visitor(visit: Visit, shared_site: StartSite) -> Visitor:
    """Somebody who changes nothing that another visitor of the same site would notice."""
    return visit(shared_site())


@pytest.fixture
def member(visit: Visit, practice_site: StartSite) -> Callable[..., Visitor]:
    """`member(mode="lenient")`: user1, signed in at a site of their own, with the schedule open."""

    def arrive(**settings: Any) -> Visitor:
        visitor = visit(practice_site(**settings))
        visitor.sign_in()
        visitor.open_schedule()
        return visitor

    return arrive
