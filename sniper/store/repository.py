"""The store as the coordinator and the command line see it."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, time, timedelta
from types import TracebackType
from typing import Any, Self, TypeVar

from sqlalchemy import Engine, Select, delete, func, select, update
from sqlalchemy.exc import DatabaseError, IntegrityError, StatementError
from sqlalchemy.orm import Session, joinedload

from sniper.core.goals import Goal
from sniper.core.lead import Aim
from sniper.core.odds import Record
from sniper.core.outcomes import Proof
from sniper.core.plan import Attempt, Standing, Wave
from sniper.core.slots import Slot
from sniper.core.tries import Moment, Try
from sniper.store import convert, database, ledger
from sniper.store.history import history
from sniper.store.models import (
    AccountRow,
    AttemptRow,
    Base,
    BookingRow,
    JobRow,
    LogRow,
    RunRow,
    SignInStateRow,
    WaveRow,
)
from sniper.store.processes import is_gone, this_host
from sniper.store.records import (
    ACTIVE,
    AttemptRecord,
    AttemptState,
    BookingRecord,
    BookingStatus,
    JobStatus,
    RunDetail,
    RunRecord,
    RunState,
)

Row = TypeVar("Row", bound=Base)

_SECRET = re.compile("accounts|.*(password|secret|token|cookie).*", re.IGNORECASE)


class Store:
    """What is remembered between runs. Every call is one transaction of its own, from any thread.

    Calls block on the disk: none belongs between an opening and its request. `now` is this machine's clock.
    Every method raises `EnvironmentProblem` when the database fails and `ValueError` for a naive datetime.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._writer = database.writing(engine)

    @classmethod
    def open(cls, url: str | None = None) -> Store:
        """Open the database, making it and bringing its tables up to date where needed.

        Args:
            url: Where it is; else `SNIPER_DATABASE_URL`, else a SQLite file in the state folder.
        """
        return cls(database.connect(database.database_url(url)))

    @classmethod
    def as_it_is(cls) -> Store | None:
        """Open the database to read it, if there is one that this version needs not change."""
        engine = database.connect_as_is(database.database_url())
        return None if engine is None else cls(engine)

    @property
    def place(self) -> str:
        """Where the database is, without its password."""
        return self._engine.url.render_as_string(hide_password=True)

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # -- runs

    def start_run(self, site: str, goal: Mapping[str, Any], *, rehearsal: bool, now: datetime) -> int:
        """Write down that this process begins a run, and return the run's number.

        Args:
            goal: The snipe_config as given, in plain JSON.

        Raises:
            ValueError: The goal has a key for accounts or a secret.
        """
        _refuse_secrets(goal)
        with self._write() as session:
            row = RunRow(
                site=site,
                rehearsal=rehearsal,
                goal=dict(goal),
                state=RunState.RUNNING,
                host=this_host(),
                pid=os.getpid(),
                started_at=now,
            )
            session.add(row)
            session.flush()
            return row.id

    def finish_run(
        self, run_id: int, state: RunState, standing: Standing | None, exit_code: int | None, *, now: datetime
    ) -> None:
        """Write down how a run ended. Its attempts that are still open stay open; its jobs are over."""
        with self._write() as session:
            row = _existing(session, RunRow, run_id)
            row.state, row.standing, row.exit_code, row.finished_at = state, standing, exit_code, now
            session.execute(
                update(JobRow)
                .where(JobRow.run_id == run_id, JobRow.status.in_([JobStatus.SCHEDULED, JobStatus.RUNNING]))
                .values(status=JobStatus.FAILED, result={"ended": f"run {state.value}"})
            )

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
            row = _existing(session, RunRow, run_id)
            names = {
                one.id: one.netid for one in session.scalars(select(AccountRow).filter_by(site=row.site))
            }
            waves = session.scalars(select(WaveRow).filter_by(run_id=run_id).order_by(WaveRow.number))
            jobs = session.scalars(
                select(JobRow).filter_by(run_id=run_id).order_by(JobRow.starts_at, JobRow.priority, JobRow.id)
            )
            log = session.scalars(select(LogRow).filter_by(run_id=run_id).order_by(LogRow.id))
            bookings = session.scalars(_bookings().filter_by(run_id=run_id))
            return RunDetail(
                run=convert.run(row),
                waves=tuple(convert.wave(one) for one in waves),
                jobs=tuple(convert.job(one, names) for one in jobs),
                attempts=tuple(
                    convert.attempt(one) for one in session.scalars(_attempts().filter_by(run_id=run_id))
                ),
                log=tuple(convert.line(one) for one in log),
                bookings=tuple(convert.booking(one) for one in bookings),
            )

    def unsettled_runs(self, site: str) -> list[RunRecord]:
        """The runs at a site that left something open, oldest first.

        Those are runs of this machine whose process is gone without a word, and ended ones with attempts
        still open.
        """
        left_open = select(AttemptRow.id).where(
            AttemptRow.run_id == RunRow.id, AttemptRow.state == AttemptState.OPEN
        )
        with self._read() as session:
            rows = session.scalars(
                select(RunRow)
                .where(RunRow.site == site, (RunRow.state == RunState.RUNNING) | left_open.exists())
                .order_by(RunRow.id)
            )
            return [
                convert.run(row)
                for row in rows
                if row.state is not RunState.RUNNING or is_gone(row.host, row.pid)
            ]

    # -- accounts

    def ensure_account(self, site: str, netid: str, *, active: bool = True, now: datetime) -> int:
        """Know an account and whether it is active; returns its id. The other methods take its name."""
        with self._write() as session:
            row = ledger.account(session, site, netid, now)
            if row.is_active != active:
                row.is_active, row.updated_at = active, now
            return row.id

    def history(self, site: str) -> Mapping[tuple[str, time], Record]:
        """Slots won and lost at a site, by location and time of day there."""
        with self._read() as session:
            return history(session, site)

    # -- sign-in states

    def sign_in_state(self, site: str, netid: str) -> str | None:
        """What was last kept of an account's sign-in, as it was sealed."""
        query = select(SignInStateRow.sealed).join(AccountRow).filter_by(site=site, netid=netid)
        with self._read() as session:
            return session.scalar(query)

    def keep_sign_in_state(self, site: str, netid: str, sealed: str, *, now: datetime) -> None:
        """Keep it instead of what was kept before. Sealed it must be: here nothing is encrypted."""
        with self._write() as session:
            account_id = ledger.account(session, site, netid, now).id
            session.merge(SignInStateRow(account_id=account_id, sealed=sealed, saved_at=now))

    def forget_sign_in_state(self, site: str, netid: str) -> None:
        """Keep nothing of an account's sign-in."""
        known = select(AccountRow.id).filter_by(site=site, netid=netid)
        with self._write() as session:
            session.execute(delete(SignInStateRow).where(SignInStateRow.account_id.in_(known)))

    # -- waves

    def plan_wave(self, run_id: int, wave: Wave, goal: Goal, aim: Aim | None = None, *, now: datetime) -> int:
        """Write a wave, when it is to fire, and its targets as scheduled jobs; returns the wave's id.

        Raises:
            ValueError: The wave aims at a slot that the goal does not name.
        """
        with self._write() as session:
            run = _existing(session, RunRow, run_id)
            return ledger.plan_wave(session, run, wave, goal, aim, now)

    def open_attempts(
        self, wave_id: int, attempts: Iterable[Attempt], *, now: datetime
    ) -> dict[Attempt, int]:
        """Write all attempts of a wave as open, in one transaction, *before* any of them is fired.

        Returns:
            The id of each attempt, in the order given.
        """
        with self._write() as session:
            wave = _existing(session, WaveRow, wave_id)
            return ledger.open_attempts(session, wave, attempts, now)

    def close_attempt(
        self,
        attempt_id: int,
        tries: Sequence[Try],
        timeline: Sequence[Moment] = (),
        page_bound: timedelta | None = None,
        *,
        now: datetime,
    ) -> None:
        """Write down how an attempt ended: its last try is the outcome, each try a line of the log.

        No tries at all: it was never fired. What the tries tell about slots goes to the availability.

        Raises:
            ValueError: It is closed already.
        """
        with self._write() as session:
            row = _existing(session, AttemptRow, attempt_id)
            if row.state is AttemptState.CLOSED:
                raise ValueError(f"attempt {attempt_id} is closed already")
            ledger.close_attempt(session, row, tries, timeline, page_bound, now)

    def keep_course(
        self, attempt_id: int, timeline: Sequence[Moment], page_bound: timedelta | None = None
    ) -> None:
        """Write down as much as is known of an attempt that stays open."""
        with self._write() as session:
            ledger.keep_course(_existing(session, AttemptRow, attempt_id), timeline, page_bound)

    def open_attempts_of(self, run_id: int) -> list[AttemptRecord]:
        """The attempts of a run nobody knows the end of: they are settled by reading *my bookings*."""
        with self._read() as session:
            rows = session.scalars(_attempts().filter_by(run_id=run_id, state=AttemptState.OPEN))
            return [convert.attempt(row) for row in rows]

    def finish_wave(self, wave_id: int, *, now: datetime) -> None:
        """Complete the jobs of a wave whose slot the run has a booking for, and fail the others.

        To be called when *my bookings* was read and `record_booking` was called for what it showed.
        """
        with self._write() as session:
            ledger.finish_wave(session, _existing(session, WaveRow, wave_id), now)

    # -- bookings

    def record_booking(
        self,
        run_id: int,
        account: str,
        slot: Slot,
        *,
        reference: str | None,
        proof: Proof,
        status: BookingStatus,
        now: datetime,
    ) -> int:
        """Write down what is known of a booking; again for the same slot, and it is brought up to date.

        An account is in one place at a time: an active booking elsewhere at the same instant is cancelled by
        a newer active one. The booking belongs to the run that recorded it last.
        """
        with self._write() as session:
            run = _existing(session, RunRow, run_id)
            return ledger.record_booking(session, run, account, slot, reference, proof, status, now)

    def cancel_booking(
        self, run_id: int, account: str, slot: Slot, *, now: datetime, error: str | None = None
    ) -> bool:
        """Write down that a booking was given back, or why it could not be (`error`).

        Returns:
            Whether the store knew an active booking of that account and slot.
        """
        with self._write() as session:
            run = _existing(session, RunRow, run_id)
            return ledger.cancel_booking(session, run, account, slot, error, now)

    def bookings(
        self, site: str | None = None, *, upcoming_from: datetime | None = None
    ) -> list[BookingRecord]:
        """The bookings in the order of their starts.

        Args:
            upcoming_from: Leave out what is not active, and what starts before this instant.
        """
        query = _bookings()
        if site is not None:
            query = query.where(BookingRow.site == site)
        if upcoming_from is not None:
            query = query.where(BookingRow.starts_at >= upcoming_from, BookingRow.status.in_(ACTIVE))
        with self._read() as session:
            return [convert.booking(row) for row in session.scalars(query)]

    # -- transactions

    @contextmanager
    def _read(self) -> Iterator[Session]:
        with self._errors_told(), Session(self._engine) as session:
            yield session

    @contextmanager
    def _write(self) -> Iterator[Session]:
        with self._errors_told(), Session(self._writer) as session, session.begin():
            yield session

    @contextmanager
    def _errors_told(self) -> Iterator[None]:
        try:
            yield
        except IntegrityError:
            raise  # a mistake of ours
        except DatabaseError as error:
            raise database.unusable(self._engine.url, error) from error
        except StatementError as error:
            if isinstance(error.orig, (ValueError, LookupError)):  # a column type refused a value
                raise error.orig from error
            raise


def _existing(session: Session, kind: type[Row], number: int) -> Row:
    row = session.get(kind, number)
    if row is None:
        raise LookupError(f"no row {number} in {kind.__tablename__}")
    return row


def _attempts() -> Select[AttemptRow]:
    return (
        select(AttemptRow)
        .options(joinedload(AttemptRow.account), joinedload(AttemptRow.wave))
        .order_by(AttemptRow.id)
    )


def _bookings() -> Select[BookingRow]:
    return (
        select(BookingRow)
        .options(joinedload(BookingRow.account))
        .order_by(BookingRow.starts_at, func.lower(BookingRow.site), BookingRow.id)
    )


def _refuse_secrets(goal: object, path: str = "goal") -> None:
    """Raise if somebody hands over more of `bookings.json` than the goal."""
    if isinstance(goal, Mapping):
        for key, value in goal.items():
            if _SECRET.fullmatch(str(key)):
                raise ValueError(f"{path}.{key} does not belong in the store")
            _refuse_secrets(value, f"{path}.{key}")
    elif isinstance(goal, (list, tuple)):
        for item in goal:
            _refuse_secrets(item, path)
