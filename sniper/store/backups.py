"""Copies of a SQLite database, made and put back whole or not at all, also while others work with it."""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

from sniper.errors import EnvironmentProblem, InputError

FOLDER = "backups"
KEPT = 5
"""Of the copies that are made before the tables change, the last so many are kept."""
_WAITS = 10.0
_STEP = 0.1
DRAFT = ".sniper-draft-"
"""How files begin that are not whole yet; one that is left is of a process that was killed."""
_STAMP = "%Y%m%dT%H%M%S.%fZ"
_OF_MIGRATION = "sniper-before-migration"
_OURS = {"alembic_version", "runs", "attempts", "bookings"}
_DAMAGES_TOLD = 5


@dataclass(frozen=True, slots=True)
class Look:
    """What a database file is.

    Attributes:
        revision: Of its tables; None where they are none of ours.
        damages: What is wrong with the file, as SQLite tells it; not looked for unless asked.
    """

    revision: str | None
    runs: int
    damages: tuple[str, ...] = ()


def back_up(database: Path, target: Path, *, replace: bool = False) -> None:
    """Copy a database, as it is at one instant, into a file of its own that is its owner's only.

    Args:
        database: It may be written to meanwhile.
        target: The copy; its folder exists.
        replace: Whether one that is there may be replaced.

    Raises:
        InputError: There is one already, or it cannot be written there.
        EnvironmentProblem: The database cannot be read.
    """
    if target.is_dir():
        raise InputError(f"{target} is a folder.", mend="Name a file in it.")
    if target.exists() and target.samefile(database):
        raise InputError(f"{target} is the database itself.", mend="Name another file.")
    if target.exists() and not replace:
        raise InputError(
            f"{target} is there already.", mend="Name another file, or give --force to replace it."
        )
    with _draft_beside(target) as draft:
        _copy(database, draft)
        draft.replace(target)


def restore(source: Path, database: Path) -> Path | None:
    """Put a copy in the place of a database, which is kept aside.

    Args:
        source: A copy that was looked at and is whole.
        database: Who works with it finds the other content from the next transaction on.

    Returns:
        Where what was there before is kept; None where there was nothing.

    Raises:
        InputError: It cannot be written there.
        EnvironmentProblem: One of them cannot be read, or the database is held by others.
    """
    database.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not database.exists():
        with _draft_beside(database) as draft:
            _copy(source, draft)
            draft.replace(database)
        return None
    aside = folder_of(database) / f"sniper-before-restore-{_stamp()}.sqlite3"
    try:
        back_up(database, aside)
    except EnvironmentProblem:
        # It is damaged: then the file itself is kept, and what lies beside it.
        for ending in ("-wal", "-shm", ""):
            with suppress(FileNotFoundError):
                shutil.move(f"{database}{ending}", f"{aside}{ending}")
        restore(source, database)
        return aside
    # Into the file that is there: whoever has it open goes on with the new content, and a process that is
    # killed meanwhile leaves the old one.
    _copy(source, database)
    return aside


def shrink(database: Path) -> int:
    """Give space that is not used any more back to the disk; how many bytes that was.

    Raises:
        EnvironmentProblem: Others hold the database, or the disk is full.
    """
    before = database.stat().st_size
    try:
        with closing(sqlite3.connect(database, timeout=_WAITS, isolation_level=None)) as connection:
            connection.execute("VACUUM")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    except sqlite3.DatabaseError as error:
        raise EnvironmentProblem(
            f"{database} cannot be made smaller: {error}.", mend="`sniper db prune` may be given again."
        ) from error
    return before - database.stat().st_size


def before_migration(database: Path, revision: str) -> Path:
    """Copy a database before its tables change, and drop older copies of that kind but the last five.

    Raises:
        EnvironmentProblem: It cannot be copied.
    """
    try:
        target = folder_of(database) / f"{_OF_MIGRATION}-from-{revision}-{_stamp()}.sqlite3"
        back_up(database, target)
    except InputError as error:
        raise EnvironmentProblem(
            f"The database has to be changed for this version, and cannot be copied before: {error}",
            mend=error.mend,
        ) from error
    of_that_kind = sorted(target.parent.glob(f"{_OF_MIGRATION}-*.sqlite3"), key=_when)
    for old in of_that_kind[:-KEPT]:
        old.unlink(missing_ok=True)
    return target


