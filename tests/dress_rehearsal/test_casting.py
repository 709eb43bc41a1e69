"""How a person's file becomes a play: on which day and profile, from when, and with whom."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sniper.config.bookings import read_bookings
from sniper.config.goal import check_against, goal_on
from sniper.core.goals import Fallback, Goal, Priority
from sniper.core.openings import OpeningRule
from sniper.core.policy import StrategyName
from sniper.dress_rehearsal.casting import Play, cast, first_opening
from sniper.dress_rehearsal.folder import RunFolder
from sniper.errors import InputError
from sniper.sites.library import load_profile
from sniper.store import Store
from tests.dress_rehearsal.conftest import NOW, Cast, write_club

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
PEOPLE: list[dict[str, Any]] = [
    {"username": "user1", "password": "pass1", "totp_secret": None},
    {"username": "user2", "password": "pass2", "totp_secret": "PRACTICEPRACTICE"},
]
FITNESS_TOO = [{"rank": 1, "location": "X1"}, {"rank": 2, "location": "Fitness"}]


def begins(play: Play) -> str:
    """When the practice site's clock begins, there."""
    return f"{play.begins_at.astimezone(AMSTERDAM):%a %d %b %H:%M}"


# -- when


def test_a_run_for_three_days_ahead_begins_before_the_first_opening_of_today_however_late_it_is(
    played_by: Cast,
) -> None:
    play = played_by(priorities=FITNESS_TOO)
    assert play.goal.target_date == date(2026, 11, 24)
    # Fitness opened on Tuesday: on such a day it is open for long.
    assert begins(play) == "Sat 21 Nov 12:55"


def test_a_run_for_a_date_begins_before_the_first_opening_that_is_still_to_come(played_by: Cast) -> None:
    assert begins(played_by(target_date="2026-11-25")) == "Sun 22 Nov 12:55"
    assert begins(played_by(target_date="2026-12-04", priorities=FITNESS_TOO)) == "Fri 27 Nov 12:55"
    at_half_past_one = datetime(2026, 11, 21, 12, 30, tzinfo=UTC)
    assert begins(played_by(target_date="2026-11-24", at=at_half_past_one)) == "Sat 21 Nov 13:55"


def test_where_everything_is_open_already_it_begins_before_the_best_place_opened(played_by: Cast) -> None:
    assert begins(played_by(target_date="2026-11-22", priorities=FITNESS_TOO)) == "Thu 19 Nov 12:55"
    assert begins(played_by(target_date="+1d", priorities=FITNESS_TOO)) == "Thu 19 Nov 12:55"


@given(
    day=st.dates(date(2026, 1, 2), date(2028, 1, 1)),
    since=st.datetimes(datetime(2025, 12, 1), datetime(2028, 1, 2), timezones=st.just(UTC)),  # noqa: DTZ001
    windows=st.lists(st.integers(0, 400), min_size=1, max_size=3),
)
def test_it_begins_before_an_opening_of_the_goal_and_no_earlier_one_is_ahead(
    day: date, since: datetime, windows: list[int]
) -> None:
    priorities = tuple(
        Priority(rank, f"X{rank}", (None,), 1, OpeningRule(timedelta(hours=hours)))
        for rank, hours in enumerate(windows, 1)
    )
    goal = Goal(day, AMSTERDAM, 1, time(9), time(18), priorities, Fallback(None))
    openings = {p.opening.opening_of(p.slots_at(start)[0]) for p in priorities for start in goal.starts(p)}
    found = first_opening(goal, since)
    assert found in openings
    ahead = {opening for opening in openings if opening > since}
    assert found == min(ahead) if ahead else found <= since


# -- on which profile


def test_the_real_site_s_profile_is_played_as_the_practice_site_extends_it(played_by: Cast) -> None:
    play = played_by(site="tudelft-x")
    assert (play.profile.name, play.profile.url) == ("practice", "http://127.0.0.1:8321")
    assert play.profile == load_profile(Path("profiles/practice.yaml"))


