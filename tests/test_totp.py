"""One-time codes of a second factor."""

from __future__ import annotations

import base64

import pyotp
import pytest

from sniper.totp import OneTimeCodes


@pytest.mark.parametrize(("second", "code"), [(59, "287082"), (1111111109, "081804"), (2000000000, "279037")])
def test_the_codes_are_those_of_rfc_6238(second: int, code: str) -> None:
    seed = base64.b32encode(b"12345678901234567890").decode()
    assert OneTimeCodes(seed).at(second) == code == pyotp.TOTP(seed).at(second)


@pytest.mark.parametrize("length", [16, 18, 20, 23, 26, 32])
def test_a_seed_may_be_as_short_as_sites_make_them_and_needs_no_padding(length: int) -> None:
    code = OneTimeCodes("A" * length).now()
    assert len(code) == 6
    assert code.isdecimal()
