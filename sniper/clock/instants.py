"""How sites write what time it is, and how exactly: in a header, or as a value in a JSON answer."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from email.utils import parsedate_to_datetime
from typing import Any

_SECOND = timedelta(seconds=1)
_MICROSECOND = timedelta(microseconds=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EARLIEST, _LATEST = 1971, 9000
"""Years. A clock that tells another one is no clock, and calendars end soon after."""
_FRACTION = re.compile(r"\d\d:\d\d:\d\d(?:[.,](\d+))?")
_UNITS = ((11, _SECOND), (14, timedelta(milliseconds=1)), (17, _MICROSECOND))
"""Numbers of up to so many digits count these, since 1970: 11 digits of seconds last until the year 5138."""


class NoInstantError(ValueError):
    """What the site told is no instant."""


@dataclass(frozen=True, slots=True)
class Told:
    """An instant, rounded down to the resolution."""

    date: datetime
    resolution: timedelta


def of_header(text: str) -> Told:
    """A `Date` header, in whole seconds.

    Raises:
        NoInstantError: It is none.
    """
    try:
        date = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        raise NoInstantError("no date") from None
    # A header that gives no zone is in UTC (RFC 9110).
    return _plausible(date if date.tzinfo else date.replace(tzinfo=UTC), _SECOND)


def of_json(value: Any) -> Told:
    """ISO 8601 with an offset, or the seconds, milliseconds or microseconds since 1970.

    It is as exact as its last digit: who leaves noughts out is taken to know less than they do.

    Raises:
        NoInstantError: It is neither.
    """
    if isinstance(value, str):
        return _of_iso(value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _of_number(Decimal(repr(value)))
    raise NoInstantError("no instant: neither a text nor a number")


def _of_iso(text: str) -> Told:
    try:
        date = datetime.fromisoformat(text)
    except ValueError:
        raise NoInstantError("no instant as ISO 8601 writes it") from None
    seconds = _FRACTION.search(text)
    if date.tzinfo is None or seconds is None:
        raise NoInstantError("no instant: its seconds or its offset from UTC are missing")
    return _plausible(date, _last_digit(_SECOND, len(seconds[1] or "")))


def _of_number(number: Decimal) -> Told:
    if not number.is_finite() or number < 0:
        raise NoInstantError("no instant")
    whole = int(number)
    for digits, unit in _UNITS:
        if len(str(whole)) <= digits:
            microseconds = int(number * (unit // _MICROSECOND))
            fraction = max(0, -int(number.as_tuple().exponent))
            return _plausible(_EPOCH + microseconds * _MICROSECOND, _last_digit(unit, fraction))
    raise NoInstantError("no instant: the number is too big")


def _last_digit(unit: timedelta, digits: int) -> timedelta:
    parts: int = 10 ** min(digits, 6)
    return max(unit / parts, _MICROSECOND)


def _plausible(date: datetime, resolution: timedelta) -> Told:
    if not _EARLIEST <= date.year <= _LATEST:
        raise NoInstantError("a year no clock shows")
    return Told(date, resolution)
