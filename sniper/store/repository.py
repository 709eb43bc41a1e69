"""The store as the coordinator and the command line see it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, time, timedelta
from types import TracebackType
from typing import Self

from sqlalchemy import URL

from sniper.core.goals import Goal
from sniper.core.lead import Aim
from sniper.core.odds import Record
from sniper.core.outcomes import Proof
from sniper.core.plan import Attempt, Wave
from sniper.core.slots import Slot
from sniper.core.tries import Moment, Try
from sniper.store import convert, database, ledger
from sniper.store.accounts import Accounts
from sniper.store.history import history
from sniper.store.looks import Looks
from sniper.store.models import AttemptRow, BookingRow, RunRow, WaveRow
from sniper.store.records import ACTIVE, AttemptRecord, AttemptState, BookingRecord, BookingStatus
from sniper.store.runs import Runs
from sniper.store.schedules import Schedules
from sniper.store.serving import Serving
from sniper.store.transactions import all_attempts, all_bookings, existing


class Store(Runs, Accounts, Schedules, Serving, Looks):
    """What is remembered between runs. Every call is one transaction of its own, from any thread.

    Calls block on the disk: none belongs between an opening and its request. `now` is this machine's clock.
    Every method raises `EnvironmentProblem` when the database fails and `ValueError` for a naive datetime.
    """

    @classmethod
    def open(cls, url: str | URL | None = None) -> Store:
        """Open the database, making it and bringing its tables up to date where needed.

        Args:
            url: Where it is; else `SNIPER_DATABASE_URL`, else a SQLite file in the state folder.
        """
        return cls(database.connect(database.database_url(url)))

    def for_run(self, run_id: int) -> Store:
        """The same, for what a run writes: once another took over, each write raises `LeaseLostError`."""
        return Store(self._engine, run_id)

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

    def history(self, site: str) -> Mapping[tuple[str, time], Record]:
        """Slots won and lost at a site, by location and time of day there."""
        with self._read() as session:
            return history(session, site)

    # -- waves

    def plan_wave(self, run_id: int, wave: Wave, goal: Goal, aim: Aim | None = None, *, now: datetime) -> int:
        """Write a wave, when it is to fire, and its targets as scheduled jobs; returns the wave's id.

        Raises:
            ValueError: The wave aims at a slot that the goal does not name.
        """
        with self._write() as session:
            run = existing(session, RunRow, run_id)
            return ledger.plan_wave(session, run, wave, goal, aim, now)

    def open_attempts(
        self, wave_id: int, attempts: Iterable[Attempt], *, now: datetime
    ) -> dict[Attempt, int]:
        """Write all attempts of a wave as open, in one transaction, *before* any of them is fired.

        Returns:
            The id of each attempt, in the order given.
        """
        with self._write() as session:
            wave = existing(session, WaveRow, wave_id)
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
            row = existing(session, AttemptRow, attempt_id)
            if row.state is AttemptState.CLOSED:
                raise ValueError(f"attempt {attempt_id} is closed already")
            ledger.close_attempt(session, row, tries, timeline, page_bound, now)

    def keep_course(
        self, attempt_id: int, timeline: Sequence[Moment], page_bound: timedelta | None = None
    ) -> None:
        """Write down as much as is known of an attempt that stays open."""
        with self._write() as session:
            ledger.keep_course(existing(session, AttemptRow, attempt_id), timeline, page_bound)

    def open_attempts_of(self, run_id: int) -> list[AttemptRecord]:
        """The attempts of a run nobody knows the end of: they are settled by reading *my bookings*."""
        with self._read() as session:
            rows = session.scalars(all_attempts().filter_by(run_id=run_id, state=AttemptState.OPEN))
            return [convert.attempt(row) for row in rows]

    def finish_wave(self, wave_id: int, *, now: datetime) -> None:
        """Complete the jobs of a wave whose slot the run has a booking for, and fail the others.

        To be called when *my bookings* was read and `record_booking` was called for what it showed.
        """
        with self._write() as session:
            ledger.finish_wave(session, existing(session, WaveRow, wave_id), now)

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
            run = existing(session, RunRow, run_id)
            return ledger.record_booking(session, run, account, slot, reference, proof, status, now)

    def cancel_booking(
        self, run_id: int, account: str, slot: Slot, *, now: datetime, error: str | None = None
    ) -> bool:
        """Write down that a booking was given back, or why it could not be (`error`).

        Returns:
            Whether the store knew an active booking of that account and slot.
        """
        with self._write() as session:
            run = existing(session, RunRow, run_id)
            return ledger.cancel_booking(session, run, account, slot, error, now)

    def bookings(
        self, site: str | None = None, *, upcoming_from: datetime | None = None
    ) -> list[BookingRecord]:
        """The bookings in the order of their starts.

        Args:
            upcoming_from: Leave out what is not active, and what starts before this instant.
        """
        query = all_bookings()
        if site is not None:
            query = query.where(BookingRow.site == site)
        if upcoming_from is not None:
            query = query.where(BookingRow.starts_at >= upcoming_from, BookingRow.status.in_(ACTIVE))
        with self._read() as session:
            return [convert.booking(row) for row in session.scalars(query)]
