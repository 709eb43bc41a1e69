"""What sites write when they tell the time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sniper.clock.instants import NoInstantError, Told, of_header, of_json

second = timedelta(seconds=1)
us = timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("value", "microsecond", "resolution"),
    [
        ("2026-11-21T12:00:07Z", 0, second),
        ("2026-11-21T13:00:07+01:00", 0, second),
        ("2026-11-21T12:00:07.1Z", 100_000, second / 10),
        ("2026-11-21T12:00:07,123Z", 123_000, second / 1000),
        ("2026-11-21 12:00:07.123456+00:00", 123_456, us),
        ("2026-11-21T12:00:07.123456789Z", 123_456, us),
        (1_795_262_407, 0, second),
        (1_795_262_407_123, 123_000, second / 1000),
        (1_795_262_407_123_456, 123_456, us),
        (1_795_262_407.12, 120_000, second / 100),
        (1_795_262_407_123.4, 123_400, second / 10_000),
    ],
)
def test_an_instant_is_as_exact_as_its_last_digit(
    value: Any, microsecond: int, resolution: timedelta
) -> None:
    date = datetime(2026, 11, 21, 12, 0, 7, microsecond, tzinfo=UTC)
    assert of_json(value) == Told(date, resolution)


@pytest.mark.parametrize(
    "value",
    [
        "soon",
        "2026-11-21",
        "2026-11-21T12:00Z",
        "2026-11-21T12:00:07",
        "9999-12-31T23:59:59Z",
        "0001-01-01T00:00:00+14:00",
        True,
        None,
        {},
        -1,
        0,
        12.5,
        10**17,
        10**400,
        float("nan"),
        float("inf"),
    ],
)
def test_what_is_no_instant_is_refused(value: Any) -> None:
    with pytest.raises(NoInstantError):
        of_json(value)


@pytest.mark.parametrize(
    "header",
    [
        "",
        "soon",
        "Fri, 31 Dec 9999 23:59:59 GMT",
        "Sat, 21 Nov 2026 12:00:07 -999999999",
        "Sat, 99 Nov 2026 12:00:07 GMT",
    ],
)
def test_a_header_that_is_no_date_a_clock_shows_is_refused(header: str) -> None:
    with pytest.raises(NoInstantError):
        of_header(header)
