"""The venue's clock: start, skew, jumps, waits."""

import threading
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sniper.practice.clock import ClockError, SimulatedTime, VenueClock, parse_start

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
NOW = datetime(2026, 11, 21, 11, 59, 50, 250_000, tzinfo=UTC)


def test_the_clock_is_ahead_of_the_machine_by_its_skew() -> None:
    source = SimulatedTime(NOW)
    assert VenueClock(source, skew=timedelta(seconds=1.5)).now() == NOW + timedelta(seconds=1.5)
    assert VenueClock(source, skew=timedelta(seconds=-0.4)).now() == NOW - timedelta(seconds=0.4)


def test_a_start_keeps_the_machines_fraction_of_a_second_and_skew_shifts_it() -> None:
    start = datetime(2026, 12, 1, 8, tzinfo=AMSTERDAM)
    clock = VenueClock(SimulatedTime(NOW), start=start, skew=timedelta(seconds=0.1))
    assert clock.now() == start + timedelta(milliseconds=350)


def test_the_clock_runs_with_the_machine() -> None:
    source = SimulatedTime(NOW)
    clock = VenueClock(source, skew=timedelta(days=3))
    before = clock.now()
    source.advance(timedelta(seconds=7.25))
    assert clock.now() - before == timedelta(seconds=7.25)
    assert clock.machine_now() == NOW + timedelta(seconds=7.25)


@given(st.timedeltas(min_value=timedelta(), max_value=timedelta(days=400)))
def test_a_jump_never_overshoots_and_keeps_the_phase_of_the_second(ahead: timedelta) -> None:
    clock = VenueClock(SimulatedTime(NOW))
    jumped = clock.jump_to(NOW + ahead)
    assert timedelta() <= NOW + ahead - clock.now() < timedelta(seconds=1)
    assert clock.now() - NOW == jumped == clock.ahead
    assert jumped % timedelta(seconds=1) == timedelta()


@given(st.timedeltas(min_value=timedelta(), max_value=timedelta(days=400)))
def test_a_jump_goes_exactly_where_it_is_asked_to(ahead: timedelta) -> None:
    clock = VenueClock(SimulatedTime(NOW))
    assert clock.jump_to(NOW + ahead, exactly=True) == ahead
    assert clock.now() == NOW + ahead


def test_the_clock_does_not_go_backward() -> None:
    clock = VenueClock(SimulatedTime(NOW))
    with pytest.raises(ClockError, match="only goes forward"):
        clock.jump_to(NOW - timedelta(microseconds=1))
    with pytest.raises(ClockError, match="only goes forward"):
        clock.jump(timedelta(seconds=-1))
    assert clock.now() == NOW


@pytest.mark.parametrize("way", ["a jump", "time", "a wake"])
def test_a_wait_ends_with(way: str) -> None:
    source = SimulatedTime(NOW)
    clock = VenueClock(source)
    stop = threading.Event()
    ended: list[bool] = []

    def wait() -> None:
        ended.append(clock.wait_until(NOW + timedelta(hours=1), unless=stop.is_set))

    waiting = threading.Thread(target=wait)
    waiting.start()
    if way == "a jump":
        clock.jump(timedelta(minutes=30))
        clock.jump(timedelta(minutes=30))
    elif way == "time":
        source.advance(timedelta(minutes=61))
    else:
        stop.set()
        clock.wake()
    waiting.join(5)
    assert ended == [way != "a wake"]


def test_a_start_is_read_as_a_time_of_today_in_the_zone_of_the_venue() -> None:
    # Half past eleven in the evening of the 21st in UTC is the 22nd already in Amsterdam.
    late = datetime(2026, 11, 21, 23, 30, tzinfo=UTC)
    assert parse_start("12:59", timezone=AMSTERDAM, now=late) == datetime(2026, 11, 22, 11, 59, tzinfo=UTC)
    assert parse_start("12:59:50", timezone=AMSTERDAM, now=late) == datetime(
        2026, 11, 22, 11, 59, 50, tzinfo=UTC
    )


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-07-01T12:00", datetime(2026, 7, 1, 10, tzinfo=UTC)),
        ("2026-12-01 12:00:30", datetime(2026, 12, 1, 11, 0, 30, tzinfo=UTC)),
        ("2026-12-01T12:00:00+00:00", datetime(2026, 12, 1, 12, tzinfo=UTC)),
        ("2026-10-25T02:30", datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
    ],
)
def test_a_start_is_read_as_a_date_and_time(text: str, instant: datetime) -> None:
    assert parse_start(text, timezone=AMSTERDAM, now=NOW) == instant


@pytest.mark.parametrize(
    "text", ["", "noon", "25:00", "12", "1:2:3:4", "2026-13-01T00:00", "2026-03-29T02:30"]
)
def test_a_start_that_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(ClockError):
        parse_start(text, timezone=AMSTERDAM, now=NOW)
