"""The practice site's SQLite file: its tables, and how transactions on it are opened."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    CursorResult,
    Date,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    create_engine,
    event,
    text,
)
from sqlalchemy.exc import DBAPIError
from sqlalchemy.types import TypeDecorator

from sniper.errors import InputError
from sniper.practice.models import Status, parse_wire_time, wire_time

# Written into the header of the file, so that --fresh never empties somebody else's database.
_APPLICATION_ID = 0x534E5052  # "SNPR"
_SCHEMA_VERSION = 1


class DatabaseError(InputError):
    """The database file cannot be used; the message says why."""


class UtcTime(TypeDecorator[datetime]):
    """An aware datetime, kept as text in the form it has on the wire: sorts rightly, people can read it.

    To the millisecond, like the wire, or as finely as `timespec` of `datetime.isoformat` says.
    """

    impl = String(27)
    cache_ok = True

    def __init__(self, timespec: str = "milliseconds") -> None:
        super().__init__()
        self.timespec = timespec

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        """To the database."""
        return None if value is None else wire_time(value, self.timespec)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """From the database."""
        return None if value is None else parse_wire_time(value)


metadata = MetaData()

accounts = Table(
    "accounts",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("username", String, nullable=False, unique=True),
    Column("first_name", String, nullable=False),
    Column("last_name", String, nullable=False),
    Column("email", String, nullable=False),
    sqlite_autoincrement=True,
)

participations = Table(
    "participations",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("account_id", ForeignKey("accounts.id"), nullable=False),
    Column("location", String, nullable=False),
    Column("resource", Integer, nullable=False),
    Column("start", UtcTime, nullable=False),
    Column("day", Date, nullable=False),
    # Which of the slot's places, from 1; none on the waiting list.
    Column("place", Integer),
    Column("status", Integer, nullable=False),
    Column("registered_at", UtcTime, nullable=False),
    Column("cancelled_at", UtcTime),
    # Whether the rules are enforced for this row by the indices below: not for what a racy venue has written.
    Column("guarded", Boolean, nullable=False),
    Index("ix_participations_slot", "start", "resource"),
    Index("ix_participations_account", "account_id", "day"),
    sqlite_autoincrement=True,
)

# The venue's promises, kept by the database itself, whatever the code above it does.
_ENFORCED = text(f"status = {Status.BOOKED.value} AND cancelled_at IS NULL AND guarded")
for _name, _columns in {
    "one_holder_per_place": ("resource", "start", "place"),
    "one_booking_per_account_and_start": ("account_id", "start"),
    "one_booking_per_account_location_and_day": ("account_id", "location", "day"),
}.items():
    Index(_name, *(participations.c[column] for column in _columns), unique=True, sqlite_where=_ENFORCED)

tokens = Table(
    "tokens",
    metadata,
    # Only a hash: the file is no place to read a usable token from.
    Column("token_hash", String(64), primary_key=True),
    Column("account_id", ForeignKey("accounts.id"), nullable=False),
    Column("issued_at", UtcTime, nullable=False),
    Column("expires_at", UtcTime, nullable=False),
)

booking_requests = Table(
    "booking_requests",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("arrived_at", UtcTime("microseconds"), nullable=False),
    Column("account", String),
    Column("slot", String),
    Column("start", UtcTime),
    Column("outcome", String, nullable=False),
    Column("status", Integer, nullable=False),
    sqlite_autoincrement=True,
)


class Database:
    """One SQLite file. Safe to use from several threads, and by several processes at once."""

    def __init__(self, path: Path, *, fresh: bool = False) -> None:
        """Open or create the file; `fresh` empties it. Raises DatabaseError when it is not one of ours."""
        self.path = path
        # SQLite lets one transaction write at a time. Its own way of waiting is to sleep for some
        # milliseconds and try again; the threads of this process queue here instead and lose no time.
        self._writing = threading.Lock()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise DatabaseError(f"{path.parent} cannot be made: {error.strerror}.") from error
        self._engine = create_engine(f"sqlite:///{path}", connect_args={"timeout": 10.0})
        self._writer = self._engine.execution_options(writes=True)
        event.listen(self._engine, "connect", _configure)
        event.listen(self._engine, "begin", _begin)
        try:
            self._prepare(fresh=fresh)
        except DBAPIError as error:
            self.close()
            raise DatabaseError(f"{path} cannot be used as the practice database: {error.orig}.") from error
        except DatabaseError:
            self.close()
            raise

    def _prepare(self, *, fresh: bool) -> None:
        with self.write() as connection:
            tables = connection.exec_driver_sql("SELECT count(*) FROM sqlite_master").scalar_one()
            application = connection.exec_driver_sql("PRAGMA application_id").scalar_one()
            version = connection.exec_driver_sql("PRAGMA user_version").scalar_one()
            if tables and application != _APPLICATION_ID:
                raise DatabaseError(
                    f"{self.path} is a database of something else; it stays untouched.",
                    mend="Name another file with --db.",
                )
            if tables and version != _SCHEMA_VERSION and not fresh:
                raise DatabaseError(
                    f"{self.path} was made by another version of the practice site.",
                    mend="Empty it with --fresh.",
                )
            if fresh:
                metadata.drop_all(connection)
            metadata.create_all(connection)
            connection.exec_driver_sql(f"PRAGMA application_id = {_APPLICATION_ID}")
            connection.exec_driver_sql(f"PRAGMA user_version = {_SCHEMA_VERSION}")
        # Only now, so that somebody else's file is not so much as switched to another journal.
        # And on the driver's own connection: the journal cannot be changed inside a transaction.
        raw = self._engine.raw_connection()
        try:
            raw.cursor().execute("PRAGMA journal_mode = WAL")
        finally:
            raw.close()

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction that may write: holds the file's write lock from the start, commits at the end."""
        with self._writing, self._writer.begin() as connection:
            yield connection

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A transaction that only reads; sees one consistent state and blocks nobody."""
        with self._engine.connect() as connection:
            yield connection

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()


def inserted_id(result: CursorResult[Any]) -> int:
    """The id of the row that was just inserted."""
    key = result.inserted_primary_key
    assert key is not None
    number: int = key[0]
    return number


def _configure(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # transactions are begun by `_begin`, not by the driver
    cursor = connection.cursor()
    # In WAL mode NORMAL survives a crash of the program; only a power cut may lose the last transactions.
    cursor.execute("PRAGMA synchronous = NORMAL")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.close()


def _begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
