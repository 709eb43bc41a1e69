"""Profiles of sites where nobody signs in or is shown their bookings, and whose forms ask who one is."""

from __future__ import annotations

from pathlib import Path

import pytest

from sniper.sites.library import load_profile
from sniper.sites.placeholders import missing_to_sign_in, used_to_sign_in
from tests.sites.examples import mine, refusal

OWNERS = (
    "slot_owners: {steps: [goto: /list], response: {url: /list, method: GET}, items: $.data, start: $.start, "
    "location: $.place}\n"
)
NOBODY = "sign_in: []\nsign_in_refused: null\nsigned_in: null\n"


def test_where_nobody_signs_in_nothing_is_needed_for_it(tmp_path: Path) -> None:
    profile = load_profile(mine(tmp_path, NOBODY))
    assert missing_to_sign_in(profile, {"username"}) == used_to_sign_in(profile) == frozenset()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            "sign_in: []\n",
            "sign_in_refused: is for sites where one signs in; sign_in has no steps",
        ),
        (
            "sign_in: []\nsign_in_refused: null\n",
            "signed_in: is for sites where one signs in; sign_in has no steps",
        ),
        (
            "signed_in: null\n",
            "mine.yaml:3: signed_in: is missing; where nobody signs in, write sign_in: []",
        ),
        (
            "sign_in_refused: null\n",
            "mine.yaml:3: sign_in_refused: is missing; where nobody signs in, write sign_in: []",
        ),
    ],
)
def test_how_one_signs_in_is_told_wholly_or_not_at_all(tmp_path: Path, changes: str, said: str) -> None:
    assert said in refusal(tmp_path, changes)


@pytest.mark.parametrize("key", ["cancel", "slot_owners"])
def test_what_my_bookings_has_to_prove_is_not_without_it(tmp_path: Path, key: str) -> None:
    others = "cancel: null\n" if key != "cancel" else ""
    said = refusal(tmp_path, f"my_bookings: null\n{others}{OWNERS if key == 'slot_owners' else ''}")
    assert f"{key}: is proven by my_bookings, which is null" in said


def test_a_site_may_show_nobody_their_bookings(tmp_path: Path) -> None:
    profile = load_profile(mine(tmp_path, "my_bookings: null\ncancel: null\n"))
    assert profile.my_bookings is None


@pytest.mark.parametrize(
    ("step", "said"),
    [
        ("{fill: {into: '#x', value: '{details.telephone}'}}", "{details.telephone} has no value at Fitness"),
        ("{fill: {into: '#x', value: '{details.phone}'}}", "{details.phone} has no meaning here"),
    ],
)
def test_what_a_person_need_not_tell_is_for_steps_that_can_be_left_out(
    tmp_path: Path, step: str, said: str
) -> None:
    assert said in refusal(tmp_path, f"account_details: [email]\nreset:\n  - {step}\n")
