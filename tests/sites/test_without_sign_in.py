"""Profiles of sites where nobody signs in."""

from __future__ import annotations

from pathlib import Path

import pytest

from sniper.sites.library import load_profile
from sniper.sites.placeholders import missing_to_sign_in, used_to_sign_in
from tests.sites.examples import mine, refusal

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
