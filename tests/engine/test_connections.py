"""The way that a press's request takes, made ready before the opening."""

from __future__ import annotations

import socketserver
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import BrowserContext, Page

from sniper.engine.browser.compile import compile_attempt
from tests.engine.stage import BOOK, BUTTON, HANDLE, Told, profile, slots

PATIENCE = 2
"""Seconds that the site keeps a connection on which nobody asks for anything."""


FILES = {
    "/": ("text/html", BUTTON),
    "/worker.js": (
        "text/javascript",
        """onactivate = () => clients.claim();
        onfetch = event => {
            if (event.request.method === 'GET') event.respondWith(fetch(event.request.url));
        };""",
    ),
}
ASKS = "fetch('/list').then(answer => answer.text())"
WORKER = """new Promise(resolve => {
    navigator.serviceWorker.oncontrollerchange = resolve;
    navigator.serviceWorker.register('/worker.js');
})"""


@dataclass
class Site:
    """A site that closes what is idle, and how old each request's connection was."""

    url: str = ""
    ages: dict[str, float] = field(default_factory=dict)
    """By the path, in seconds."""
    asked: list[str] = field(default_factory=list)
    """Methods and paths."""


class Handler(socketserver.StreamRequestHandler):
    """One connection: HTTP as far as a page needs it."""

    timeout = PATIENCE
    site: Site

    def handle(self) -> None:
        opened = time.monotonic()
        with suppress(TimeoutError, ConnectionError):
            while line := self.rfile.readline():
                method, path, _ = line.decode().split()
                while self.rfile.readline().strip():
                    pass
                self.site.ages[path] = time.monotonic() - opened
                if path != "/favicon.ico":
                    self.site.asked.append(f"{method} {path}")
                status = "201 Created" if method == "POST" else "200 OK"
                kind, body = FILES.get(path, ("application/json", "{}"))
                about = {"Content-Type": kind, "Content-Length": len(body), "Cache-Control": "no-store"}
                head = "".join(f"{name}: {value}\r\n" for name, value in about.items())
                head = f"HTTP/1.1 {status}\r\n{head}\r\n"
                self.wfile.write((head + (body if method != "HEAD" else "")).encode())


@pytest.fixture
def site() -> Iterator[Site]:
    """On a free port."""
    found = Site()
    handler = type("OfThisSite", (Handler,), {"site": found})
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        found.url = f"http://127.0.0.1:{server.server_address[1]}"
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield found
        server.shutdown()


def fire(page: Page, within: float, *, wakes: bool) -> None:
    """Hand a plan over, and wait for its end."""
    plan = compile_attempt(profile((BOOK,)), slots(1), press=True, filled=False)
    plan |= {
        "id": "1",
        "at": page.evaluate(f"{HANDLE}.now()") + within,
        "wait": 0,
        "wakes": wakes,
        "tells_press": False,
        "next_press": 0,
        "left_alone_until": 0,
    }
    page.evaluate(f"plan => {HANDLE}.arm(plan)", plan)
    page.wait_for_function(f"{HANDLE}.underWay() === null")


@pytest.fixture
def page(site: Site, stage_context: tuple[BrowserContext, Told]) -> Iterator[Page]:
    """At the site."""
    context, told = stage_context
    told.clear()
    with context.new_page() as page:
        page.goto(site.url)
        yield page


def test_a_connection_that_the_site_has_closed_is_there_again_before_the_opening(
    site: Site, page: Page
) -> None:
    page.evaluate(ASKS)
    fire(page, within=4_000, wakes=False)
    assert site.ages["/book"] > 0.5


TRIES = 20
"""On a machine that is busy, a page may come too late for it, and leaves it then."""


@pytest.fixture
def taken_back(page: Page) -> list[str]:
    """The paths of the requests that the page did not wait for."""
    found: list[str] = []
    page.on(
        "requestfailed",
        lambda request: found.append(f"{request.failure} {urlsplit(request.url).path}"),
    )
    return found


def wake(site: Site, page: Page, taken_back: list[str]) -> None:
    """Fire until the page was in time to wake the browser; the site is asked for no more than that takes."""
    page.evaluate(ASKS)
    for tries in range(1, TRIES + 1):
        fire(page, within=300, wakes=True)
        assert site.asked == ["GET /", "GET /list", *["POST /book"] * tries]
        if taken_back:
            break


def test_the_browser_is_woken_by_a_request_that_is_taken_back_at_once_and_nobody_is_asked(
    site: Site, page: Page, taken_back: list[str]
) -> None:
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    wake(site, page, taken_back)
    assert taken_back == ["net::ERR_ABORTED /list"]
    assert not said


def test_what_a_sites_monitoring_sees_of_it_is_an_address_that_the_page_has_asked_before(
    site: Site, page: Page, taken_back: list[str]
) -> None:
    page.evaluate("""window.seen = []; new PerformanceObserver(list => {
        for (const { name, responseStatus } of list.getEntries()) seen.push(`${responseStatus} ${name}`);
    }).observe({ type: "resource", buffered: true })""")
    wake(site, page, taken_back)
    page.wait_for_function("seen.some(one => one.startsWith('0 '))")
    seen = set(page.evaluate("seen")) - {f"200 {site.url}/favicon.ico"}
    assert seen == {f"200 {site.url}/list", f"0 {site.url}/list", f"201 {site.url}/book"}


def test_what_is_taken_back_too_late_only_the_browsers_cache_may_answer(
    site: Site, page: Page, taken_back: list[str]
) -> None:
    page.evaluate("AbortController.prototype.abort = () => {}")
    wake(site, page, taken_back)
    assert taken_back == ["net::ERR_CACHE_MISS /list"]


def test_no_press_is_lost_where_the_page_has_taken_away_what_that_takes(
    site: Site, page: Page, taken_back: list[str]
) -> None:
    page.evaluate(ASKS)
    page.evaluate("Performance.prototype.getEntriesByType = undefined")
    fire(page, within=300, wakes=True)
    assert not taken_back
    assert site.asked == ["GET /", "GET /list", "POST /book"]


def test_it_is_left_asleep_where_pages_have_no_processor_for_it(
    site: Site, page: Page, taken_back: list[str]
) -> None:
    page.evaluate(ASKS)
    fire(page, within=300, wakes=False)
    assert not taken_back
    assert site.asked == ["GET /", "GET /list", "POST /book"]


@pytest.mark.parametrize("before", ["0", WORKER], ids=["never answers the page", "has a service worker"])
def test_it_is_left_asleep_where_the_site(site: Site, page: Page, taken_back: list[str], before: str) -> None:
    page.evaluate(before)
    if before == WORKER:
        page.evaluate(ASKS)
    site.asked.clear()
    fire(page, within=300, wakes=True)
    assert not taken_back
    assert site.asked == ["POST /book"]
