"""Who serves a store, and what the daemon and others tell each other there."""

from __future__ import annotations

from datetime import timedelta

import pytest
from apscheduler.jobstores.sqlalchemy import SQLAlchemyJobStore
from sqlalchemy import Engine, create_engine, inspect, text

from sniper.store import Store
from sniper.store.database import connect, database_url
from sniper.store.processes import this_host
from sniper.store.serving import LASTS, PlaceLostError, PlaceTakenError
from tests.store.examples import NOW

FILES = ["/home/ann/bookings.json"]
SECOND = timedelta(seconds=1)


def test_a_second_daemon_is_told_who_has_the_place(store: Store) -> None:
    store.take_place(FILES, now=NOW)
    with pytest.raises(PlaceTakenError, match="of this machine") as taken:
        store.take_place(FILES, now=NOW + SECOND)
    assert taken.value.exit_code == 3
    assert f"in {(LASTS - SECOND).total_seconds():.0f} s" in taken.value.explain()


def test_the_place_is_free_when_its_holder_was_not_heard_of_for_a_while(store: Store) -> None:
    first = store.take_place(FILES, now=NOW)
    store.beat(first, now=NOW + LASTS - SECOND)
    with pytest.raises(PlaceTakenError):
        store.take_place(FILES, now=NOW + LASTS)
    second = store.take_place(FILES, now=NOW + 2 * LASTS)
    with pytest.raises(PlaceLostError):
        store.beat(first, now=NOW + 2 * LASTS)
    store.beat(second, now=NOW + 2 * LASTS)


def test_the_place_is_free_at_once_when_its_holder_has_left_it(store: Store) -> None:
    store.leave_place(store.take_place(FILES, now=NOW), now=NOW)
    record = store.daemon(now=NOW)
    assert record is not None
    assert not record.lives
    assert store.take_place(FILES, now=NOW)


def test_the_place_is_free_at_once_when_its_process_is_gone(url: str, store: Store) -> None:
    store.take_place(FILES, now=NOW)
    engine = create_engine(url)
    with engine.begin() as connection:
        # No process has this number: it is more than Linux gives.
        connection.execute(text("UPDATE daemons SET pid = 4194305, host = :host"), {"host": this_host()})
    engine.dispose()
    assert store.take_place(FILES, now=NOW + SECOND)


def test_nobody_is_asked_to_read_where_nobody_serves(store: Store) -> None:
    assert store.ask_daemon_to_read(now=NOW) is None
    store.take_place(FILES, now=NOW)
    assert store.ask_daemon_to_read(now=NOW + LASTS) is None


def test_what_is_asked_while_the_daemon_reads_is_not_taken_for_done(store: Store) -> None:
    number = store.take_place(FILES, now=NOW)
    first = store.ask_daemon_to_read(now=NOW)
    second = store.ask_daemon_to_read(now=NOW)
    assert first is not None
    assert second is not None
    store.has_read(number, first.asked, FILES, "line 3: a comma is missing")
    record = store.daemon(now=NOW)
    assert record is not None
    assert (record.done, record.complaint) == (first.asked, "line 3: a comma is missing")
    assert record.done < second.asked


def test_the_table_of_jobs_is_the_one_that_apscheduler_would_make(url: str) -> None:
    ours = connect(database_url(url))
    theirs = create_engine("sqlite://")
    SQLAlchemyJobStore(engine=theirs, tablename="scheduler_jobs").jobs_t.create(theirs)

    def described(engine: Engine) -> list[tuple[str, str, bool]]:
        columns = inspect(engine).get_columns("scheduler_jobs")
        return [(one["name"], str(one["type"]), one["nullable"]) for one in columns]

    assert described(ours) == described(theirs)
    ours.dispose()
    theirs.dispose()
