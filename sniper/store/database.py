"""The database behind the store: where it is, how it is opened, and that its tables are those of this code.

SQLite in the state folder unless `SNIPER_DATABASE_URL` names another. SQLite is set up so that several
processes can use it at once: write-ahead logging (readers never wait), a busy timeout, and every transaction
that writes takes the write lock when it *begins*. One that read first and wanted to write afterwards would be
refused at once, whatever the timeout, if somebody else had written in between.
"""

from __future__ import annotations

import errno
import os
import sqlite3
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, inspect, make_url, text
from sqlalchemy.exc import ArgumentError, DatabaseError, NoSuchModuleError

from sniper.errors import EnvironmentProblem
from sniper.paths import state_dir
from sniper.scrubbing import KNOWN
from sniper.store.backups import before_migration

if TYPE_CHECKING:
    from alembic.config import Config

URL_VARIABLE = "SNIPER_DATABASE_URL"
FILE_NAME = "sniper.sqlite3"
HEAD = "0010"
"""The newest revision in `migrations/versions`; written here because asking Alembic takes its import."""

# SQLite asks again and again, without a queue: who writes beside a busy other one may wait for long.
_BUSY_TIMEOUT_MS = 30_000
_WRITES = "sniper_writes"
_POSTGRES_LOCK = 0x5A1BE2


def file_in(folder: Path) -> URL:
    """The SQLite file of a state folder."""
    return URL.create("sqlite", database=str(folder / FILE_NAME))


def database_url(chosen: str | URL | None = None) -> URL:
    """The database to use: `chosen`, else `SNIPER_DATABASE_URL`, else a file in the state folder.

    Raises:
        EnvironmentProblem: It is no URL of a database.
    """
    given = chosen or os.environ.get(URL_VARIABLE)
    if not given:
        return file_in(state_dir())
    try:
        url = make_url(given)
    except ArgumentError:
        # The text is not shown: it may hold a password, and without its parts nobody can tell where.
        raise EnvironmentProblem(
            "The database's URL cannot be read.",
            mend=f"Give {URL_VARIABLE} as sqlite:////path/to/file or postgresql+psycopg://user@host/name.",
        ) from None
    if url.password:
        KNOWN.know([str(url.password)])
    return url


def connect(url: URL) -> Engine:
    """An engine for `url`, with its tables brought up to date.

    Raises:
        EnvironmentProblem: The place cannot be written, the driver is missing, the server does not answer,
            or the database was made by a newer version.
    """
    if path := file_of(url):
        _make_private(path)
    engine = _engine(url)
    try:
        _bring_up_to_date(engine)
    except DatabaseError as error:
        engine.dispose()
        raise unusable(url, error) from error
    except BaseException:
        engine.dispose()
        raise
    return engine


def connect_as_is(url: URL) -> Engine | None:
    """An engine for a database that is there and has the tables of this version; nothing is made or changed.

    Returns:
        None where there is none, or one of another version.

    Raises:
        EnvironmentProblem: It is there and cannot be read, or the driver is missing.
    """
    if (path := file_of(url)) and not path.is_file():
        return None
    engine = _engine(url)
    try:
        with engine.connect() as connection:
            if revision_of(connection) == HEAD:
                return engine
    except DatabaseError as error:
        engine.dispose()
        raise unusable(url, error) from error
    engine.dispose()
    return None


def connect_unchanged(url: URL) -> Engine:
    """An engine for a database that is there, whatever version it is of; nothing is made or changed.

    Raises:
        EnvironmentProblem: The driver is missing.
    """
    return _engine(url)


def file_of(url: URL) -> Path | None:
    """The file of a SQLite database; None of one that a server has, or that is in memory."""
    in_file = url.get_backend_name() == "sqlite" and url.database and url.database != ":memory:"
    return Path(str(url.database)) if in_file else None


def writing(engine: Engine) -> Engine:
    """The same engine, for transactions that write."""
    return engine.execution_options(**{_WRITES: True})


def unusable(url: URL, error: DatabaseError) -> EnvironmentProblem:
    """What to tell a person when the database does not do what it should."""
    reason = " ".join(str(error.orig).split())
    return EnvironmentProblem(
        f"The database {shown(url)} cannot be used: {reason.rstrip('.')}.",
        mend="Look whether it is writable, whole and not held by another program; "
        f"{URL_VARIABLE} or SNIPER_STATE_DIR choose another place.",
    )


