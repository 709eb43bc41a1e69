"""Where within its bracket a clock most likely stands."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sniper.clock.bracket import Bracket, Reading
from sniper.clock.likely import likely_offset
from sniper.clock.measuring import measure
from tests.aio import run_async
from tests.clock.servers import START, Server

ms = timedelta(milliseconds=1)
seconds = st.integers(-3, 3).map(lambda number: timedelta(seconds=number))
spans = st.timedeltas(timedelta(0), timedelta(milliseconds=400))


def second_of(moment: datetime) -> datetime:
    """As the Date header tells it."""
    return moment.replace(microsecond=0)


@given(low=spans, width=spans, sent=spans, trip=spans, date=seconds)
def test_the_estimate_lies_within_the_bracket_whatever_the_answers_say(
    low: timedelta, width: timedelta, sent: timedelta, trip: timedelta, date: timedelta
) -> None:
    bracket = Bracket(low, low + width)
    reading = Reading(START + sent, START + sent + trip, second_of(START) + date)
    assert bracket.low <= likely_offset(bracket, [reading]) <= bracket.high


@given(offset=seconds, phase=spans, trip=st.timedeltas(ms, 50 * ms))
def test_one_answer_alone_leaves_the_middle(offset: timedelta, phase: timedelta, trip: timedelta) -> None:
    reading = Reading(START + phase, START + phase + trip, second_of(START + phase + trip / 2 + offset))
    bracket = Bracket.around(reading)
    assert likely_offset(bracket, [reading]) == bracket.middle


def test_a_quick_answer_tells_more_than_a_slow_one() -> None:
    """Both ask at the tick; the slow one, which says "not yet", may have been answered early."""
    noon = second_of(START) + timedelta(seconds=60)
    quick = Reading(noon - 5 * ms, noon + 5 * ms, noon)
    slow = Reading(noon - 20 * ms, noon + 20 * ms, noon - timedelta(seconds=1))
    bracket = Bracket.around(quick).narrowed(Bracket.around(slow))
    assert (bracket.low, bracket.high) == (-5 * ms, 20 * ms)
    assert likely_offset(bracket, [quick, slow]) < bracket.middle


def there_and_back(random: Random) -> tuple[float, float]:
    return random.uniform(10, 20), random.uniform(10, 20)


def shared_evenly(random: Random) -> tuple[float, float]:
    half = random.uniform(10, 20)
    return half, half


def bursts(random: Random) -> tuple[float, float]:
    return 10 + random.expovariate(1 / 5), 10 + random.expovariate(1 / 5)


def bursts_back(random: Random) -> tuple[float, float]:
    return 12, 12 + random.expovariate(1 / 8)


def outliers(random: Random) -> tuple[float, float]:
    there, back = there_and_back(random)
    return (there, back + 200) if random.random() < 0.1 else (there, back)


@pytest.mark.parametrize("network", [there_and_back, shared_evenly, bursts, bursts_back, outliers])
def test_it_is_mostly_nearer_to_the_truth_than_the_middle_of_the_bracket(
    network: Callable[[Random], tuple[float, float]],
) -> None:
    random = Random(5)  # noqa: S311 (a simulation)

    async def trials() -> tuple[list[timedelta], list[timedelta]]:
        ours, middles = [], []
        for _ in range(150):
            offset = timedelta(seconds=random.uniform(-90, 90))
            ways: list[float] = []

            def way(ways: list[float] = ways) -> timedelta:
                if not ways:
                    ways.extend(reversed(network(random)))
                return ways.pop() * ms

            server = Server(offset, way, way)
            site = await measure(server.probe, server.clock, 12)
            ours.append(abs(site.offset - offset))
            middles.append(abs(site.offset + (site.behind - site.ahead) / 2 - offset))
        return ours, middles

    ours, middles = run_async(trials())
    assert sum(ours, timedelta(0)) < sum(middles, timedelta(0))
    assert sorted(ours)[142] <= 5 * ms
