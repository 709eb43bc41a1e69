"""The bracket around the offset of a clock that tells whole seconds only."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sniper.clock.bracket import Bracket, ClockNonsenseError, Reading, next_probe
from sniper.clock.measuring import measure
from tests.aio import run_async
from tests.clock.servers import START, Server, always

ms = timedelta(milliseconds=1)
offsets = st.timedeltas(timedelta(days=-400), timedelta(days=400))
ways = st.timedeltas(timedelta(0), timedelta(milliseconds=400))


def reading(sent: float, received: float, date: float) -> Reading:
    """Seconds after noon."""
    noon = datetime(2026, 11, 21, 12, tzinfo=UTC)
    at = [noon + timedelta(seconds=seconds) for seconds in (sent, received, date)]
    return Reading(at[0], at[1], at[2])


def test_one_reading_brackets_the_offset_to_a_second_and_the_round_trip() -> None:
    bracket = Bracket.around(reading(0.0, 0.1, 5.0))
    assert (bracket.low, bracket.high) == (timedelta(seconds=4.9), timedelta(seconds=6))
    assert bracket.middle == timedelta(seconds=5.45)


def test_two_readings_together_are_narrower() -> None:
    both = Bracket.around(reading(0.0, 0.1, 0.0)).narrowed(Bracket.around(reading(0.7, 0.8, 1.0)))
    assert (both.low, both.high) == (timedelta(seconds=0.2), timedelta(seconds=1))


def test_an_answer_before_its_question_is_nonsense() -> None:
    with pytest.raises(ClockNonsenseError, match="our own clock was set back while we measured"):
        Bracket.around(reading(0.2, 0.1, 0.0))


def test_dates_that_contradict_each_other_are_nonsense() -> None:
    with pytest.raises(ClockNonsenseError, match="the time the site tells contradicts itself"):
        Bracket.around(reading(0.0, 0.1, 0.0)).narrowed(Bracket.around(reading(2.0, 2.1, 0.0)))


@settings(max_examples=100)
@given(offset=offsets, there=st.lists(ways, min_size=12), back=st.lists(ways, min_size=12))
def test_the_true_offset_is_always_within_the_bracket_which_only_shrinks(
    offset: timedelta, there: list[timedelta], back: list[timedelta]
) -> None:
    server = Server(offset, lambda: there[server.asked % 12], lambda: back[server.asked % 12])
    bracket: Bracket | None = None

    async def probe() -> Reading:
        nonlocal bracket
        taken = await server.probe()
        narrowed = Bracket.around(taken) if bracket is None else bracket.narrowed(Bracket.around(taken))
        assert narrowed.low <= offset <= narrowed.high
        assert bracket is None or (bracket.low <= narrowed.low and narrowed.high <= bracket.high)
        bracket = narrowed
        return taken

    site = run_async(measure(probe, server.clock, 12))
    assert bracket is not None
    assert (site.offset - site.ahead, site.offset + site.behind) == (bracket.low, bracket.high)
    assert min(site.ahead, site.behind) >= timedelta(0)
    assert abs(site.offset - offset) <= site.bound == max(site.ahead, site.behind)


@settings(max_examples=100)
@given(offset=offsets, way_there=ways)
def test_the_next_probe_is_answered_at_the_expected_tick_within_the_coming_second(
    offset: timedelta, way_there: timedelta
) -> None:
    at = next_probe(START, offset, way_there)
    assert START <= at < START + timedelta(seconds=1)
    answered = at + way_there + offset
    from_tick = abs((answered - START.replace(microsecond=0)) % timedelta(seconds=1))
    assert min(from_tick, timedelta(seconds=1) - from_tick) <= timedelta(microseconds=2)


def test_twelve_probes_at_two_milliseconds_give_a_bound_below_ten() -> None:
    random = Random(1)  # noqa: S311 (a simulation)

    async def trials() -> list[tuple[timedelta, int]]:
        found = []
        for _ in range(200):
            server = Server(timedelta(seconds=random.uniform(-90, 90)), always(1), always(1))
            site = await measure(server.probe, server.clock, 12)
            found.append((site.bound, server.asked))
        return found

    bounds = run_async(trials())
    assert max(bound for bound, _ in bounds) <= 10 * ms
    assert max(asked for _, asked in bounds) <= 12


@given(missing=st.integers(1, 20))
def test_once_dates_miss_each_other_by_a_little_any_of_them_may_be_late_by_as_much_as_servers_are(
    missing: int,
) -> None:
    """A server that writes the header by a timer is late by some milliseconds, now more, now less."""
    late, soon = Bracket(0 * ms, 500 * ms), Bracket(-500 * ms, -missing * ms)
    for one, other in ((late, soon), (soon, late)):
        both = one.narrowed(other)
        assert (both.low, both.high) == (0 * ms, (20 - missing) * ms)
    later = late.narrowed(soon).narrowed(Bracket(-500 * ms, -19 * ms))
    assert later.high == min(20 - missing, 1) * ms
    assert later.moved(5 * ms).wobbles


@settings(max_examples=60, deadline=None)
@given(wobble=st.sampled_from([2, 5, 10, 15, 20]), way=st.sampled_from([0.5, 5, 15]), random=st.randoms())
def test_where_a_server_was_seen_to_be_late_with_its_dates_the_bound_holds(
    wobble: int, way: float, random: Random
) -> None:
    server = Server(timedelta(seconds=random.uniform(-90, 90)), always(way), always(way))
    bracket: Bracket | None = None

    async def probe() -> Reading:
        nonlocal bracket
        server.asked += 1
        sent = server.clock.now()
        server.clock.advance(way * ms)
        late = random.uniform(0, wobble) * ms
        date = (server.clock.now() + server.offset - late).replace(microsecond=0)
        server.clock.advance(way * ms)
        taken = Reading(sent, server.clock.now(), date)
        bracket = Bracket.around(taken) if bracket is None else bracket.narrowed(Bracket.around(taken))
        return taken

    site = run_async(measure(probe, server.clock, 12))
    assert bracket is not None
    if bracket.wobbles:
        assert abs(site.offset - server.offset) <= site.bound


def test_dates_that_miss_each_other_by_more_are_nonsense() -> None:
    with pytest.raises(ClockNonsenseError, match="contradicts itself"):
        Bracket(0 * ms, 500 * ms).narrowed(Bracket(-500 * ms, -20.001 * ms))
    with pytest.raises(ClockNonsenseError, match="contradicts itself"):
        Bracket(0 * ms, 20 * ms, wobbles=True).narrowed(Bracket(-500 * ms, -0.001 * ms, wobbles=True))
