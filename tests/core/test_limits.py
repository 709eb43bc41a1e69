"""How much one account may hold."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from sniper.core.limits import Limit, Per, allowed, could_hold
from sniper.core.slots import Slot
from tests.core.worlds import DELFT, X1, at, slot

slots = st.builds(slot, st.sampled_from(["X1 A", "X1 B", "X3 A", "Fitness"]), st.integers(12, 16))
limits = st.builds(Limit, st.integers(1, 3), st.frozensets(st.sampled_from(Per)))


@given(rules=st.lists(limits, max_size=3), wanted=st.lists(slots, max_size=20))
def test_an_account_that_books_only_what_is_allowed_never_exceeds_a_limit(
    rules: list[Limit], wanted: list[Slot]
) -> None:
    held: list[Slot] = []
    refused: list[Slot] = []
    for one in wanted:
        (held if allowed(rules, held, one) else refused).append(one)
    for rule in rules:
        counts = Counter(tuple(sorted((per, str(per.of(one))) for per in rule.per)) for one in held)
        assert max(counts.values(), default=0) <= rule.bookings
    assert len(set(held)) == len(held)


@given(rules=st.lists(limits, max_size=3), held=st.lists(slots, max_size=6, unique=True), one=slots)
def test_what_is_refused_would_exceed_a_limit_or_is_held_already(
    rules: list[Limit], held: list[Slot], one: Slot
) -> None:
    def alike(rule: Limit) -> int:
        return sum(all(per.of(h) == per.of(one) for per in rule.per) for h in held)

    expected = one not in held and all(alike(rule) < rule.bookings for rule in rules)
    assert allowed(rules, held, one) is expected


def test_delft_lets_an_account_have_one_booking_an_hour_and_one_a_location_and_day() -> None:
    held = [slot("X1 A", 13)]
    assert not allowed(DELFT, held, slot("X3 A", 13))
    assert not allowed(DELFT, held, slot("X1 B", 14))
    assert allowed(DELFT, held, slot("X3 A", 14))
    assert allowed(DELFT, held, Slot("X1", "X1 A", at(14, at(14).date().replace(day=25))))


def test_an_empty_per_counts_all_bookings() -> None:
    rule = Limit(2, frozenset())
    assert allowed([rule], [slot("X1 A", 13)], slot("Fitness", 15))
    assert not allowed([rule], [slot("X1 A", 13), slot("X3 A", 14)], slot("Fitness", 15))


def test_without_limits_only_the_same_slot_is_refused() -> None:
    assert allowed((), [slot("X1 A", 13)], slot("X1 B", 13))
    assert not allowed((), [slot("X1 A", 13)], slot("X1 A", 13))


def test_each_thing_bookings_are_counted_by_is_one_of_the_slot() -> None:
    one = slot("X1 A", 13)
    assert [per.of(one) for per in Per] == [one.day, one.hour, "X1", "X1 A"]


def test_it_is_counted_over_all_places_how_many_hours_an_account_could_have() -> None:
    one_a_place = (Limit(1, frozenset({Per.DATE, Per.SUB_LOCATION})),)
    hours = [X1.slots_at(at(hour)) for hour in (13, 14, 15)]
    assert could_hold(one_a_place, (), hours) == 2
    assert could_hold(one_a_place, (slot("X1 A", 9),), hours) == 1
    assert could_hold(DELFT, (), hours) == 1
    assert could_hold((), (), hours) == 3
    assert could_hold(DELFT, (), []) == 0


def test_an_hour_with_one_place_left_gets_it_before_an_hour_with_two() -> None:
    one_a_place = (Limit(1, frozenset({Per.DATE, Per.SUB_LOCATION})),)
    hours = [X1.slots_at(at(13)), (slot("X1 A", 14),)]
    assert could_hold(one_a_place, (), hours) == 2


def test_a_limit_is_told_in_words() -> None:
    assert str(Limit(1, frozenset({Per.DATE, Per.LOCATION}))) == "one booking per account, location and day"
    assert str(Limit(2, frozenset({Per.DATE}))) == "2 bookings per account and day"
    assert str(Limit(1, frozenset())) == "one booking per account"
