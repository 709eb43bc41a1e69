"""A recording (HAR) of what a page asked for and was answered."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

from sniper.errors import InputError

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


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a HAR.

    Attributes:
        number: Its place in the HAR, from 0.
        at: When it was answered by the site's own clock, to the second below; by the clock of the machine
            that recorded it, where the site did not tell.
        source: As it stands in the HAR.
    """

    number: int
    asked: Asked
    reply: Reply
    at: datetime
    source: Mapping[str, Any]


@dataclass
class Recording:
    """A HAR, each of whose answers is given once, in order; the last one to a request again and again.

    What was answered from the press on is given from the press on, and what was before it, before: a list of
    slots has one address before and after it opens. Playwright's own way to play a HAR gives the same of
    several answers to one request each time.

    Attributes:
        is_fired: Whether the press is over; who plays it says so.
        given: The entries that were given, in order.
    """

    now: datetime
    entries: dict[Asked, list[Entry]] = field(default_factory=dict)
    is_fired: bool = False
    given: list[Entry] = field(default_factory=list)

    @classmethod
    def read(cls, path: Path, now: datetime) -> Self:
        """Read a HAR whose bodies are embedded.

        Args:
            path: The file.
            now: The site's instant at the press.

        Raises:
            InputError: It cannot be read, or is none.
        """
        recording = cls(now.astimezone(UTC).replace(microsecond=0))
        try:
            for entry in _entries(json.loads(path.read_text(encoding="utf-8"))):
                recording.entries.setdefault(entry.asked, []).append(entry)
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
        entries = self.entries.get(asked) or self._most_like(asked)
        if not entries:
            return None
        due = [one for one in entries if (one.at >= self.now) is self.is_fired]
        # Where nothing was asked in this part of it: what was nearest to it in time.
        entry = due[0] if due else entries[-1 if self.is_fired else 0]
        if len(due) > 1:
            entries.remove(entry)
        self.given.append(entry)
        return entry.reply

    def _most_like(self, asked: Asked) -> list[Entry] | None:
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


def _entries(har: dict[str, Any]) -> Iterator[Entry]:
    for number, source in enumerate(har["log"]["entries"]):
        request, response = source["request"], source["response"]
        if not 100 <= response["status"] <= 599:
            continue  # It was never answered.
        content = response["content"]
        text = content.get("text") or ""
        body = base64.b64decode(text) if content.get("encoding") == "base64" else text.encode()
        headers = {str(one["name"]).lower(): str(one["value"]) for one in response["headers"]}
        kept = {
            name: value
            for name, value in headers.items()
            if name not in _NOT_KEPT and not name.startswith(":")
        }
        sent = (request.get("postData") or {}).get("text") or ""
        asked = Asked(request["method"], request["url"].partition("#")[0], sent)
        reply = Reply(response["status"], kept, body)
        yield Entry(number, asked, reply, _answered_at(headers, source), source)


def _answered_at(headers: Mapping[str, str], source: Mapping[str, Any]) -> datetime:
    try:
        return parsedate_to_datetime(headers["date"]).astimezone(UTC)
    except (KeyError, ValueError):
        return datetime.fromisoformat(source["startedDateTime"])
