"""A service that takes notifications over HTTP, and behaves as badly as a test wants."""

from __future__ import annotations

import base64
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any

from sniper.notify.channels import Channel, Wanted, channels_of
from sniper.notify.messages import Level
from tests.local_http import listening

TOKEN = "tkn-7Q9xZ2wYb4"  # noqa: S105 - of no service
"""Stands in each URL; nobody may ever see it."""


@dataclass
class Service:
    """What has been posted to it, and how it answers to what comes next.

    Attributes:
        refuses: How many of the next posts are refused.
        refuses_without: What a post has to hold to be taken.
        hangs: While it is set, nothing is answered.
    """

    server: str
    posted: list[dict[str, Any]] = field(default_factory=list)
    refuses: int = 0
    refuses_without: str = ""
    hangs: threading.Event = field(default_factory=threading.Event)
    drips: bool = False
    asked: int = 0

    def url(self, name: str = "club", **options: object) -> str:
        """An address of it: tried once, unless the test wants more."""
        query = "&".join(f"{key}={value}" for key, value in {"retry": 0, "wait": 0, **options}.items())
        return f"{self.server.replace('http://', f'json://me:pw-{TOKEN}@')}/{name}/{TOKEN}?{query}"

    def channel(self, level: Level = Level.EVERY_ATTEMPT, name: str = "club", **options: object) -> Channel:
        """A channel that goes there."""
        return channels_of([Wanted(self.url(name, **options), level, name)])[0]

    @property
    def titles(self) -> list[str]:
        """Of all that it took, in the order in which it came."""
        return [one["title"] for one in self.posted]

    def pictures(self) -> list[bytes]:
        """The files that came with it."""
        return [base64.b64decode(file["base64"]) for one in self.posted for file in one["attachments"]]

    def until(self, so: Callable[[], bool], within: float = 120) -> None:
        """Wait for something that a thread is about to do."""
        end = time.monotonic() + within
        while not so():
            assert time.monotonic() < end, f"it did not come to it; posted were {self.titles}"
            time.sleep(0.005)


@contextmanager
def running_service() -> Iterator[Service]:
    """Within the block it takes what is posted, on a free port."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            content = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            here.asked += 1
            while here.hangs.is_set():
                time.sleep(0.01)
            with suppress(OSError):  # Who asked may have given up.
                if here.refuses or here.refuses_without not in content["title"] + content["message"]:
                    here.refuses = max(here.refuses - 1, 0)
                    self.send_error(401, f"{TOKEN} is no token")
                    return
                drips = here.drips
                if not drips:
                    # Before the answer: who has that finds it posted.
                    here.posted.append(content)
                self.send_response(200)
                self.send_header("Content-Length", "100000" if here.drips else "0")
                self.end_headers()
                while here.drips:
                    self.wfile.write(b".")
                    self.wfile.flush()
                    time.sleep(0.02)
                if drips:
                    here.posted.append(content)
                self.close_connection = True

        def log_message(self, *_: object) -> None:
            pass

    with listening(Handler) as url:
        here = Service(url)
        try:
            yield here
        finally:
            here.hangs.clear()
            here.drips = False
