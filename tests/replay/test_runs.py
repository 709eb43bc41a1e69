"""What is played of a recorded run: a page parked for what, fired at what, against which part of the HAR."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from sniper.core.outcomes import Outcome
from sniper.core.slots import Slot
from sniper.core.tries import Try
from sniper.engine.browser.firing import Mode
from sniper.errors import InputError
from sniper.replay.comparing import is_same
from sniper.replay.library import Fixture
from sniper.replay.playing import Replayed
from sniper.replay.runs import recorded
from sniper.sites.library import find_profile, load_profile

# The site is a day and two minutes ahead of the machine at first; then its clock leaps by an hour.
PARKED, FIRED, READ, FIRED_AGAIN = (
    ("2026-11-21T11:59:40+00:00", "2026-11-22T09:00:40+00:00"),
    ("2026-11-21T12:00:02+00:00", "2026-11-22T09:01:02+00:00"),
    ("2026-11-21T12:00:05+00:00", "2026-11-22T09:01:05+00:00"),
    ("2026-11-21T13:00:02+00:00", "2026-11-22T09:01:20+00:00"),
)


def slot(place: str) -> dict[str, Any]:
    return {"location": place[:2], "sub_location": place, "start": "2026-11-24T13:00:00+01:00"}


def step(name: str, when: tuple[str, str], *tries: tuple[str, str, str], presses: int = 1) -> dict[str, Any]:
    at, recorded_at = when
    document: dict[str, Any] = {"step": name, "at": at, "recorded_at": recorded_at, "files": []}
    if tries:
        document["presses"] = presses
        document["chain"] = [slot(place) for place in ("X1 A", "X1 B", "X3 A")]
        document["tries"] = [
            {
                "slot": slot(place),
                "outcome": outcome,
                "at": f"{at[:17]}01.250+00:00",
                "reference": None,
                "message": message,
            }
            for place, outcome, message in tries
        ]
    return document


def written(folder: Path, *steps: dict[str, Any], **more: Any) -> Path:
    profile = load_profile(find_profile("practice", folder))
    document = {
        "schema": 1,
        "run": 7,
        "site": "practice",
        "presses": True,
        "accounts": [{"account": "account-1", "steps": steps, "har": "network.har", "local_storage": {}}],
        "profile": profile.model_dump(mode="json", by_alias=True, exclude_defaults=True),
    }
    (folder / "recording.json").write_text(json.dumps(document | more), encoding="utf-8")
    return folder


def test_a_page_is_parked_for_all_that_was_wanted_and_fired_at_what_it_came_to_before_it_was_stood_down(
    tmp_path: Path,
) -> None:
    tries = [("X1 A", "taken", "Full."), ("X1 B", "stood_down", "others have it")]
    ((one,), _) = recorded(written(tmp_path, step("stood_down", FIRED, *tries)))
    assert [each.place for each in one.case.chain] == ["X1 A", "X1 B", "X3 A"]
    assert [each.place for each in one.case.played] == ["X1 A"]
    assert [(each.outcome.value, each.message) for each in one.case.expect] == [
        ("taken", "Full."),
        ("stood_down", None),
    ]
    assert is_same(played(one, "taken"))
    assert not is_same(played(one, "booked"))
    assert not is_same(played(one))


def played(fixture: Fixture, *outcomes: str) -> Replayed:
    """As if this had come of it."""
    tries = [
        Try(
            Slot(one.location, one.sub_location, one.start),
            Outcome(outcome),
            one.start,
            timedelta(0),
            "Full.",
        )
        for one, outcome in zip(fixture.case.chain, outcomes, strict=False)
    ]
    return Replayed(fixture, Mode.ARMED, tuple(tries), (), ())


def test_each_opening_is_played_against_its_own_part_of_the_recording(tmp_path: Path) -> None:
    course = (
        step("signed-in", PARKED),
        step("parked", PARKED),
        step("booked", FIRED, ("X1 A", "booked", "")),
        step("my-bookings", READ),
        step("booked", FIRED_AGAIN, ("X1 B", "booked", "")),
    )
    (first, second), _ = recorded(written(tmp_path, *course))
    assert (first.name, second.name) == ("run-7/account-1-1", "run-7/account-1-2")
    parts = [one.case.har_part for one in (first, second)]
    assert [
        [f"{at:%M:%S.%f}"[:-3] for at in (one.begins, one.pressed, one.ends) if at] for one in parts if one
    ] == [["00:40.000", "01:01.230", "01:02.000"], ["01:05.000", "01:19.230", "01:20.000"]]


@pytest.mark.parametrize(
    ("tries", "presses"),
    [
        ([("X1 A", "too_early", "(tried 4 times)")], 4),
        ([("X1 A", "taken", ""), ("X1 B", "taken", "")], 4),
        ([("X1 A", "taken", ""), ("X1 B", "taken", ""), ("X3 A", "taken", "")], None),
        ([("X1 A", "booked", "(tried 4 times)")], None),
    ],
)
def test_who_could_have_gone_on_presses_as_often_as_it_did(
    tmp_path: Path, tries: list[tuple[str, str, str]], presses: int | None
) -> None:
    ((one,), _) = recorded(written(tmp_path, step("ended", FIRED, *tries, presses=4)))
    assert one.case.presses == presses


@pytest.mark.parametrize("outcome", ["stood_down", "interrupted", "not_parked", "not_pressed"])
def test_what_the_site_said_nothing_to_is_not_played(tmp_path: Path, outcome: str) -> None:
    folder = written(tmp_path, step(outcome, FIRED, ("X1 A", outcome, "")))
    with pytest.raises(InputError, match="nobody fired in this run"):
        recorded(folder)


def test_a_run_that_was_not_recorded_cannot_be_played_again(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="the run was not recorded"):
        recorded(tmp_path)


def test_a_dry_run_is_not_played(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="a dry run presses nothing"):
        recorded(written(tmp_path, presses=False))
