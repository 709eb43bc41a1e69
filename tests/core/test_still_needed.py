"""What of a wave is needed after what was won of it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sniper.core.plan import LocationHour, location_hour, still_needed
from sniper.core.slots import Slot
from tests.core.worlds import slot

PLACES = ["X1 A", "X1 B", "X3 A", "Fitness"]
Beside = frozenset[tuple[LocationHour, LocationHour]]
SLOTS = st.builds(slot, st.sampled_from(PLACES), st.integers(13, 15))
HOURS = SLOTS.map(location_hour)
BESIDE = st.frozensets(st.tuples(HOURS, HOURS).filter(lambda pair: pair[0] != pair[1]), max_size=8)


@given(one=SLOTS, beside=BESIDE)
def test_before_anything_is_won_everything_is_needed(one: Slot, beside: Beside) -> None:
    assert still_needed(one, (), beside)


@given(one=SLOTS, won=st.sets(HOURS), beside=BESIDE)
def test_no_other_place_of_an_hour_that_is_won_is_needed_at_that_location(
    one: Slot, won: set[LocationHour], beside: Beside
) -> None:
    assert not still_needed(one, {*won, location_hour(one)}, beside)


@given(one=SLOTS, won=st.sets(HOURS))
def test_where_nothing_is_wanted_beside_another_the_first_win_of_an_hour_is_enough(
    one: Slot, won: set[LocationHour]
) -> None:
    assert still_needed(one, won, ()) == (one.instant not in {instant for _, instant in won})


@given(one=SLOTS, won=st.sets(HOURS), more=HOURS, beside=BESIDE)
def test_what_is_needed_no_more_is_not_needed_again(
    one: Slot, won: set[LocationHour], more: LocationHour, beside: Beside
) -> None:
    if still_needed(one, {*won, more}, beside):
        assert still_needed(one, won, beside)


def test_what_is_wanted_beside_a_win_is_needed_and_what_is_not_is_not() -> None:
    x1, x3, fitness = (slot(place, 13) for place in ("X1 A", "X3 A", "Fitness"))
    beside = {(location_hour(x1), location_hour(x3))}
    assert still_needed(x3, {location_hour(x1)}, beside)
    assert not still_needed(x1, {location_hour(x3)}, beside)
    assert not still_needed(x3, {location_hour(x1), location_hour(fitness)}, beside)
