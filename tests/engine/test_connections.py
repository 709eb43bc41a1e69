"""The connection a press goes out on."""

from __future__ import annotations

import socketserver
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import BrowserContext, Page

from sniper.engine.browser.compile import compile_attempt
from tests.engine.stage import BOOK, BUTTON, HANDLE, Told, profile, slots

PATIENCE = 2
"""Seconds that the site keeps a connection on which nobody asks for anything."""


@dataclass
class Site:
    """A site that closes what is idle, and how old each request's connection was."""

    url: str = ""
    ages: dict[str, float] = field(default_factory=dict)
    """By the path, in seconds."""


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
                status = "201 Created" if method == "POST" else "200 OK"
                body = BUTTON if path == "/" else "{}"
                kind = "text/html" if path == "/" else "application/json"
                head = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n"
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


def test_a_connection_that_the_site_has_closed_is_there_again_before_the_opening(
    site: Site, stage_context: tuple[BrowserContext, Told]
) -> None:
    context, told = stage_context
    told.clear()
    page: Page = context.new_page()
    page.goto(site.url)
    page.evaluate("fetch('/list')")
    plan = compile_attempt(profile((BOOK,)), slots(1), press=True, filled=False)
    plan |= {
        "id": "1",
        "at": page.evaluate(f"{HANDLE}.now()") + 4_000,
        "wait": 0,
        "tells_press": False,
        "next_press": 0,
        "left_alone_until": 0,
    }
    page.evaluate(f"plan => {HANDLE}.arm(plan)", plan)
    page.wait_for_function(f"{HANDLE}.underWay() === null")
    page.close()
    assert site.ages["/book"] > 0.5
