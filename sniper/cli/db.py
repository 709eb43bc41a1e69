"""`sniper db`: copies of the record, its upkeep, and whether it is whole."""

from __future__ import annotations

import re
import sys
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import click

from sniper.cli.tables import JSON_OPTION, console, hint, print_json, table_of, text
from sniper.errors import EnvironmentProblem, InputError
from sniper.old_folders import OldFolders
from sniper.paths import runs_dir, state_dir
from sniper.store import backups, database
from sniper.store.inspection import inspect_database
from sniper.store.pruning import Prunable, Pruning
from sniper.store.records import RunRecord

_AGE = re.compile(r"(\d{1,5})([dwy])")
_DAYS = {"d": 1, "w": 7, "y": 365}


class Age(click.ParamType[timedelta]):
    """So many days, weeks or years."""

    name = "age"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:
        if isinstance(value, timedelta):
            return value
        match = _AGE.fullmatch(value)
        if match is None or not int(match[1]):
            self.fail(f"{value!r} is no age; write 90d, 12w or 2y.", param, ctx)
        return timedelta(days=int(match[1]) * _DAYS[match[2]])


@click.group()
def db() -> None:
    """The database of the record: copies, upkeep, and whether it is whole."""


@db.command()
@click.argument("file", type=click.Path(path_type=Path), required=False)
@click.option("--force", is_flag=True, help="Replace FILE if it is there.")
def backup(*, file: Path | None, force: bool) -> None:
    """Copy the database, also while a run is at work.

    The copy goes to FILE (default: a new one in `backups` beside the database). It is of one
    instant. Passwords and sign-ins are encrypted in it: keep the key apart.
    """
    path = _sqlite_file("pg_dump --format=custom makes a copy of a PostgreSQL database.")
    if not path.is_file():
        raise InputError(f"There is no database {path} yet.", mend="The first run makes it.")
    target = file or backups.default_target(path)
    backups.back_up(path, target, replace=force)
    click.echo(target)


@db.command()
@click.argument("file", type=click.Path(path_type=Path))
def restore(*, file: Path) -> None:
    """Put a copy in the place of the database.

    What was there is kept aside. FILE is looked at first: is it whole, sniper's, and not of a newer version?
    Nothing is changed otherwise, nor while a run is at work.
    """
    path = _sqlite_file("pg_restore --clean puts a copy of a PostgreSQL database back.")
    look = backups.look_at(file, thoroughly=True)
    if look.damages:
        raise InputError(f"{file} is damaged: {'; '.join(look.damages)}.", mend="Name another copy.")
    if look.revision not in database.known_revisions():
        raise InputError(
            f"{file} is of a newer version of sniper (its tables are at {look.revision!r}, this version "
            f"knows up to {database.HEAD!r}).",
            mend="Update sniper, or name an older copy.",
        )
    if path.exists() and path.samefile(file):
        raise InputError(f"{file} is the database itself.", mend="Name a copy of it.")
    if path.exists():
        _refuse_while_at_work(_at_work_now())
    aside = backups.restore(file, path)
    click.echo(path)
    told = f"{look.runs} runs are back."
    if look.revision != database.HEAD:
        told += " The next command brings the tables up to date."
    hint(f"{told} What was there before is {aside}." if aside else told)