def test_what_a_profile_of_ones_own_changes_is_rehearsed(played_by: Cast, tmp_path: Path) -> None:
    (tmp_path / "profiles").mkdir()
    mine = tmp_path / "profiles" / "mine.yaml"
    mine.write_text("name: mine\nextends: tudelft-x\nanswer_within: 7s\n")
    profile = played_by(site="mine").profile
    assert (profile.answer_within, profile.url) == (timedelta(seconds=7), "http://127.0.0.1:8321")


def test_a_practice_profile_keeps_the_options_that_are_its_own(played_by: Cast) -> None:
    play = played_by(site="practice-lenient")
    assert play.profile.name == "practice-lenient"
    options = play.options(("--rivals", "1"), timedelta(seconds=0.25))
    assert options[:2] == ("--mode", "lenient")
    # Of those that stand twice the last counts.
    assert options[-8:] == (
        *("--start", "2026-11-21T11:55:00+00:00", "--skew", "0.25"),
        *("--accounts", "2", "--rivals", "1"),
    )


def test_a_practice_profile_of_ones_own_comes_before_the_bundled_ones(
    played_by: Cast, tmp_path: Path
) -> None:
    (tmp_path / "profiles").mkdir()
    (tmp_path / "profiles" / "mine.yaml").write_text("name: mine\nextends: tudelft-x\n")
    (tmp_path / "profiles" / "stage.yaml").write_text(
        "name: stage\nextends: mine\nbase_url: http://127.0.0.1:9000\npractice: {options: [--racy]}\n"
    )
    play = played_by(site="mine")
    assert (play.profile.name, play.options((), timedelta(0))[0]) == ("stage", "--racy")


def test_a_site_that_the_practice_site_is_not_is_refused_with_those_that_it_is(
    played_by: Cast, tmp_path: Path
) -> None:
    (tmp_path / "profiles").mkdir()
    text = Path("profiles/tudelft-x.yaml").read_text(encoding="utf-8")
    (tmp_path / "profiles" / "elsewhere.yaml").write_text(text.replace("name: tudelft-x", "name: elsewhere"))
    with pytest.raises(InputError) as refused:
        played_by(site="elsewhere")
    assert refused.value.explain() == (
        f"{tmp_path}/profiles/elsewhere.yaml: the practice site cannot play this profile; it plays practice, "
        "tudelft-x, practice-lenient, and what extends these\n"
        "Choose one of them by --site, or write a profile that extends elsewhere and has a base_url and "
        "`practice`, as the profile practice does (`sniper profile show practice`)."
    )


def test_hours_ahead_that_the_practice_site_does_not_know_are_left_out_and_told(played_by: Cast) -> None:
    play = played_by(priorities=[{"rank": 1, "location": "X1", "advance_hours": 48}])
    assert play.notes == (
        "X1: the file says slots open 48 h ahead. On the practice site it is 72 h, and so it is rehearsed "
        "with these.",
    )
    assert begins(play) == "Sat 21 Nov 12:55"
    assert "advance_hours" not in json.dumps(play.bookings_for(PEOPLE, play.strategy))


# -- with whom


