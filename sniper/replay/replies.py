"""What a case has for what a page asks for: from its answers, its pages and its recording."""

from __future__ import annotations

import json
import mimetypes
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Self
from urllib.parse import parse_qsl, urlsplit

from sniper.errors import InputError
from sniper.replay.asked import Asked, Reply
from sniper.replay.case import CaseAnswer
from sniper.replay.library import Fixture
from sniper.replay.recorded import Recording


@dataclass
class _Line:
    """One of the replies of a case, and how often it is still there for somebody."""

    method: str
    url: str
    reply: Reply
    holds: str | None = None
    left: int | None = None


@dataclass
class Replies:
    """All that a case has. What is used up is gone: one for each time it is played."""

    base_url: str
    lines: list[_Line]
    recorded: Recording | None = None

    @classmethod
    def of(cls, fixture: Fixture, base_url: str) -> Self:
        """Those of a fixture; addresses stand below `base_url`, which has no slash at the end.

        Raises:
            InputError: A file cannot be read, or its recording is none.
        """
        case = fixture.case
        lines = [_answer(fixture, one) for one in case.answers]
        lines += [_Line("GET", url, _file(fixture.file(path))) for url, path in case.pages.items()]
        recorded = Recording.read(fixture.file(case.har), case.now, case.har_part) if case.har else None
        return cls(base_url, lines, recorded)

    def fired(self) -> None:
        """From now on it is after the press."""
        if self.recorded:
            self.recorded.is_fired = True

    def to(self, asked: Asked) -> Reply | None:
        """What is answered to this, None where the case does not say."""
        for line in self.lines:
            if line.left == 0 or line.method != asked.method:
                continue
            if not is_at(line.url, asked.url, self.base_url):
                continue
            if line.holds is not None and line.holds not in asked.body and line.holds not in asked.url:
                continue
            line.left = None if line.left is None else line.left - 1
            return line.reply
        return self.recorded.to(asked) if self.recorded else None


def is_at(pattern: str, url: str, base_url: str) -> bool:
    """Does an address fit a case's pattern? A fragment does not matter."""
    wanted = urlsplit(base_url + pattern if pattern.startswith("/") else pattern)
    found = urlsplit(url)
    if wanted.scheme != found.scheme or not _like(wanted.netloc, found.netloc):
        return False
    if not _like(wanted.path or "/", found.path or "/"):
        return False
    has = parse_qsl(found.query, keep_blank_values=True)
    return all(
        any(name == key and _like(text, value) for key, value in has)
        for name, text in parse_qsl(wanted.query, keep_blank_values=True)
    )


def _like(pattern: str, text: str) -> bool:
    return re.fullmatch(".*".join(map(re.escape, pattern.split("*"))), text, re.DOTALL) is not None


def _answer(fixture: Fixture, one: CaseAnswer) -> _Line:
    if one.file is not None:
        reply = _file(fixture.file(one.file))
    elif one.body is not None:
        reply = Reply(200, {"content-type": "text/html; charset=utf-8"}, one.body.encode())
    elif "json_" in one.model_fields_set:
        reply = Reply(200, {"content-type": "application/json"}, json.dumps(one.json_).encode())
    else:
        reply = Reply(200, {}, b"")
    headers = {**reply.headers, **{name.lower(): value for name, value in one.headers.items()}}
    return _Line(one.method, one.url, Reply(one.status, headers, reply.body), one.holds, one.times)


def _file(path: Path) -> Reply:
    try:
        body = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}", mend="Check the path.") from error
    kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    charset = "; charset=utf-8" if kind.startswith("text/") else ""
    return Reply(200, {"content-type": kind + charset}, body)
