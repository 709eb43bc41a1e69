"""What imitations of PHP sites share: pages below a folder, forms, a session's cookie, redirections."""

from __future__ import annotations

import json
import re
from abc import abstractmethod
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

_PART = re.compile(r'name="(\w+)"\r\n\r\n(.*?)\r\n--', re.DOTALL)


class PhpPages(BaseHTTPRequestHandler):
    """Answers one request.

    Attributes:
        folder: The path that all pages are below, `/Web` say.
    """

    protocol_version = "HTTP/1.1"
    folder: str

    def log_message(self, *_: Any) -> None:
        """Nobody reads it."""

    def do_GET(self) -> None:
        """A page."""
        self.get(*self._asked())

    def do_HEAD(self) -> None:
        """As GET, without the body."""
        self.do_GET()

    def do_POST(self) -> None:
        """What a form, or a script, sends."""
        path, query = self._asked()
        text = self.rfile.read(int(self.headers["Content-Length"])).decode()
        fields = dict(_PART.findall(text)) if "name=" in text else dict(parse_qsl(text))
        self.post(path, query, text, fields)

    @abstractmethod
    def get(self, path: str, query: dict[str, str]) -> None:
        """Answer with a page, by its path below the folder."""

    @abstractmethod
    def post(self, path: str, query: dict[str, str], text: str, fields: dict[str, str]) -> None:
        """Answer to what was sent: as it came, and its fields, whichever way a form sends them."""

    def _asked(self) -> tuple[str, dict[str, str]]:
        parts = urlsplit(self.path)
        path = parts.path.removeprefix(f"{self.folder}/").rstrip("/")
        return path, {name: values[0] for name, values in parse_qs(parts.query).items()}

    @property
    def cookie(self) -> str:
        """The session's; empty without one."""
        found = re.search(r"PHPSESSID=(\w+)", self.headers.get("Cookie", ""))
        return found[1] if found else ""

    def json(self, body: Any, status: int = 200) -> None:
        """Answer with JSON."""
        self.answer(status, json.dumps(body), "application/json")

    def html(self, html: str, status: int = 200) -> None:
        """Answer with a page, or a piece of one."""
        self.answer(status, html, "text/html; charset=utf-8")

    def go(self, where: str, cookie: str | None = None) -> None:
        """Send them to another page below the folder, with a session's cookie if there is a new one."""
        headers = {"Location": f"{self.folder}/{where}"}
        if cookie:
            headers["Set-Cookie"] = f"PHPSESSID={cookie}; path={self.folder}"
        self.answer(302, "", "text/html", headers)

    def answer(self, status: int, text: str, kind: str, headers: dict[str, str] | None = None) -> None:
        """Answer with anything."""
        body = text.encode()
        self.send_response(status)
        length = {"Content-Type": kind, "Content-Length": str(len(body))}
        for name, value in {**length, **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)
