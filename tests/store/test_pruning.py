"""Old runs leave the database; what later plans and the members need stays."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from sniper.core.availability import Listed, Look
from sniper.core.odds import Record
from sniper.core.outcomes import Outcome
from sniper.core.plan import Standing
from sniper.core.slots import Slot
from sniper.store import BookingStatus, Job, RunState, Store, WatchMemory
from sniper.store.database import connect, database_url
from sniper.store.models import (
    AttemptRow,
    AvailabilityRow,
    Base,
    JobRow,
    LogRow,
    PastOddsRow,
    RunRow,
    WaveRow,
)
from sniper.store.pruning import Pruning
from sniper.store.seen_models import ObservationRow, ReadingRow, WatchRow
from tests.store.examples import DAY, JOB, NOW, X1A, X1B, begin, book, tried

YEAR_LATER = NOW + timedelta(days=365)
OLD = NOW + timedelta(days=90)


@pytest.fixture
def pruning(url: str, store: Store) -> Iterator[Pruning]:
    del store  # Has made the tables.
    with closing(Pruning(connect(database_url(url)))) as opened:
        yield opened


def a_run(store: Store, *, ended: datetime = NOW, **more: Any) -> int:
    """Ann wins X1 A, bob loses X1 B, nobody knows about cleo; then it is over."""
    begun = begin(store, **more)
    store.close_attempt(begun.ids["ann"], [tried(X1A, Outcome.BOOKED)], now=NOW)
    store.close_attempt(begun.ids["bob"], [tried(X1B, Outcome.TAKEN)], now=NOW)
    book(store, begun.run_id, "ann", X1A)
    store.finish_wave(begun.wave_id, now=NOW)
    store.finish_run(begun.run_id, RunState.FINISHED, Standing.REACHED, 0, now=ended)
    return begun.run_id


def rows(url: str) -> dict[str, int]:
    engine = connect(database_url(url))
    with Session(engine) as session:
        found = {kind.__name__: len(session.scalars(select(kind)).all()) for kind in _KINDS}
    engine.dispose()
    return found


_KINDS: tuple[type[Base], ...] = (
    *(RunRow, WaveRow, JobRow, AttemptRow, LogRow, AvailabilityRow, ObservationRow),
    PastOddsRow,
)


def test_with_a_run_goes_all_that_is_its_own(store: Store, url: str, pruning: Pruning) -> None:
    gone = a_run(store)
    assert pruning.prune(OLD, YEAR_LATER) == [gone]
    left = rows(url)
    assert {name: number for name, number in left.items() if number} == {"PastOddsRow": 1}


def test_what_would_go_is_told_before_and_is_what_goes(store: Store, url: str, pruning: Pruning) -> None:
    a_run(store)
    before = rows(url)
    what = pruning.prunable(OLD, YEAR_LATER)
    assert rows(url) == before
    rest = (what.availability, what.observations)
    told = (len(what.runs), what.waves, what.jobs, what.attempts, what.log_lines, *rest)
    assert told == tuple(before[kind.__name__] for kind in _KINDS[:-1])
    pruning.prune(OLD, YEAR_LATER)
    assert not pruning.prunable(OLD, YEAR_LATER)


def test_bookings_and_accounts_stay_when_their_run_goes(store: Store, pruning: Pruning) -> None:
    a_run(store)
    store.keep_sign_in_state("tudelft-x", "ann", "sealed", now=NOW)
    pruning.prune(OLD, YEAR_LATER)
    (booking,) = store.bookings()
    assert (booking.account, booking.slot, booking.status) == ("ann", X1A, BookingStatus.CONFIRMED)
    assert booking.run_id is None
    assert store.sign_in_state("tudelft-x", "ann") == "sealed"


def test_the_odds_of_plans_are_the_same_before_and_after(store: Store, pruning: Pruning) -> None:
    a_run(store)
    a_run(store, ended=YEAR_LATER)
    a_run(store, site="elsewhere")
    odds = {site: store.history(site) for site in ("tudelft-x", "elsewhere")}
    assert odds["tudelft-x"] == {("X1", time(13)): Record(2, 2)}
    assert pruning.prune(OLD, YEAR_LATER) == [1, 3]
    assert {site: store.history(site) for site in odds} == odds
    # And again, when the rest has become old: numbers are added up.
    assert pruning.prune(YEAR_LATER + timedelta(days=1), YEAR_LATER + timedelta(days=1)) == [2]
    assert {site: store.history(site) for site in odds} == odds


def test_younger_runs_stay_whole(store: Store, pruning: Pruning) -> None:
    a_run(store)
    kept = a_run(store, ended=OLD + timedelta(seconds=1))
    before = store.run(kept)
    pruning.prune(OLD, YEAR_LATER)
    assert store.run(kept) == before


def test_a_run_for_a_day_that_is_not_past_stays(store: Store, pruning: Pruning) -> None:
    for day in (date(2027, 11, 20), date(2027, 11, 19)):
        a_run(store, job=Job(day, ("ann", "bob", "cleo")))
    assert pruning.prune(OLD, YEAR_LATER) == [2]


def test_a_run_that_was_killed_goes_when_its_day_is_past_and_it_cannot_be_at_work(
    store: Store, pruning: Pruning
) -> None:
    begin(store, job=JOB)
    assert [run.id for run in pruning.at_work(NOW)] == [1]
    assert pruning.prune(NOW + timedelta(seconds=1), NOW + timedelta(seconds=30)) == []
    assert pruning.at_work(YEAR_LATER) == []
    assert pruning.prune(OLD, YEAR_LATER) == [1]


def test_a_run_that_a_younger_one_goes_on_with_stays_and_so_does_what_that_one_continued(
    store: Store, pruning: Pruning
) -> None:
    def killed(now: datetime) -> int:
        run = begin(store, job=JOB, now=now).run_id
        store.finish_run(run, RunState.INTERRUPTED, None, 130, now=now)
        return run

    alone = begin(store, job=replace(JOB, accounts=("dave",)), now=NOW).run_id
    store.finish_run(alone, RunState.FINISHED, Standing.MISSED, 1, now=NOW)
    chain = [killed(NOW), killed(NOW + timedelta(hours=1)), killed(OLD + timedelta(days=1))]
    assert [store.run(one).run.continues for one in chain] == [None, *chain[:2]]
    assert pruning.prune(OLD, YEAR_LATER) == [alone]


def test_what_was_seen_of_slots_that_are_long_past_goes(store: Store, url: str, pruning: Pruning) -> None:
    a_run(store, ended=YEAR_LATER)
    seen = rows(url)["AvailabilityRow"]
    assert seen
    assert pruning.prunable(NOW, YEAR_LATER).availability == 0
    after = X1A.instant + timedelta(seconds=1)
    assert pruning.prunable(after, YEAR_LATER).availability == seen
    pruning.prune(after, YEAR_LATER)
    assert rows(url)["AvailabilityRow"] == 0


def test_pruning_that_fails_half_way_has_changed_nothing(
    store: Store, url: str, pruning: Pruning, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_run(store)
    before = rows(url)

    def fail(*_: object) -> None:
        raise RuntimeError("the power is gone, say")

    monkeypatch.setattr("sniper.store.pruning._old_line", fail)
    with pytest.raises(RuntimeError):
        pruning.prune(OLD, YEAR_LATER)
    assert rows(url) == before


def test_many_runs_go_at_once(
    store: Store, url: str, pruning: Pruning, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sniper.store.pruning._AT_ONCE", 3)
    for _ in range(8):
        a_run(store)
    odds = store.history("tudelft-x")
    assert pruning.prunable(OLD, YEAR_LATER).attempts == 24
    assert len(pruning.prune(OLD, YEAR_LATER)) == 8
    assert store.history("tudelft-x") == odds
    assert rows(url)["AttemptRow"] == 0


def test_what_was_seen_of_days_long_past_goes_and_what_watches_remember_of_them(
    store: Store, url: str, pruning: Pruning
) -> None:
    look, taken = Look(NOW, NOW), Listed(X1A, is_free=False, is_open=True)
    store.note_look("tudelft-x", DAY, (None,), (), [taken], _opening, look, now=NOW)
    store.remember_watch("tudelft-x", "key", DAY, WatchMemory(told=frozenset({X1A})), now=NOW)
    before = X1A.instant
    assert pruning.prunable(before, YEAR_LATER).observations == 0
    pruning.prune(before, YEAR_LATER)
    assert store.watch_memory("tudelft-x", "key").told == {X1A}
    later = before + timedelta(days=1)
    assert pruning.prunable(later, YEAR_LATER).observations == 1
    pruning.prune(later, YEAR_LATER)
    assert not store.sightings("tudelft-x").observations
    assert not store.watch_memory("tudelft-x", "key").told
    with Session(connect(database_url(url))) as session:
        for row in (ReadingRow, WatchRow):
            assert not session.scalars(select(row)).all()


def _opening(slot: Slot) -> datetime:
    return slot.instant - timedelta(hours=72)
