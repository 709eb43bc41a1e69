"""`sniper clock`, as its user types it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from tests.e2e.conftest import Club


def test_a_sites_clock_is_told_with_its_bound(club: Callable[..., Club]) -> None:
    here = club()
    shown = here.sniper("clock", here.site.url, "--json")
    assert shown.exit_code == 0, shown.stderr
    real = here.site.clock.now() - here.site.clock.machine_now()
    said = timedelta(milliseconds=shown.data["offset_ms"])
    assert abs(said - real) <= timedelta(milliseconds=shown.data["bound_ms"] + 1)
    assert datetime.fromisoformat(shown.data["site_time"]).utcoffset() is not None


def test_a_site_that_does_not_answer_is_one_message_and_exit_code_3(club: Callable[..., Club]) -> None:
    told = club().sniper("clock", "http://127.0.0.1:9")
    assert told.exit_code == 3
    assert "does not answer" in told.stderr
    assert "Traceback" not in told.stderr


def test_neither_an_address_nor_a_profile_is_bad_input(club: Callable[..., Club]) -> None:
    told = club().sniper("clock", "no-such-profile")
    assert told.exit_code == 2
    assert "no-such-profile" in told.stderr
