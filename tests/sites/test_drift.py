"""What a profile names that is not there: where it stands, and what is most like it."""

from __future__ import annotations

import pytest

from sniper.sites.drift import attributes_in, in_any_state, names_in, nearest, place_of
from tests.sites.examples import bundled


def test_a_part_is_found_at_its_key() -> None:
    profile = bundled("tudelft-x")
    how = profile.my_bookings
    assert how is not None
    assert place_of(how.items, profile) == ("my_bookings", "items")
    assert place_of(profile.arm[3], profile) == ("arm", 3)
    inner = profile.arm[3].each_location[1]  # type: ignore[union-attr]
    assert place_of(inner, profile) == ("arm", 3, "each_location", 1)
    assert place_of(how.response, profile) == ("my_bookings", "response")
    assert place_of(bundled("librebooking").my_bookings, profile) is None


def test_elements_are_told_apart_by_what_the_selectors_of_the_profile_go_by() -> None:
    assert {"data-test-id", "data-title"} <= set(attributes_in(bundled("tudelft-x")))
    known = names_in(bundled("librebooking"))
    assert {"#email", "#password", "[name='login']"} <= known
    assert not any(".php" in name for name in known)


@pytest.mark.parametrize(
    ("css", "meant"),
    [
        ("button.go:not(:disabled, .disabled, [aria-disabled='true'])", "button.go"),
        ("div[a='b']:not(.old):not(:has(i)) .in", "div[a='b'] .in"),
        ("form > :not(.old)", "form > :not(.old)"),
        (":not(.old)", ":not(.old)"),
    ],
)
def test_a_selector_in_any_state_is_still_a_selector(css: str, meant: str) -> None:
    assert in_any_state(css) == meant


@pytest.mark.parametrize(
    ("css", "near"),
    [
        (".btnCreated", [".btnCreate"]),
        ("#tag-filter-input", ["#tag-filterinput"]),
        ("[data-test-id='x']:not(.btnCreated)", []),
        ("button.btnCreate", []),
    ],
)
def test_what_is_most_like_a_name_is_of_its_own_kind(css: str, near: list[str]) -> None:
    there = {".btnCreate", "#btnCreated", "#tag-filterinput", "[data-test-id='tag-filter-input']"}
    assert nearest(css, there) == near


def test_what_has_a_meaning_already_comes_last() -> None:
    there = {"#save-now", "#save-it"}
    assert nearest("#save-at", there, known={"#save-it"}) == ["#save-now", "#save-it"]
    assert nearest("#save-at", there, known={"#save-now"}) == ["#save-it", "#save-now"]
