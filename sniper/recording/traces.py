"""A trace of Playwright's, cleaned; and what else can be had of it: its requests as a HAR."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

from sniper import __version__
from sniper.recording.cleaning import Cleaner
from sniper.scrubbing import HIDDEN

_EVENTS = (".trace", ".network")
_RESOURCES = "resources/"
_OPTIONS = ("viewport", "deviceScaleFactor", "locale", "timezoneId", "userAgent")
_BY_ENDING = {
    "json": "application/json",
    "html": "text/html",
    "css": "text/css",
    "js": "text/javascript",
    "txt": "text/plain",
    "xml": "text/xml",
    "svg": "image/svg+xml",
    "dat": "",
}


@dataclass(frozen=True, slots=True)
class Trace:
    """What stands in the archive: lines of events by file, and answers and the like by name."""

    events: Mapping[str, tuple[dict[str, Any], ...]]
    resources: Mapping[str, bytes]

    @classmethod
    def read(cls, path: Path) -> Trace:
        """One that Playwright has written.

        Raises:
            ValueError: It is none.
            OSError: It cannot be read.
            BadZipFile: It is broken.
        """
        with ZipFile(path) as archive:
            names = archive.namelist()
            return cls(
                {name: tuple(_lines(archive.read(name))) for name in names if name.endswith(_EVENTS)},
                {name: archive.read(name) for name in names if name.startswith(_RESOURCES)},
            )

    @classmethod
    def joined(cls, contexts: Iterable[Sequence[Trace]]) -> Trace:
        """The stretches of traces of several contexts as one: the last of a context has all its requests."""
        events: dict[str, tuple[dict[str, Any], ...]] = {}
        resources: dict[str, bytes] = {}
        for stretches in contexts:
            for stretch in stretches:
                number = len(events) // 2 + 1
                last = stretch is stretches[-1]
                events[f"{number}-trace.trace"] = stretch.events["trace.trace"]
                events[f"{number}-trace.network"] = stretch.events["trace.network"] if last else ()
                resources |= stretch.resources
        return cls(events, resources)

    def write(self, path: Path) -> None:
        """As Playwright's viewer reads it."""
        with ZipFile(path, "w", ZIP_DEFLATED) as archive:
            for name, events in self.events.items():
                lines = (json.dumps(event, ensure_ascii=False, separators=(",", ":")) for event in events)
                archive.writestr(name, "\n".join(lines) + "\n")
            for name, body in self.resources.items():
                archive.writestr(name, body)

    @property
    def requests(self) -> Iterator[dict[str, Any]]:
        """Its requests, each as an entry of a HAR."""
        for events in self.events.values():
            for event in events:
                if event.get("type") == "resource-snapshot":
                    yield event["snapshot"]

    @property
    def kinds(self) -> dict[str, str]:
        """What kind each resource is of."""
        found = {name: _BY_ENDING.get(name.rpartition(".")[2], "") for name in self.resources}
        for entry in self.requests:
            for part in (entry["response"].get("content"), entry["request"].get("postData")):
                if part and part.get("_file") in found and part.get("mimeType"):
                    found[part["_file"]] = str(part["mimeType"]).lower()
        return found

    def teach(self, cleaner: Cleaner) -> None:
        """Let it learn from what was sent and answered."""
        for entry in self.requests:
            for side in (entry["request"], entry["response"]):
                cleaner.learn([side.get("headers", []), side.get("cookies", [])])
                for one in side.get("headers", []):
                    if one["name"].lower() in ("cookie", "set-cookie"):
                        cleaner.learn(
                            [{"name": "cookie", "value": value} for value in _values_of(one["value"])]
                        )
            cleaner.learn(entry["request"].get("queryString", []))
        for name, kind in self.kinds.items():
            cleaner.learn_body(self.resources[name], kind)

    def cleaned(self, cleaner: Cleaner) -> Trace:
        """Without what nobody may read, and without the places of our own files."""
        kinds = self.kinds
        return Trace(
            {
                name: tuple(_request_or_event(event, cleaner) for event in events)
                for name, events in self.events.items()
            },
            {name: cleaner.body(body, kinds[name]) for name, body in self.resources.items()},
        )


def har_of(trace: Trace) -> dict[str, Any]:
    """Its requests as a HAR, with their answers in it."""
    entries = [_with_bodies(entry, trace) for entry in trace.requests]
    entries.sort(key=lambda entry: str(entry["startedDateTime"]))
    creator = {"name": "sniper", "version": __version__}
    return {"log": {"version": "1.2", "creator": creator, "pages": [], "entries": entries}}


def _with_bodies(entry: dict[str, Any], trace: Trace) -> dict[str, Any]:
    kept = {key: value for key, value in entry.items() if not key.startswith("_") and key != "pageref"}
    request, response = dict(kept["request"]), dict(kept["response"])
    if "postData" in request:
        request["postData"] = _embedded(request["postData"], trace)
    response["content"] = _embedded(response.get("content", {}), trace)
    return {**kept, "request": request, "response": response}


def _embedded(part: dict[str, Any], trace: Trace) -> dict[str, Any]:
    rest = {key: value for key, value in part.items() if not key.startswith("_")}
    body = trace.resources.get(part.get("_file", ""))
    if body is None:
        return rest
    try:
        return {**rest, "size": len(body), "text": body.decode("utf-8")}
    except UnicodeDecodeError:
        return {**rest, "size": len(body), "text": base64.b64encode(body).decode(), "encoding": "base64"}


def _request_or_event(event: dict[str, Any], cleaner: Cleaner) -> dict[str, Any]:
    if event.get("type") == "context-options":
        options = {key: value for key, value in event.get("options", {}).items() if key in _OPTIONS}
        return {**event, "options": options}
    if event.get("type") == "resource-snapshot":
        snapshot = dict(event["snapshot"])
        # All that keeps somebody signed in: what it is called may be told.
        for side in ("request", "response"):
            part = cleaner.json(snapshot[side])
            part["cookies"] = [{**one, "value": HIDDEN} for one in part.get("cookies", [])]
            snapshot[side] = part
        return {**event, "snapshot": snapshot}
    clean: dict[str, Any] = cleaner.json(event)
    return clean


def _values_of(header: str) -> Iterator[str]:
    """The values of a header of cookies; where it sets one, its attributes are not among them."""
    attributes = ("expires", "max-age", "path", "domain", "samesite", "priority")
    for line in header.splitlines():
        for pair in line.split(";"):
            name, _, value = pair.strip().partition("=")
            if value and name.lower() not in attributes:
                yield value.strip('"')


def _lines(text: bytes) -> Iterator[dict[str, Any]]:
    for line in text.decode("utf-8", "replace").split("\n"):
        if line.strip():
            event = json.loads(line)
            if not isinstance(event, dict):
                raise ValueError("no event")
            yield event
