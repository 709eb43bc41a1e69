"""`sniper bookings` and `sniper runs`: what was booked, and the record of every run."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from enum import Enum
from typing import Any

import click
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from sniper.config.bookings import Bookings
from sniper.core.outcomes import Outcome, Proof
from sniper.core.plan import Standing
from sniper.core.slots import Slot
from sniper.errors import InputError
from sniper.schema import schema_of
from sniper.store import BookingRecord, BookingStatus, RunDetail, RunRecord, RunState, Store

REHEARSAL = "REHEARSAL"

_JSON_OPTION = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
_PIPE_WIDTH = 160
_WHOLE = ("start", "place", "status", "proof", "run", "state", "goal", "exit", "took", "role", "ms", "")
_NEWEST = 5

_STYLES: dict[Enum, str] = {
    BookingStatus.CONFIRMED: "green",
    BookingStatus.PENDING: "yellow",
    BookingStatus.FAILED: "red",
    BookingStatus.CANCELLED: "dim",
    Proof.CONFIRMED: "green",
    Proof.UNVERIFIED: "yellow",
    Proof.DOUBLED: "bold red",
    Standing.REACHED: "green",
    Standing.FALLBACK: "yellow",
    Standing.MISSED: "red",
    RunState.RUNNING: "cyan",
    RunState.INTERRUPTED: "yellow",
    RunState.CRASHED: "red",
    Outcome.BOOKED: "green",
    Outcome.STOOD_DOWN: "dim",
}


@click.group()
def bookings() -> None:
    """What the accounts hold, as the store knows it."""


@bookings.command()
def schema() -> None:
    """The JSON schema of bookings.json, for editors."""
    click.echo(json.dumps(schema_of(Bookings), indent=2, ensure_ascii=False))


@bookings.command("list")
@click.option("--site", help="Only this site's, by the name of its profile.")
@click.option("--all", "everything", is_flag=True, help="Also past, failed and cancelled ones.")
@_JSON_OPTION
def list_bookings(*, site: str | None, everything: bool, as_json: bool) -> None:
    """List the coming bookings with their references and how sure each is.

    Starts are in the site's time zone. CONFIRMED: my bookings shows it. UNVERIFIED: the site said so, my
    bookings did not show it. DOUBLED: somebody else holds the same place.
    """
    with Store.open() as store:
        found = store.bookings(site, upcoming_from=None if everything else datetime.now(UTC))
    if as_json:
        _print_json(found)
    elif found:
        _console().print(_booking_table(found))
    else:
        at = f" at {site}" if site else ""
        if everything:
            _hint(f"No bookings{at} yet. `sniper run bookings.json` makes some.")
        else:
            _hint(f"No coming bookings{at}. `--all` shows past and cancelled ones.")


@click.group()
def runs() -> None:
    """The record of every run."""


@runs.command("list")
@click.option(
    "--limit", type=click.IntRange(min=1), default=20, show_default=True, help="The newest so many."
)
@_JSON_OPTION
def list_runs(*, limit: int, as_json: bool) -> None:
    """List the newest runs and how they ended."""
    with Store.open() as store:
        found = store.runs(limit)
    if as_json:
        _print_json(found)
    elif found:
        _console().print(_run_table(found))
    else:
        _hint("No runs yet. `sniper run bookings.json` is one.")


@runs.command("show")
@click.argument("run_id", metavar="ID", type=click.IntRange(min=1))
@_JSON_OPTION
def show_run(*, run_id: int, as_json: bool) -> None:
    """Show one run: its waves, what each account tried and was told, and what it booked."""
    with Store.open() as store:
        try:
            detail = store.run(run_id)
        except LookupError:
            raise _no_such_run(run_id, store.runs(_NEWEST)) from None
    if as_json:
        _print_json(detail)
    else:
        _print_run(detail)


def _no_such_run(run_id: int, newest: Iterable[RunRecord]) -> InputError:
    known = ", ".join(str(run.id) for run in newest)
    return InputError(
        f"There is no run {run_id}.",
        mend=f"The newest runs are {known}."
        if known
        else "There are no runs yet: `sniper run bookings.json`.",
    )


# -- tables


def _booking_table(found: Iterable[BookingRecord]) -> Table:
    table = _table("start", "place", "account", "site", "status", "proof", "reference", "run", "")
    for one in found:
        table.add_row(
            _text(f"{one.slot.start:%a %d %b %Y %H:%M}"),
            _text(one.slot.place),
            _text(one.account),
            _text(one.site),
            _word(one.status),
            _word(one.proof),
            _text(one.reference),
            _text(one.run_id),
            _rehearsal(rehearsal=one.rehearsal),
        )
    return table


def _run_table(found: Iterable[RunRecord]) -> Table:
    table = _table("run", "started (here)", "site", "for", "state", "goal", "exit", "took", "")
    for run in found:
        table.add_row(
            _text(run.id),
            _text(f"{run.started_at.astimezone():%a %d %b %Y %H:%M:%S}"),
            _text(run.site),
            _text(run.goal.get("target_date")),
            _word(run.state),
            _word(run.standing),
            _text(run.exit_code),
            _text(_duration(run)),
            _rehearsal(rehearsal=run.rehearsal),
        )
    return table


def _print_run(detail: RunDetail) -> None:
    console, mark = _console(), detail.run.rehearsal
    console.print(_run_table([detail.run]))
    if not detail.waves:
        _hint("Nothing was planned in this run.")
    for wave in detail.waves:
        attempts = [one for one in detail.attempts if one.wave == wave.number]
        zone = attempts[0].chain[0].start.tzinfo if attempts else UTC
        console.print()
        console.print(
            _text(f"Wave {wave.number}, opening {_clock(wave.opens_at, zone)} on the site's clock"),
            style="bold",
        )
        console.print(_text(wave.reason))
        table = _table("account", "role", "chain", "ended at", "outcome", "reference", "told", mark=mark)
        for one in attempts:
            table.add_row(
                _text(one.account),
                _text(one.role.value),
                _text(" > ".join(f"{slot.place} {slot.start:%H:%M}" for slot in one.chain)),
                _text(_slot(one.ended_at)),
                _outcome(one.outcome, open_still=one.closed_at is None),
                _text(one.reference),
                _text(one.message),
            )
        if attempts:
            console.print(table)
    if detail.log:
        console.print()
        console.print(_log_table(detail))
    console.print()
    if detail.bookings:
        console.print(_booking_table(detail.bookings))
    else:
        console.print(_text("This run booked nothing."))


def _log_table(detail: RunDetail) -> Table:
    mark = detail.run.rehearsal
    table = _table("at (site's clock)", "account", "slot", "action", "outcome", "ms", "told", mark=mark)
    for line in detail.log:
        at, zone = line.started_at, line.slot.start.tzinfo
        table.add_row(
            _text(_clock(at, zone, fine=True) if at else f"{line.written_at.astimezone():%H:%M:%S} (here)"),
            _text(line.account),
            _text(_slot(line.slot)),
            _text(line.action.value),
            _outcome(line.outcome, open_still=False),
            _text(None if line.took is None else round(line.took / timedelta(milliseconds=1))),
            _text(line.error),
        )
    return table


def _table(*columns: str, mark: bool = False) -> Table:
    table = Table(
        box=box.SIMPLE_HEAD,
        pad_edge=False,
        title=_rehearsal(rehearsal=True) if mark else None,
        title_justify="left",
    )
    for name in columns:
        table.add_column(name, overflow="fold", no_wrap=name in _WHOLE)
    return table


def _slot(slot: Slot | None) -> str | None:
    return None if slot is None else f"{slot.place} {slot.start:%d %b %H:%M}"


def _clock(moment: datetime, zone: tzinfo | None, *, fine: bool = False) -> str:
    there = moment.astimezone(zone)
    second = f"{there:%S.%f}"[:-3] if fine else f"{there:%S}"
    return f"{there:%a %d %b %H:%M}:{second} {there:%Z}"


def _duration(run: RunRecord) -> str | None:
    if run.finished_at is None:
        return None
    return str(timedelta(seconds=round((run.finished_at - run.started_at).total_seconds())))


def _outcome(outcome: Outcome | None, *, open_still: bool) -> Text:
    if outcome is None:
        return Text("open: not settled", style="bold yellow") if open_still else Text("")
    return Text(outcome.meaning, style=_STYLES.get(outcome, ""))


def _word(value: Enum | None) -> Text:
    if value is None:
        return Text("")
    shown = str(value.value)
    return Text(shown.upper() if isinstance(value, Proof) else shown, style=_STYLES.get(value, ""))


def _rehearsal(*, rehearsal: bool) -> Text:
    return Text(REHEARSAL if rehearsal else "", style="bold magenta")


def _text(value: object) -> Text:
    """Text as it is: a site's words are neither markup nor commands to the terminal."""
    shown = "" if value is None else str(value)
    return Text("".join(letter if letter.isprintable() else " " for letter in shown))


# -- output


def _console() -> Console:
    """Tables go to stdout, coloured on a terminal only; in a pipe they are not squeezed."""
    console = Console(highlight=False)
    return console if console.is_terminal else Console(highlight=False, width=_PIPE_WIDTH)


def _hint(message: str) -> None:
    click.echo(message, err=True)


def _print_json(value: object) -> None:
    click.echo(json.dumps(_jsonable(value), indent=2, ensure_ascii=False))


def _jsonable(value: Any) -> Any:
    """Records as plain JSON: instants in ISO 8601, a slot's start with the site's offset."""
    match value:
        case Slot():
            return {
                "location": value.location,
                "sub_location": value.sub_location,
                "start": value.start.isoformat(),
            }
        case Enum():
            return value.value
        case datetime() | date() | time():
            return value.isoformat()
        case timedelta():
            return round(value / timedelta(milliseconds=1))
        case Mapping():
            return {str(key): _jsonable(item) for key, item in value.items()}
        case list() | tuple():
            return [_jsonable(item) for item in value]
        case _ if is_dataclass(value):
            named = ((part.name, getattr(value, part.name)) for part in fields(value))
            return {("took_ms" if name == "took" else name): _jsonable(item) for name, item in named}
        case _:
            return value
