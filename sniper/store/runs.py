"""Runs in the store: how one begins, lives and ends, and which came before it."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import select, update

from sniper.core.plan import Standing
from sniper.store import convert, leases, ledger
from sniper.store.leases import Job
from sniper.store.models import AccountRow, AttemptRow, JobRow, LogRow, RunRow, WaveRow
from sniper.store.processes import this_host
from sniper.store.records import AttemptState, JobStatus, RunDetail, RunRecord, RunState
from sniper.store.transactions import Transactions, all_attempts, all_bookings, existing

_SECRET = re.compile("accounts|.*(password|secret|token|cookie).*", re.IGNORECASE)


class Runs(Transactions):
    """The part of the store that is about runs as a whole; see `Store`."""

    def start_run(
        self,
        site: str,
        goal: Mapping[str, Any],
        *,
        rehearsal: bool,
        now: datetime,
        job: Job | None = None,
        presses: bool = True,
    ) -> int:
        """Write down that this process begins a run, and return the run's number.

        Args:
            site: The profile's name.
            goal: The snipe_config as given, in plain JSON.
            rehearsal: Is it only the practice site?
            now: This machine's time.
            job: What it takes the leases of. If the last run for that did not come to its end, this one
                continues it.
            presses: False for a dry run, which continues none and is continued by none.

        Raises:
            LeaseTakenError: Another run works for one of the accounts on that day; nothing is written.
            ValueError: The goal has a key for accounts or a secret.
        """
        refuse_secrets(goal)
        with self._write() as session:
            row = RunRow(
                site=site,
                rehearsal=rehearsal,
                goal=dict(goal),
                state=RunState.RUNNING,
                host=this_host(),
                pid=os.getpid(),
                started_at=now,
                presses=presses,
            )
            if job is not None:
                crew = [ledger.account(session, site, name, now) for name in job.accounts]
                row.accounts, row.target_date = [one.id for one in crew], job.day
                before = leases.last_unfinished(session, site, row.accounts, day=job.day)
                row.continues = before.id if before and presses else None
            session.add(row)
            session.flush()
            if job is not None:
                leases.take(session, row, crew, job.day, now)
            return row.id

    def stay_alive(self, run_id: int, until: datetime) -> None:
        """Say that a run lives, and will at least until this instant of this machine's clock.

        Raises:
            LeaseLostError: Another run took over.
        """
        with self._write() as session:
            run = leases.check(session, run_id)
            run.alive_until = max(run.alive_until or until, until)

    def last_unfinished(
        self, site: str, accounts: Iterable[str], *, day: date | None = None, from_day: date | None = None
    ) -> RunRecord | None:
        """The newest run that shares an account with these and did not come to its end, for one day or for
        any from `from_day` on. It may be at work still.
        """
        with self._read() as session:
            known = select(AccountRow.id).where(AccountRow.site == site, AccountRow.netid.in_(list(accounts)))
            ids = session.scalars(known).all()
            row = leases.last_unfinished(session, site, ids, day=day, from_day=from_day)
            return None if row is None else convert.run(row)

    def is_at_work(self, run_id: int, *, now: datetime) -> bool:
        """May a run still be at work, as far as can be told from here?"""
        with self._read() as session:
            return leases.is_alive(existing(session, RunRow, run_id), now)

    def finish_run(
        self, run_id: int, state: RunState, standing: Standing | None, exit_code: int | None, *, now: datetime
    ) -> None:
        """Write down how a run ended. Its attempts that are still open stay open; its jobs are over."""
        with self._write() as session:
            row = existing(session, RunRow, run_id)
            row.state, row.standing, row.exit_code, row.finished_at = state, standing, exit_code, now
            session.execute(
                update(JobRow)
                .where(JobRow.run_id == run_id, JobRow.status.in_([JobStatus.SCHEDULED, JobStatus.RUNNING]))
                .values(status=JobStatus.FAILED, result={"ended": f"run {state.value}"})
            )
            leases.release(session, run_id)

    def runs(self, limit: int | None = None) -> list[RunRecord]:
        """The runs, newest first."""
        with self._read() as session:
            return [
                convert.run(row)
                for row in session.scalars(select(RunRow).order_by(RunRow.id.desc()).limit(limit))
            ]

    def run(self, run_id: int) -> RunDetail:
        """A run with all that belongs to it.

        Raises:
            LookupError: There is no such run.
        """
        with self._read() as session:
            row = existing(session, RunRow, run_id)
            names = {
                one.id: one.netid for one in session.scalars(select(AccountRow).filter_by(site=row.site))
            }
            waves = session.scalars(select(WaveRow).filter_by(run_id=run_id).order_by(WaveRow.number))
            jobs = session.scalars(
                select(JobRow).filter_by(run_id=run_id).order_by(JobRow.starts_at, JobRow.priority, JobRow.id)
            )
            log = session.scalars(select(LogRow).filter_by(run_id=run_id).order_by(LogRow.id))
            bookings = session.scalars(all_bookings().filter_by(run_id=run_id))
            return RunDetail(
                run=convert.run(row),
                waves=tuple(convert.wave(one) for one in waves),
                jobs=tuple(convert.job(one, names) for one in jobs),
                attempts=tuple(
                    convert.attempt(one) for one in session.scalars(all_attempts().filter_by(run_id=run_id))
                ),
                log=tuple(convert.line(one) for one in log),
                bookings=tuple(convert.booking(one) for one in bookings),
            )

    def superseded_by(self, run_id: int) -> list[RunRecord]:
        """The earlier runs that left something open which is now this one's to settle, oldest first.

        Those are runs for the same day that share an account with it, and either never told how they ended or
        have attempts still open. None of them can be at work: this one has their leases.
        """
        left_open = select(AttemptRow.id).where(
            AttemptRow.run_id == RunRow.id, AttemptRow.state == AttemptState.OPEN
        )
        with self._read() as session:
            ours = existing(session, RunRow, run_id)
            rows = session.scalars(
                select(RunRow)
                .where(
                    RunRow.site == ours.site,
                    RunRow.target_date == ours.target_date,
                    RunRow.id < run_id,
                    (RunRow.state == RunState.RUNNING) | left_open.exists(),
                )
                .order_by(RunRow.id)
            )
            return [convert.run(row) for row in rows if set(row.accounts or ()) & set(ours.accounts or ())]


def refuse_secrets(goal: object, path: str = "goal") -> None:
    """Raise if somebody hands over more of `bookings.json` than the goal.

    Raises:
        ValueError: It has a key for accounts or a secret.
    """
    if isinstance(goal, Mapping):
        for key, value in goal.items():
            if _SECRET.fullmatch(str(key)):
                raise ValueError(f"{path}.{key} does not belong in the store")
            refuse_secrets(value, f"{path}.{key}")
    elif isinstance(goal, (list, tuple)):
        for item in goal:
            refuse_secrets(item, path)
