"""Which slots a page is parked for when a profile is held against its site."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from sniper.errors import InputError
from sniper.profile_check import slots_to_look_at
from sniper.sites.opens import Opens
from sniper.sites.profile import Location, Profile
from tests.sites.examples import bundled

SATURDAY = datetime.fromisoformat("2026-11-21T12:58:00+01:00")


def told(profile: Profile, now: datetime = SATURDAY, day: date | None = None) -> list[str]:
    return [f"{slot.place} {slot.start:%a %H:%M}" for slot in slots_to_look_at(profile, now, day)]


def only(**opens: timedelta) -> Profile:
    """A profile with one location."""
    places = {"Court": Location(opens=Opens(**opens), slot=timedelta(minutes=90))}
    return bundled("tudelft-x").model_copy(update={"locations": places})


def test_it_is_noon_of_tomorrow_and_the_first_place_of_each_location_comes_first() -> None:
    assert told(bundled("tudelft-x")) == [
        "X1 A Sun 12:00",
        "X3 A Sun 12:00",
        "Fitness Sun 12:00",
        "X1 B Sun 12:00",
        "X3 B Sun 12:00",
    ]


def test_a_slot_begins_where_slots_of_its_length_do() -> None:
    assert told(only(before_start=timedelta(days=7))) == ["Court Sun 12:00"]
    profile = only(before_start=timedelta(days=7))
    long = {"Court": profile.locations["Court"].model_copy(update={"slot": timedelta(hours=5)})}
    assert told(profile.model_copy(update={"locations": long})) == ["Court Sun 10:00"]


def test_where_tomorrow_is_not_open_yet_it_is_the_next_start_of_today() -> None:
    assert told(only(before_start=timedelta(hours=4))) == ["Court Sat 13:30"]


def test_late_in_the_evening_it_is_tomorrow_all_the_same() -> None:
    late = SATURDAY.replace(hour=23, minute=50)
    assert told(only(before_start=timedelta(hours=4)), late) == ["Court Sun 12:00"]


def test_a_day_that_is_named_is_taken_open_or_not_and_by_the_sites_calendar() -> None:
    assert told(only(before_start=timedelta(hours=4)), day=date(2026, 12, 24)) == ["Court Thu 12:00"]
    # At the site it is Sunday already.
    now = datetime(2026, 11, 21, 23, 30, tzinfo=UTC)
    assert told(bundled("tudelft-x"), now)[0] == "X1 A Mon 12:00"
    with pytest.raises(InputError, match="2026-11-21 is past on the site's calendar"):
        told(bundled("tudelft-x"), now, date(2026, 11, 21))


def test_no_more_than_six_places_are_looked_at() -> None:
    many = tuple(f"Court {number}" for number in range(1, 33))
    places = {"Courts": Location(opens=Opens(before_start=timedelta(days=7)), sub_locations=many)}
    profile = bundled("tudelft-x").model_copy(update={"locations": places})
    assert [line.split(" Sun")[0] for line in told(profile)] == list(many[:6])
