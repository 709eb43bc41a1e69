"""A recording (HAR) of what a page asked for and was answered."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import Enum
from http import HTTPStatus
from pathlib import Path
from typing import Any, Self

from sniper.errors import InputError
from sniper.replay.asked import CUT_OFF, Asked, Reply, most_like
from sniper.replay.case import HarPart

# What holds for one connection only, or for the body as it was on its way.
_NOT_KEPT = {"content-encoding", "content-length", "transfer-encoding", "connection", "keep-alive"}
_NOT_THE_SITE = {"net::ERR_ABORTED", "net::ERR_CACHE_MISS"}
"""What the site has no part in: the page itself did not want the answer any more, for it went elsewhere, say;
or nobody but the browser's cache was asked, which is how a page wakes its browser right before the press."""


class When(Enum):
    """When something was asked for."""

    EARLIER = "earlier"
    """Before the part that is played: given is only what the browser may have had already."""
    BEFORE = "before the press"
    AFTER = "from the press on"
    LATER = "later"
    """After that part: never given."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a HAR.

    Attributes:
        number: Its place in the HAR, from 0.
        begun: When it was asked for, by the clock of the machine that recorded it.
        at: When it was answered by the site's own clock, to the second below; as `begun`, where the site did
            not tell.
        source: As it stands in the HAR.
    """

    number: int
    asked: Asked
    reply: Reply
    begun: datetime
    at: datetime
    source: Mapping[str, Any]


@dataclass
class Recording:
    """A HAR, each of whose answers is given once, in order; the last one to a request again and again.

    What was asked for from the press on is given from the press on, and what was before it, before: a list of
    slots has one address before and after it opens. Playwright's own way to play a HAR gives the same of
    several answers to one request each time.

    Attributes:
        entries: What was asked for at which time, in order.
        is_fired: Whether the press is over; who plays it says so.
        given: The entries that were given, in order.
    """

    entries: dict[When, dict[Asked, list[Entry]]] = field(default_factory=lambda: {when: {} for when in When})
    is_fired: bool = False
    given: list[Entry] = field(default_factory=list)

    @classmethod
    def read(cls, path: Path, now: datetime, part: HarPart | None = None) -> Self:
        """Read a HAR whose bodies are embedded.

        Args:
            path: The file.
            now: The site's instant at the press.
            part: Which part of it is played. Without, all of it: what the site answered in the second of the
                press, by the `Date` of its answers, counts as after it.

        Raises:
            InputError: It cannot be read, or is none.
        """
        recording = cls()
        second = now.astimezone(UTC).replace(microsecond=0)
        try:
            for entry in _entries(json.loads(path.read_text(encoding="utf-8"))):
                when = _in_part(entry, part) if part else When.AFTER if entry.at >= second else When.BEFORE
                recording.entries[when].setdefault(entry.asked, []).append(entry)
        except OSError as error:
            raise InputError(f"{path}: cannot be read: {error.strerror}", mend="Check the path.") from error
        except (ValueError, LookupError, TypeError, AttributeError, binascii.Error):
            raise InputError(
                f"{path}: is no HAR with embedded bodies",
                mend="Record it anew, or save it with its content from the browser's own tools.",
            ) from None
        return recording

    def to(self, asked: Asked) -> Reply | None:
        """What was answered to this; to one that is new, what was to the most like it."""
        due, other = (When.AFTER, When.BEFORE) if self.is_fired else (When.BEFORE, When.AFTER)
        # What the page does not ask for the first time, a script say, the browser may have had already.
        times = (due, other, When.EARLIER) if asked.method == "GET" else (due, other)
        known = [(asked, when) for when in times if asked in self.entries[when]]
        known += [(like, when) for when in times if (like := most_like(asked, self.entries[when]))]
        if not known:
            return None
        found, when = known[0]
        entries = self.entries[when][found]
        if when is due:
            entry = entries.pop(0) if len(entries) > 1 else entries[0]
        else:  # What was nearest to it in time.
            entry = entries[0 if when is When.AFTER else -1]
        self.given.append(entry)
        return entry.reply


def _in_part(entry: Entry, part: HarPart) -> When:
    if part.begins and entry.begun < part.begins:
        return When.EARLIER
    if part.ends and entry.begun >= part.ends:
        return When.LATER
    return When.AFTER if entry.begun >= part.pressed else When.BEFORE


def _entries(har: dict[str, Any]) -> Iterator[Entry]:
    kept: dict[str, Reply] = {}  # What the browser may have kept, by its address.
    for number, source in enumerate(har["log"]["entries"]):
        request, response = source["request"], source["response"]
        url = request["url"].partition("#")[0]
        reply = _reply(response, kept.get(url))
        if reply is None:
            continue
        if request["method"] == "GET" and reply.status == HTTPStatus.OK:
            kept[url] = reply
        sent = (request.get("postData") or {}).get("text") or ""
        begun = datetime.fromisoformat(source["startedDateTime"])
        yield Entry(
            number, Asked(request["method"], url, sent), reply, begun, _answered(reply, begun), source
        )


def _reply(response: Mapping[str, Any], kept: Reply | None) -> Reply | None:
    """What was answered, with what the browser had of it already; None where that is nothing."""
    status = response["status"]
    if not 100 <= status <= 599:
        failure = response.get("_failureText")
        return Reply(CUT_OFF, {}, b"") if failure and failure not in _NOT_THE_SITE else None
    content = response["content"]
    text = content.get("text") or ""
    body = base64.b64decode(text) if content.get("encoding") == "base64" else text.encode()
    headers = {str(one["name"]).lower(): str(one["value"]) for one in response["headers"]}
    headers = {
        name: value for name, value in headers.items() if name not in _NOT_KEPT and not name.startswith(":")
    }
    if status == HTTPStatus.NOT_MODIFIED:
        # The page was given what the browser had.
        if kept is None and not body:
            return None
        status, body = HTTPStatus.OK, body or (kept.body if kept else b"")
    kind = str(content.get("mimeType") or "")
    if body and "content-type" not in headers:
        known = kind if "/" in kind else kept.headers.get("content-type") if kept else None
        headers |= {"content-type": known} if known else {}
    return Reply(status, headers, body)


def _answered(reply: Reply, begun: datetime) -> datetime:
    try:
        return parsedate_to_datetime(reply.headers["date"]).astimezone(UTC)
    except (KeyError, ValueError):
        return begun
