"""What was booked, and how it is found again in a site's texts, addresses and attributes."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

# The longest first. Names of months are the English ones; others are left for the person to see.
_BETWEEN = (" ", "T", "%20", "+", "_")
_DAYS_WITH_TIMES = (
    *(("%Y-%m-%d", between, "%H:%M:%S") for between in _BETWEEN),
    *(("%Y-%m-%d", between, "%H:%M") for between in _BETWEEN),
    ("%Y%m%d", "", "%H%M%S"),
    ("%Y%m%d", "", "%H%M"),
)
_DAYS = ("%Y-%m-%d", "%d.%m.%Y", "%d/%m/%Y", "%d-%m-%Y", "%Y/%m/%d", "%Y%m%d", "%d %B %Y", "%d %b %Y")
_TIMES = ("%H:%M:%S", "%H:%M", "%H.%M")
_LONG_NUMBER = 12
"""Digits that are so many may be followed by more: a place's number, say."""
_HIDDEN = re.compile("\x00(\\d+)\x00")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What was booked, as far as it is known.

    Attributes:
        day: The day.
        time: When it starts, `13:00`, as the site's own pages tell it.
        length: How long it lasts.
    """

    day: date | None = None
    time: str | None = None
    length: timedelta | None = None
    location: str | None = None
    sub_location: str | None = None

    @property
    def start(self) -> datetime | None:
        """When it starts, on the clocks of the site's own time zone."""
        if self.day is None or self.time is None:
            return None
        hour, _, minute = self.time.partition(":")
        return datetime(self.day.year, self.day.month, self.day.day, int(hour), int(minute))  # noqa: DTZ001

    def generalised(self, text: str) -> str:
        """The text as a profile has it: what was booked as placeholders, all else as it stands."""
        found: list[str] = []
        for spelled, placeholder in self._spellings():
            if re.search(spelled, text):
                found.append(placeholder)
                text = re.sub(spelled, f"\x00{len(found) - 1}\x00", text)
        text = text.replace("{", "{{").replace("}", "}}")
        return _HIDDEN.sub(lambda match: found[int(match[1])], text)

    def is_in(self, text: str) -> bool:
        """Is something of what was booked told there?"""
        return any(re.search(spelled, text) for spelled, _ in self._spellings())

    def tells_the_slot(self, template: str) -> bool:
        """Is there a placeholder in it that differs from slot to slot of one day?"""
        return any(f"{{{name}" in template for name in ("start", "end", "sub_location"))

    def _spellings(self) -> Iterable[tuple[str, str]]:
        """What to look for, as expressions, and the placeholder it stands for."""
        start = self.start
        ends = start + self.length if start and self.length else None
        instants = [(name, one) for name, one in (("start", start), ("end", ends)) if one]
        for name, instant in instants:
            for day, between, time in _DAYS_WITH_TIMES:
                spelled = f"{instant.strftime(day)}{between}{instant.strftime(time)}"
                yield _number(spelled), f"{{{name}:{day}}}{between}{{{name}:{time}}}"
        if self.day:
            for day in _DAYS:
                yield _number(self.day.strftime(day)), f"{{date:{day}}}"
        for name, instant in instants:
            for time in _TIMES:
                yield _number(instant.strftime(time)), f"{{{name}:{time}}}"
        # A sub-location may have its location's name in its own.
        for name, word in (("sub_location", self.sub_location), ("location", self.location)):
            if word:
                yield rf"(?<![\w-]){re.escape(word)}(?![\w-])", f"{{{name}}}"


def _number(text: str) -> str:
    end = "" if text.isdigit() and len(text) >= _LONG_NUMBER else r"(?!\d)"
    return rf"(?<!\d){re.escape(text)}{end}"
