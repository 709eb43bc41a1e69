"""What a case has for what a page asks for: from its answers, its pages and its recording."""

from __future__ import annotations

import base64
import binascii
import json
import mimetypes
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

from sniper.errors import InputError
from sniper.replay.case import CaseAnswer
from sniper.replay.library import Fixture

# What holds for one connection only, or for the body as it was on its way.
_NOT_KEPT = {"content-encoding", "content-length", "transfer-encoding", "connection", "keep-alive"}


@dataclass(frozen=True, slots=True)
class Asked:
    """What a page asks for.

    Attributes:
        body: As text; what is none in UTF-8 is replaced.
    """

    method: str
    url: str
    body: str = ""

    def __str__(self) -> str:
        return f"{self.method} {self.url}"


@dataclass(frozen=True, slots=True)
class Reply:
    """What it is answered."""

    status: int
    headers: Mapping[str, str]
    body: bytes


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
        recorded = Recording.read(fixture.file(case.har)) if case.har else None
        return cls(base_url, lines, recorded)

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
    if (wanted.scheme, wanted.netloc) != (found.scheme, found.netloc):
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


# -- recordings


@dataclass
class Recording:
    """A HAR, each of whose answers is given once, in order; the last one to a request again and again.

    Playwright's own way to play one gives the same of several answers to one request each time; but a list
    of slots has one address before and after it opens.
    """

    entries: dict[Asked, list[Reply]] = field(default_factory=dict)

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read a HAR whose bodies are embedded.

        Raises:
            InputError: It cannot be read, or is none.
        """
        try:
            log = json.loads(path.read_text(encoding="utf-8"))["log"]["entries"]
            recording = cls()
            for asked, reply in _entries(log):
                recording.entries.setdefault(asked, []).append(reply)
        except OSError as error:
            raise InputError(f"{path}: cannot be read: {error.strerror}", mend="Check the path.") from error
        except (ValueError, LookupError, TypeError, AttributeError, binascii.Error):
            raise InputError(
                f"{path}: is no HAR with embedded bodies",
                mend="Record it anew, or save it with its content from the browser's own tools.",
            ) from None
        return recording

    def to(self, asked: Asked) -> Reply | None:
        """What was answered to this; to one that is new, what was to the most like it.

        Pages put the time, or a number of their own, into queries and bodies. What is asked for has to be at
        the same path, in the same way, with a query of the same names.
        """
        replies = self.entries.get(asked) or self._most_like(asked)
        if not replies:
            return None
        return replies.pop(0) if len(replies) > 1 else replies[0]

    def _most_like(self, asked: Asked) -> list[Reply] | None:
        like = [one for one in self.entries if _shape(one) == _shape(asked)]
        if not like:
            return None
        return self.entries[max(like, key=lambda one: _alike(one, asked))]


def _shape(asked: Asked) -> tuple[object, ...]:
    parts = urlsplit(asked.url)
    names = sorted(name for name, _ in parse_qsl(parts.query, keep_blank_values=True))
    return asked.method, parts.scheme, parts.netloc, parts.path, names


def _alike(one: Asked, other: Asked) -> tuple[bool, bool, int]:
    """How much two requests of one shape have in common: the same body, the same query, values of it."""
    here, there = (parse_qsl(urlsplit(it.url).query, keep_blank_values=True) for it in (one, other))
    return one.body == other.body, here == there, len(set(here) & set(there))


def _entries(log: Iterable[dict[str, Any]]) -> Iterator[tuple[Asked, Reply]]:
    for entry in log:
        request, response = entry["request"], entry["response"]
        if not 100 <= response["status"] <= 599:
            continue  # It was never answered.
        content = response["content"]
        text = content.get("text") or ""
        body = base64.b64decode(text) if content.get("encoding") == "base64" else text.encode()
        headers = {
            str(one["name"]).lower(): str(one["value"])
            for one in _plain(response["headers"])
            if str(one["name"]).lower() not in _NOT_KEPT
        }
        sent = (request.get("postData") or {}).get("text") or ""
        yield Asked(request["method"], request["url"], sent), Reply(response["status"], headers, body)


def _plain(headers: Sequence[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    return (one for one in headers if not str(one["name"]).startswith(":"))
