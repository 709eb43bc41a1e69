"""The site's clock: moved, waited on, and how sure it is."""

from __future__ import annotations

from datetime import timedelta

import pytest

from sniper.cli.clock import describe_difference
from sniper.clock.bracket import Bracket
from sniper.clock.clock import SimulatedClock
from sniper.clock.site import SiteClock
from sniper.core.lead import Known
from tests.aio import run_async
from tests.clock.servers import START

second = timedelta(seconds=1)


def site_clock(local: SimulatedClock, offset: float, bound: float = 0.01) -> SiteClock:
    """A site that many seconds ahead."""
    return SiteClock(local, Bracket((offset - bound) * second, (offset + bound) * second))


def test_the_sites_time_is_ours_and_the_offset() -> None:
    clock = site_clock(SimulatedClock(START), 1.5)
    assert clock.now() == START + 1.5 * second
    assert clock.offset == 1.5 * second
    assert clock.bound == 0.01 * second


def test_an_instant_of_the_sites_clock_is_waited_for_on_the_sites_clock() -> None:
    local = SimulatedClock(START)
    clock = site_clock(local, -40)
    opening = START + timedelta(minutes=5)
    run_async(clock.sleep_until(opening))
    assert clock.now() == opening
    assert local.now() == opening + 40 * second


def test_a_jump_of_a_practice_site_moves_the_clock_and_keeps_the_bound() -> None:
    clock = site_clock(SimulatedClock(START), 1.5)
    clock.shift(timedelta(hours=1))
    assert clock.offset == timedelta(hours=1) + 1.5 * second
    assert (clock.ahead, clock.behind) == (0.01 * second, 0.01 * second)
    assert clock.bound == 0.01 * second


def test_a_new_measurement_is_adopted_whole() -> None:
    local = SimulatedClock(START)
    clock = site_clock(local, 1.5, bound=0.2)
    local.advance(timedelta(hours=1))
    clock.adopt(site_clock(local, 1.6, bound=0.005))
    assert clock.now() == START + timedelta(hours=1) + 1.6 * second
    assert clock.bound == 0.005 * second


def test_the_bound_grows_for_as_long_as_nobody_measures() -> None:
    """By 100 ppm: 6 ms a minute."""
    local = SimulatedClock(START)
    clock = site_clock(local, 1.5)
    local.advance(timedelta(minutes=1))
    assert clock.ahead == clock.behind == clock.bound == 0.016 * second
    assert clock.now() == START + 61.5 * second


def test_what_will_be_known_at_an_opening_is_what_is_known_then() -> None:
    local = SimulatedClock(START)
    clock = site_clock(local, 1.5)
    opening = START + timedelta(minutes=2)
    foreseen = clock.known_at(opening)
    assert clock.known_at(START - second).ahead == clock.ahead
    run_async(clock.sleep_until(opening))
    assert foreseen == Known(clock.offset, clock.ahead, clock.behind, clock.one_way)


def test_what_is_known_in_the_midst_of_a_measurement_is_taken_over_only_if_it_is_better() -> None:
    local = SimulatedClock(START)
    clock = site_clock(local, 1.5, bound=0.01)
    clock.improve(site_clock(local, 1.4, bound=0.5))
    assert clock.offset == 1.5 * second
    clock.improve(site_clock(local, 1.501, bound=0.005))
    assert clock.offset == 1.501 * second


@pytest.mark.parametrize(("found", "bound", "offset"), [(1.4, 0.5, 1.5), (1.501, 0.005, 1.501), (9, 0.5, 9)])
def test_a_new_measurement_that_is_less_exact_counts_only_if_the_sites_clock_was_set(
    found: float, bound: float, offset: float
) -> None:
    local = SimulatedClock(START)
    clock = site_clock(local, 1.5, bound=0.01)
    clock.renew(site_clock(local, found, bound))
    assert clock.offset == offset * second


@pytest.mark.parametrize(
    ("offset", "told"),
    [
        (0.004, "the same as ours, as far as can be told (4.0 ms ahead of it)"),
        (-0.25, "250.0 ms behind ours"),
        (7.3, "7.300 s ahead of ours"),
        (-131.25, "2 min 11.2 s behind ours"),
        (5 * 3600 + 61, "5 h 1 min ahead of ours"),
    ],
)
def test_how_far_a_site_is_away_is_told_as_exactly_as_it_is_known(offset: float, told: str) -> None:
    assert describe_difference(site_clock(SimulatedClock(START), offset)) == told
