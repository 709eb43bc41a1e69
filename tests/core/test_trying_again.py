"""When what failed is tried again: ever later, but in time for the opening."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from sniper.core.trying_again import CLOSE, FIRST, LONGEST, pause_after

failures = st.integers(min_value=1, max_value=10_000)
spans = st.timedeltas(min_value=timedelta(days=-30), max_value=timedelta(days=30))


@given(failures, spans)
def test_a_pause_is_neither_shorter_than_the_first_nor_longer_than_the_longest(
    n: int, left: timedelta
) -> None:
    assert FIRST <= pause_after(n, left) <= LONGEST


@given(failures, spans)
def test_pauses_grow_where_the_opening_is_as_far(n: int, left: timedelta) -> None:
    assert pause_after(n, left) <= pause_after(n + 1, left)


@given(failures, st.timedeltas(min_value=CLOSE + FIRST, max_value=timedelta(days=1)))
def test_the_last_minutes_before_an_opening_are_not_slept_through(n: int, left: timedelta) -> None:
    assert left - pause_after(n, left) >= CLOSE


@given(failures, st.timedeltas(min_value=timedelta(seconds=1), max_value=CLOSE))
def test_in_the_last_minutes_every_quarter_of_a_minute_counts(n: int, left: timedelta) -> None:
    assert pause_after(n, left) == FIRST
