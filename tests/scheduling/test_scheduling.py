"""From a file's schedules to the days in the store: openings of the profile, clashes, what time changes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from sniper.config.snipe_config import SnipeConfig
from sniper.core.occurrences import MOST
from sniper.core.phrases import read
from sniper.scheduling import by_command, clashes, coming, keep_ahead, known_sites, read_file, sync
from sniper.sites.library import bundled_folder, load_profile, reference_of, referred
from sniper.sites.profile import Profile
from sniper.store import Store
from sniper.store.planned import OccurrenceState
from tests.scheduling.conftest import BADMINTON

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
File = Callable[..., Path]


def test_a_files_schedules_are_stored_with_days_and_openings_of_the_profile(file: File, store: Store) -> None:
    synced = sync(read_file(file()), store, NOW)
    assert synced.added == ("badminton",)
    days = store.occurrences()
    assert len(days) == MOST
    assert days[0].starts_at is not None
    assert str(days[0].starts_at) == "2026-11-27 10:00:00+01:00"
    # X1 opens 72 hours before.
    assert days[0].opens_at == datetime(2026, 11, 24, 9, tzinfo=UTC)


def test_what_is_stored_is_the_goal_in_the_words_of_the_file_and_no_secret(file: File, store: Store) -> None:
    sync(read_file(file()), store, NOW)
    (record,) = store.schedules()
    assert record.schedule.goal == {
        "consecutive_hours": 1,
        "time_window": {"start": "10:00", "end": "11:00"},
        "priorities": [{"rank": 1, "location": "X1", "sub_locations": ["X1 A"]}],
        "fallback_strategy": "none",
        "give_back": "ask",
    }
    assert record.schedule.accounts == ("user1", "user2", "user3")
    assert SnipeConfig.model_validate(record.schedule.goal).consecutive_hours == 1


def test_a_file_that_is_read_again_keeps_what_it_has(file: File, store: Store) -> None:
    sync(read_file(file()), store, NOW)
    before = store.occurrences()
    assert sync(read_file(file()), store, NOW).unchanged == ("badminton",)
    assert store.occurrences() == before


@pytest.mark.parametrize(
    "change", [{"when": "every Friday at 11:00"}, {"accounts": ["user1"]}, {"consecutive_hours": 2}]
)
def test_whatever_is_changed_in_the_file_is_changed_in_the_store(
    file: File, store: Store, change: dict[str, object]
) -> None:
    sync(read_file(file()), store, NOW)
    assert sync(read_file(file({**BADMINTON, **change})), store, NOW).changed == ("badminton",)


def test_days_are_kept_ahead_as_time_goes_on(file: File, store: Store) -> None:
    sync(read_file(file()), store, NOW)
    assert keep_ahead(store, NOW + timedelta(weeks=2)) == ()
    days = store.occurrences()
    assert [day.state for day in days[:3]] == [
        OccurrenceState.MISSED,
        OccurrenceState.MISSED,
        OccurrenceState.PENDING,
    ]
    assert len([day for day in days if day.state is OccurrenceState.PENDING]) == MOST


def own_profile(folder: Path, hours: int) -> None:
    (folder / "profiles").mkdir(exist_ok=True)
    (folder / "profiles" / "mine.yaml").write_text(
        f"extends: practice\nname: mine\nlocations: {{X1: {{opens: {{before_start: {hours}h}}}}}}\n"
    )


def test_days_follow_an_opening_that_the_profile_moves(tmp_path: Path, file: File, store: Store) -> None:
    own_profile(tmp_path, 72)
    sync(read_file(file(site="mine")), store, NOW)
    own_profile(tmp_path, 96)
    assert keep_ahead(store, NOW) == ()
    assert store.occurrences()[0].opens_at == datetime(2026, 11, 23, 9, tzinfo=UTC)


def test_a_profile_that_is_gone_leaves_the_days_as_they_were_and_is_told(
    tmp_path: Path, file: File, store: Store
) -> None:
    own_profile(tmp_path, 72)
    sync(read_file(file(site="mine")), store, NOW)
    before = store.occurrences()
    (tmp_path / "profiles" / "mine.yaml").unlink()
    (problem,) = keep_ahead(store, NOW)
    assert problem.startswith("the days of schedule 'badminton' stay as they were: ")
    assert "there is no such profile any more" in problem
    assert store.occurrences() == before


def test_a_profile_that_lost_a_location_is_told(tmp_path: Path, file: File, store: Store) -> None:
    own_profile(tmp_path, 72)
    sync(read_file(file(site="mine")), store, NOW)
    base = (bundled_folder() / "tudelft-x.yaml").read_text()
    (tmp_path / "profiles" / "mine.yaml").write_text(base.replace("X1", "Y1"))
    (problem,) = keep_ahead(store, NOW)
    assert "knows no 'X1'" in problem


def test_a_bundled_profile_is_known_by_its_name_and_ones_own_by_its_path(tmp_path: Path) -> None:
    own_profile(tmp_path, 72)
    assert reference_of(bundled_folder() / "practice.yaml") == "practice"
    assert referred("practice") == bundled_folder() / "practice.yaml"
    mine = tmp_path / "profiles" / "mine.yaml"
    assert referred(reference_of(mine)) == mine.resolve()


def test_two_schedules_that_want_one_account_on_one_day_are_told(file: File, store: Store) -> None:
    squash = {**BADMINTON, "name": "squash", "when": "every Friday at 18:00", "accounts": ["user3"]}
    sync(read_file(file(BADMINTON, squash)), store, NOW)
    (told,) = clashes(store, ["squash"])
    assert told == (
        "'badminton' and 'squash' both want user3 on Fri 27 Nov 2026 and other days: "
        "one run at a time works with an account for a day, so only one of them will"
    )
    assert list(clashes(store, ["another"])) == []


@pytest.mark.parametrize(
    "other",
    [
        {"when": "every Saturday at 10:00"},
        {"when": "every Friday at 18:00", "accounts": ["user3"]},
    ],
    ids=["on another day", "with other accounts"],
)
def test_schedules_that_do_not_meet_are_not_told(file: File, store: Store, other: dict[str, object]) -> None:
    first = {**BADMINTON, "accounts": ["user1"]}
    sync(read_file(file(first, {**BADMINTON, "name": "other", **other})), store, NOW)
    assert list(clashes(store, ["other", "badminton"])) == []


def test_the_sites_of_the_record_are_known_by_their_profiles(file: File, store: Store) -> None:
    sync(read_file(file()), store, NOW)
    assert list(known_sites(store)) == ["practice"]


@pytest.fixture(scope="module")
def practice() -> Profile:
    return load_profile(bundled_folder() / "practice.yaml")


def test_once_has_one_day(practice: Profile) -> None:
    config = SnipeConfig.model_validate(
        {
            "time_window": {"start": "10:00", "end": "11:00"},
            "priorities": [{"rank": 1, "location": "X1"}],
        }
    )
    draft = by_command(
        "once", bundled_folder() / "practice.yaml", practice, read("2027-01-08 at 10:00"), config.priorities
    )
    assert [one.day for one in coming(draft, practice, NOW)] == [date(2027, 1, 8)]
