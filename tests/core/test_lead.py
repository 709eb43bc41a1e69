"""When to fire, from what is known of the clock and from what being early costs."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sniper.clock.measuring import measure
from sniper.core.lead import Aim, Known, lead, page_delay
from tests.aio import run_async
from tests.clock.servers import START, Server

ms = timedelta(milliseconds=1)
nothing = timedelta(0)
must_not = timedelta.max
spans = st.timedeltas(nothing, timedelta(seconds=2))
costs = st.one_of(spans, st.just(must_not))


clocks = st.builds(Known, st.just(timedelta(hours=2)), spans, spans, spans)


def arrives(aim: Aim, clock: Known, share: float) -> timedelta:
    """How long after the opening the request is there; `share` is where in the doubt the site's clock is."""
    site_is_ahead = share * (clock.ahead + clock.behind) - clock.ahead
    return aim.at + clock.one_way + site_is_ahead - aim.opens_at


@pytest.mark.parametrize(
    ("doubt", "cost", "expected"),
    [(8, must_not, 1), (8, 250 * ms, 1), (8, nothing, 9), (1000, 250 * ms, 751), (1000, 1000 * ms, 1)],
)
def test_the_lead_grows_with_the_doubt_only_where_being_early_is_cheap(
    doubt: int, cost: timedelta, expected: int
) -> None:
    assert lead(doubt * ms, ms, cost) == expected * ms


@given(spans, spans, costs)
def test_a_lead_is_never_negative_and_at_least_the_way(
    doubt: timedelta, one_way: timedelta, cost: timedelta
) -> None:
    assert nothing <= one_way <= lead(doubt, one_way, cost) <= one_way + doubt


@given(clocks, st.floats(0, 1))
def test_where_being_early_must_not_happen_it_does_not_for_any_offset_within_the_bound(
    clock: Known, share: float
) -> None:
    assert arrives(Aim.take(START, clock, must_not), clock, share) >= nothing


@given(clocks, st.floats(0, 1))
def test_where_being_early_costs_nothing_nobody_is_late_for_any_offset_within_the_bound(
    clock: Known, share: float
) -> None:
    assert arrives(Aim.take(START, clock, nothing), clock, share) <= nothing


def test_an_estimate_that_is_surely_not_ahead_fires_one_way_before_the_opening() -> None:
    aim = Aim.take(START, Known(timedelta(hours=2), nothing, 20 * ms, 5 * ms), must_not)
    assert aim.at == START - 5 * ms
    assert aim.bound == 20 * ms


@given(spans, spans, costs, costs)
def test_the_dearer_it_is_to_be_early_the_later_one_fires(
    doubt: timedelta, one_way: timedelta, one: timedelta, other: timedelta
) -> None:
    cheap, dear = sorted((one, other))
    assert lead(doubt, one_way, dear) <= lead(doubt, one_way, cheap)


@given(
    st.lists(st.tuples(spans, spans), min_size=12, max_size=12),
    spans,
    st.timedeltas(timedelta(days=-1), timedelta(days=1)),
)
def test_a_request_is_early_only_where_its_way_and_one_way_back_are_shorter_than_half_a_round_trip(
    ways: list[tuple[timedelta, timedelta]], there: timedelta, offset: timedelta
) -> None:
    """And by no more than what is missing."""
    server = Server(offset, lambda: ways[server.asked % 12][0], lambda: ways[server.asked % 12][1])
    clock = run_async(measure(server.probe, server.clock, 12))
    aim = Aim.take(START, clock.known_at(clock.now()), must_not)
    arrived = aim.at - clock.offset + there + offset
    shortest_back = min(back for _, back in ways)
    assert arrived - START >= min(nothing, there + shortest_back - clock.one_way) - timedelta(microseconds=3)


# -- the page's own clock, by which it presses


@given(clocks, st.floats(0, 1), spans, st.floats(-1, 1))
def test_where_being_early_must_not_happen_a_misread_page_is_not_early_either(
    clock: Known, share: float, page_bound: timedelta, misread: float
) -> None:
    pressed = page_delay(page_bound, must_not) + misread * page_bound
    assert arrives(Aim.take(START, clock, must_not), clock, share) + pressed >= nothing


@given(clocks, st.floats(0, 1), spans, st.floats(-1, 1))
def test_where_being_early_costs_nothing_a_misread_page_is_not_late_either(
    clock: Known, share: float, page_bound: timedelta, misread: float
) -> None:
    pressed = page_delay(page_bound, nothing) + misread * page_bound
    assert arrives(Aim.take(START, clock, nothing), clock, share) + pressed <= nothing


@pytest.mark.parametrize(
    ("bound", "cost", "later"),
    [(0.5, must_not, 0.5), (0.5, 250 * ms, 0.5), (0.5, nothing, -0.5), (500, 250 * ms, -250)],
)
def test_a_page_presses_later_by_its_own_bound_where_being_early_costs_more(
    bound: float, cost: timedelta, later: float
) -> None:
    assert page_delay(bound * ms, cost) == later * ms


@pytest.mark.parametrize("name", ["doubt", "one_way", "early_cost"])
def test_nothing_negative_is_taken(name: str) -> None:
    spans = {"doubt": ms, "one_way": ms, "early_cost": ms, name: -ms}
    with pytest.raises(ValueError, match=f"{name} is never negative"):
        lead(**spans)
