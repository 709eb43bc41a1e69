"""What a site means that asks to be left alone for a while."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from sniper.core.retry_after import UNSAID, pause_after, pause_asked

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("30", 30),
        (" 0 ", 0),
        ("1000000", 1_000_000),
        ("9" * 400, 10**9 - 1),
        ("Sat, 21 Nov 2026 12:01:30 GMT", 90),
        ("Sat, 21 Nov 2026 11:00:00 GMT", 0),
        ("Sat, 21 Nov 2026 12:01:30 -0000", 90),
    ],
)
def test_a_pause_is_asked_for_in_seconds_or_by_a_date(header: str, seconds: int) -> None:
    assert pause_asked(header, NOW) == timedelta(seconds=seconds)


@pytest.mark.parametrize("header", [None, "", "soon", "-3", "1.5", "²"])
def test_what_is_no_pause_says_nothing(header: str | None) -> None:
    assert pause_asked(header, NOW) is None


@pytest.mark.parametrize(
    ("status", "header", "pause"),
    [
        (429, "30", timedelta(seconds=30)),
        (429, None, UNSAID),
        (429, "soon", UNSAID),
        (503, "30", timedelta(seconds=30)),
        (503, None, None),
        (201, "30", None),
    ],
)
def test_too_many_requests_ask_for_a_pause_whatever_they_say_and_other_refusals_where_they_do(
    status: int, header: str | None, pause: timedelta | None
) -> None:
    assert pause_after(status, header, NOW) == pause
