"""`sniper plan` of schedules, and with a calendar."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from sniper.errors import InputError
from tests.calendars.ics import calendar, event

Call = Callable[..., Result]


@pytest.fixture
def file(tmp_path: Path) -> Callable[..., str]:
    """Writes a bookings.json for the practice site, with schedules and no day of its own."""

    def write(**more: Any) -> str:
        path = tmp_path / "bookings.json"
        config = {
            "consecutive_hours": 2,
            "time_window": {"start": "13:00", "end": "16:00"},
            "priorities": [{"rank": 1, "location": "X1"}],
            "fallback_strategy": "any_hours",
        }
        schedules = [{"name": "daily", "when": "every day"}, {"name": "late", "when": "every day at 19:00"}]
        crew = [{"netid": f"user{n}", "password": "x"} for n in (1, 2)]
        root = {"site": "practice", "accounts": crew, "snipe_config": config, "schedules": schedules, **more}
        path.write_text(json.dumps(root))
        return str(path)

    return write


@pytest.fixture
def busy(tmp_path: Path) -> str:
    """Every day from 14:00 to 15:00."""
    path = tmp_path / "busy.ics"
    daily = event(
        "DTSTART;TZID=Europe/Amsterdam:20260101T140000", "DURATION:PT1H", RRULE="FREQ=DAILY", SUMMARY="Tea"
    )
    path.write_text(calendar(daily), newline="")
    return str(path)


def starts(plan: dict[str, Any]) -> set[str]:
    return {
        slot["start"][11:16]
        for wave in plan["waves"]
        for attempt in wave["attempts"]
        for slot in attempt["chain"]
    }


def test_a_schedule_is_planned_for_its_next_day_and_told(call: Call, file: Callable[..., str]) -> None:
    result = call("plan", file(), "--schedule", "late")
    assert "schedule 'late': every day at 19:00" in result.stderr
    assert "between 19:00 and 21:00" in result.stdout
    assert starts(json.loads(call("plan", file(), "--schedule", "late", "--json").stdout)) == {
        "19:00",
        "20:00",
    }


def test_of_several_schedules_one_has_to_be_named(call: Call, file: Callable[..., str]) -> None:
    refused = call("plan", file()).exception
    assert isinstance(refused, InputError)
    assert "Say which by --schedule: daily, late." in refused.explain()


@pytest.mark.usefixtures("busy")
def test_busy_hours_are_left_out_of_the_plan_and_told(call: Call, file: Callable[..., str]) -> None:
    arguments = (file(busy_calendar="busy.ics"), "--schedule", "daily")
    assert "14:00 is left out, because you are busy then: Tea" in call("plan", *arguments).stderr
    plan = json.loads(call("plan", *arguments, "--json").stdout)
    assert "14:00" not in starts(plan)
    assert [(one["start"][11:16], one["what"]) for one in plan["left_out"]] == [("14:00", "Tea")]
    assert plan["odds"]["goal"] == 0 < plan["odds"]["fallback"]


def test_a_calendar_may_be_given_on_the_command_line(call: Call, file: Callable[..., str], busy: str) -> None:
    plan = json.loads(call("plan", file(), "--schedule", "daily", "--busy", busy, "--json").stdout)
    assert "14:00" not in starts(plan)
    assert "14:00" in starts(json.loads(call("plan", file(), "--schedule", "daily", "--json").stdout))


def test_rehearsals_know_the_schedule_and_the_calendar(
    call: Call, file: Callable[..., str], busy: str
) -> None:
    result = call("rehearse", file(), "--schedule", "daily", "--busy", busy, "--runs", "5", "--json")
    assert "schedule 'daily': every day" in result.stderr
    assert "14:00 is left out" in result.stderr
    assert json.loads(result.stdout)["strategies"][0]["odds"]["goal"] == 0
