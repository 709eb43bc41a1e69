"""`sniper schedule`: what is shown before it is stored, what is refused, and what lists say."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import icalendar
import pytest
from click.testing import Result

from sniper.errors import InputError
from sniper.store import Store
from tests.scheduling.conftest import BADMINTON

Call = Callable[..., Result]
File = Callable[..., Path]
AT_X1 = ("--site", "practice", "--location", "X1")
AT_X9 = (*AT_X1[:-1], "X9")
ADD = ("add", "every Friday at 10:00", *AT_X1)
TOMORROW = datetime.now(ZoneInfo("Europe/Amsterdam")).date() + timedelta(days=1)


def refusal(result: Result) -> str:
    assert isinstance(result.exception, InputError), result.output
    return result.exception.explain()


def schedules(call: Call) -> list[dict[str, Any]]:
    found = json.loads(call("list", "--json").stdout)
    assert isinstance(found, list)
    return found


def test_what_a_schedule_means_is_shown_with_its_days_and_openings(call: Call) -> None:
    start = TOMORROW + timedelta(days=30)
    shown = call("add", f"every other day at 10:00 starting {start}", *AT_X1, "--yes").stderr
    assert f"x1: every other day at 10:00 starting {start}" in shown
    assert "1 hour: X1 at practice (Europe/Amsterdam), for all accounts" in shown
    for day in (start, start + timedelta(days=2), start + timedelta(days=8)):
        assert f"{day:%a %d %b %Y} 10:00" in shown
    # Three days before.
    assert f"{start - timedelta(days=3):%a %d %b %Y} " in shown
    assert "and 47 more" in shown
    assert "Stored as 'x1' (1)." in shown


def test_nothing_is_stored_without_a_yes(call: Call) -> None:
    assert refusal(call(*ADD)) == "nothing was stored: nobody is there to agree\nAdd --yes."
    assert schedules(call) == []


@pytest.mark.skipif(sys.platform == "win32", reason="there are no pseudo-terminals")
@pytest.mark.parametrize(("answer", "stored"), [("n", 0), ("y", 1)])
def test_a_person_is_asked(store: Store, answer: str, stored: int) -> None:
    ours, theirs = os.openpty()
    command = [sys.executable, "-m", "sniper", "schedule", *ADD]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=theirs, stdout=pipe, stderr=pipe) as process:  # noqa: S603
        os.write(ours, f"{answer}\n".encode())
        _, told = process.communicate(timeout=300)
    for end in (ours, theirs):
        os.close(end)
    assert b"Store it? [Y/n]: " in told
    assert process.returncode == (0 if stored else 1)
    assert len(store.schedules()) == stored


def test_a_schedule_is_stored_as_it_was_asked_for(call: Call) -> None:
    stored = json.loads(
        call(
            "add",
            "weekdays",
            *("--between", "17:00", "21:00", "--hours", "1", "--name", "after work"),
            *("--site", "practice", "--location", "X1", "--location", "X3"),
            *("--sub-location", "X3 B", "--sub-location", "X1 A"),
            *("--account", "anna", "--until", "2099-06-30", "--except", "2099-01-08"),
            *("--yes", "--json"),
        ).stdout
    )
    assert stored["when"] == "every weekday until 2099-06-30 except 2099-01-08"
    assert stored["goal"]["time_window"] == {"start": "17:00", "end": "21:00"}
    assert stored["goal"]["priorities"] == [
        {"rank": 1, "location": "X1", "sub_locations": ["X1 A"]},
        {"rank": 2, "location": "X3", "sub_locations": ["X3 B"]},
    ]
    assert (stored["accounts"], stored["file"], stored["state"]) == (["anna"], None, "active")


def test_accounts_that_cannot_sign_in_yet_are_told(call: Call, store: Store) -> None:
    assert "no account is stored at practice yet" in call(*ADD, "--yes").stderr
    now = datetime.now(UTC)
    store.ensure_account("practice", "anna", now=now)
    add = "`sniper accounts add anna --site practice` does that"
    named = (*ADD, "--account", "anna", "--yes")
    assert f"nothing is stored that signs anna in at practice: {add}" in call(*named).stderr
    store.keep_sign_in_state("practice", "anna", "sealed", now=now)
    assert "anna in" not in call(*named).stderr


def test_a_rule_of_a_calendar_is_taken_as_well(call: Call) -> None:
    stored = call(
        "add",
        "--rrule",
        "FREQ=MONTHLY;BYDAY=-1FR",
        "--start",
        "2026-01-01",
        "--at",
        "17:00",
        *AT_X1,
        "--yes",
        "--json",
    )
    assert json.loads(stored.stdout)["when"] == "every last Friday of the month at 17:00 starting 2026-01-01"


def test_names_are_made_of_the_location_and_never_taken_twice(call: Call) -> None:
    for _ in range(2):
        call(*ADD, "--yes")
    assert [one["name"] for one in schedules(call)] == ["x1", "x1-2"]
    assert refusal(call(*ADD, "--name", "x1", "--yes")) == (
        "there is a schedule 'x1' already\nGive it another --name."
    )


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("add", *AT_X1), "a schedule is told by words, or by --rrule"),
        (
            ("add", "every Friday at 10:00", "--rrule", "FREQ=DAILY", *AT_X1),
            "a schedule is told by words, or",
        ),
        (("add", "every second Friday at 10:00", *AT_X1), "of the weeks, or of the month?"),
        (
            ("add", "every Friday at 10:00", "--start", "2027-01-08", *AT_X1),
            "--start and --at are for --rrule",
        ),
        (
            ("add", "--rrule", "FREQ=WEEKLY", *AT_X1),
            "a rule that names no days depends on the day it starts from",
        ),
        (("add", "--rrule", "FREQ=DAILY", "--at", "10h", *AT_X1), "--at: '10h' is no time of day"),
        (("add", "every Friday", *AT_X1), "no hour is named"),
        ((*ADD, "--between", "09:00", "12:00"), "two hours are named, 10:00 and a window"),
        (
            ("add", "every Friday", "--between", "12:00", "09:00", *AT_X1),
            "--between: 09:00 is not after 12:00",
        ),
        ((*ADD, "--count", "3"), "a number of times depends on the day it starts from"),
        ((*ADD, "--until", "soon"), "--until: 'soon' is no day"),
        ((*ADD, "--except", "every Friday"), "--except: 'every Friday' is no day"),
        ((*ADD, "--sub-location", "X3 A"), "--sub-location: X1 has no 'X3 A'"),
        (
            ("add", "every Friday at 10:00", "--site", "practice", "--location", "X9"),
            "practice knows no 'X9'",
        ),
        (("add", "every Friday at 10:30", *AT_X1), "no slot begins at 10:30"),
        (("add", "every Friday at 23:00", "--hours", "2", *AT_X1), "2 hours from 23:00 on go past midnight"),
        ((*ADD, "--account", "anna", "--hours", "2"), "2 hours in a row at X1 take 2 accounts"),
        (("add", "2026-01-01 10:00", *AT_X1), "no such day is to come"),
        (
            ("add", "every Friday at 10:00", "--site", "nowhere", "--location", "X1"),
            "there is no profile 'nowhere'",
        ),
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_stored(
    call: Call, store: Store, arguments: tuple[str, ...], said: str
) -> None:
    assert said in refusal(call(*arguments, "--yes"))
    assert store.schedules() == []


def test_a_files_schedules_come_and_go_with_it(call: Call, file: File) -> None:
    squash = {**BADMINTON, "name": "squash", "when": "every Monday at 10:00"}
    assert call("sync", str(file(BADMINTON, squash))).stderr == "added: badminton, squash.\n"
    path = file({**BADMINTON, "when": "every Friday at 11:00"})
    assert json.loads(call("sync", str(path), "--json").stdout) == {
        "added": [],
        "changed": ["badminton"],
        "unchanged": [],
        "removed": ["squash"],
    }
    assert [(one["name"], one["file"]) for one in schedules(call)] == [("badminton", str(path))]


def test_a_file_with_a_wrong_schedule_changes_nothing(call: Call, file: File) -> None:
    call("sync", str(file()))
    assert "schedules[0].when" in refusal(call("sync", str(file({**BADMINTON, "when": "sometimes"}))))
    assert [one["when"] for one in schedules(call)] == ["every Friday at 10:00"]


def test_a_file_without_schedules_says_so(call: Call, file: File) -> None:
    path = file(schedules=[])
    root = json.loads(path.read_text())
    root["snipe_config"]["target_date"] = "+3d"
    path.write_text(json.dumps(root))
    assert call("sync", str(path)).stderr == f"{path} names no schedules.\n"


def test_schedules_of_a_court_scheduler_are_taken_over_once(call: Call, tmp_path: Path) -> None:
    (tmp_path / "schedules.json").write_text(
        json.dumps(
            [
                {"type": "one-off", "desired_time": "2020-08-10 14:00", "court_id": "X1 A"},
                {"type": "recurring", "rrule": "Every Wednesday at 17:00", "court_id": "X3"},
                {
                    "type": "recurring",
                    "rrule": "Every other Friday at 10:00 starting 2025-08-03",
                    "court_id": "x1 b",
                },
            ]
        )
    )
    taken = call("import", "schedules.json", "--site", "practice", "--yes")
    assert "X1 A, 2020-08-10 at 14:00: is past" in taken.stderr
    assert "Stored: x3, x1-b." in taken.stderr
    assert {(one["name"], one["when"]) for one in schedules(call)} == {
        ("x3", "every Wednesday at 17:00"),
        ("x1-b", "every other week on Friday at 10:00 starting 2025-08-08"),
    }
    again = call("import", "schedules.json", "--site", "practice", "--yes")
    assert again.stderr.count("is stored already") == 2
    assert "Nothing is left to store." in again.stderr
    assert len(schedules(call)) == 2


def test_the_next_days_are_shown_by_their_openings(call: Call) -> None:
    call("add", f"{TOMORROW + timedelta(days=20)} at 10:00", *AT_X1, "--yes")
    # It opens 168 hours before, the other 72.
    call(
        "add",
        f"{TOMORROW + timedelta(days=22)} at 10:00",
        "--site",
        "practice",
        "--location",
        "Fitness",
        "--yes",
    )
    days = json.loads(call("next", "--json").stdout)
    assert [one["schedule"] for one in days] == ["fitness", "x1"]
    assert days[1]["starts_at"].startswith(f"{TOMORROW + timedelta(days=20)}T10:00:00")
    assert "fitness" in call("next", "1").stdout
    assert "x1" not in call("next", "1").stdout


def test_what_is_paused_is_not_next_until_it_is_resumed(call: Call) -> None:
    call(*ADD, "--yes")
    assert call("pause", "x1").stderr == "'x1' is paused now.\n"
    assert call("pause", "x1").stderr == "'x1' is paused already.\n"
    assert call("next").stdout == ""
    assert schedules(call)[0]["state"] == "paused"
    call("resume", "1")
    assert len(json.loads(call("next", "--json").stdout)) == 10


def test_a_schedule_is_shown_with_its_days(call: Call) -> None:
    call(*ADD, "--yes")
    shown = call("show", "x1").stdout
    assert "x1: every Friday at 10:00  active" in shown
    assert "1 hour: X1 at practice, for all accounts" in shown
    assert "and 42 more, up to" in shown
    document = json.loads(call("show", "x1", "--json").stdout)
    assert (document["name"], len(document["days"])) == ("x1", 52)
    assert document["rrule"] == "FREQ=WEEKLY;BYDAY=FR"


def test_an_unknown_schedule_names_those_that_there_are(call: Call) -> None:
    assert refusal(call("show", "x1")) == "there is no schedule 'x1'\nThere are none yet."
    call(*ADD, "--name", "badminton", "--yes")
    assert (
        refusal(call("show", "badmington")) == "there is no schedule 'badmington'\nDid you mean 'badminton'?"
    )
    assert refusal(call("pause", "zzz")) == "there is no schedule 'zzz'\nThere are: 'badminton'."


def test_of_several_of_one_name_the_number_tells(call: Call, file: File) -> None:
    call("sync", str(file()))
    call(*ADD, "--name", "badminton", "--yes")
    assert refusal(call("show", "badminton")).endswith(
        f"Say which by its number: 1 ({file()}); 2 (by command)."
    )
    assert call("show", "2").exit_code == 0


def test_a_schedule_is_removed_with_its_days(call: Call, store: Store) -> None:
    call(*ADD, "--yes")
    assert call("remove", "x1").stderr == "'x1' is removed.\n"
    assert store.occurrences() == []


def test_what_stands_in_a_file_is_taken_out_there(call: Call, file: File) -> None:
    call("sync", str(file()))
    assert "would come back from there" in refusal(call("remove", "badminton"))
    assert len(schedules(call)) == 1


def test_plans_are_written_as_a_calendar_for_the_owner_only(call: Call, tmp_path: Path) -> None:
    call(*ADD, "--name", "badminton", "--yes")
    assert "52 plans and the bookings are in sniper.ics." in call("ics", "sniper.ics").stderr
    written = tmp_path / "sniper.ics"
    assert stat.S_IMODE(written.stat().st_mode) == 0o600
    events = icalendar.Calendar.from_ical(written.read_bytes()).events
    assert len(events) == 52
    assert {str(one["SUMMARY"]) for one in events} == {"REHEARSAL: badminton (planned)"}
    assert call("ics", "-").stdout.startswith("BEGIN:VCALENDAR")


def test_without_schedules_it_says_what_to_do(call: Call) -> None:
    assert "sniper schedule add" in call("list").stderr
    assert "sniper schedule list" in call("next").stderr
    assert call("list", "--json").stdout == "[]\n"
