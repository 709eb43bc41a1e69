"""How many active accounts the hours take, by the site's limits."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sniper.config.goal import check_against, load_site
from tests.config.examples import complaints, read, with_change


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            {},
            "3 hours in a row at X1 take 3 accounts (one booking per account, location and day), and 1 is "
            "active; add accounts or ask for fewer hours",
        ),
        (
            {"consecutive_hours": 4, "fallback_strategy": "accept_2_consecutive_hours"},
            "4 hours in a row at X1 take 4 accounts (one booking per account, location and day), and 1 is "
            "active; add accounts or ask for fewer hours",
        ),
    ],
)
def test_hours_that_the_active_accounts_can_never_have_are_told(
    tmp_path: Path, change: dict[str, Any], said: str
) -> None:
    root = with_change("accounts.1.is_active", False)
    root["snipe_config"] |= {"fallback_strategy": "none", **change}
    assert complaints(tmp_path, root) == f":22: snipe_config.consecutive_hours: {said}"


def test_hours_for_which_there_are_accounts_enough_or_a_fallback_are_no_fault(tmp_path: Path) -> None:
    for active, hours, fallback in (
        (2, 2, "none"),
        (2, 3, "accept_2_consecutive_hours"),
        (1, 3, "any_hours"),
    ):
        root = with_change("accounts.1.is_active", active == 2)
        root["snipe_config"] |= {"consecutive_hours": hours, "fallback_strategy": fallback}
        bookings, document = read(tmp_path, root)
        check_against(bookings, document, load_site(bookings, document))


@pytest.mark.parametrize(
    ("limits", "hours", "said"),
    [
        ("", 5, None),
        ("{bookings: 1, per: [date, start]}", 5, None),
        ("{bookings: 2, per: [date]}", 2, None),
        (
            "{bookings: 2, per: [date]}",
            3,
            "3 hours in a row at X1 take 2 accounts (2 bookings per account and day)",
        ),
        ("{bookings: 1, per: []}", 2, "2 hours in a row at X1 take 2 accounts (one booking per account)"),
        # X1 has two sub-locations, Fitness none; one of a kind takes two hours.
        ("{bookings: 1, per: [date, sub_location]}", 2, None),
        (
            "{bookings: 1, per: [date, sub_location]}",
            5,
            "5 hours in a row at X1 take 3 accounts (one booking per account, sub-location and day)",
        ),
    ],
)
def test_how_many_accounts_it_takes_is_a_matter_of_the_sites_limits(
    tmp_path: Path, limits: str, hours: int, said: str | None
) -> None:
    (tmp_path / "profiles").mkdir()
    (tmp_path / "profiles" / "mine.yaml").write_text(
        f"extends: tudelft-x\nname: mine\nlimits: {{per_account: [{limits}]}}\n"
    )
    root = {**with_change("accounts.1.is_active", False), "site": "mine"}
    root["snipe_config"] |= {"consecutive_hours": hours, "fallback_strategy": "none"}
    if said is None:
        bookings, document = read(tmp_path, root)
        check_against(bookings, document, load_site(bookings, document))
    else:
        assert f": {said}, and 1 is active;" in complaints(tmp_path, root)
