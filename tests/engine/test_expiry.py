"""Until when a kept sign-in lasts, as far as the profile can tell from what the browser keeps."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import ValidationError

from sniper.engine.browser.kept_state import expiry_of
from sniper.sites.signed_in import Expires

ENDS = datetime(2026, 11, 23, 12, tzinfo=UTC)
BEGAN = int(ENDS.timestamp()) - 86_400
BY_TOKEN = Expires.model_validate(
    {"local_storage": "auth", "since": "$.t.issuedAt", "seconds": "$.t.expiresIn"}
)
AT = Expires.model_validate({"local_storage": "auth", "at": "$.exp"})
BY_COOKIE = Expires(cookie="login")


def kept(value: Any = None, *, cookies: dict[str, float] | None = None) -> str:
    """A state with a value in local storage, and cookies with their ends."""
    text = value if isinstance(value, str) else json.dumps(value)
    return json.dumps(
        {
            "cookies": [{"name": k, "value": "v", "expires": end} for k, end in (cookies or {}).items()],
            "origins": [
                {"origin": "https://idp", "localStorage": [{"name": "other", "value": "x"}]},
                {"origin": "https://x", "localStorage": [{"name": "auth", "value": text}]},
            ],
        }
    )


@pytest.mark.parametrize(
    ("how", "state"),
    [
        (BY_TOKEN, kept({"t": {"issuedAt": BEGAN, "expiresIn": 86_400}})),
        (BY_TOKEN, kept({"t": {"issuedAt": BEGAN * 1000, "expiresIn": 86_400}})),
        (BY_TOKEN, kept({"t": {"issuedAt": "2026-11-22T13:00:00+01:00", "expiresIn": 86_400.0}})),
        (AT, kept({"exp": ENDS.timestamp()})),
        (AT, kept({"exp": "2026-11-23T12:00:00Z"})),
        (BY_COOKIE, kept(cookies={"login": ENDS.timestamp(), "tracking": ENDS.timestamp() + 9e6})),
    ],
)
def test_it_is_read_where_the_profile_says(how: Expires, state: str) -> None:
    assert expiry_of(state, how) == ENDS


@pytest.mark.parametrize(
    ("how", "state"),
    [
        (None, kept({"exp": ENDS.timestamp()})),
        (BY_TOKEN, kept({"t": {"issuedAt": BEGAN}})),
        (BY_TOKEN, kept({"t": {"issuedAt": BEGAN, "expiresIn": True}})),
        (BY_TOKEN, kept({"t": {"issuedAt": BEGAN, "expiresIn": 1e300}})),
        (BY_TOKEN, kept({"t": {"issuedAt": "yesterday", "expiresIn": 9}})),
        (BY_TOKEN, kept("no JSON at all")),
        (AT, json.dumps({"cookies": [], "origins": []})),
        (BY_COOKIE, kept(cookies={"login": -1})),
        (BY_COOKIE, kept(cookies={"other": ENDS.timestamp()})),
    ],
)
def test_where_nothing_tells_it_is_not_known(how: Expires | None, state: str) -> None:
    assert expiry_of(state, how) is None


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"cookie": "a", "local_storage": "b", "at": "$"},
        {"cookie": "a", "at": "$"},
        {"local_storage": "a"},
        {"local_storage": "a", "since": "$.x"},
        {"local_storage": "a", "at": "$.x", "since": "$.y", "seconds": "$.z"},
    ],
)
def test_a_profile_that_does_not_say_one_thing_is_refused(wrong: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        Expires.model_validate(wrong)
