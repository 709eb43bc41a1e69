"""What was booked, as far as what was done tells it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from urllib.parse import unquote_plus

from sniper.drafting.notes import Deed
from sniper.drafting.wanted import Wanted

_TIME = re.compile(r"(?<![\d:.])([01]?\d|2[0-3]):([0-5]\d)(?![\d:])")
_INSTANT = re.compile(r"(?<!\d)\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(?!\d)")
_LONGEST = timedelta(hours=12)


def completed(told: Wanted, booking: Sequence[Deed]) -> Wanted:
    """What was told, and for the rest what was done last: the day, the time, the place."""
    day, time, length, location, sub = told.day, told.time, told.length, told.location, told.sub_location
    for deed in reversed(booking):
        if day is None and deed.note and deed.note.type == "date":
            day = _day(deed.text)
        picked = deed.note.picker.option if deed.note and deed.note.picker else None
        if sub is None and picked and not _TIME.search(picked):
            sub = picked
        in_address = _addressed(deed)
        if in_address and day in (None, in_address[0].date()):
            day = in_address[0].date()
            time = time or in_address[0].strftime("%H:%M")
            if len(in_address) > 1 and length is None and in_address[1] > in_address[0]:
                length = in_address[1] - in_address[0]
        times, names = _around(deed)
        if times and (time is None or time in times):
            time = time or times[0]
            length = length or _length(time, times)
        if location is None and sub:
            location = next((name for name in names if name != sub and sub.startswith(f"{name} ")), None)
    return replace(told, day=day, time=time, length=length, location=location, sub_location=sub)


def _addressed(deed: Deed) -> list[datetime]:
    """The instants that the address of its page tells, in their order."""
    url = unquote_plus(deed.note.url) if deed.note else ""
    found = []
    for text in _INSTANT.findall(url):
        try:
            found.append(datetime.fromisoformat(text))
        except ValueError:
            continue
    return found


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return None


def _around(deed: Deed) -> tuple[list[str], list[str]]:
    """The times, in their order, and the other texts of what was pressed and of the card it is in."""
    if deed.note is None or deed.name != "click" or deed.note.picker:
        return [], []
    texts = [deed.note.text]
    if deed.note.card:
        texts += [leaf.text for leaf in deed.note.card.leaves]
    times = [f"{int(hour):02}:{minute}" for text in texts for hour, minute in _TIME.findall(text)]
    return times, [text for text in texts if not _TIME.search(text)]


def _length(start: str, times: Sequence[str]) -> timedelta | None:
    """Until the first later time that stands beside it."""

    def since_midnight(time: str) -> timedelta:
        return datetime.strptime(time, "%H:%M") - datetime.strptime("00:00", "%H:%M")  # noqa: DTZ007

    lengths = [since_midnight(time) - since_midnight(start) for time in times]
    return min((one for one in lengths if timedelta(0) < one <= _LONGEST), default=None)
