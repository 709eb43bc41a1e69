"""Calendars as other programs write them."""

from __future__ import annotations

from hashlib import sha256


def event(start: str, end: str = "", **more: str) -> str:
    """`event("DTSTART;TZID=Europe/Amsterdam:20261124T140000", "DURATION:PT1H", SUMMARY="Dentist")`."""
    lines = [start, *([end] if end else []), *(f"{key}:{value}" for key, value in more.items())]
    uid = [] if "UID" in more else [f"UID:{sha256(repr(lines).encode()).hexdigest()}"]
    return "\r\n".join(["BEGIN:VEVENT", "DTSTAMP:20260101T000000Z", *uid, *lines, "END:VEVENT"])


def calendar(*events: str, head: str = "") -> str:
    """A whole one."""
    first = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//x//y//EN", *([head] if head else [])]
    return "\r\n".join([*first, *events, "END:VCALENDAR", ""])


def busy(start: str, end: str, summary: str = "Dentist", **more: str) -> str:
    """On 24 November 2026 in Amsterdam: `busy("14:00", "15:00")`."""
    first, last = (f"TZID=Europe/Amsterdam:20261124T{one.replace(':', '')}00" for one in (start, end))
    return event(f"DTSTART;{first}", f"DTEND;{last}", SUMMARY=summary, **more)
