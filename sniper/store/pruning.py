"""Old runs, and what belongs to them, leave the database; what later plans need of them stays."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self

from sqlalchemy import ColumnElement, delete, func, select
from sqlalchemy.orm import Session

from sniper.store import convert, database, leases
from sniper.store.history import keep_odds
from sniper.store.models import AttemptRow, AvailabilityRow, Base, JobRow, LogRow, RunRow, WaveRow
from sniper.store.records import RunRecord, RunState
from sniper.store.seen_models import ObservationRow, ReadingRow, WatchRow
from sniper.store.transactions import Transactions

_AT_ONCE = 500
"""SQLite takes only so many values in one statement."""


@dataclass(frozen=True, slots=True)
class Prunable:
    """What goes, as numbers of rows."""

    runs: tuple[RunRecord, ...]
    waves: int
    attempts: int
    log_lines: int
    jobs: int
    availability: int
    observations: int

    def __bool__(self) -> bool:
        """Is there anything?"""
        return bool(self.runs or self.log_lines or self.availability or self.observations)


class Pruning(Transactions):
    """Deletes runs that are older than wanted, with their waves, attempts, jobs and lines of the log, and
    what was seen of slots whose start is as long past.

    It keeps accounts, their secrets and sign-ins; bookings; what was won and lost, as numbers, for the odds
    of plans; runs for days that are not past, runs that one that is kept goes on with, and runs that may be
    at work.
    """

    @classmethod
    def open(cls) -> Self:
        """Open the database, as `Store.open` does."""
        return cls(database.connect(database.database_url()))

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()

    def at_work(self, now: datetime) -> list[RunRecord]:
        """The runs that may be at work."""
        with self._read() as session:
            running = session.scalars(select(RunRow).filter_by(state=RunState.RUNNING).order_by(RunRow.id))
            return [convert.run(run) for run in running if leases.is_alive(run, now)]

    def prunable(self, before: datetime, now: datetime) -> Prunable:
        """What `prune` would delete."""
        with self._read() as session:
            runs = _old_runs(session, before, now)
            ids = [run.id for run in runs]
            return Prunable(
                tuple(convert.run(run) for run in runs),
                waves=_count(session, WaveRow, ids),
                attempts=_count(session, AttemptRow, ids),
                log_lines=_count(session, LogRow, ids) + _counted(session, LogRow, _old_line(before)),
                jobs=_count(session, JobRow, ids),
                availability=_counted(session, AvailabilityRow, AvailabilityRow.starts_at < before),
                observations=_counted(session, ObservationRow, ObservationRow.starts_at < before),
            )

    def prune(self, before: datetime, now: datetime) -> Sequence[int]:
        """Delete it, all or nothing; the numbers of the runs that are gone.

        Args:
            before: What came to its end earlier than this, by this machine's clock.
            now: This machine's time.
        """
        with self._write() as session:
            runs = _old_runs(session, before, now)
            by_site = defaultdict[str, list[int]](list)
            for run in runs:
                by_site[run.site].append(run.id)
            for site, ids in by_site.items():
                for some in _portions(ids):
                    keep_odds(session, site, some)
                    session.execute(delete(LogRow).where(LogRow.run_id.in_(some)))
                    # With their waves, jobs, attempts and leases; bookings lose the run, and stay.
                    session.execute(delete(RunRow).where(RunRow.id.in_(some)))
            session.execute(delete(LogRow).where(_old_line(before)))
            session.execute(delete(AvailabilityRow).where(AvailabilityRow.starts_at < before))
            session.execute(delete(ObservationRow).where(ObservationRow.starts_at < before))
            for of_a_day in (ReadingRow, WatchRow):
                session.execute(delete(of_a_day).where(of_a_day.target_date < before.date()))
            return [one for ids in by_site.values() for one in ids]


def _old_runs(session: Session, before: datetime, now: datetime) -> list[RunRow]:
    """In the order of their numbers."""
    # A day of grace: somewhere the day of the run may not be over yet.
    today = (now - timedelta(days=1)).date()
    everything = session.scalars(select(RunRow).order_by(RunRow.id)).all()
    old = {
        run.id: run
        for run in everything
        if (run.finished_at or run.started_at) < before
        and (run.target_date is None or run.target_date < today)
        and not leases.is_alive(run, now)
    }
    # The newest first: a run that stays keeps the one it goes on with, and that the one before it.
    for run in reversed(everything):
        if run.id not in old and run.continues is not None:
            old.pop(run.continues, None)
    return list(old.values())


def _old_line(before: datetime) -> ColumnElement[bool]:
    """Lines of the log that belong to no run: their attempts have long been deleted, or never were any."""
    return LogRow.run_id.is_(None) & (LogRow.timestamp < before)


def _count(session: Session, rows: type[Base], runs: Collection[int]) -> int:
    of_run = rows.__table__.c.run_id
    return sum(_counted(session, rows, of_run.in_(some)) for some in _portions(list(runs)))


def _counted(session: Session, rows: type[Base], where: ColumnElement[bool]) -> int:
    return session.scalar(select(func.count()).select_from(rows).where(where)) or 0


def _portions(ids: Sequence[int]) -> list[Sequence[int]]:
    return [ids[start : start + _AT_ONCE] for start in range(0, len(ids), _AT_ONCE)]
