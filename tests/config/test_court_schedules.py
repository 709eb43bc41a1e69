"""Lists of {type, desired_time, rrule, court_id} are taken over; what cannot be is told by line and key."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from sniper.config.court_schedules import read_court_schedules
from sniper.errors import InputError
from sniper.sites.library import bundled_folder, load_profile
from sniper.sites.profile import Profile


@pytest.fixture(scope="module")
def profile() -> Profile:
    return load_profile(bundled_folder() / "tudelft-x.yaml")


def taken(folder: Path, profile: Profile, *schedules: Any) -> list[str]:
    path = folder / "schedules.json"
    path.write_text(json.dumps(list(schedules), indent=1), encoding="utf-8")
    return [str(one) for one in read_court_schedules(path, profile)]


def refusal(folder: Path, profile: Profile, *schedules: Any) -> str:
    with pytest.raises(InputError) as refused:
        taken(folder, profile, *schedules)
    assert refused.value.exit_code == 2
    return refused.value.explain().replace(f"{folder}/", "")


@pytest.mark.parametrize(
    ("schedule", "meant"),
    [
        (
            {"type": "one-off", "desired_time": "2025-08-10 14:00", "court_id": "X1 A"},
            "X1 A, 2025-08-10 at 14:00",
        ),
        # An instant is shown on the site's wall.
        (
            {"type": "one-off", "desired_time": "2027-08-10T14:00:00Z", "court_id": "Fitness"},
            "Fitness, 2027-08-10 at 16:00",
        ),
        (
            {"type": "recurring", "rrule": "Every Wednesday at 17:00", "court_id": "x3"},
            "X3, every Wednesday at 17:00",
        ),
        (
            {
                "type": "recurring",
                "rrule": "Every other Friday at 10:00 starting 2025-08-03",
                "court_id": "X3 B",
            },
            "X3 B, every other week on Friday at 10:00 starting 2025-08-08",
        ),
        # Words and the time together.
        (
            {
                "type": "recurring",
                "desired_time": "2025-08-03 10:00",
                "rrule": "every other Friday",
                "court_id": "X3",
            },
            "X3, every other week on Friday at 10:00 starting 2025-08-08",
        ),
        (
            {"type": "recurring", "desired_time": "10:00", "rrule": "every Friday", "court_id": "X3"},
            "X3, every Friday at 10:00",
        ),
        # A calendar's rule.
        (
            {
                "type": "recurring",
                "desired_time": "2025-08-08 10:00",
                "rrule": "RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=FR",
                "court_id": "X3",
            },
            "X3, every other week on Friday at 10:00 starting 2025-08-08",
        ),
    ],
)
def test_a_schedule_means_a_place_and_days(
    tmp_path: Path, profile: Profile, schedule: dict[str, Any], meant: str
) -> None:
    assert taken(tmp_path, profile, schedule) == [meant]


@pytest.mark.parametrize(
    ("schedule", "said"),
    [
        ({"type": "recuring"}, "[0].type: must be 'one-off' or 'recurring' (is \"recuring\")"),
        ({"type": "one-off", "court": 3}, "[0].court: unknown key; did you mean 'court_id'?"),
        (
            {"type": "one-off", "desired_time": "2027-08-10 14:00", "court_id": 3},
            "[0].court_id: tudelft-x knows no 3; there are: Fitness, X1, X1 A, X1 B, X3, X3 A, X3 B",
        ),
        (
            {"type": "one-off", "desired_time": "2027-08-10 14:00"},
            "[0].court_id: is missing; there are: Fitness, X1, X1 A, X1 B, X3, X3 A, X3 B",
        ),
        (
            {"type": "one-off", "desired_time": "soon", "court_id": "X1"},
            "[0].desired_time: 'soon' is no time; write 2027-01-08 10:00",
        ),
        (
            {"type": "one-off", "desired_time": "2027-08-10", "court_id": "X1"},
            "[0].desired_time: a one-off needs its day and hour: 2027-01-08 10:00",
        ),
        (
            {"type": "one-off", "desired_time": "2027-08-10 14:00", "rrule": "every day", "court_id": "X1"},
            "[0].rrule: is for what comes again; this is a one-off",
        ),
        (
            {"type": "recurring", "court_id": "X1"},
            "[0].rrule: is missing: FREQ=WEEKLY;BYDAY=FR, or every Friday at 10:00",
        ),
        (
            {"type": "recurring", "rrule": "every Friday", "court_id": "X1"},
            "[0].desired_time: no hour is named, here or by the rule: 10:00, say",
        ),
        (
            {
                "type": "recurring",
                "rrule": "every Friday at 10:00",
                "desired_time": "11:00",
                "court_id": "X1",
            },
            "[0].rrule: names 10:00, and desired_time 11:00; keep one",
        ),
        (
            {"type": "recurring", "rrule": "FREQ=FOO", "desired_time": "10:00", "court_id": "X1"},
            "[0].rrule: a rule says how often: FREQ is one of DAILY, WEEKLY, MONTHLY, YEARLY",
        ),
    ],
)
def test_what_cannot_be_taken_over_is_told_by_line_and_key(
    tmp_path: Path, profile: Profile, schedule: dict[str, Any], said: str
) -> None:
    printed = refusal(tmp_path, profile, schedule)
    place, _, told = printed.partition(": ")
    assert place.startswith("schedules.json:")
    assert told == said


def test_everything_wrong_is_told_at_once(tmp_path: Path, profile: Profile) -> None:
    printed = refusal(
        tmp_path,
        profile,
        {"type": "one-off", "desired_time": "soon", "court_id": "X1"},
        {"type": "recurring", "rrule": "whenever", "court_id": "X1"},
    )
    assert [line.partition(": ")[0] for line in printed.splitlines()] == [
        "schedules.json:4",
        "schedules.json:9",
    ]


def test_a_file_that_is_no_list_is_refused(tmp_path: Path, profile: Profile) -> None:
    path = tmp_path / "schedules.json"
    path.write_text("{}")
    with pytest.raises(InputError, match="the file holds an object; it must hold one list"):
        read_court_schedules(path, profile)
