"""Slots: a place at an instant."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sniper.core.slots import Slot, require_aware

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
aware = st.datetimes(
    datetime(2001, 1, 1),  # noqa: DTZ001 (the zone is drawn)
    datetime(2099, 1, 1),  # noqa: DTZ001
    timezones=st.timezones(),
)


def test_a_naive_start_is_refused() -> None:
    with pytest.raises(ValueError, match="start has no time zone"):
        Slot("X1", "X1 A", datetime(2026, 11, 24, 13))  # noqa: DTZ001


def test_require_aware_names_what_is_naive() -> None:
    with pytest.raises(ValueError, match=r"now has no time zone: datetime\.datetime\(2026, 11, 24"):
        require_aware(datetime(2026, 11, 24), "now")  # noqa: DTZ001
    require_aware(datetime(2026, 11, 24, tzinfo=UTC), "now")


def test_the_two_two_oclocks_of_an_october_night_are_different_slots() -> None:
    first = Slot("X1", "X1 A", datetime(2026, 10, 25, 2, tzinfo=AMSTERDAM, fold=0))
    second = Slot("X1", "X1 A", datetime(2026, 10, 25, 2, tzinfo=AMSTERDAM, fold=1))
    assert first != second
    assert len({first, second}) == 2
    assert second.instant - first.instant == timedelta(hours=1)
    assert first.day == second.day == date(2026, 10, 25)


def test_the_same_instant_in_another_zone_is_the_same_slot() -> None:
    local = Slot("X1", None, datetime(2026, 11, 24, 13, tzinfo=AMSTERDAM))
    utc = Slot("X1", None, datetime(2026, 11, 24, 12, tzinfo=UTC))
    assert local == utc
    assert hash(local) == hash(utc)


@given(start=aware)
def test_day_and_hour_are_those_of_the_sites_zone(start: datetime) -> None:
    slot = Slot("X1", None, start)
    assert datetime.combine(slot.day, slot.hour, start.tzinfo) == start
    assert slot.instant.tzinfo is UTC
    assert slot.instant == start.astimezone(UTC)


@pytest.mark.parametrize(
    "other", [("X3", "X1 A", 13), ("X1", "X1 B", 13), ("X1", None, 13), ("X1", "X1 A", 14)]
)
def test_another_place_or_hour_is_another_slot(other: tuple[str, str | None, int]) -> None:
    location, sub, hour = other
    start = datetime(2026, 11, 24, 13, tzinfo=AMSTERDAM)
    assert Slot("X1", "X1 A", start) != Slot(location, sub, start.replace(hour=hour))


def test_a_slot_is_called_by_its_most_exact_place() -> None:
    start = datetime.combine(date(2026, 11, 24), time(13), AMSTERDAM)
    assert str(Slot("X1", "X1 A", start)) == "X1 A Tue 24 Nov 13:00"
    assert str(Slot("Fitness", None, start)) == "Fitness Tue 24 Nov 13:00"
