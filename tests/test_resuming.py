"""Which day an unfinished run is gone on with for: that of a date, of `+3d`, or of a schedule."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from sniper.clock.bracket import Bracket
from sniper.clock.clock import SimulatedClock
from sniper.clock.site import SiteClock
from sniper.config.goal import load_site
from sniper.config.scheduled import choose, for_schedule
from sniper.core.plan import Standing
from sniper.errors import InputError
from sniper.events import Event, Noted
from sniper.resuming import day_to_resume
from sniper.store import Job, RunState, Store
from tests.config.examples import GONE, GOOD, read, with_change

NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
"""A Tuesday, half an hour after Friday's slots at X1 have opened."""
FRIDAY, NEXT_FRIDAY = date(2026, 11, 27), date(2026, 12, 4)
WEEKLY = {
    **with_change("snipe_config.target_date", GONE),
    "schedules": [{"name": "friday", "when": "every Friday at 10:00", "consecutive_hours": 2}],
}


@pytest.fixture
def store(tmp_path: Path, template: Path) -> Iterator[Store]:
    shutil.copy(template, tmp_path / "sniper.sqlite3")
    with Store.open(f"sqlite:///{tmp_path / 'sniper.sqlite3'}") as opened:
        yield opened


class Resumed:
    """The day of the run, and what was told."""

    def __init__(self, folder: Path, store: Store, root: dict[str, Any], *, asked: bool = False) -> None:
        bookings, document = read(folder, root)
        profile = load_site(bookings, document)
        schedule = choose(bookings, document, None)
        if schedule is not None:
            bookings = for_schedule(bookings, schedule, profile)
        self.told: list[str] = []
        clock = SiteClock(SimulatedClock(NOW), Bracket(timedelta(0), timedelta(0)))
        self.day = day_to_resume(bookings, profile, schedule, clock, store, self._hear, asked=asked)

    def _hear(self, event: Event) -> None:
        assert isinstance(event, Noted)
        self.told.append(event.text)


def interrupted(store: Store, day: date) -> int:
    """A run of ann's for that day that was interrupted."""
    run = store.start_run("tudelft-x", {}, rehearsal=False, now=NOW, job=Job(day, ("ann",)))
    store.finish_run(run, RunState.INTERRUPTED, None, 130, now=NOW)
    return run


def test_a_run_of_a_schedule_is_gone_on_with_for_the_day_it_was_for(tmp_path: Path, store: Store) -> None:
    interrupted(store, FRIDAY)
    assert Resumed(tmp_path, store, WEEKLY, asked=True).day == FRIDAY


def test_who_does_not_ask_goes_for_the_next_opening_and_is_told_of_the_unfinished_run(
    tmp_path: Path, store: Store
) -> None:
    run = interrupted(store, FRIDAY)
    resumed = Resumed(tmp_path, store, WEEKLY)
    assert resumed.day is None
    assert resumed.told == [
        f"run {run} for 2026-11-27 did not come to its end; `sniper run --resume` goes on with it"
    ]


def test_an_unfinished_run_for_the_day_that_is_next_anyway_is_not_worth_a_word(
    tmp_path: Path, store: Store
) -> None:
    interrupted(store, NEXT_FRIDAY)
    assert Resumed(tmp_path, store, WEEKLY).told == []


def test_a_run_for_a_day_that_the_schedule_does_not_name_is_not_its_own(tmp_path: Path, store: Store) -> None:
    interrupted(store, date(2026, 11, 26))
    with pytest.raises(InputError, match="no run of 'friday' at tudelft-x with these accounts"):
        Resumed(tmp_path, store, WEEKLY, asked=True)


def test_a_run_that_came_to_its_end_is_not_gone_on_with(tmp_path: Path, store: Store) -> None:
    run = store.start_run("tudelft-x", {}, rehearsal=False, now=NOW, job=Job(FRIDAY, ("ann",)))
    store.finish_run(run, RunState.FINISHED, Standing.REACHED, 0, now=NOW)
    with pytest.raises(InputError, match="nothing to resume"):
        Resumed(tmp_path, store, WEEKLY, asked=True)


def test_a_date_is_gone_on_with_for_that_date_only(tmp_path: Path, store: Store) -> None:
    interrupted(store, FRIDAY)
    root = with_change("snipe_config.target_date", "2026-11-28")
    with pytest.raises(InputError, match="nothing to resume"):
        Resumed(tmp_path, store, root, asked=True)
    interrupted(store, date(2026, 11, 28))
    assert Resumed(tmp_path, store, root, asked=True).day == date(2026, 11, 28)


def test_so_many_days_from_today_mean_what_they_meant_then(tmp_path: Path, store: Store) -> None:
    interrupted(store, date(2026, 11, 26))
    root = with_change("snipe_config.target_date", "+3d")
    assert Resumed(tmp_path, store, root, asked=True).day == date(2026, 11, 26)
    assert len(Resumed(tmp_path, store, root).told) == 1
    assert GOOD["snipe_config"]["target_date"] == "2026-11-24"
