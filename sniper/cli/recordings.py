"""What was kept of a run's pages: shown, exported, deleted."""

from __future__ import annotations

import subprocess
import sys
import webbrowser
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click

from sniper.cli.db import Age
from sniper.cli.tables import hint, jsonable
from sniper.errors import EnvironmentProblem, InputError
from sniper.execution import made, record_folder
from sniper.old_folders import OldFolders
from sniper.paths import runs_dir
from sniper.recording.export import export as write_archive
from sniper.recording.index import write_index
from sniper.recording.keeping import recording_of, who_is_who
from sniper.store import RunDetail, RunRecord, Store

_NEWEST = 5
_RUN = click.argument("run_id", metavar="ID", type=click.IntRange(min=1))


def run_detail(run_id: int) -> RunDetail:
    """The record of a run.

    Raises:
        InputError: There is none of this number.
    """
    with Store.open() as store:
        try:
            return store.run(run_id)
        except LookupError:
            raise _no_such_run(run_id, store.runs(_NEWEST)) from None


def tell_of_recording(run_id: int) -> None:
    """Draw a run that was recorded, and say how it is looked at."""
    write_index(run_detail(run_id), made(record_folder(run_id)))
    hint(f"Recorded: `sniper runs show {run_id} --open` shows it.")


def open_index(detail: RunDetail) -> Path:
    """Draw a run beside what was kept of it, and show that in a browser; where the page is."""
    path = write_index(detail, made(record_folder(detail.run.id)))
    if not webbrowser.open(path.absolute().as_uri()):
        hint("There is no browser to show it here: open the page on a machine with a screen.")
    return path


@click.command()
@_RUN
@click.argument("account")
@click.option("--file", "file_only", is_flag=True, help="Print where the trace is, and do nothing else.")
def trace(*, run_id: int, account: str, file_only: bool) -> None:
    """Show the trace of an account in Playwright's trace viewer, in your browser, until Ctrl-C.

    It has every request and answer, the console, and the page as it was before and after each step. Runs
    have one when they were recorded: `sniper run --record`.
    """
    folder = record_folder(run_detail(run_id).run.id)
    recording = recording_of(folder)
    if recording is None:
        raise InputError(f"Run {run_id} was not recorded.", mend="`sniper run --record` records one.")
    people = who_is_who(folder)
    by_name = {people.get(one["account"], one["account"]): one for one in recording["accounts"]}
    found = by_name.get(account) or next((one for one in by_name.values() if one["account"] == account), None)
    if found is None:
        raise InputError(
            f"Run {run_id} has no recording of {account!r}.", mend=f"It has those of {', '.join(by_name)}."
        )
    if not found["trace"]:
        lost = "; ".join(found["lost"]) or "nothing was traced"
        raise InputError(f"There is no trace of {account} in run {run_id}: {lost}.")
    path = folder / found["account"] / found["trace"]
    if file_only:
        click.echo(path)
        return
    shown = subprocess.run(  # noqa: S603 - our own interpreter, and a file of ours
        [sys.executable, "-m", "playwright", "show-trace", "--port", "0", str(path)], check=False
    )
    if shown.returncode:
        raise EnvironmentProblem(
            f"Playwright's trace viewer ended with {shown.returncode}",
            mend=f"Show {path} at https://trace.playwright.dev, which keeps it in your browser.",
        )


@click.command()
@_RUN
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False), required=False)
def export(*, run_id: int, file: Path | None) -> None:
    """Write a run into an archive fit to be attached to a report of a bug.

    Passwords, tokens, cookies and codes are not in it, and accounts have other names. FILE is
    `sniper-run-ID.zip` here, unless told; one that is there is not replaced. Films are left out: what is seen
    in them cannot be scrubbed. Look through the pictures before you give them away.
    """
    detail = run_detail(run_id)
    target = file or Path(f"sniper-run-{run_id}.zip")
    if target.exists():
        raise InputError(f"{target} is there already.", mend="Name another file, or delete it.")
    for film in write_archive(detail, record_folder(run_id), target, jsonable):
        hint(f"left out, since it cannot be scrubbed: {film}")
    click.echo(target)


@click.command()
@click.option("--older-than", type=Age(), required=True, metavar="AGE", help="As 90d, 12w or 2y.")
@click.option("--dry-run", is_flag=True, help="Only tell what would go.")
def prune(*, older_than: timedelta, dry_run: bool) -> None:
    """Delete what was kept of old runs' pages: recordings, films and pictures. The record stays.

    It is `sniper db prune` that deletes the record as well.
    """
    numbers = [int(path.name) for path in runs_dir().glob("*") if path.name.isdecimal()]
    before = datetime.now(UTC) - older_than
    # Checks have folders of their own, and are not runs.
    old = OldFolders(tuple(one for one in OldFolders.of(numbers, before).folders if one.parent == runs_dir()))
    told = f"{len(old.folders)} folders of runs, {old.size / 1_000_000:.1f} MB"
    if not old.folders:
        hint(f"Nothing is older than {before.astimezone():%d %b %Y %H:%M}.")
    elif dry_run:
        hint(f"Would go: {told}.")
    else:
        old.remove()
        hint(f"Deleted: {told}.")


def _no_such_run(run_id: int, newest: Iterable[RunRecord]) -> InputError:
    known = ", ".join(str(run.id) for run in newest)
    return InputError(
        f"There is no run {run_id}.",
        mend=f"The newest runs are {known}."
        if known
        else "There are no runs yet: `sniper run bookings.json`.",
    )
