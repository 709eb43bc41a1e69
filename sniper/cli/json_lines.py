"""The daemon's events for machines: one JSON object a line."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from sniper.cli.summary import as_json
from sniper.cli.tables import jsonable
from sniper.cli.watch_view import as_json as watch_as_json
from sniper.service.telling import (
    ComesNext,
    Ended,
    FileRead,
    FileRefused,
    Missed,
    Next,
    PutOff,
    RunTells,
    Said,
    ServiceEvent,
    WatchTells,
    Woken,
)
from sniper.store.planned import OccurrenceRecord

_NAMES = {
    ComesNext: "comes next",
    WatchTells: "watch",
    Woken: "woken",
    Ended: "ended",
    PutOff: "put off",
    Missed: "missed",
    FileRead: "file read",
    FileRefused: "file refused",
    Said: "said",
}


def as_line(event: ServiceEvent) -> str | None:
    """The event, or None for the steps of a run, which its record tells."""
    match event:
        case RunTells():
            return None
        case Ended(day, state, prepared, result):
            what: dict[str, Any] = {
                **day_of(day),
                "state": state.value,
                "result": as_json(prepared, result),
            }
        case WatchTells(day, watched, seen):
            what = {**day_of(day), "watch": watch_as_json(seen, watched)}
        case Woken(day, late):
            what = {**day_of(day), "late_ms": jsonable(late)}
        case PutOff(day, why, until):
            what = {**day_of(day), "why": why, "until": until.isoformat()}
        case Missed(day, why):
            what = {**day_of(day), "why": why}
        case ComesNext(None):
            what = {"id": None}
        case ComesNext(Next(day, at)):
            what = {**day_of(day), "at": at.isoformat()}
        case _:
            what = jsonable(event)
    head = {"told_at": datetime.now(UTC).isoformat(), "event": _NAMES[type(event)]}
    return json.dumps(head | what, ensure_ascii=False)


def day_of(record: OccurrenceRecord) -> dict[str, Any]:
    """Which day it is about."""
    keys = ("id", "schedule", "site", "day", "starts_at", "opens_at", "wake_at")
    return {key: jsonable(getattr(record, key)) for key in keys}
