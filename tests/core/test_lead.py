"""When to fire, from what is known of the clock and from what being early costs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sniper.core.lead import Aim, lead
from tests.clock.servers import START

ms = timedelta(milliseconds=1)
nothing = timedelta(0)
must_not = timedelta.max
spans = st.timedeltas(nothing, timedelta(seconds=2))
costs = st.one_of(spans, st.just(must_not))


@dataclass
class Known:
    """What is known of a clock."""

    bound: timedelta
    one_way: timedelta
    offset: timedelta = timedelta(hours=2)


@pytest.mark.parametrize(
    ("bound", "cost", "expected"),
    [(4, must_not, 1), (4, 250 * ms, 1), (4, nothing, 9), (500, 250 * ms, 751), (500, 1000 * ms, 1)],
)
def test_the_lead_grows_with_the_bound_only_where_being_early_is_cheap(
    bound: int, cost: timedelta, expected: int
) -> None:
    assert lead(bound * ms, ms, cost) == expected * ms


@given(spans, spans, costs)
def test_a_lead_is_never_negative_and_at_least_the_way(
    bound: timedelta, one_way: timedelta, cost: timedelta
) -> None:
    assert nothing <= one_way <= lead(bound, one_way, cost) <= one_way + 2 * bound


@given(spans, spans, st.floats(-1, 1))
def test_where_being_early_must_not_happen_it_does_not_for_any_offset_within_the_bound(
    bound: timedelta, one_way: timedelta, off: float
) -> None:
    arrives = Aim.take(START, Known(bound, one_way), must_not).at + one_way + off * bound
    assert arrives >= START


@given(spans, spans, st.floats(-1, 1))
def test_where_being_early_costs_nothing_nobody_is_late_for_any_offset_within_the_bound(
    bound: timedelta, one_way: timedelta, off: float
) -> None:
    arrives = Aim.take(START, Known(bound, one_way), nothing).at + one_way + off * bound
    assert arrives <= START


@given(spans, spans, costs, costs)
def test_the_dearer_it_is_to_be_early_the_later_one_fires(
    bound: timedelta, one_way: timedelta, one: timedelta, other: timedelta
) -> None:
    cheap, dear = sorted((one, other))
    assert lead(bound, one_way, dear) <= lead(bound, one_way, cheap)


@pytest.mark.parametrize("name", ["bound", "one_way", "early_cost"])
def test_nothing_negative_is_taken(name: str) -> None:
    spans = {"bound": ms, "one_way": ms, "early_cost": ms, name: -ms}
    with pytest.raises(ValueError, match=f"{name} is never negative"):
        lead(**spans)