@db.command()
@click.option("--older-than", type=Age(), required=True, metavar="AGE", help="As 90d, 12w or 2y.")
@click.option("--dry-run", is_flag=True, help="Only show what would go.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@JSON_OPTION
def prune(*, older_than: timedelta, dry_run: bool, yes: bool, as_json: bool) -> None:
    """Delete old runs, and what belongs to them.

    They are those that ended longer ago than AGE; with each go its waves, attempts, jobs, lines of the log
    and its folder of pictures. What was seen of slots as long past, and pictures of checks as old, go too.

    What stays: accounts, their secrets and sign-ins; bookings; what was won and lost, as numbers, for the
    odds of later plans; runs for days that are not past, and those that a younger run goes on with. Backups
    are left alone.
    """
    now = datetime.now(UTC)
    before = now - older_than
    with closing(Pruning.open()) as pruning:
        what = pruning.prunable(before, now)
        folders = OldFolders.of([run.id for run in what.runs], before)
        _show(what, folders, before, as_json=as_json)
        if dry_run or not (what or folders.folders):
            return
        _refuse_while_at_work(pruning.at_work(now))
        if not yes:
            _confirm()
        pruning.prune(before, now)
    size = folders.size
    folders.remove()
    if path := database.file_of(database.database_url()):
        size += backups.shrink(path)
    hint(f"Deleted: {size / 1_000_000:.1f} MB are free again.")


@db.command()
@JSON_OPTION
def check(*, as_json: bool) -> None:
    """Look whether the database is whole.

    Is it of this version, and does all of it belong together? Nothing is changed.

    Exit codes: 0 all is well, 1 something is not, 3 the database cannot be read.
    """
    url = database.database_url()
    path = database.file_of(url)
    # The folders of runs are in the state folder; of a database elsewhere nobody knows whether they are its.
    runs = runs_dir() if path is not None and path.parent.resolve() == state_dir().resolve() else None
    found = inspect_database(url, runs)
    if as_json:
        print_json(found)
    else:
        table = table_of("", "", "found")
        for one in found:
            mark = text("ok", "green") if one.mend is None else text("wrong", "bold red")
            what = text(one.what) if one.mend is None else text(f"{one.what}  → {one.mend}")
            table.add_row(text(one.name), mark, what)
        console().print(table)
    sys.exit(int(any(one.mend is not None for one in found)))


def _sqlite_file(instead: str) -> Path:
    """Where the database is.

    Raises:
        InputError: It is a server's.
    """
    url = database.database_url()
    path = database.file_of(url)
    if path is None:
        raise InputError(
            f"{database.shown(url)} is no SQLite database: this command is for those only.", mend=instead
        )
    return path


def _at_work_now() -> list[RunRecord]:
    """The runs that may be at work in a database that nobody wants to change for that."""
    try:
        with closing(Pruning(database.connect_unchanged(database.database_url()))) as looking:
            return looking.at_work(datetime.now(UTC))
    except EnvironmentProblem:
        return []  # What cannot be read by this version is not worked with by it either.


def _refuse_while_at_work(runs: list[RunRecord]) -> None:
    if runs:
        told = ", ".join(f"run {run.id} (process {run.pid} of {run.host})" for run in runs)
        raise EnvironmentProblem(
            f"{told} may be at work: the database is left as it is.",
            mend="Wait for its end, or stop it. One that is gone without a word is over in two minutes.",
        )


def _show(what: Prunable, folders: OldFolders, before: datetime, *, as_json: bool) -> None:
    counts = {
        "runs": len(what.runs),
        "waves": what.waves,
        "attempts": what.attempts,
        "jobs": what.jobs,
        "log_lines": what.log_lines,
        "availability": what.availability,
        "observations": what.observations,
        "folders": len(folders.folders),
        "folders_bytes": folders.size,
    }
    if as_json:
        print_json({"before": before, **counts})
        return
    if not any(counts.values()):
        hint(f"Nothing is older than {before.astimezone():%d %b %Y %H:%M}.")
        return
    newest = f", up to {what.runs[-1].id}" if what.runs else ""
    rows = (
        ("runs", f"{len(what.runs)}{newest}"),
        ("waves, attempts, jobs", f"{what.waves}, {what.attempts}, {what.jobs}"),
        ("lines of the log", what.log_lines),
        ("what was seen of slots", what.availability + what.observations),
        ("folders of pictures", f"{len(folders.folders)} ({folders.size / 1_000_000:.1f} MB)"),
    )
    table = table_of(f"older than {before.astimezone():%d %b %Y %H:%M}", "")
    for name, number in rows:
        table.add_row(text(name), text(number))
    console().print(table)


def _confirm() -> None:
    if not sys.stdin.isatty():
        raise InputError(
            "Nobody is there to be asked.", mend="Give --yes to delete it, or --dry-run to look only."
        )
    if not click.confirm("Delete this?", err=True):
        raise click.Abort
