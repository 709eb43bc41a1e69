"""Is the database whole, and does all of it belong together? Nothing is changed by looking."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import URL, Connection, text
from sqlalchemy.exc import DatabaseError

from sniper.errors import InputError
from sniper.store import database
from sniper.store.backups import DRAFT, FOLDER, look_at, open_to_read

_TOLD = 5
_RESTORE = "Put back a copy from before: `sniper db restore FILE` (`backups` beside the database has some)."
# What no foreign key can say.
_ORPHANS = (
    (
        "runs that go on with one that is gone",
        "SELECT id FROM runs WHERE continues IS NOT NULL AND continues NOT IN (SELECT id FROM runs)",
    ),
    (
        "attempts in waves of other runs",
        "SELECT attempts.id FROM attempts JOIN waves ON waves.id = attempts.wave_id"
        " WHERE waves.run_id <> attempts.run_id",
    ),
    (
        "bookings by accounts of other sites",
        "SELECT bookings.id FROM bookings JOIN accounts ON accounts.id = bookings.account_id"
        " WHERE accounts.site <> bookings.site",
    ),
)
_LISTS_OF_ACCOUNTS = (("runs", "accounts"), ("snipe_jobs", "assigned_accounts"))


@dataclass(frozen=True, slots=True)
class Found:
    """What was found about one thing; `mend` where it is not as it should be."""

    name: str
    what: str
    mend: str | None = None


def inspect_database(url: URL, runs: Path | None) -> list[Found]:
    """Look at the file, the tables, the rows, and the folders of runs.

    Args:
        url: Of the database.
        runs: The folder that has a folder for each run; None where it is not known to be this database's.

    Raises:
        EnvironmentProblem: It cannot be read, or its driver is missing.
    """
    found = []
    path = database.file_of(url)
    if path is not None:
        if not path.is_file():
            return [Found("file", f"{path} is not there yet; the first run makes it")]
        try:
            look = look_at(path, thoroughly=True)
        except InputError as error:
            return [Found("file", str(error), _RESTORE)]
        size = f"{path}, {path.stat().st_size / 1_000_000:.1f} MB, {look.runs} runs"
        found.append(Found("file", size))
        whole = Found("integrity", "whole")
        if look.damages:
            return [*found, Found("integrity", "; ".join(look.damages), _RESTORE)]
        found.append(whole)
        found.append(_foreign_keys(path))
        found += _drafts(path)
    else:
        told = "a server's own business, foreign keys too (pg_amcheck looks at it)"
        found.append(Found("integrity", told))
    engine = database.connect_unchanged(url)
    try:
        with engine.connect() as connection:
            revision = database.revision_of(connection)
            found.append(_tables(revision))
            if revision == database.HEAD:
                found += _orphans(connection)
                if runs is not None:
                    found.append(_folders(connection, runs))
    except DatabaseError as error:
        raise database.unusable(url, error) from error
    finally:
        engine.dispose()
    return found


def _tables(revision: str | None) -> Found:
    head = database.HEAD
    if revision == head:
        return Found("tables", f"at {revision}, as this version has them")
    if revision is None:
        return Found("tables", "there are none yet; the first run makes them")
    if revision in database.known_revisions():
        return Found(
            "tables", f"at {revision}; the next command brings them to {head}, with a copy made before"
        )
    mend = "Update sniper, or put back a copy that was made before the newer version came."
    return Found("tables", f"at {revision}, of a newer version; this one knows up to {head}", mend)


def _foreign_keys(path: Path) -> Found:
    with closing(open_to_read(path)) as connection:
        wrong = connection.execute("PRAGMA foreign_key_check").fetchall()
    if not wrong:
        return Found("foreign keys", "all lead somewhere")
    told = _few(f"{table} {row} without its {parent}" for table, row, parent, _ in wrong)
    return Found("foreign keys", told, _RESTORE)


def _orphans(connection: Connection) -> Iterator[Found]:
    wrong = []
    for what, query in _ORPHANS:
        if ids := connection.scalars(text(query)).all():
            wrong.append(f"{what}: {_few(map(str, ids))}")
    accounts = set(connection.scalars(text("SELECT id FROM accounts")))
    for table, column in _LISTS_OF_ACCOUNTS:
        rows = connection.execute(text(f"SELECT id, {column} FROM {table} WHERE {column} IS NOT NULL"))  # noqa: S608
        if ids := [row for row, theirs in rows if not set(_plain(theirs)) <= accounts]:
            wrong.append(f"{table} of accounts that are gone: {_few(map(str, ids))}")
    whole = Found("rows", "all belong together")
    yield Found("rows", "; ".join(wrong), f"Only old records are concerned. {_RESTORE}") if wrong else whole


def _plain(value: object) -> Iterable[int]:
    """A list out of JSON, which some drivers have read already."""
    read = json.loads(value) if isinstance(value, str | bytes) else value
    return read if isinstance(read, list) else []


def _folders(connection: Connection, runs: Path) -> Found:
    known = {str(one) for one in connection.scalars(text("SELECT id FROM runs"))}
    there = [one for one in runs.iterdir() if one.is_dir()] if runs.is_dir() else []
    orphans = sorted(one.name for one in there if one.name not in known)
    if not orphans:
        return Found("folders", f"{len(there)} in {runs}, each of a run that is known")
    mend = f"Delete them in {runs}, if nobody wants their pictures any more."
    return Found("folders", f"of runs that are gone: {_few(orphans)}", mend)


def _drafts(path: Path) -> Iterator[Found]:
    left = [*path.parent.glob(f"{DRAFT}*"), *(path.parent / FOLDER).glob(f"{DRAFT}*")]
    if left:
        told = f"{_few(str(one) for one in left)}, left by a process that was killed while it copied"
        yield Found("drafts", told, "Delete them.")


def _few(words: Iterable[str]) -> str:
    """Some of them, and how many more there are."""
    told = list(words)
    more = f" and {len(told) - _TOLD} more" if len(told) > _TOLD else ""
    return ", ".join(told[:_TOLD]) + more
