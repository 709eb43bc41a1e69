"""Which days a rule names, and what a rule may not be."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import islice, pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sniper.core.recurrence import AHEAD, Recurrence, wall_time
from sniper.core.rules import WEEKDAYS
from tests.core.schedules import DAYS, TIMES, ZONES, recurrences

TODAY = date(2026, 11, 22)
AMSTERDAM = ZoneInfo("Europe/Amsterdam")


def days(rule: str, start: date | None = None, since: date = TODAY, most: int = 4) -> list[str]:
    """The first days of an RRULE."""
    return [str(day) for day in islice(Recurrence.of_rrule(rule, start).days(since), most)]


def refusal(rule: str, start: date | None = None) -> str:
    with pytest.raises(ValueError) as refused:  # noqa: PT011 (the message is what is looked at)
        Recurrence.of_rrule(rule, start)
    return str(refused.value)


@pytest.mark.parametrize(
    ("rule", "start", "named"),
    [
        ("FREQ=WEEKLY;BYDAY=FR", None, ["2026-11-27", "2026-12-04", "2026-12-11", "2026-12-18"]),
        ("RRULE:FREQ=MONTHLY;BYDAY=1MO", None, ["2026-12-07", "2027-01-04", "2027-02-01", "2027-03-01"]),
        ("freq=monthly;bymonthday=-1", None, ["2026-11-30", "2026-12-31", "2027-01-31", "2027-02-28"]),
        ("FREQ=MONTHLY;BYMONTHDAY=31", None, ["2026-12-31", "2027-01-31", "2027-03-31", "2027-05-31"]),
        (
            "FREQ=WEEKLY;INTERVAL=2;BYDAY=FR",
            date(2027, 1, 8),
            ["2027-01-08", "2027-01-22", "2027-02-05", "2027-02-19"],
        ),
        ("FREQ=WEEKLY;BYDAY=FR;COUNT=2", date(2026, 11, 20), ["2026-11-27"]),
        ("FREQ=WEEKLY;BYDAY=FR;UNTIL=20261204", None, ["2026-11-27", "2026-12-04"]),
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29", None, ["2028-02-29", "2032-02-29", "2036-02-29"]),
        ("FREQ=MONTHLY;BYMONTH=2;BYMONTHDAY=30", None, []),
    ],
)
def test_a_rule_names_the_days_of_the_calendar(rule: str, start: date | None, named: list[str]) -> None:
    assert days(rule, start) == named


def test_an_excluded_day_counts_among_the_times() -> None:
    twice = Recurrence.of_rrule("FREQ=WEEKLY;BYDAY=FR;COUNT=2", date(2026, 11, 27))
    assert list(twice.limited(excluded=(date(2026, 11, 27),)).days(TODAY)) == [date(2026, 12, 4)]


def test_the_hour_of_a_rule_is_the_hour_of_the_schedule() -> None:
    rule = Recurrence.of_rrule("FREQ=WEEKLY;BYDAY=FR;BYHOUR=9;BYMINUTE=30;BYSECOND=0", None)
    assert rule == Recurrence(None, "FREQ=WEEKLY;BYDAY=FR", time(9, 30))


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ("WEEKLY", "'WEEKLY' is no part of a rule; FREQ=WEEKLY;BYDAY=FR is a rule"),
        ("FREQ=WEEKLY;BYDAY=FR;", "'' is no part of a rule; FREQ=WEEKLY;BYDAY=FR is a rule"),
        ("FREQ=HOURLY", "a rule says how often: FREQ is one of DAILY, WEEKLY, MONTHLY, YEARLY"),
        ("BYDAY=FR", "a rule says how often: FREQ is one of DAILY, WEEKLY, MONTHLY, YEARLY"),
        ("FREQ=WEEKLY;FREQ=DAILY", "FREQ stands twice in the rule"),
        ("FREQ=WEEKLY;BYDAY=XX", "BYDAY=XX is not possible"),
        ("FREQ=WEEKLY;BYDAY=2FR", "a numbered weekday (1MO) is for FREQ=MONTHLY and YEARLY"),
        ("FREQ=MONTHLY;BYDAY=9MO", "BYDAY=9MO is not possible: there are 5 of a weekday at most"),
        ("FREQ=MONTHLY;BYMONTHDAY=40", "BYMONTHDAY=40 is not possible"),
        ("FREQ=WEEKLY;INTERVAL=0;BYDAY=FR", "INTERVAL=0 is not possible"),
        ("FREQ=DAILY;BYHOUR=9,17", "BYHOUR=9,17 is not possible (a schedule has one time of day)"),
        ("FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", "BYMONTHDAY is not for FREQ=DAILY"),
        ("FREQ=WEEKLY;BYDAY=MO,FR;BYSETPOS=3", "BYSETPOS=3 is more than the weekdays that BYDAY names"),
        (
            "FREQ=DAILY;INTERVAL=7;BYDAY=MO",
            "of every so many days only some? Say it by FREQ=WEEKLY, MONTHLY or YEARLY",
        ),
        ("FREQ=DAILY;BYMINUTE=30", "BYMINUTE needs BYHOUR beside it"),
        ("FREQ=WEEKLY;BYDAY=FR;COUNT=3;UNTIL=20270101", "COUNT and UNTIL are two ends; keep one of them"),
        (
            "FREQ=WEEKLY;BYDAY=FR;UNTIL=20270630T215959Z",
            "UNTIL is a day of the calendar: UNTIL=20270630, and not 20270630T215959Z",
        ),
        ("FREQ=WEEKLY", "a rule that names no days depends on the day it starts from, and none is given"),
        (
            "FREQ=WEEKLY;INTERVAL=2;BYDAY=FR",
            "every other one depends on the day it starts from, and none is given",
        ),
    ],
)
def test_what_is_no_rule_is_refused_with_the_reason(rule: str, said: str) -> None:
    assert refusal(rule) == said


def test_a_rule_that_passes_over_days_starts_on_one_of_its_days() -> None:
    assert refusal("FREQ=WEEKLY;INTERVAL=2;BYDAY=FR", date(2025, 8, 3)) == (
        "2025-08-03 is no day of the rule, so that every other one is not clear; start on 2025-08-08, say"
    )


def test_a_rule_that_ends_before_it_starts_is_refused() -> None:
    assert refusal("FREQ=DAILY;UNTIL=20270101", date(2027, 1, 2)) == (
        "it ends (2027-01-01) before it starts (2027-01-02)"
    )


@given(recurrences(), DAYS)
def test_the_days_of_any_rule_are_in_order_and_within_its_bounds(rule: Recurrence, since: date) -> None:
    found = list(islice(rule.days(since), 60))
    assert all(one < next_one for one, next_one in pairwise(found))
    for day in found:
        assert since <= day <= since + AHEAD
        assert rule.start is None or day >= rule.start
        assert rule.until is None or day <= rule.until
        assert day not in rule.excluded


@given(recurrences(), DAYS, st.integers(0, 400))
def test_when_one_looks_does_not_change_the_days(rule: Recurrence, since: date, later: int) -> None:
    from_then = since + timedelta(days=later)
    known = [day for day in rule.days(since) if day >= from_then]
    again = rule.days(from_then)
    assert known == list(islice(again, len(known)))


@given(
    st.lists(st.integers(0, 6), min_size=1, max_size=7, unique=True),
    st.integers(1, 6),
    DAYS,
    DAYS,
)
def test_every_so_many_weeks_is_counted_from_the_week_of_the_start(
    weekdays: list[int], apart: int, start: date, since: date
) -> None:
    interval = f";INTERVAL={apart}" if apart > 1 else ""
    rule = f"FREQ=WEEKLY{interval};BYDAY={','.join(WEEKDAYS[day] for day in weekdays)}"
    monday = start - timedelta(days=start.weekday())
    horizon = since + timedelta(days=200)
    expected = [
        day
        for day in (since + timedelta(days=n) for n in range(200))
        if day >= start and day.weekday() in weekdays and (day - monday).days // 7 % apart == 0
    ]
    found = [day for day in Recurrence(start, rule).days(since) if day < horizon]
    assert found == expected


def test_an_hour_that_the_clocks_skip_is_no_time() -> None:
    assert wall_time(date(2027, 3, 28), time(2, 30), AMSTERDAM) is None


def test_of_an_hour_that_comes_twice_the_first_is_meant() -> None:
    moment = wall_time(date(2026, 10, 25), time(2, 30, fold=1), AMSTERDAM)
    assert moment is not None
    assert moment.astimezone(UTC) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


@given(DAYS, TIMES, ZONES)
def test_a_wall_time_is_aware_and_reads_as_it_was_asked_for(day: date, at: time, zone: ZoneInfo) -> None:
    moment = wall_time(day, at, zone)
    if moment is None:
        # Whatever instant one takes, no clock there shows that time that day.
        near = datetime.combine(day, at, UTC)
        shown = {(near + timedelta(minutes=15 * n)).astimezone(zone) for n in range(-80, 80)}
        assert not any((one.date(), one.time()) == (day, at) for one in shown)
    else:
        back = moment.astimezone(UTC).astimezone(zone)
        assert (back.date(), back.time().replace(fold=0)) == (day, at)
