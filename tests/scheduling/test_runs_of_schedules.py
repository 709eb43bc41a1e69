"""What a run is to do when it goes for a schedule, or by a calendar."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest

from sniper.calendars.leaving_out import left_out
from sniper.clock.bracket import Bracket
from sniper.clock.clock import SimulatedClock
from sniper.clock.site import SiteClock
from sniper.coordinator.task import Task
from sniper.core.slots import Slot
from sniper.dress_rehearsal.casting import cast
from sniper.errors import InputError
from sniper.execution import aimed, read_files, task_of
from sniper.run_request import RunRequest
from sniper.store import Job, Store
from sniper.watch.session import WatchRequest, on_day, prepare_watch
from sniper.watch.session import task_of as watch_task_of
from tests.calendars.ics import busy, calendar
from tests.scheduling.conftest import BADMINTON
from tests.store.examples import AMSTERDAM, book

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
TUESDAY = date(2026, 11, 24)
WINDOW = {"name": "tuesday", "when": "every Tuesday", "accounts": ["user1", "user2"]}
File = Callable[..., Path]


def task(path: Path, store: Store, schedule: str | None = None, busy: str | None = None) -> Task:
    clock = SiteClock(SimulatedClock(NOW), Bracket(timedelta(0), timedelta(0)))
    prepared = aimed(read_files(RunRequest(path, schedule=schedule, busy=busy)))
    return task_of(prepared, clock, store)


def hours(of: Task) -> list[str]:
    return [f"{start:%H:%M}" for start in of.goal.starts(of.goal.priorities[0])]


@pytest.fixture
def dentist(tmp_path: Path) -> str:
    """On Tuesday from 14:00 to 15:00."""
    (tmp_path / "busy.ics").write_text(calendar(busy("14:00", "15:00")), newline="")
    return "busy.ics"


def test_a_run_goes_for_the_next_opening_of_its_schedule_with_its_accounts(file: File, store: Store) -> None:
    path = file(BADMINTON, WINDOW)
    run = task(path, store, "badminton")
    assert (run.goal.target_date, hours(run)) == (date(2026, 11, 27), ["10:00"])
    assert len(run.crew) == 3
    # What is open already on Tuesday is not waited for; what opens next is a week later.
    run = task(path, store, "tuesday")
    assert run.goal.target_date == date(2026, 12, 1)
    assert [one.account for one in run.crew] == ["user1", "user2"]


def test_the_record_of_a_run_has_its_day_and_what_the_schedule_says(file: File, store: Store) -> None:
    described = task(file(BADMINTON), store).described
    assert described["target_date"] == "2026-11-27"
    assert described["time_window"] == {"start": "10:00", "end": "11:00"}


def test_hours_at_which_one_is_busy_are_no_part_of_a_run(file: File, store: Store, dentist: str) -> None:
    once = {**WINDOW, "when": "2026-11-24"}
    run = task(file(once, busy_calendar=dentist), store)
    assert hours(run) == ["13:00", "15:00", "16:00", "17:00"]
    assert [one.what for one in left_out(run.goal)] == ["Dentist"]


def test_a_run_goes_on_with_what_it_has_booked_although_the_calendar_shows_it(
    file: File, store: Store, dentist: str
) -> None:
    """The person, or their mail program, has written the booking into the calendar."""
    earlier = store.start_run("practice", {}, rehearsal=True, now=NOW, job=Job(TUESDAY, ("user1",)))
    won = Slot("X1", "X1 A", datetime(2026, 11, 24, 14, tzinfo=AMSTERDAM))
    book(store, earlier, "user1", won)
    run = task(file({**WINDOW, "when": "2026-11-24"}), store, busy=dentist)
    assert "14:00" in hours(run)


def test_a_day_on_which_one_is_busy_throughout_is_refused(file: File, store: Store, tmp_path: Path) -> None:
    (tmp_path / "busy.ics").write_text(calendar(busy("12:00", "19:00", "Wedding")), newline="")
    with pytest.raises(InputError, match="leaves no time for 2 hours in a row on Tue 24 Nov 2026: Wedding"):
        task(file({**WINDOW, "when": "2026-11-24"}), store, busy="busy.ics")


def test_what_is_told_at_the_beginning_names_the_schedule(file: File) -> None:
    prepared = aimed(read_files(RunRequest(file(BADMINTON))))
    assert prepared.told == ("schedule 'badminton': every Friday at 10:00",)


def test_commands_that_are_not_about_a_day_need_no_schedule_chosen(file: File) -> None:
    """Giving bookings back, say."""
    prepared = read_files(RunRequest(file(BADMINTON, WINDOW)))
    assert len(prepared.bookings.accounts) == 3


def test_a_dress_rehearsal_plays_the_next_day_of_the_schedule(file: File, dentist: str) -> None:
    play = cast(file(BADMINTON, WINDOW, busy_calendar=dentist), None, NOW, "badminton")
    assert (play.goal.target_date, play.goal.window_start) == (date(2026, 11, 27), time(10))
    assert play.config["target_date"] == "2026-11-27"
    assert play.notes[:1] == ("schedule 'badminton': every Friday at 10:00",)
    assert "the busy calendar is not looked at" in play.notes[-1]


def test_a_watch_is_for_the_first_day_of_the_schedule_that_is_to_come(
    file: File, store: Store, dentist: str
) -> None:
    """What comes back is of days that are open already."""
    path = file(BADMINTON, WINDOW)
    prepared = prepare_watch(WatchRequest(path, schedule="tuesday", busy=dentist))
    clock = SiteClock(SimulatedClock(NOW), Bracket(timedelta(0), timedelta(0)))
    watched = watch_task_of(prepared, clock, store)
    assert watched.goal.target_date == TUESDAY
    assert [one.what for one in left_out(watched.goal)] == ["Dentist"]
    # Booked is what was watched, and not what the schedule names next.
    booked = on_day(prepared.run, TUESDAY, frozenset())
    assert task_of(booked, clock, store).goal.target_date == TUESDAY
