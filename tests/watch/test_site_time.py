"""The site's clock, known by nothing but the dates of its answers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sniper.clock.bracket import Reading
from sniper.clock.clock import SimulatedClock
from sniper.watch.site_time import SiteTime, reading_of

NOW = datetime(2026, 11, 21, 12, 0, 0, 250_000, tzinfo=UTC)
SECOND = timedelta(seconds=1)
OFFSETS = st.timedeltas(timedelta(hours=-20), timedelta(hours=20))


def reading(clock: SimulatedClock, offset: timedelta, *, takes: timedelta = timedelta(0)) -> Reading:
    """An answer of a site whose clock is so far ahead."""
    sent = clock.now()
    date = (sent + takes / 2 + offset).replace(microsecond=0)
    clock.advance(takes)
    return Reading(sent, clock.now(), date)


@given(OFFSETS, st.lists(st.timedeltas(SECOND, timedelta(minutes=2)), max_size=20), st.integers(0, 300))
def test_every_answer_makes_it_better_known_and_the_truth_stays_within_the_bound(
    offset: timedelta, pauses: list[timedelta], takes: int
) -> None:
    clock = SimulatedClock(NOW)
    way = timedelta(milliseconds=takes)
    time = SiteTime(clock, reading(clock, offset, takes=way))
    for pause in pauses:
        clock.advance(pause)
        assert time.heard(reading(clock, offset, takes=way)) == timedelta(0)
        wrong = time.clock.now() - (clock.now() + offset)
        assert -time.clock.behind <= wrong <= time.clock.ahead
        assert time.clock.bound <= SECOND + way
        look = time.look(clock.now() - way, clock.now())
        assert look.began <= clock.now() - way + offset
        assert look.ended >= clock.now() + offset


def test_many_answers_tell_it_to_some_hundredths_of_a_second() -> None:
    clock = SimulatedClock(NOW)
    offset = timedelta(seconds=7.77)
    time = SiteTime(clock, reading(clock, offset))
    for _ in range(60):
        clock.advance(timedelta(seconds=2.03))
        time.heard(reading(clock, offset))
    assert time.clock.bound < timedelta(milliseconds=60)


@given(OFFSETS, st.timedeltas(timedelta(seconds=4), timedelta(days=8)))
def test_a_clock_that_was_set_is_noticed_by_how_much(offset: timedelta, by: timedelta) -> None:
    clock = SimulatedClock(NOW)
    time = SiteTime(clock, reading(clock, offset))
    clock.advance(timedelta(minutes=1))
    told = time.heard(reading(clock, offset + by))
    assert abs(told - by) <= SECOND
    assert abs(time.clock.now() - (clock.now() + offset + by)) <= SECOND


@pytest.mark.parametrize(
    ("date", "age"),
    [(None, None), ("yesterday", None), ("Sat, 21 Nov 2026 11:00:00 GMT", "31")],
)
def test_an_answer_that_does_not_tell_the_sites_own_time_tells_nothing(
    date: str | None, age: str | None
) -> None:
    assert reading_of(date, age, NOW, NOW) is None


def test_an_answer_without_an_age_tells_the_time_in_whole_seconds() -> None:
    found = reading_of("Sat, 21 Nov 2026 11:00:00 GMT", "0", NOW, NOW)
    assert found is not None
    assert (found.date, found.resolution) == (datetime(2026, 11, 21, 11, tzinfo=UTC), SECOND)
