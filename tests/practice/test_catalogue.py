"""Which slots there are and when they open, above all around the changes of the clock."""

import dataclasses
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sniper.practice.catalogue import CATALOGUE, FITNESS, Slot

SlotAt = Callable[[str, str], Slot]

AROUND_THE_CLOCK = dataclasses.replace(CATALOGUE, hours=range(24))


def local_hours(day: date) -> list[int]:
    slots = AROUND_THE_CLOCK.slots_on(day)
    return [CATALOGUE.local(slot.start).hour for slot in slots if slot.location is FITNESS]


def test_a_day_has_hourly_slots_from_seven_to_twenty_two_at_five_places() -> None:
    slots = CATALOGUE.slots_on(date(2026, 11, 24))
    assert sorted({CATALOGUE.local(slot.start).hour for slot in slots}) == list(range(7, 23))
    assert [slot.label for slot in slots[:5]] == ["X1 A", "X1 B", "X3 A", "X3 B", "Fitness"]
    assert len(slots) == 16 * 5


@pytest.mark.parametrize(
    ("label", "start", "opening"),
    [
        ("X1 A", "2026-11-24 13:00", "2026-11-21 13:00:00 CET"),
        ("Fitness", "2026-11-28 13:00", "2026-11-21 13:00:00 CET"),
        # The Sunday after the October change: 72 elapsed hours before 13:00 CET it is 14:00 CEST.
        ("X1 A", "2026-10-25 13:00", "2026-10-22 14:00:00 CEST"),
        ("Fitness", "2026-10-25 13:00", "2026-10-18 14:00:00 CEST"),
        # The Sunday of the March change: 72 elapsed hours before 13:00 CEST it is 12:00 CET.
        ("X3 B", "2026-03-29 13:00", "2026-03-26 12:00:00 CET"),
        ("X3 B", "2026-04-01 12:00", "2026-03-29 12:00:00 CEST"),
    ],
)
def test_a_slot_opens_its_window_of_elapsed_time_before_its_start(
    slot_at: SlotAt, label: str, start: str, opening: str
) -> None:
    assert f"{CATALOGUE.local(slot_at(label, start).opening):%Y-%m-%d %H:%M:%S %Z}" == opening


def test_the_hour_that_spring_skips_has_no_slot() -> None:
    assert local_hours(date(2026, 3, 29)) == [0, 1, *range(3, 24)]


def test_the_hour_that_autumn_repeats_has_one_slot_the_first_time() -> None:
    assert local_hours(date(2026, 10, 25)) == list(range(24))
    starts = [
        slot.start for slot in AROUND_THE_CLOCK.slots_on(date(2026, 10, 25)) if slot.location is FITNESS
    ]
    assert starts[2] == datetime(2026, 10, 25, 0, tzinfo=UTC)
    assert starts[3] == datetime(2026, 10, 25, 2, tzinfo=UTC)


@given(st.datetimes(min_value=datetime(2026, 1, 1), max_value=datetime(2028, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001
def test_the_next_opening_is_the_first_after_now(now: datetime) -> None:
    following = CATALOGUE.next_opening(now)
    assert following > now
    assert CATALOGUE.slots_opening_between(now, following - timedelta(microseconds=1)) == []
    assert {slot.opening for slot in CATALOGUE.slots_opening_between(now, following)} == {following}


def test_what_opens_together_is_told_in_the_order_in_which_it_is_wanted() -> None:
    noon = datetime(2026, 11, 21, 12, tzinfo=UTC)
    slots = CATALOGUE.slots_opening_between(noon - timedelta(seconds=1), noon)
    assert [slot.label for slot in slots] == ["X1 A", "X1 B", "X3 A", "X3 B", "Fitness"]
    assert [(slot.start - noon).days for slot in slots] == [3, 3, 3, 3, 7]


def test_a_slot_is_found_by_product_court_and_start(slot_at: SlotAt) -> None:
    slot = slot_at("X3 B", "2026-11-24 13:00")
    assert CATALOGUE.find(20047, 16533, slot.start) == slot
    assert CATALOGUE.slot_of(16533, slot.start) == slot
    assert CATALOGUE.find(20047, 4, slot.start) is None
    assert CATALOGUE.find(20047, None, slot.start) is None
    assert CATALOGUE.find(20047, 16533, slot.start + timedelta(minutes=30)) is None
