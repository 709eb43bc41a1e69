"""RRULEs (RFC 5545) as texts: which parts one has, and which go together.

dateutil, which finds the days, passes over much that is wrong, and fails on some of it.
"""

from __future__ import annotations

import re

WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
WEEKDAY_NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
ORDER = ("FREQ", "INTERVAL", "BYMONTH", "BYWEEKNO", "BYYEARDAY", "BYMONTHDAY", "BYDAY", "BYSETPOS", "WKST")
"""The parts that name days, in the order in which rules are kept."""

_WEEKDAY = "|".join(WEEKDAYS)
_MAY = {
    "DAILY": {"BYDAY", "BYMONTH"},
    "WEEKLY": {"BYDAY", "BYMONTH", "BYSETPOS"},
    "MONTHLY": {"BYDAY", "BYMONTH", "BYMONTHDAY", "BYSETPOS"},
    "YEARLY": {"BYDAY", "BYMONTH", "BYMONTHDAY", "BYSETPOS", "BYWEEKNO", "BYYEARDAY"},
}
"""Which days a rule of each kind may name. RFC 5545 allows little more, and to look day by day for a 30th of
February takes until the year 9999."""
_LISTS = {
    "BYDAY": rf"([+-]?[1-5]?\d)?({_WEEKDAY})",
    "BYMONTH": r"0?[1-9]|1[0-2]",
    "BYWEEKNO": r"[+-]?(0?[1-9]|[1-4]\d|5[0-3])",
    "BYMONTHDAY": r"[+-]?(0?[1-9]|[12]\d|3[01])",
    "BYYEARDAY": r"[+-]?(0{0,2}[1-9]|0?[1-9]\d|[12]\d\d|3[0-5]\d|36[0-6])",
    "BYSETPOS": r"[+-]?(0{0,2}[1-9]|0?[1-9]\d|[12]\d\d|3[0-5]\d|36[0-6])",
}
_SINGLE = {
    "FREQ": r"[A-Z]+",
    "INTERVAL": r"[1-9]\d{0,3}",
    "COUNT": r"[1-9]\d{0,3}",
    "WKST": _WEEKDAY,
    "UNTIL": r"\d{8}(T\d{6}Z?)?",
    "BYHOUR": r"\d|[01]\d|2[0-3]",
    "BYMINUTE": r"\d|[0-5]\d",
    "BYSECOND": r"0{1,2}",
}


def parts_of(text: str) -> dict[str, str]:
    """The parts of an RRULE.

    Raises:
        ValueError: It is none, or one that names times of day.
    """
    line = text.strip().upper().removeprefix("RRULE:")
    parts: dict[str, str] = {}
    for part in line.split(";"):
        key, equals, value = part.partition("=")
        if not equals or not value:
            raise ValueError(f"{part!r} is no part of a rule; FREQ=WEEKLY;BYDAY=FR is a rule")
        if key in parts:
            raise ValueError(f"{key} stands twice in the rule")
        if key not in _LISTS and key not in _SINGLE:
            raise ValueError(
                f"{key} is no part of a rule; possible are {', '.join((*ORDER, 'COUNT', 'UNTIL'))}"
            )
        parts[key] = value
        _check_part(key, value)
    if parts.get("FREQ") not in _MAY:
        raise ValueError(f"a rule says how often: FREQ is one of {', '.join(_MAY)}")
    _check_together(parts)
    return parts


def _check_together(parts: dict[str, str]) -> None:
    """Parts that are good by themselves may not go together."""
    frequency = parts["FREQ"]
    named = parts.keys() & _LISTS.keys()
    if misfits := sorted(named - _MAY[frequency]):
        raise ValueError(f"{misfits[0]} is not for FREQ={frequency}")
    if frequency == "DAILY" and named and parts.get("INTERVAL", "1") != "1":
        raise ValueError("of every so many days only some? Say it by FREQ=WEEKLY, MONTHLY or YEARLY")
    if frequency == "WEEKLY" and "BYSETPOS" in parts:
        weekdays = len(parts.get("BYDAY", "").split(","))
        if any(abs(int(one)) > weekdays for one in parts["BYSETPOS"].split(",")):
            raise ValueError(f"BYSETPOS={parts['BYSETPOS']} is more than the weekdays that BYDAY names")
    numbers = [int(number) for number in re.findall(r"\d+", parts.get("BYDAY", ""))]
    if numbers and frequency not in ("MONTHLY", "YEARLY"):
        raise ValueError("a numbered weekday (1MO) is for FREQ=MONTHLY and YEARLY")
    most = 53 if frequency == "YEARLY" and "BYMONTH" not in parts else 5
    if any(not 1 <= number <= most for number in numbers):
        raise ValueError(f"BYDAY={parts['BYDAY']} is not possible: there are {most} of a weekday at most")
    if "COUNT" in parts and "UNTIL" in parts:
        raise ValueError("COUNT and UNTIL are two ends; keep one of them")


def _check_part(key: str, value: str) -> None:
    pattern = _LISTS.get(key)
    each = value.split(",") if pattern else [value]
    for one in each:
        if not re.fullmatch(pattern or _SINGLE[key], one):
            only = " (a schedule has one time of day)" if key.startswith(("BYHOUR", "BYMIN", "BYSEC")) else ""
            raise ValueError(f"{key}={value} is not possible{only}")
