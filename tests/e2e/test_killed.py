"""`sniper run` killed by -9, started twice, and started again."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest

from benchmarks.memory import can_be_measured, descendants, program
from sniper.store import Job, Store
from tests.e2e.conftest import Club

NewClub = Callable[..., Club]
TUESDAY = date(2026, 11, 24)


def until_it_says(process: subprocess.Popen[str], words: str) -> None:
    assert process.stderr is not None
    said = []
    for line in process.stderr:
        said.append(line)
        if words in line:
            return
    pytest.fail(f"it ended without saying {words!r}, but: {''.join(said)}")


def kill(process: subprocess.Popen[str]) -> None:
    """And wait until the browsers that it started have noticed."""
    started = descendants(process.pid) if can_be_measured() else set()
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=300)
    deadline = time.monotonic() + 120
    while left := [program(pid) for pid in started if program(pid)]:
        assert time.monotonic() < deadline, f"still there: {left}"
        time.sleep(0.05)


def held(here: Club) -> list[str]:
    return sorted(who for one in here.site.venue.owners_on(TUESDAY) for who in one.owners)


def test_a_second_run_for_the_same_account_and_day_says_so_and_stops(club: NewClub) -> None:
    here = club()
    here.write(accounts=1, consecutive_hours=1)
    with Store.open() as store:
        first = store.start_run(
            "here", {}, rehearsal=True, now=datetime.now(UTC), job=Job(TUESDAY, ("user2", "user1"))
        )
        second = here.asked("run")
        assert [run.id for run in store.runs()] == [first]
    assert second.exit_code == 3
    assert f"run {first} is at work for user1 at here for {TUESDAY} (process {os.getpid()}" in second.stderr
    assert "Traceback" not in second.stderr


def test_what_a_killed_run_won_counts_when_it_is_resumed_for_the_day_that_plus_3d_meant(
    club: NewClub,
) -> None:
    here = club(start="2026-11-21T21:58:00+01:00", jump="2s")
    late = {"start": "22:00", "end": "23:00"}
    here.write(accounts=1, consecutive_hours=1, target_date="+3d", time_window=late)
    here.signed_in(1)
    process = here.start("run", "-v")
    opening = datetime(2026, 11, 21, 21, tzinfo=UTC)
    until_it_says(process, "waiting for the opening")
    while not held(here):
        assert process.poll() is None
        time.sleep(0.01)
    kill(process)
    here.site.clock.jump_to(opening + timedelta(hours=4))  # It is Sunday.

    resumed = here.asked("run", "--resume", "--json")
    assert resumed.exit_code == 0, resumed.stderr
    assert resumed.data["continues"] == 1
    assert "goes on with run 1" in resumed.stderr
    (booking,) = resumed.data["bookings"]
    assert (booking["start"][:10], booking["by_this_run"]) == (str(TUESDAY), True)
    assert held(here) == ["user1"]

    states = [one["state"] for one in here.asked("runs", "list", "--json").data]
    assert states == ["finished", "crashed"]
    nothing = here.asked("run", "--resume")
    assert nothing.exit_code == 2
    assert "there is nothing to resume" in nothing.stderr


def test_a_dry_run_has_nothing_to_resume(club: NewClub) -> None:
    here = club()
    here.write(accounts=1, consecutive_hours=1)
    run = here.asked("run", "--resume", "--dry-run")
    assert run.exit_code == 2
    assert "exclude each other" in run.stderr
