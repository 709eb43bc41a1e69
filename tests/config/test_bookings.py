"""What bookings.json may say, and what it means."""

from __future__ import annotations

import json
from datetime import date, time
from pathlib import Path

import pytest

from sniper.config.bookings import Bookings, read_bookings
from sniper.config.goal import check_against, load_site
from sniper.config.snipe_config import InDays
from sniper.core.goals import Fallback
from tests.config.examples import GOOD, read, with_change

HERE = Path(__file__).parents[2]


def test_the_example_in_the_repository_is_good_and_fits_its_site() -> None:
    bookings, document = read_bookings(HERE / "bookings.example.json")
    profile = load_site(bookings, document)
    check_against(bookings, document, profile)
    assert profile.practice is not None


def test_a_file_as_small_as_can_be(tmp_path: Path) -> None:
    bookings, _ = read(
        tmp_path,
        {
            "site": "tudelft-x",
            "accounts": [{"netid": "ann", "password": "x"}],
            "snipe_config": {
                "target_date": "+3d",
                "time_window": {"start": "13:00", "end": "14:00"},
                "priorities": [{"rank": 1, "location": "X1"}],
            },
        },
    )
    config = bookings.snipe_config
    assert config.consecutive_hours == 1
    assert config.fallback_strategy == Fallback(None)
    assert config.target_date == InDays(days=3)
    assert bookings.accounts[0].is_active


def test_a_schema_may_be_named_for_the_editor(tmp_path: Path) -> None:
    bookings, _ = read(tmp_path, {"$schema": "docs/schemas/bookings.schema.json", **GOOD})
    assert bookings.schema_ == "docs/schemas/bookings.schema.json"


@pytest.mark.parametrize(
    ("given", "means"),
    [
        ("2026-11-24", date(2026, 11, 24)),
        ("+0d", InDays(days=0)),
        ("+3d", InDays(days=3)),
        ("+365d", InDays(days=365)),
    ],
)
def test_a_target_date_is_a_day_or_so_many_days_from_today(
    tmp_path: Path, given: str, means: date | InDays
) -> None:
    bookings, _ = read(tmp_path, with_change("snipe_config.target_date", given))
    assert bookings.snipe_config.target_date == means


@pytest.mark.parametrize("end", ["24:00", "00:00"])
def test_a_window_may_end_at_midnight(tmp_path: Path, end: str) -> None:
    bookings, _ = read(tmp_path, with_change("snipe_config.time_window.end", end))
    assert bookings.snipe_config.time_window.end == time(0)
    assert bookings.snipe_config.time_window.length.total_seconds() == 11 * 3600


def test_what_was_asked_for_is_written_down_as_it_was_asked(tmp_path: Path) -> None:
    bookings, _ = read(tmp_path)
    dumped = bookings.snipe_config.model_dump(mode="json", exclude_none=True)
    assert dumped == GOOD["snipe_config"]
    assert json.loads(json.dumps(dumped)) == dumped


def test_what_was_read_can_be_written_and_read_again(tmp_path: Path) -> None:
    bookings, _ = read(tmp_path, with_change("snipe_config.target_date", "+3d"))
    again = Bookings.model_validate(bookings.model_dump())
    assert again.snipe_config == bookings.snipe_config
