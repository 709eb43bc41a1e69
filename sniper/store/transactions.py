"""The transactions of the store. Those of a run look first whether it may still write."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeVar

from sqlalchemy import Engine, Select, func, select
from sqlalchemy.exc import DatabaseError, IntegrityError, StatementError
from sqlalchemy.orm import Session, joinedload

from sniper.store import database, leases
from sniper.store.models import AttemptRow, Base, BookingRow

Row = TypeVar("Row", bound=Base)


class Transactions:
    """Reads, and writes that are fenced where they are a run's."""

    def __init__(self, engine: Engine, writer: int | None = None) -> None:
        """Over an engine.

        Args:
            engine: Connected.
            writer: The run whose leases every write needs.
        """
        self._engine = engine
        self._writes = database.writing(engine)
        self._fence = writer

    @contextmanager
    def _read(self) -> Iterator[Session]:
        """A transaction that reads."""
        with self._errors_told(), Session(self._engine) as session:
            yield session

    @contextmanager
    def _write(self) -> Iterator[Session]:
        """A transaction that writes.

        Raises:
            LeaseLostError: It is a run's that has lost its leases; nothing is written.
        """
        with self._errors_told(), Session(self._writes) as session, session.begin():
            if self._fence is not None:
                leases.check(session, self._fence)
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


def existing(session: Session, kind: type[Row], number: int) -> Row:
    row = session.get(kind, number)
    if row is None:
        raise LookupError(f"no row {number} in {kind.__tablename__}")
    return row


def all_attempts() -> Select[AttemptRow]:
    return (
        select(AttemptRow)
        .options(joinedload(AttemptRow.account), joinedload(AttemptRow.wave))
        .order_by(AttemptRow.id)
    )


def all_bookings() -> Select[BookingRow]:
    return (
        select(BookingRow)
        .options(joinedload(BookingRow.account))
        .order_by(BookingRow.starts_at, func.lower(BookingRow.site), BookingRow.id)
    )
