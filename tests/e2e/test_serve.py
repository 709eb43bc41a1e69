"""`sniper serve` as its user starts it: a real browser, a practice site whose clock jumps, kill -9."""

from __future__ import annotations

import json
import signal
import subprocess
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from sniper.store import Store
from sniper.store.planned import OccurrenceState
from tests.e2e.conftest import Club
from tests.e2e.test_killed import kill

NewClub = Callable[..., Club]
WEEKS = [date(2026, 10, 20), date(2026, 10, 27), date(2026, 11, 3)]
"""Tuesdays. Between the first two the clocks go back."""
FRIDAY_BEFORE = "2026-10-16T09:00:00+02:00"


def write(here: Club, *schedules: dict[str, Any]) -> Path:
    here.write(accounts=1, consecutive_hours=1)
    path = here.folder / "bookings.json"
    root = json.loads(path.read_text())
    del root["snipe_config"]["target_date"]
    path.write_text(json.dumps(root | {"schedules": schedules}))
    return path


def tuesdays(count: int) -> dict[str, Any]:
    return {"name": "tuesdays", "when": "every Tuesday at 13:00 starting 2026-10-20", "count": count}


def became(store: Store) -> dict[date, OccurrenceState]:
    return {one.day: one.state for one in store.occurrences()}


def until(process: subprocess.Popen[str], reached: Callable[[], object], within: float = 300.0) -> None:
    """Wait for it, for as long as the process lives."""
    deadline = time.monotonic() + within
    while not reached():
        assert process.poll() is None, process.communicate()[1]
        if time.monotonic() > deadline:
            process.kill()
            pytest.fail(f"that did not come: {process.communicate()[1]}")
        time.sleep(0.1)


def stopped(process: subprocess.Popen[str]) -> tuple[str, str]:
    process.send_signal(signal.SIGTERM)
    out, err = process.communicate(timeout=300)
    assert process.returncode == 0, err
    assert "Traceback" not in err
    return out, err


def test_every_week_is_booked_across_the_change_of_the_clocks_and_after_a_kill(club: NewClub) -> None:
    here = club(start=FRIDAY_BEFORE)
    path = write(here, tuesdays(3))
    here.signed_in(1)
    with Store.open() as store:
        process = here.start("serve", "--json")
        # Between waking and firing: the run has a number, and its opening has not come.
        until(process, lambda: any(one.run_id for one in store.occurrences(states=[OccurrenceState.RUNNING])))
        kill(process)
        assert here.site.arrivals.after(0) == [], "before the opening nothing is pressed"
        assert became(store)[WEEKS[0]] is OccurrenceState.RUNNING
        status = here.asked("serve", "status")
        assert (status.exit_code, "Nothing serves" in status.stdout) == (1, True)

        process = here.start("serve", "--json", "-v")
        until(process, lambda: became(store).get(WEEKS[0]) is OccurrenceState.BOOKED)
        assert here.asked("serve", "status").exit_code == 0
        second = here.asked("serve")
        assert (second.exit_code, "another `sniper serve` is at work" in second.stderr) == (3, True)
        assert "Traceback" not in second.stderr
        # Meanwhile the next one runs: the file is read again beside it.
        path.write_text("{")
        refused = here.asked("serve", "reload")
        assert (refused.exit_code, "bookings.json" in refused.stderr) == (2, True), refused.stderr
        # A schedule is added and taken away again while the run goes on.
        for others in ([{"name": "spring", "when": "2027-03-02 at 13:00"}], []):
            write(here, tuesdays(3), *others)
            read = here.asked("serve", "reload")
            assert read.exit_code == 0, read.stderr
            assert {one.schedule for one in store.occurrences()} == {
                "tuesdays",
                *(one["name"] for one in others),
            }
        until(process, lambda: list(became(store).values()) == [OccurrenceState.BOOKED] * 3)
        out, _ = stopped(process)
        first, *_ = store.runs()[::-1]
        assert [run.continues for run in store.runs()][-2] == first.id
    events = [json.loads(line) for line in out.splitlines()]
    assert [one["state"] for one in events if one["event"] == "ended"] == ["booked"] * 3
    for day in WEEKS:
        assert [o for one in here.site.venue.owners_on(day) for o in one.owners] == ["user1"], day
        (booked,) = [one for one in here.site.venue.owners_on(day) if one.owners]
        assert booked.slot.start == datetime(
            day.year, day.month, day.day, 12 if day > WEEKS[0] else 11, tzinfo=UTC
        )


def test_once_does_what_is_due_and_ends(club: NewClub) -> None:
    here = club(start="2026-10-17T12:30:00+02:00")
    write(here, tuesdays(1))
    here.signed_in(1)
    done = here.asked("serve", "--once")
    assert done.exit_code == 0, done.stderr
    assert "ended: 'tuesdays' on Tue 20 Oct 2026: booked" in done.stderr
    again = here.asked("serve", "--once")
    assert (again.exit_code, "nothing was due" in again.stderr) == (0, True)
    assert here.asked("serve", "reload").exit_code == 3
