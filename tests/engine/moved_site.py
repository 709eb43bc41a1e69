"""A site that sends who books to where the booking is, as Playwright's routes cannot."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from typing import Any

from tests.local_http import listening


class _Moved(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        """The page, and the booking."""
        self.send_response(201 if self.path == "/there" else 200)
        self.end_headers()
        page = "<button id=book onclick=\"fetch('/book', {method: 'POST'})\">Book</button>"
        self.wfile.write(b'{"id": 7}' if self.path == "/there" else page.encode())

    def do_POST(self) -> None:
        """Elsewhere."""
        self.send_response(303)
        self.send_header("location", "/there")
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Nothing is told."""


@contextmanager
def moved_site() -> Iterator[str]:
    """Within the block it answers at this address."""
    with listening(_Moved) as url:
        yield url
