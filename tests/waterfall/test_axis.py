"""A scale on which milliseconds and seconds can both be read."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from sniper.waterfall import Axis

MS = timedelta(milliseconds=1)
before = st.timedeltas(-timedelta(minutes=10), timedelta(0))
after = st.timedeltas(timedelta(0), timedelta(minutes=10))


@given(before, after, st.lists(st.timedeltas(-timedelta(minutes=20), timedelta(minutes=20)), max_size=8))
def test_what_is_later_is_never_drawn_further_left_and_nothing_is_drawn_outside(
    first: timedelta, last: timedelta, moments: list[timedelta]
) -> None:
    axis = Axis(first, last)
    positions = [axis.position(moment) for moment in sorted(moments)]
    assert positions == sorted(positions)
    assert all(0 <= position <= 1 for position in positions)


@given(before, after)
def test_the_race_has_most_of_the_width_however_long_was_waited(first: timedelta, last: timedelta) -> None:
    axis = Axis(first, last)
    assert axis.position(timedelta(0)) == axis.zero <= 0.2
    assert axis.position(first) == 0


@given(before, after)
def test_ticks_are_within_the_scale_and_zero_is_one_of_them(first: timedelta, last: timedelta) -> None:
    ticks = dict(Axis(first, last).ticks())
    assert ticks[timedelta(0)] == "0"
    assert all(first <= tick <= max(last, 200 * MS) for tick in ticks)


def test_five_milliseconds_can_be_read_beside_five_seconds() -> None:
    axis = Axis(-10_000 * MS, 5_000 * MS)
    assert axis.position(5 * MS) - axis.zero > 0.05
    assert axis.position(5_000 * MS) - axis.position(1_000 * MS) > 0.1


def test_ticks_have_the_names_people_use() -> None:
    names = [name for _, name in Axis(-1_500 * MS, 12_000 * MS).ticks()]
    assert names == ["0", "10 ms", "100 ms", "1 s", "10 s", "−10 ms", "−100 ms", "−1 s"]
