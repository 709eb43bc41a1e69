"""What the bundled profiles say, and that practice and real sites are never mistaken for each other."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from sniper.core.limits import Limit, Per
from sniper.core.openings import DayOpeningRule, OpeningRule
from sniper.core.outcomes import Outcome
from sniper.core.slots import Slot
from sniper.engine.browser.selectors import values_of
from sniper.sites.steps import ClickStep
from tests.sites.examples import BUNDLED, OF_THE_PRACTICE_SITE, bundled

THE_PRESS = {
    "librebooking": "btnCreate",
    "munich": "Termin reservieren",
    "uzh": ".reservation-buttons > button",
}


@pytest.mark.parametrize("name", BUNDLED)
def test_every_bundled_profile_is_valid_and_named_as_its_file(name: str) -> None:
    assert bundled(name).name == name


def test_the_practice_profile_is_the_real_one_at_another_address() -> None:
    practice, real = (bundled(name).model_dump() for name in ("practice", "tudelft-x"))
    others = {"name", "title", "base_url", "practice", "slot_owners", "availability"}
    assert {key for key in real if practice[key] != real[key]} == others
    # Its list of slots is the real one at another address, which tells more.
    mine, theirs = practice["availability"], real["availability"]
    assert {key for key in theirs if mine[key] != theirs[key]} == {
        *("request", "open", "remaining", "places", "every")
    }
    assert {**mine["request"], "url": theirs["request"]["url"]} == theirs["request"]


def test_tudelft_x_is_what_is_known_of_it() -> None:
    profile = bundled("tudelft-x")
    assert profile.timezone == ZoneInfo("Europe/Amsterdam")
    assert profile.url == "https://x.tudelft.nl"
    assert {name: place.opening for name, place in profile.locations.items()} == {
        "Fitness": OpeningRule(timedelta(hours=168)),
        "X1": OpeningRule(timedelta(hours=72)),
        "X3": OpeningRule(timedelta(hours=72)),
    }
    assert profile.limits_per_account() == (
        Limit(1, frozenset({Per.DATE, Per.START})),
        Limit(1, frozenset({Per.DATE, Per.LOCATION})),
    )
    assert profile.locations["X1"].sub_locations == ("X1 A", "X1 B")
    assert profile.locations["Fitness"].sub_locations == ()


@pytest.mark.parametrize("name", BUNDLED)
def test_the_last_step_of_fire_is_the_press_that_books(name: str) -> None:
    last = bundled(name).fire[-1]
    assert isinstance(last, ClickStep)
    button = "details-book-button" if name in OF_THE_PRACTICE_SITE else THE_PRESS[name]
    assert button in (last.click.on.text or last.click.on.css)


@pytest.mark.parametrize("name", BUNDLED)
def test_the_real_and_the_practice_site_are_never_mistaken_for_each_other(name: str) -> None:
    profile = bundled(name)
    assert (profile.practice is not None) == profile.url.startswith("http://127.0.0.1")


def test_uzh_is_what_is_known_of_it() -> None:
    profile = bundled("uzh")
    assert {place.opening for place in profile.locations.values()} == {DayOpeningRule(7, time(6))}
    numbers = profile.locations["Seats 231-262"].words["rid"]
    assert numbers == {f"Seat {number}": str(number) for number in range(231, 263)}
    there = profile.locations["Lernraum"]
    assert list(there.words["rid"]) == list(there.sub_locations)
    assert (there.sub_locations[0], there.sub_locations[-1]) == ("BFB/001", "BFB/119")
    assert all(int(seat[4:]) % 2 for seat in there.sub_locations)
    assert len(there.sub_locations) == 60
    slot = Slot("Lernraum", "BFB/003", datetime(2026, 11, 24, 20, tzinfo=profile.timezone))
    assert values_of(profile, slot)["rid"] == "311"
    assert profile.place_known_by("rid", "370") == ("Lernraum", "BFB/119")


@pytest.mark.parametrize(("name", "goes_on"), [("uzh", False), ("tudelft-x", True), ("librebooking", True)])
def test_at_its_limit_an_account_tries_no_other_place_where_none_could_be_had(
    name: str, goes_on: bool
) -> None:
    assert bundled(name).falls_through(Outcome.ACCOUNT_LIMIT) is goes_on
    assert bundled(name).falls_through(Outcome.TAKEN)
    assert not bundled(name).falls_through(Outcome.BOOKED)