def test_nothing_of_the_file_s_accounts_is_given_to_a_run(
    play: Play, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BOBS_PASSWORD", "s3cret-bob")
    monkeypatch.setenv("SNIPER_KEY", "s3cret-key")
    monkeypatch.setenv("SNIPER_DATABASE_URL", "postgresql://s3cret-database")
    assert play.crew == ("ann.real", "bob.real")
    folder = RunFolder(tmp_path / "run-1")
    folder.write(play.profile_at("http://127.0.0.1:9", ()), play.bookings_for(PEOPLE, play.strategy))
    written = "".join(path.read_text() for path in folder.path.rglob("*") if path.is_file())
    given = written + json.dumps(folder.environment(play.hidden)) + " ".join(folder.command("--json"))
    for secret in ("s3cret", "ann.real", "bob.real", "JBSWY3DPEHPK3PXP"):
        assert secret not in given
    assert folder.path.stat().st_mode & 0o077 == 0


def test_accounts_that_are_stored_need_no_password_and_disabled_ones_have_no_stand_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SNIPER_STATE_DIR", str(tmp_path / "state"))
    path = write_club(tmp_path)
    club = json.loads(path.read_text())
    path.write_text(json.dumps({**club, "accounts": ["ann.stored", "bob.stored"]}))
    assert cast(path, None, NOW).crew == ("ann.stored", "bob.stored")
    with Store.open() as store:
        store.ensure_account("practice", "bob.stored", now=NOW)
        store.set_active("practice", "bob.stored", active=False, now=NOW)
    play = cast(path, None, NOW)
    assert play.crew == ("ann.stored",)
    assert play.notes == ("left out, being disabled (`sniper accounts enable`): bob.stored",)


def test_a_run_is_given_the_goal_of_the_file_on_its_day(played_by: Cast, tmp_path: Path) -> None:
    changes: dict[str, Any] = {
        "consecutive_hours": 2,
        "fallback_strategy": "any_hours",
        "time_window": {"start": "13:00", "end": "24:00"},
        "give_back": "always",
        "planning": {"strategy": "sparing", "win": 0.25},
    }
    play = played_by(**changes)
    assert play.strategy is StrategyName.SPARING
    folder = RunFolder(tmp_path / "run-1")
    folder.write(
        play.profile_at("http://127.0.0.1:9000", ("--racy",)), play.bookings_for(PEOPLE, StrategyName.SPAM)
    )
    bookings, document = read_bookings(folder.bookings)
    profile = load_profile(folder.path / "profiles" / f"{bookings.site}.yaml")
    check_against(bookings, document, profile)
    assert goal_on(bookings, document, profile, play.begins_at) == play.goal
    assert [one.netid for one in bookings.accounts] == ["user1", "user2"]
    planning = bookings.snipe_config.planning
    assert planning is not None
    assert (planning.strategy, planning.win) == (StrategyName.SPAM, 0.25)
    assert profile.practice is not None
    assert (profile.url, profile.practice.options) == ("http://127.0.0.1:9000", ("--racy",))


# -- what is offered


def offered(play: Play, changes: Callable[[dict[str, Any]], dict[str, Any]] = dict) -> list[dict[str, Any]]:
    """What the practice site tells of the goal's day, if it is what the goal names."""
    return [
        changes(
            {
                "location": slot.location,
                "slot": slot.place,
                "startDate": slot.instant.isoformat(),
                "opening": (slot.instant - timedelta(hours=72)).isoformat(),
            }
        )
        for priority in play.goal.priorities
        for start in play.goal.starts(priority)
        for slot in priority.slots_at(start)
    ]


def test_what_the_practice_site_has_is_played(play: Play) -> None:
    play.check_offered(offered(play))


def test_a_place_that_the_practice_site_has_not_is_told(play: Play) -> None:
    (priority,) = play.goal.priorities
    goal = replace(play.goal, priorities=(replace(priority, sub_locations=("X1 C",)),))
    with pytest.raises(InputError, match="has no X1 C to rehearse with; it has: X1 A, X1 B"):
        replace(play, goal=goal).check_offered(offered(play))


def test_a_place_that_opens_there_at_another_time_is_told(play: Play) -> None:

    def later(slot: dict[str, Any]) -> dict[str, Any]:
        return {**slot, "opening": "2026-11-22T12:00:00.000Z"}

    with pytest.raises(InputError) as refused:
        play.check_offered(offered(play, later))
    assert str(refused.value) == (
        "on the practice site X1 A Tue 24 Nov 13:00 opens at Sun 13:00, by profile practice at Sat 13:00"
    )


def test_a_file_that_is_wrong_is_refused_before_anything_is_started(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"accounts\[1\]\.password\.env: .* is not set"):
        cast(write_club(tmp_path), None, NOW)
