"""Secrets are taken out of texts, however they are spelled."""

from __future__ import annotations

import json
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sniper.engine.protocol import Credentials
from sniper.scrubbing import HIDDEN, KNOWN, Scrubber, without_what_looks_secret

# One that begins or ends like what stands in its place may come to stand there by what is beside it.
SECRETS = st.text(min_size=4, max_size=30).filter(lambda text: text.strip() and text.strip(HIDDEN) == text)


@given(st.lists(SECRETS, min_size=1, max_size=4), st.text(max_size=20))
def test_no_secret_that_is_known_is_left_in_a_text(secrets: list[str], between: str) -> None:
    scrub = Scrubber(secrets)
    cleaned = scrub(between.join(secrets))
    assert not [
        secret for secret in secrets if secret in cleaned.replace(HIDDEN, "") and secret not in between
    ]


@given(SECRETS)
def test_a_secret_is_found_as_json_urls_and_tracebacks_spell_it(secret: str) -> None:
    scrub = Scrubber([secret])
    for spelled in (
        json.dumps(secret),
        json.dumps(secret, ensure_ascii=False),
        quote(secret, safe=""),
        repr(secret),
    ):
        assert scrub(spelled).strip("'\"") == HIDDEN


def test_the_longer_of_two_secrets_goes_first_so_that_nothing_of_it_is_left() -> None:
    assert Scrubber(["tennis", "tennis-court-7"])("tennis-court-7") == HIDDEN


def test_a_very_short_secret_is_hidden_by_itself_and_not_inside_of_words() -> None:
    assert Scrubber(["ab"])("cab ab: 'ab'") == f"cab {HIDDEN}: '{HIDDEN}'"


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("Authorization: Bearer abc.def", f"Authorization: {HIDDEN}"),
        ("a Bearer abcdefgh in words", f"a Bearer {HIDDEN} in words"),
        ("Cookie: a=b; c=d\nHost: x", f"Cookie: {HIDDEN}\nHost: x"),
        ("GET https://me:pw@example.org/a?b=1", f"GET https://{HIDDEN}@example.org/a?b=1"),
        ("GET /a?day=1&access_token=xyz&b=2", f"GET /a?day=1&access_token={HIDDEN}&b=2"),
        ('{"password": "open sesame"}', f'{{"password": "{HIDDEN} sesame"}}'),
        ("id eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.x", f"id {HIDDEN}"),
        ("user1: X1 A 13:00: booked (262 ms)", "user1: X1 A 13:00: booked (262 ms)"),
        (
            "/home/me/.local/state/sniper/runs/12/user1-1.png",
            "/home/me/.local/state/sniper/runs/12/user1-1.png",
        ),
    ],
)
def test_what_stands_where_secrets_stand_is_hidden_and_nothing_else(text: str, cleaned: str) -> None:
    assert without_what_looks_secret(text) == cleaned


def test_whoever_signs_in_has_made_the_secrets_known() -> None:
    Credentials("anna", "a-password-of-this-test", "SEEDSEEDSEEDSEED")
    assert KNOWN("a-password-of-this-test, SEEDSEEDSEEDSEED") == f"{HIDDEN}, {HIDDEN}"