def migration_config(connection: Connection) -> Config:
    """Alembic's settings for working on `connection`."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", "sniper.store:migrations")
    config.set_main_option("file_template", "v%%(rev)s_%%(slug)s")
    config.attributes["connection"] = connection
    return config


def known_revisions() -> frozenset[str]:
    """All steps that this version knows."""
    from alembic.script import ScriptDirectory

    scripts = ScriptDirectory(str(Path(__file__).with_name("migrations")))
    return frozenset(script.revision for script in scripts.walk_revisions())


def _engine(url: URL) -> Engine:
    try:
        engine = create_engine(url, hide_parameters=True)
    except (NoSuchModuleError, ModuleNotFoundError) as error:
        raise EnvironmentProblem(
            f"There is no driver for the database {shown(url)}: {error}.",
            mend="Install it (for PostgreSQL: pip install 'psycopg[binary]') or use SQLite.",
        ) from error
    if url.get_backend_name() == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    return engine


def _bring_up_to_date(engine: Engine) -> None:
    with engine.connect() as connection:
        if revision_of(connection) == HEAD:
            return
    with writing(engine).connect() as connection:
        if connection.dialect.name == "sqlite":
            # SQLite changes a table by dropping it, which would delete all rows that depend on it.
            connection.connection.cursor().execute("PRAGMA foreign_keys = OFF")
        # Two processes may find a new file at the same time: the second waits here, and then finds it done.
        with connection.begin():
            if connection.dialect.name == "postgresql":
                connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _POSTGRES_LOCK})
            revision = revision_of(connection)
            if revision != HEAD:
                _migrate(connection, revision)
    engine.dispose()  # with the connection that does not enforce foreign keys


def _migrate(connection: Connection, revision: str | None) -> None:
    from alembic import command

    config = migration_config(connection)
    if revision is not None and revision not in known_revisions():
        raise EnvironmentProblem(
            f"The database {shown(connection.engine.url)} was written by a newer version of sniper "
            f"(its tables are at {revision!r}, this version knows up to {HEAD!r}).",
            mend="Update sniper, or choose another place for its state by SNIPER_STATE_DIR.",
        )
    if revision is not None and (path := file_of(connection.engine.url)):
        # What others have written is in it: this transaction has the write lock, and has changed nothing yet.
        before_migration(path, revision)
    command.upgrade(config, "head")


def revision_of(connection: Connection) -> str | None:
    """At which step of the migrations its tables are; None where there are none."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    revision: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return revision


def shown(url: URL) -> str:
    """A file by its path, a server without the password."""
    if url.get_backend_name() == "sqlite" and url.database:
        return url.database
    return url.render_as_string(hide_password=True)


def _make_private(path: Path) -> None:
    """Create the file, and the folder where it is new, for the owner only: who books what is private.

    One that is there is not opened: on POSIX systems, to close it would end all locks that other connections
    of this process hold, and the next process that closes it would take the log away from under them.
    """
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if path.exists():
            if not os.access(path, os.R_OK | os.W_OK):
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
            return
        # SQLite gives its -wal and -shm files the mode of this one.
        with suppress(FileExistsError):
            os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    except OSError as error:
        raise EnvironmentProblem(
            f"The database {path} cannot be opened for writing: {error.strerror or error}.",
            mend="Make the folder writable, or choose another by SNIPER_STATE_DIR.",
        ) from error


def _prepare_sqlite(connection: sqlite3.Connection, _record: Any) -> None:
    connection.isolation_level = None  # transactions begin in `_begin_sqlite` and nowhere else
    for pragma in (
        f"busy_timeout = {_BUSY_TIMEOUT_MS}",
        "journal_mode = WAL",
        "synchronous = NORMAL",
        "foreign_keys = ON",
    ):
        connection.execute(f"PRAGMA {pragma}").close()


def _begin_sqlite(connection: Connection) -> None:
    kind = "IMMEDIATE" if connection.get_execution_options().get(_WRITES) else "DEFERRED"
    connection.exec_driver_sql(f"BEGIN {kind}")
