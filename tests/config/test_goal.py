"""From the file and the profile to the goal of one day on the site's calendar."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest

from sniper.config.goal import check_against, differing_windows, goal_on, load_site
from sniper.core.goals import Fallback, Goal, Priority
from sniper.core.openings import Counted, DayOpeningRule, OpeningRule
from sniper.errors import InputError
from tests.config.examples import GOOD, read, with_change

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)


def goal(folder: Path, root: dict[str, Any] = GOOD, now: datetime = NOW) -> Goal:
    """The goal this file states at that time."""
    bookings, document = read(folder, root)
    profile = load_site(bookings, document)
    check_against(bookings, document, profile)
    return goal_on(bookings, document, profile, now)


def refusal(folder: Path, root: dict[str, Any], now: datetime) -> str:
    """What is printed instead of a goal."""
    with pytest.raises(InputError) as refused:
        goal(folder, root, now)
    assert refused.value.exit_code == 2
    return refused.value.explain().replace(f"{folder}/", "")


def test_the_goal_is_the_file_and_what_the_profile_knows(tmp_path: Path) -> None:
    found = goal(tmp_path)
    assert found == Goal(
        date(2026, 11, 24),
        found.zone,
        3,
        time(13),
        time(18),
        (
            Priority(1, "X1", ("X1 A", "X1 B"), 3, OpeningRule(timedelta(hours=72))),
            Priority(2, "Fitness", (None,), 2, OpeningRule(timedelta(hours=168))),
        ),
        Fallback(2),
    )
    assert str(found.zone) == "Europe/Amsterdam"


def test_all_active_accounts_may_fire_where_the_file_does_not_say_how_many(tmp_path: Path) -> None:
    root = with_change("accounts.2.is_active", True)
    assert goal(tmp_path, root).priorities[1].max_accounts == 3


def test_all_sub_locations_are_taken_where_the_file_names_none(tmp_path: Path) -> None:
    root = with_change("snipe_config.priorities.1.location", "X3")
    assert goal(tmp_path, root).priorities[1].sub_locations == ("X3 A", "X3 B")


@pytest.mark.parametrize(
    ("now", "target"),
    [
        # A minute before and at midnight in Amsterdam, which is an hour ahead of UTC in winter.
        ("2026-11-20T22:59:59+00:00", date(2026, 11, 23)),
        ("2026-11-20T23:00:00+00:00", date(2026, 11, 24)),
        # Two hours ahead in summer.
        ("2026-07-01T21:59:59+00:00", date(2026, 7, 4)),
        ("2026-07-01T22:00:00+00:00", date(2026, 7, 4) + timedelta(days=1)),
        # Somebody far away runs it.
        ("2026-11-20T18:00:00-05:00", date(2026, 11, 24)),
        # Over both changes of the clocks.
        ("2026-10-24T21:59:59+00:00", date(2026, 10, 27)),
        ("2026-10-24T22:00:00+00:00", date(2026, 10, 28)),
        ("2026-03-28T22:59:59+00:00", date(2026, 3, 31)),
        ("2026-03-28T23:00:00+00:00", date(2026, 4, 1)),
    ],
)
def test_three_days_from_today_are_counted_on_the_sites_calendar(
    tmp_path: Path, now: str, target: date
) -> None:
    root = with_change("snipe_config.target_date", "+3d")
    assert goal(tmp_path, root, datetime.fromisoformat(now)).target_date == target


def test_a_past_date_is_refused_on_the_sites_calendar(tmp_path: Path) -> None:
    just_past = datetime(2026, 11, 24, 23, tzinfo=UTC)
    assert refusal(tmp_path, GOOD, just_past) == (
        "bookings.json:20: snipe_config.target_date: 2026-11-24 is past; on the site's calendar "
        "today is 2026-11-25\n"
        "Give a later date, or +3d for three days from the site's today."
    )


def test_a_day_whose_window_has_begun_to_the_last_hour_is_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path, GOOD, datetime(2026, 11, 24, 16, tzinfo=UTC)) == (
        "bookings.json:20: snipe_config.target_date: every hour of the window on 2026-11-24 "
        "has already begun\n"
        "Give a later date, or +3d for three days from the site's today."
    )
    goal(tmp_path, GOOD, datetime(2026, 11, 24, 15, 59, tzinfo=UTC))


def test_a_window_that_the_skipped_hour_leaves_too_short_is_refused(tmp_path: Path) -> None:
    root = with_change("snipe_config.time_window", {"start": "01:00", "end": "04:00"})
    root["snipe_config"]["target_date"] = "2027-03-28"
    assert refusal(tmp_path, root, NOW) == (
        "bookings.json:22: snipe_config.time_window: the clocks change on 2027-03-28, and so it has no room "
        "for 3 consecutive hours\nWiden it or ask for fewer."
    )


def test_advance_hours_that_differ_from_the_profile_are_used_and_told(tmp_path: Path) -> None:
    root = with_change("snipe_config.priorities.0.advance_hours", 48)
    root["snipe_config"]["priorities"][1]["advance_hours"] = 168
    assert goal(tmp_path, root).priorities[0].opening == OpeningRule(timedelta(hours=48))
    bookings, document = read(tmp_path, root)
    assert list(differing_windows(bookings, load_site(bookings, document))) == [
        "X1: the file says slots open 48 h ahead, the profile says 72 h. Going by the file."
    ]


def test_advance_hours_are_counted_as_the_profile_counts(tmp_path: Path) -> None:
    (tmp_path / "profiles").mkdir()
    (tmp_path / "profiles" / "mine.yaml").write_text(
        "extends: tudelft-x\nname: mine\nlocations: {X1: {opens: {counted: wall_clock}}}\n"
    )
    root = {**with_change("snipe_config.priorities.0.advance_hours", 48), "site": "mine"}
    opening = goal(tmp_path, root).priorities[0].opening
    assert opening == OpeningRule(timedelta(hours=48), Counted.WALL_CLOCK)


def test_advance_hours_go_before_a_day_that_opens_as_a_whole_and_are_told(tmp_path: Path) -> None:
    (tmp_path / "profiles").mkdir()
    (tmp_path / "profiles" / "mine.yaml").write_text(
        "extends: tudelft-x\nname: mine\n"
        "locations: {X1: {opens: {before_start: null, days_before: 7, at: 06:00}}}\n"
    )
    root = with_change("snipe_config.priorities.0.advance_hours", 48)
    root["site"] = "mine"
    bookings, document = read(tmp_path, root)
    profile = load_site(bookings, document)
    assert profile.locations["X1"].opening == DayOpeningRule(7, time(6))
    assert goal(tmp_path, root).priorities[0].opening == OpeningRule(timedelta(hours=48), Counted.WALL_CLOCK)
    assert list(differing_windows(bookings, profile)) == [
        "X1: the file says slots open 48 h ahead, the profile says 7 d at 06:00. Going by the file."
    ]
    del root["snipe_config"]["priorities"][0]["advance_hours"]
    assert goal(tmp_path, root).priorities[0].opening == DayOpeningRule(7, time(6))


def test_nothing_is_told_where_file_and_profile_agree(tmp_path: Path) -> None:
    bookings, document = read(tmp_path, with_change("snipe_config.priorities.0.advance_hours", 72))
    assert list(differing_windows(bookings, load_site(bookings, document))) == []
