"""What the commands that show the record share: tables for people, JSON for machines."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime, time, timedelta
from enum import Enum
from io import TextIOWrapper
from typing import Any

import click
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from sniper.core.outcomes import Outcome, Proof
from sniper.core.plan import Standing
from sniper.core.slots import Slot
from sniper.store import BookingRecord, BookingStatus, RunState

REHEARSAL = "REHEARSAL"

JSON_OPTION = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
_PIPE_WIDTH = 160
_WHOLE = ("address", "start", "place", "status", "proof", "run", "state", "goal", "exit", "took", "")

STYLES: dict[Enum, str] = {
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


def booking_table(found: Iterable[BookingRecord], *, of_one_run: bool = False) -> Table:
    """Bookings with reference and proof, and of which run and site they are, where that is not clear."""
    names = ("start", "place", "account", "status", "proof", "reference")
    table = table_of(*names, *(() if of_one_run else ("site", "run")), "")
    for one in found:
        whose = () if of_one_run else (text(one.site), text(one.run_id))
        table.add_row(
            text(f"{one.slot.start:%a %d %b %Y %H:%M}"),
            text(one.slot.place),
            text(one.account),
            word(one.status),
            word(one.proof),
            text(one.reference),
            *whose,
            rehearsal_mark(rehearsal=one.rehearsal),
        )
    return table


def table_of(*columns: str) -> Table:
    """An empty table."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in columns:
        # Without a least width, a narrow terminal would leave whole columns out.
        table.add_column(name, overflow="fold", no_wrap=name in _WHOLE, min_width=len(name))
    return table


def word(value: Enum | None) -> Text:
    """One word of an enum in its colour."""
    if value is None:
        return Text("")
    shown = str(value.value)
    return Text(shown.upper() if isinstance(value, Proof) else shown, style=STYLES.get(value, ""))


def rehearsal_mark(*, rehearsal: bool) -> Text:
    """REHEARSAL, or nothing."""
    return Text(REHEARSAL if rehearsal else "", style="bold magenta")


def text(value: object, style: str = "") -> Text:
    """Text as it is: a site's words are neither markup nor commands to the terminal."""
    shown = "" if value is None else str(value)
    return Text("".join(letter if letter.isprintable() else " " for letter in shown), style=style)


def console() -> Console:
    """Tables go to stdout, coloured on a terminal only; in a pipe they are not squeezed."""
    out = Console(highlight=False)
    if out.options.ascii_only and isinstance(sys.stdout, TextIOWrapper):
        # A "?" for an arrow or for a letter of a name is better than no table at all.
        sys.stdout.reconfigure(errors="replace")
    return out if out.is_terminal else Console(highlight=False, width=_PIPE_WIDTH)


def hint(message: str) -> None:
    """Say what to do where there is nothing to show."""
    click.echo(message, err=True)


def print_json(value: object) -> None:
    """Records as plain JSON on stdout."""
    click.echo(json.dumps(jsonable(value), indent=2, ensure_ascii=False))


def jsonable(value: Any) -> Any:
    """Records as plain JSON: instants in ISO 8601, durations in ms, a slot's start with the site's offset."""
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
            return value / timedelta(milliseconds=1)
        case Mapping():
            return {str(key): jsonable(item) for key, item in value.items()}
        case list() | tuple():
            return [jsonable(item) for item in value]
        case _ if is_dataclass(value):
            return {
                f"{part.name}_ms" if "timedelta" in str(part.type) else part.name: jsonable(
                    getattr(value, part.name)
                )
                for part in fields(value)
            }
        case _:
            return value
