"""What is believed of rivals, with and without a past."""

from __future__ import annotations

from datetime import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sniper.core.odds import FirstLooks, Odds, Record

COUNTS = st.integers(0, 1000)


def test_without_a_past_one_slot_of_two_is_won() -> None:
    assert Odds().of("X1", time(13)) == 0.5


def test_what_is_fixed_by_hand_counts_everywhere() -> None:
    assert Odds(win=0.3, history={("X1", time(13)): Record(9, 0)}).of("X1", time(13)) == 0.3


def test_an_hour_without_a_past_goes_by_its_location() -> None:
    odds = Odds(history={("X1", time(13)): Record(0, 8)})
    assert odds.of("X1", time(14)) == pytest.approx(0.1)
    assert odds.of("X1", time(13)) == pytest.approx(0.2 / 10)
    assert odds.of("X3", time(13)) == 0.5


@given(wins=COUNTS, losses=COUNTS)
def test_the_more_was_won_the_more_is_believed_and_never_all(wins: int, losses: int) -> None:
    def believed(record: Record) -> float:
        return Odds(history={("X1", time(13)): record}).of("X1", time(13))

    assert 0 < believed(Record(wins, losses)) < believed(Record(wins + 1, losses)) < 1


@pytest.mark.parametrize("wrong", [{"win": 1.1}, {"decay": -0.1}, {"account_failure": 2}])
def test_what_is_no_probability_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="no probability"):
        Odds(**wrong)  # type: ignore[arg-type]


def test_where_nobody_has_fought_what_was_free_at_the_first_look_tells_of_slow_rivals() -> None:
    odds = Odds(watched={"X1": FirstLooks(8, 0), "X3": FirstLooks(0, 8)})
    # Halfway between the share that was free, 8 / (2 + 8), and all.
    assert odds.of("X1", time(13)) == pytest.approx(0.9)
    # What was gone within a minute says nothing about the first tenth of a second.
    assert odds.of("X3", time(13)) == odds.of("Fitness", time(13)) == 0.5


def test_what_was_fought_for_soon_counts_for_more_than_what_was_seen() -> None:
    fought = {("X1", time(13)): Record(0, 8)}
    odds = Odds(history=fought, watched={"X1": FirstLooks(100, 0)})
    assert odds.of("X1", time(13)) < 0.06
    assert odds.of("X1", time(13)) > Odds(history=fought).of("X1", time(13))


def test_a_probability_that_is_given_goes_before_all_that_was_seen() -> None:
    assert Odds(win=0.3, watched={"X1": FirstLooks(100, 0)}).of("X1", time(13)) == 0.3
