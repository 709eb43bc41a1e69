"""`sniper plan`: what a run would do, with what odds, and why."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from sniper.core.outcomes import Outcome
from sniper.errors import InputError
from sniper.store import Store
from tests.store.examples import NOW, begin, slot, tried

Call = Callable[..., Result]
File = Callable[..., str]


def test_a_plan_changes_nothing(call: Call, file: File, state: Path) -> None:
    assert call("plan", file()).exit_code == 0
    assert not state.exists()


def test_the_timeline_tells_when_who_goes_where(call: Call, file: File) -> None:
    shown = call("plan", file()).stdout
    assert "REHEARSAL" in shown
    assert "user1" in shown
    assert "X1 A → X1 B" in shown
    assert "the whole goal" in shown
    assert "4 requests a second and account, and 12 attempts at each opening" in shown


def test_for_machines_there_is_json(call: Call, file: File) -> None:
    plan = json.loads(call("plan", file(), "--json", "--win", "0.5", "--account-failure", "0").stdout)
    assert plan["strategy"] == "optimal"
    assert set(plan["odds"]) == {"goal", "fallback", "nothing"}
    assert sum(plan["odds"].values()) == pytest.approx(1)
    first = plan["waves"][0]["attempts"][0]
    assert first["account"] == "user1"
    assert first["chain"][0]["location"] == "X1"
    assert first["chain"][0]["sub_location"] == "X1 A"
    assert first["chain"][0]["start"].endswith("13:00:00+01:00") or "T13:00" in first["chain"][0]["start"]
    assert plan["budget"] == {"requests_per_second": 4, "attempts_per_opening": 12}


def test_the_command_line_counts_before_the_file(call: Call, file: File) -> None:
    path = file(planning={"strategy": "spam", "win": 0.1})
    by_file = json.loads(call("plan", path, "--json").stdout)
    by_hand = json.loads(call("plan", path, "--json", "--strategy", "optimal", "--win", "0.9").stdout)
    assert by_file["strategy"] == "spam"
    assert by_hand["strategy"] == "optimal"
    assert by_hand["odds"]["goal"] > by_file["odds"]["goal"] + 0.3


def test_why_so_many_accounts_and_what_would_help_is_computed(call: Call, file: File) -> None:
    result = call("plan", file(accounts=2), "--explain", "--json")
    plan = json.loads(result.stdout)
    by_count = [one["odds"]["goal"] for one in plan["accounts_at_a_location"]]
    assert by_count == sorted(by_count)
    helped = {one["what"]: one["odds"]["goal"] for one in plan["changes"]}
    assert {"one more account", "a window from 12:00", "a window until 17:00", "X3 as well"} <= set(helped)
    assert list(helped.values()) == sorted(helped.values(), reverse=True)
    assert helped["a window until 17:00"] > plan["odds"]["goal"]
    told = call("plan", file(accounts=2), "--explain").stdout
    assert "Why so many accounts" in told
    assert "What would raise the odds" in told


def test_the_odds_come_from_what_earlier_runs_saw(call: Call, file: File, state: Path) -> None:
    del state
    with Store.open() as store:
        for _ in range(5):
            begun = begin(store, site="practice")
            store.close_attempt(begun.ids["ann"], [tried(slot("X1 A", 13), Outcome.TAKEN)], now=NOW)
    with_past = json.loads(call("plan", file(), "--json").stdout)
    assert "0 won, 5 lost" in call("plan", file(), "--explain").stdout
    assert with_past["odds"]["goal"] < 0.1


def test_a_file_that_is_wrong_is_told(call: Call, file: File) -> None:
    result = call("plan", file(planning={"stragety": "optimal"}))
    assert isinstance(result.exception, InputError)
    assert "did you mean 'strategy'" in str(result.exception)


def test_nothing_left_to_win_is_said(call: Call, file: File) -> None:
    assert "Nothing to do" in call("plan", file(accounts=1, consecutive_hours=1), "--win", "0").stdout


@pytest.mark.parametrize(
    "options",
    [
        ["--start=12:58:30"],
        ["--start", "09:00", "--start", "12:58"],
        ["--start", "2026-11-21T11:58Z"],
        ["--start", "2026-11-21 12:58"],
    ],
    ids=" ".join,
)
def test_a_practice_site_begins_whenever_its_profile_says(
    call: Call, file: File, tmp_path: Path, options: list[str]
) -> None:
    (tmp_path / "profiles").mkdir()
    (tmp_path / "profiles" / "practice.yaml").write_text(
        f"extends: practice\npractice: {{options: {json.dumps(options)}}}\n"
    )
    shown = call("plan", file(accounts=1, consecutive_hours=1))
    assert shown.exit_code == 0, shown.exception
    assert re.search(r"Clock: the practice site's, as it begins, .* 12:58 CES?T", shown.stdout)


def test_a_practice_site_that_begins_at_no_time_is_told(call: Call, file: File, tmp_path: Path) -> None:
    (tmp_path / "profiles").mkdir()
    (tmp_path / "profiles" / "practice.yaml").write_text(
        "extends: practice\npractice: {options: [--start, noon]}\n"
    )
    result = call("plan", file())
    assert isinstance(result.exception, InputError)
    assert "practice.options: --start noon is no time" in str(result.exception)
