"""A server on a free port that answers what it is told to, and keeps what it is asked."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any

from tests.local_http import listening


@dataclass(frozen=True)
class Reply:
    """One answer; its body a text as it stands, or anything else as JSON."""

    status: int = 200
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Request:
    """What was asked."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: str


@dataclass
class Server:
    """Its answers in order; the last one stays."""

    url: str
    replies: list[Reply]
    requests: list[Request] = field(default_factory=list)

    def reply(self, request: Request) -> Reply:
        """The next answer."""
        self.requests.append(request)
        return self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]


@contextmanager
def serving(*replies: Reply) -> Iterator[Server]:
    """Within the block it answers."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer()

        def do_POST(self) -> None:
            self._answer()

        def _answer(self) -> None:
            length = int(self.headers.get("Content-Length", 0))
            body = self.rfile.read(length).decode()
            reply = server.reply(Request(self.command, self.path, dict(self.headers), body))
            answer = _written(reply.body).encode()
            self.send_response_only(reply.status)
            for name, value in {"Content-Length": str(len(answer)), **reply.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            """Nobody reads it."""

    with listening(Handler) as url:
        server = Server(url, list(replies))
        yield server


def _written(body: Any) -> str:
    if body is None:
        return ""
    return body if isinstance(body, str) else json.dumps(body)
