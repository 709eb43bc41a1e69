"""What `sniper serve` keeps in the store: who serves, what became of days, and the scheduler's jobs.

One daemon at a time serves a store: two would both run every day, and one of each pair be refused its leases.
Its row is a lease like a run's: it says in advance that it lives, and whoever came last has the place. What
is asked of the daemon by others (to read its files again) is a number in the same row that only grows: the
daemon writes beside it up to which one it has done. That works on every system and from other machines, too.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.orm import Session

from sniper.errors import EnvironmentProblem
from sniper.store.planned import DaemonRecord, OccurrenceState
from sniper.store.planned_models import DaemonRow, OccurrenceRow, WakeRow
from sniper.store.processes import is_gone, this_host
from sniper.store.transactions import Transactions, existing

if TYPE_CHECKING:
    from apscheduler.jobstores.sqlalchemy import SQLAlchemyJobStore

LASTS = timedelta(seconds=45)
"""How long a daemon that is not heard of counts as alive."""


class PlaceTakenError(EnvironmentProblem):
    """Another daemon serves this store."""

    def __init__(self, holder: DaemonRow, now: datetime) -> None:
        where = "this machine" if holder.host == this_host() else holder.host
        left = max((holder.alive_until - now).total_seconds(), 0)
        super().__init__(
            f"another `sniper serve` is at work with this store: process {holder.pid} of {where}, "
            f"since {holder.started_at.astimezone():%a %d %b %H:%M:%S}",
            mend="Stop it there, or have it read its files again by `sniper serve reload`. If it is gone "
            f"without a word, its place is free in {left:.0f} s.",
        )


class PlaceLostError(EnvironmentProblem):
    """Another daemon has taken over."""

    def __init__(self) -> None:
        super().__init__(
            "another `sniper serve` took over this store while this one was not heard of; this one stops",
            mend="See to the other: `sniper serve status`.",
        )


class Serving(Transactions):
    """The part of the store that is about the daemon; see `Store`."""

    # -- its place

    def take_place(self, files: Sequence[str], *, now: datetime) -> int:
        """Be the daemon of this store; returns the number that says so.

        Raises:
            PlaceTakenError: Another one is.
        """
        with self._write() as session:
            last = _last(session)
            if last is not None and _lives(last, now):
                raise PlaceTakenError(last, now)
            row = DaemonRow(
                host=this_host(),
                pid=os.getpid(),
                files=list(files),
                started_at=now,
                alive_until=now + LASTS,
                asked=0,
                done=0,
            )
            session.add(row)
            session.flush()
            return row.id

    def beat(self, daemon_id: int, *, now: datetime) -> int:
        """Say that the daemon lives; returns how often it was asked to read its files again.

        Raises:
            PlaceLostError: Another one has taken its place.
        """
        with self._write() as session:
            row = _ours(session, daemon_id)
            row.alive_until = now + LASTS
            return row.asked

    def asked_of_daemon(self, daemon_id: int) -> int:
        """How often it was asked to read its files again."""
        with self._read() as session:
            return existing(session, DaemonRow, daemon_id).asked

    def has_read(self, daemon_id: int, asked: int, files: Sequence[str], complaint: str | None) -> None:
        """Write down that the files were read again, as often as was asked, and what was wrong with them."""
        with self._write() as session:
            row = _ours(session, daemon_id)
            row.done, row.complaint, row.files = max(row.done, asked), complaint, list(files)

    def leave_place(self, daemon_id: int, *, now: datetime) -> None:
        """The daemon has ended."""
        with self._write() as session:
            existing(session, DaemonRow, daemon_id).ended_at = now

    def daemon(self, *, now: datetime) -> DaemonRecord | None:
        """The daemon that serves, or the last one that did."""
        with self._read() as session:
            row = _last(session)
            return None if row is None else _record(row, now)

    def ask_daemon_to_read(self, *, now: datetime) -> DaemonRecord | None:
        """Ask the daemon to read its files again; the record says which number that is.

        Returns:
            None where none serves: then nothing is asked.
        """
        with self._write() as session:
            row = _last(session)
            if row is None or not _lives(row, now):
                return None
            row.asked += 1
            return _record(row, now)

    # -- days

    def begin_occurrence(self, occurrence_id: int, *, now: datetime) -> bool:
        """A day is run from now on, unless it is not to be run any more."""
        with self._write() as session:
            row = session.get(OccurrenceRow, occurrence_id)
            if row is None or row.state is not OccurrenceState.PENDING:
                return False
            row.state, row.reason, row.run_id, row.updated_at = OccurrenceState.RUNNING, None, None, now
            return True

    def occurrence_has_run(self, occurrence_id: int, run_id: int, *, now: datetime) -> None:
        """Write down which run it is."""
        with self._write() as session:
            row = existing(session, OccurrenceRow, occurrence_id)
            row.run_id, row.updated_at = run_id, now

    def end_occurrence(
        self, occurrence_id: int, state: OccurrenceState, reason: str | None = None, *, now: datetime
    ) -> None:
        """Write down what became of a day; PENDING means that it is to be tried again."""
        with self._write() as session:
            row = session.get(OccurrenceRow, occurrence_id)
            if row is not None:
                row.state, row.reason, row.updated_at = state, reason, now

    def occurrences_by_id(self, numbers: Iterable[int]) -> dict[int, tuple[OccurrenceState, str | None]]:
        """State and reason of these days, of those that are still there."""
        with self._read() as session:
            rows = session.scalars(select(OccurrenceRow).where(OccurrenceRow.id.in_(list(numbers))))
            return {row.id: (row.state, row.reason) for row in rows}

    # -- the scheduler

    def job_store(self) -> SQLAlchemyJobStore:
        """Where APScheduler keeps its jobs: a table of ours with the columns that it wants."""
        from apscheduler.jobstores.sqlalchemy import SQLAlchemyJobStore

        return SQLAlchemyJobStore(engine=self._writes, tablename=WakeRow.__tablename__)

    def errors_told(self) -> AbstractContextManager[None]:
        """Within the block what the database does not do is an `EnvironmentProblem`, as everywhere."""
        return self._errors_told()


def _last(session: Session) -> DaemonRow | None:
    return session.scalar(select(DaemonRow).order_by(DaemonRow.id.desc()).limit(1).with_for_update())


def _ours(session: Session, daemon_id: int) -> DaemonRow:
    last = _last(session)
    if last is None or last.id != daemon_id:
        raise PlaceLostError
    return last


def _lives(row: DaemonRow, now: datetime) -> bool:
    return row.ended_at is None and now < row.alive_until and not is_gone(row.host, row.pid)


def _record(row: DaemonRow, now: datetime) -> DaemonRecord:
    return DaemonRecord(
        id=row.id,
        host=row.host,
        pid=row.pid,
        files=tuple(row.files),
        started_at=row.started_at,
        alive_until=row.alive_until,
        ended_at=row.ended_at,
        lives=_lives(row, now),
        asked=row.asked,
        done=row.done,
        complaint=row.complaint,
    )