def default_target(database: Path) -> Path:
    """Where a copy goes if nobody says."""
    return folder_of(database) / f"sniper-{_stamp()}.sqlite3"


def folder_of(database: Path) -> Path:
    """The folder for copies, beside the database; made where it is missing, for its owner only.

    Raises:
        InputError: It cannot be made.
    """
    folder = database.parent / FOLDER
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(
            f"{folder} cannot be made: {error.strerror or error}.", mend="Make it writable."
        ) from error
    return folder


def look_at(path: Path, *, thoroughly: bool = False) -> Look:
    """What a file is, without changing it.

    Raises:
        InputError: There is none, it is no SQLite database, or none of sniper's.
        EnvironmentProblem: It cannot be read.
    """
    if not path.is_file():
        raise InputError(f"There is no file {path}.", mend="Check the path.")
    try:
        with closing(open_to_read(path)) as connection:
            tables = {
                name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
            }
            if not tables >= _OURS:
                raise InputError(
                    f"{path} is no database of sniper's.", mend="Name one that `sniper db backup` made."
                )
            ((revision,),) = connection.execute("SELECT version_num FROM alembic_version").fetchall() or (
                (None,),
            )
            ((runs,),) = connection.execute("SELECT count(*) FROM runs")
            damages = _damages(connection) if thoroughly else ()
    except sqlite3.DatabaseError as error:
        if error.sqlite_errorname in ("SQLITE_NOTADB", "SQLITE_CORRUPT"):
            raise InputError(
                f"{path} is no whole SQLite database: {error}.", mend="Name another one."
            ) from error
        raise EnvironmentProblem(f"{path} cannot be read: {error}.") from error
    return Look(revision, runs, damages)


def _damages(connection: sqlite3.Connection) -> tuple[str, ...]:
    found = [text for (text,) in connection.execute(f"PRAGMA integrity_check({_DAMAGES_TOLD})")]
    return () if found == ["ok"] else tuple(found)


def _copy(source: Path, target: Path) -> None:
    """Into the target, in one transaction of its own."""

    waited = 0.0

    def give_up(status: int, _remaining: int, _total: int) -> None:
        nonlocal waited
        if status in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            waited += _STEP
            if waited > _WAITS:
                raise sqlite3.OperationalError("another program holds it")

    try:
        with (
            closing(open_to_read(source)) as read,
            closing(sqlite3.connect(target, timeout=_WAITS)) as written,
        ):
            read.backup(written, progress=give_up, sleep=_STEP)
            if _is_draft(target):
                # One file by itself, without a log beside it.
                written.execute("PRAGMA journal_mode = DELETE")
    except sqlite3.DatabaseError as error:
        raise EnvironmentProblem(
            f"{source} cannot be copied to {target}: {error}.",
            mend="Look whether both are whole, the disk is not full, and no other program holds them.",
        ) from error


def open_to_read(path: Path) -> sqlite3.Connection:
    """A connection that changes nothing."""
    return sqlite3.connect(f"file:{quote(str(path.resolve()))}?mode=ro", uri=True, timeout=_WAITS)


@contextmanager
def _draft_beside(target: Path) -> Iterator[Path]:
    """A file in the same folder, its owner's only, that is gone when the block is left, unless renamed."""
    try:
        handle, name = tempfile.mkstemp(prefix=DRAFT, dir=target.parent)
    except OSError as error:
        raise InputError(
            f"{target} cannot be written: {error.strerror or error}.", mend="Name a place you may write to."
        ) from error
    os.close(handle)
    draft = Path(name)
    try:
        yield draft
    finally:
        for ending in ("", "-journal", "-wal", "-shm"):
            with suppress(FileNotFoundError):
                Path(f"{name}{ending}").unlink()


def _is_draft(path: Path) -> bool:
    return path.name.startswith(DRAFT)


def _when(copy: Path) -> str:
    return copy.stem.rpartition("-")[2]


def _stamp() -> str:
    return datetime.now(UTC).strftime(_STAMP)
