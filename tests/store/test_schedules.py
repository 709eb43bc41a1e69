"""Schedules in the store: their days follow them until they are run, and what was run stays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text

from sniper.core.occurrences import Occurrence
from sniper.core.phrases import read
from sniper.store import Store
from sniper.store.planned import COMMAND, OccurrenceState, Schedule, ScheduleState
from tests.store.examples import GOAL_JSON, NOW

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
FRIDAY = date(2026, 11, 27)
FILE = "/home/ann/bookings.json"
BADMINTON = Schedule(
    name="badminton",
    origin=FILE,
    site="tudelft-x",
    profile="tudelft-x",
    zone="Europe/Amsterdam",
    recurrence=read("every other Friday at 10:00 starting 2026-11-27 until 2027-06-30 except 2027-01-08"),
    goal={key: value for key, value in GOAL_JSON.items() if key != "target_date"},
    accounts=("ann", "bob"),
)


def friday(weeks: int, *, why_not: str | None = None, opens: int = 72) -> Occurrence:
    """So many weeks after the first."""
    day = FRIDAY + timedelta(weeks=weeks)
    if why_not:
        return Occurrence(day, why_not=why_not)
    start = datetime.combine(day, time(10), AMSTERDAM)
    return Occurrence(day, start, start.astimezone(UTC) - timedelta(hours=opens))


DAYS = [friday(0), friday(2), friday(4)]


def add(store: Store, schedule: Schedule = BADMINTON, days: Sequence[Occurrence] = DAYS) -> int:
    number = store.add_schedule(schedule, days, now=NOW)
    assert number is not None
    return number


def days_of(store: Store, number: int) -> list[tuple[date, str]]:
    return [(one.day, one.state.value) for one in store.occurrences(number)]


def become(store: Store, day: date, state: OccurrenceState) -> None:
    """As if it had been run."""
    with store._engine.begin() as connection:
        connection.execute(
            text("UPDATE occurrences SET state = :state WHERE target_date = :day"),
            {"state": state.value, "day": day.isoformat()},
        )


def test_a_schedule_comes_back_as_it_was_stored(store: Store) -> None:
    number = add(store)
    (record,) = store.schedules()
    assert (record.id, record.schedule, record.state) == (number, BADMINTON, ScheduleState.ACTIVE)
    assert record.created_at == NOW


def test_each_day_says_when_it_starts_opens_and_is_due(store: Store) -> None:
    number = add(store, days=[friday(0), friday(2, why_not="the clocks change")])
    skipped, first = store.occurrences(number)
    assert (first.schedule, first.site, first.state) == ("badminton", "tudelft-x", OccurrenceState.PENDING)
    assert first.starts_at == datetime(2026, 11, 27, 10, tzinfo=AMSTERDAM)
    assert str(first.starts_at) == "2026-11-27 10:00:00+01:00"
    assert first.opens_at == datetime(2026, 11, 24, 9, tzinfo=UTC)
    assert first.wake_at == datetime(2026, 11, 24, 7, 55, tzinfo=UTC)
    assert (skipped.state, skipped.reason) == (OccurrenceState.SKIPPED, "the clocks change")
    assert (skipped.starts_at, skipped.wake_at) == (None, None)


def test_a_name_is_taken_once_in_each_file_and_once_by_command(store: Store) -> None:
    add(store)
    assert store.add_schedule(BADMINTON, [], now=NOW) is None
    add(store, replace(BADMINTON, origin=COMMAND))
    assert len(store.schedules()) == 2


def test_a_goal_with_a_secret_in_it_is_refused(store: Store) -> None:
    with pytest.raises(ValueError, match=r"goal.password does not belong in the store"):
        add(store, replace(BADMINTON, goal={"password": "s3cret"}))
    assert store.schedules() == []


def test_a_file_that_says_the_same_again_changes_nothing(store: Store) -> None:
    store.sync_schedules(FILE, [(BADMINTON, DAYS)], now=NOW)
    before = store.occurrences()
    later = NOW + timedelta(hours=1)
    synced = store.sync_schedules(FILE, [(BADMINTON, DAYS)], now=later)
    assert (synced.added, synced.changed, synced.unchanged, synced.removed) == ((), (), ("badminton",), ())
    assert store.occurrences() == before
    assert store.schedules()[0].updated_at == NOW


def test_what_has_not_been_run_follows_a_schedule_that_is_changed(store: Store) -> None:
    store.sync_schedules(FILE, [(BADMINTON, DAYS)], now=NOW)
    become(store, FRIDAY, OccurrenceState.BOOKED)
    weekly = replace(BADMINTON, recurrence=read("every Friday at 10:00"))
    synced = store.sync_schedules(FILE, [(weekly, [friday(n) for n in (0, 1, 2, 3)])], now=NOW)
    assert synced.changed == ("badminton",)
    (record,) = store.schedules()
    assert days_of(store, record.id) == [
        (FRIDAY, "booked"),
        (FRIDAY + timedelta(weeks=1), "pending"),
        (FRIDAY + timedelta(weeks=2), "pending"),
        (FRIDAY + timedelta(weeks=3), "pending"),
    ]


def test_an_opening_that_moves_moves_what_is_due(store: Store) -> None:
    number = add(store, days=[friday(0)])
    store.renew_occurrences(number, [friday(0, opens=168)], now=NOW)
    (day,) = store.occurrences(number)
    assert day.wake_at == datetime(2026, 11, 20, 7, 55, tzinfo=UTC)


def test_a_schedule_that_the_file_does_not_name_any_more_goes_with_its_days(store: Store) -> None:
    squash = replace(BADMINTON, name="squash")
    store.sync_schedules(FILE, [(BADMINTON, DAYS), (squash, DAYS)], now=NOW)
    synced = store.sync_schedules(FILE, [(squash, DAYS)], now=NOW)
    assert (synced.removed, synced.unchanged) == (("badminton",), ("squash",))
    assert [record.name for record in store.schedules(removed=True)] == ["squash"]
    assert {day.schedule for day in store.occurrences()} == {"squash"}


@pytest.mark.parametrize("state", [OccurrenceState.RUNNING, OccurrenceState.BOOKED, OccurrenceState.MISSED])
def test_a_day_that_is_run_or_was_stays_when_its_schedule_is_removed(
    store: Store, state: OccurrenceState
) -> None:
    number = add(store)
    become(store, FRIDAY, state)
    store.remove_schedule(number, now=NOW)
    assert store.schedules() == []
    assert [record.state for record in store.schedules(removed=True)] == [ScheduleState.REMOVED]
    assert days_of(store, number) == [(FRIDAY, state.value)]


def test_a_schedule_that_comes_back_goes_on_where_it_was(store: Store) -> None:
    number = add(store)
    become(store, FRIDAY, OccurrenceState.BOOKED)
    store.sync_schedules(FILE, [], now=NOW)
    synced = store.sync_schedules(FILE, [(BADMINTON, DAYS)], now=NOW)
    assert synced.added == ("badminton",)
    assert days_of(store, number)[0] == (FRIDAY, "booked")
    assert [state for _, state in days_of(store, number)[1:]] == ["pending", "pending"]


def test_schedules_of_other_files_are_left_alone(store: Store) -> None:
    add(store, replace(BADMINTON, origin=COMMAND))
    store.sync_schedules("/other/bookings.json", [], now=NOW)
    assert len(store.schedules()) == 1


def test_a_paused_schedule_stays_paused_and_nothing_of_it_is_due(store: Store) -> None:
    number = add(store)
    store.set_schedule_state(number, ScheduleState.PAUSED, now=NOW)
    store.sync_schedules(FILE, [(BADMINTON, DAYS)], now=NOW)
    assert store.schedules()[0].state is ScheduleState.PAUSED
    assert store.occurrences(active=True) == []
    assert len(store.occurrences()) == 3


def test_a_day_that_nothing_ran_is_missed_when_its_time_has_passed(store: Store) -> None:
    number = add(store)
    store.renew_occurrences(number, DAYS[1:], now=datetime(2026, 11, 27, 9, 1, tzinfo=UTC))
    missed, *rest = store.occurrences(number)
    assert (missed.state, missed.reason) == (OccurrenceState.MISSED, "nothing ran it")
    assert {one.state for one in rest} == {OccurrenceState.PENDING}


def test_a_day_that_passed_while_its_schedule_was_paused_says_so(store: Store) -> None:
    number = add(store)
    store.set_schedule_state(number, ScheduleState.PAUSED, now=NOW)
    store.renew_occurrences(number, DAYS[1:], now=datetime(2026, 11, 28, tzinfo=UTC))
    assert store.occurrences(number)[0].reason == "the schedule was paused"


def test_a_day_that_the_clocks_took_is_remembered_when_it_has_passed(store: Store) -> None:
    number = add(store, days=[friday(0, why_not="the clocks change"), friday(2)])
    store.renew_occurrences(number, [friday(2)], now=datetime(2026, 11, 28, tzinfo=UTC))
    assert [state for _, state in days_of(store, number)] == ["skipped", "pending"]


def test_days_are_told_in_the_order_of_their_openings(store: Store) -> None:
    add(store, days=[friday(0)])
    add(store, replace(BADMINTON, name="early"), days=[friday(1, opens=400)])
    assert [day.schedule for day in store.occurrences()] == ["early", "badminton"]
    assert [day.schedule for day in store.occurrences(limit=1)] == ["early"]
