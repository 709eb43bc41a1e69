"""A server of calendars on a free port."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler

from tests.local_http import listening


class Served:
    """What it answers, and with what status; None hangs up."""

    def __init__(self, server: str) -> None:
        self.url = f"{server}/private-f4c3/basic.ics"
        self.body: str = ""
        self.status: int | None = 200
        self.goes_to: str | None = None
        """Another path, where the body stands instead."""


@contextmanager
def calendar_server() -> Iterator[Served]:
    """Within the block it answers."""
    served: Served

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if served.status is None:
                self.close_connection = True
                return
            moved = served.goes_to is not None and not self.path.endswith(served.goes_to)
            self.send_response(302 if moved else served.status)
            if served.goes_to and moved:
                self.send_header("Location", served.goes_to)
            self.end_headers()
            self.wfile.write(served.body.encode())

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (http.server's name)
            pass

    with listening(Handler) as url:
        served = Served(url)
        yield served
