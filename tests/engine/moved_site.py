"""A site that sends who books to where the booking is, as Playwright's routes cannot."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any


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
    with ThreadingHTTPServer(("127.0.0.1", 0), _Moved) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()
