"""What signing in takes: an account without it is its owner's to sign in."""

from __future__ import annotations

from pathlib import Path

from sniper.sites.library import load_profile
from sniper.sites.placeholders import missing_to_sign_in, used_to_sign_in
from tests.sites.examples import bundled, mine


def test_a_password_is_needed_and_a_code_only_where_there_is_a_seed() -> None:
    profile = bundled("tudelft-x")
    assert missing_to_sign_in(profile, {"username", "password"}) == frozenset()
    assert missing_to_sign_in(profile, {"username", "totp"}) == {"password"}
    assert used_to_sign_in(profile) == {"username", "password", "totp"}


def test_a_site_may_sign_in_by_a_token_alone(tmp_path: Path) -> None:
    path = mine(tmp_path, "sign_in:\n  - goto: /\n  - fill: {into: '#key', value: '{token}'}\n")
    profile = load_profile(path)
    assert missing_to_sign_in(profile, {"username", "token"}) == frozenset()
    assert missing_to_sign_in(profile, {"username", "password"}) == {"token"}
    assert used_to_sign_in(profile) == {"token"}
