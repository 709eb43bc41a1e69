"""Schedules for hypothesis: rules of every kind, days and hours near changes of the clocks, and zones."""

from __future__ import annotations

import re
from datetime import date, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from sniper.core.recurrence import Recurrence
from sniper.core.rules import WEEKDAYS

ZONES = st.sampled_from(
    [
        ZoneInfo(name)
        for name in (
            "Europe/Amsterdam",
            "America/New_York",
            # Half an hour, and in the south.
            "Australia/Lord_Howe",
            # By day.
            "America/Santiago",
            "UTC",
        )
    ]
)
DAYS = st.one_of(
    st.dates(date(2025, 1, 1), date(2030, 12, 31)),
    # Around both changes of the clocks of a year.
    st.builds(
        lambda day, off: day + timedelta(days=off),
        st.sampled_from([date(2027, 3, 28), date(2026, 10, 25), date(2027, 4, 4), date(2026, 11, 1)]),
        st.integers(-2, 2),
    ),
)
TIMES = st.builds(time, st.integers(0, 23), st.sampled_from([0, 15, 30, 45]))

_WEEKDAYS = st.lists(st.sampled_from(WEEKDAYS), min_size=1, max_size=7, unique=True).map(
    lambda days: ",".join(sorted(days, key=WEEKDAYS.index))
)
_NUMBERED = st.builds(
    lambda numbers, days: ",".join(f"{n}{day}" for n in numbers for day in days.split(",")),
    st.lists(st.sampled_from(["1", "2", "3", "4", "-1"]), min_size=1, max_size=5, unique=True).map(
        lambda numbers: sorted(numbers, key=lambda n: (n == "-1", n))
    ),
    _WEEKDAYS,
)
_DATES = st.lists(st.integers(1, 31), min_size=1, max_size=4, unique=True).map(
    lambda days: ",".join(map(str, sorted(days)))
)
_APART = st.integers(1, 5).map(lambda weeks: f";INTERVAL={weeks}" if weeks > 1 else "")

SPOKEN_RULES = st.one_of(
    _APART.map(lambda apart: f"FREQ=DAILY{apart}"),
    st.builds(lambda apart, days: f"FREQ=WEEKLY{apart};BYDAY={days}", _APART, _WEEKDAYS),
    _NUMBERED.map(lambda days: f"FREQ=MONTHLY;BYDAY={days}"),
    _DATES.map(lambda days: f"FREQ=MONTHLY;BYMONTHDAY={days}"),
    st.just("FREQ=MONTHLY;BYMONTHDAY=-1"),
)
"""Rules that there are words for."""
RULES = st.one_of(
    SPOKEN_RULES,
    st.sampled_from(
        [
            "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1",
            "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29",
            "FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO",
            "FREQ=YEARLY;BYYEARDAY=-1",
            "FREQ=MONTHLY;INTERVAL=3;BYDAY=1MO",
            "FREQ=DAILY;BYMONTH=1,2;BYDAY=MO,FR",
        ]
    ),
)


@st.composite
def recurrences(
    draw: st.DrawFn, rules: st.SearchStrategy[str] = RULES, *, on_its_day: bool = False
) -> Recurrence:
    """Any schedule that is possible; `on_its_day`: a start is a day of the rule."""
    start = draw(st.none() | DAYS)
    at = draw(st.none() | TIMES)
    rule = draw(st.none() | rules)
    if rule is None:
        return Recurrence(start or draw(DAYS), at=at)
    if "INTERVAL" in rule and start is None:
        start = draw(DAYS)
    if on_its_day and start is not None:
        start = next(Recurrence(start, re.sub(r";INTERVAL=\d", "", rule)).days(start))
    end = draw(st.sampled_from(["none", "until", "count"]))
    until = draw(DAYS) if end == "until" else None
    if until is not None and start is not None and until < start:
        until = start
    count = draw(st.integers(1, 80)) if end == "count" and start is not None else None
    excluded = tuple(sorted(set(draw(st.lists(DAYS, max_size=3)))))
    return Recurrence(start, rule, at, until, count, excluded)
