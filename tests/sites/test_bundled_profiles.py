"""What the bundled profiles say, and that practice and real sites are never mistaken for each other."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from sniper.core.limits import Limit, Per
from sniper.core.openings import OpeningRule
from sniper.sites.steps import ClickStep
from tests.sites.examples import BUNDLED, OF_THE_PRACTICE_SITE, bundled


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
    button = "details-book-button" if name in OF_THE_PRACTICE_SITE else "btnCreate"
    assert button in last.click.on.css


@pytest.mark.parametrize("name", BUNDLED)
def test_the_real_and_the_practice_site_are_never_mistaken_for_each_other(name: str) -> None:
    profile = bundled(name)
    assert (profile.practice is not None) == profile.url.startswith("http://127.0.0.1")
