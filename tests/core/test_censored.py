"""Quantiles of durations of which only bounds are known."""

from __future__ import annotations

from datetime import timedelta
from math import inf
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sniper.core.censored import Between, quantile, share_within

SECONDS = st.floats(0, 1e5)


def exactly(*seconds: float) -> list[Between]:
    return [Between(one, one) for one in seconds]


def test_of_durations_that_are_known_exactly_so_is_the_median() -> None:
    assert quantile(exactly(3, 1, 2), 0.5).seen == Between(2, 2)


def test_a_median_is_known_as_well_as_the_bounds_allow() -> None:
    found = quantile([Between(0, 45), Between(0, 45), Between(45, inf)], 0.5)
    assert found.seen == Between(0, 45)
    assert quantile([Between(0, 45), Between(45, 90), Between(90, inf)], 0.5).seen == Between(45, 90)


def test_few_durations_say_nothing_for_certain_about_all_there_are() -> None:
    found = quantile(exactly(1, 2, 3), 0.5)
    assert found.surely == Between(-inf, inf)
    # P(all five on one side of the median) is 1/32, which is less than one in twenty.
    assert quantile(exactly(1, 2, 3, 4, 5), 0.5).surely == Between(1, 5)


@given(
    st.lists(st.tuples(SECONDS, SECONDS, SECONDS).map(sorted), min_size=1, max_size=60),
    st.sampled_from([0.1, 0.5, 0.9]),
)
def test_the_quantile_of_the_true_durations_lies_within_its_bounds(
    triples: list[list[float]], share: float
) -> None:
    bounds = [Between(low, high) for low, _, high in triples]
    truth = quantile(exactly(*(true for _, true, _ in triples)), share)
    found = quantile(bounds, share)
    assert found.seen.low <= truth.seen.low <= found.seen.high
    assert found.surely.low <= truth.surely.low
    assert truth.surely.high <= found.surely.high


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
@pytest.mark.parametrize("n", [8, 30, 100])
def test_nine_times_of_ten_the_quantile_of_all_there_are_lies_where_it_is_said_to(
    n: int, share: float
) -> None:
    random = Random(7)  # noqa: S311 - a simulation
    hits = 0
    for _ in range(400):
        found = quantile(exactly(*(random.random() for _ in range(n))), share)
        hits += found.surely.low <= share <= found.surely.high
    assert hits / 400 >= 0.88


def test_the_share_within_a_time_is_known_by_its_bounds() -> None:
    durations = [Between(0, 45), Between(45, inf), Between(10, 20), Between(50, 60)]
    assert share_within(durations, 30) == (0.25, 0.5)


def test_bounds_in_the_wrong_order_and_quantiles_of_nothing_are_refused() -> None:
    with pytest.raises(ValueError, match="wrong order"):
        Between(2, 1)
    with pytest.raises(ValueError, match="no durations"):
        quantile([], 0.5)


def test_bounds_may_be_missing() -> None:
    assert Between.of(None, timedelta(seconds=3)) == Between(-inf, 3)
    assert Between.of(timedelta(seconds=3), None) == Between(3, inf)
