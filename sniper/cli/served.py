"""The daemon as it goes on: what comes and what runs on a terminal, one line an event elsewhere."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime, timedelta
from typing import assert_never

import click
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from sniper.cli.json_lines import as_line
from sniper.cli.live import Progress, describe_span
from sniper.cli.summary import print_summary
from sniper.cli.watch_view import in_words
from sniper.events import RunStarted, Waiting
from sniper.service.daemon import Daemon
from sniper.service.telling import (
    ComesNext,
    Ended,
    FileRead,
    FileRefused,
    Missed,
    Next,
    PutOff,
    RunTells,
    Said,
    ServiceEvent,
    WatchTells,
    Woken,
    name_of,
)
from sniper.store.planned import OccurrenceRecord, OccurrenceState
from sniper.watch.happenings import Looked, Paused, WatchEvent

_SHOWN = 8
STYLES = {
    OccurrenceState.BOOKED: "bold green",
    OccurrenceState.FALLBACK: "bold yellow",
    OccurrenceState.LOST: "bold red",
    OccurrenceState.MISSED: "red",
    OccurrenceState.RUNNING: "cyan",
}


class Served:
    """Takes the daemon's events and shows them. Use it as a context manager around the daemon."""

    def __init__(self, console: Console, *, verbose: bool, json_lines: bool) -> None:
        self._console = console
        self._verbose = verbose
        self._json_lines = json_lines
        self._live: Live | None = None
        self._runs: dict[int, Progress] = {}
        self._paused: set[int] = set()
        self._waits: dict[int, Waiting] = {}
        self._stopping = False
        self.daemon: Daemon | None = None

    def __enter__(self) -> Served:
        self._context: AbstractContextManager[object] = nullcontext()
        if self._console.is_terminal:
            self._live = Live(
                console=self._console, get_renderable=self._render, refresh_per_second=4, transient=True
            )
            self._context = self._live
        self._context.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        self._context.__exit__(None, None, None)

    def begin(self, daemon: Daemon, files: tuple[str, ...]) -> None:
        """From now on it serves."""
        self.daemon = daemon
        self._say(f"serving {', '.join(files) or 'the schedules of `sniper schedule add`'}", "bold")

    def stopping(self) -> None:
        """It was asked to stop."""
        if self._stopping:
            return
        self._stopping = True
        running = self.daemon.runs.running.values() if self.daemon else ()
        names = ", ".join(name_of(run.day.record) for run in running)
        self._say(f"stopping{f': bringing {names} to an end' if names else ''}", "bold")

    def tell(self, event: ServiceEvent) -> None:
        """Show an event."""
        if self._json_lines and (line := as_line(event)):
            click.echo(line)
        match event:
            case Woken(day, late):
                after = f", {describe_span(late)} after it was due" if late else ""
                self._say(f"begins: {name_of(day)}{after}", "bold")
            case RunTells(day, inner):
                if isinstance(inner, Waiting):
                    self._waits[day.id] = inner
                self._run(day.id, day.schedule, begins=isinstance(inner, RunStarted)).tell(inner)
            case WatchTells(day, _, seen):
                self._watched(day, seen)
            case Ended(day, state, prepared, result):
                self._runs.pop(day.id, None)
                self._waits.pop(day.id, None)
                print_summary(self._console, prepared, result)
                self._say(f"ended: {name_of(day)}: {state.value}", STYLES.get(state, ""))
            case PutOff(day, why, until):
                self._waits.pop(day.id, None)
                self._say(f"{name_of(day)} cannot be run now: {why}", "red")
                self._say(f"it is tried again at {until.astimezone():%H:%M:%S}, and then every now and then")
            case Missed(day, why):
                self._say(f"missed: {name_of(day)}: {why}", "red")
            case FileRead():
                self._file_read(event)
            case FileRefused(path, complaint):
                self._say(f"{path} is refused, and what it said before still holds:\n{complaint}", "red")
            case ComesNext(what):
                self._say(_next(what), "dim")
            case Said(text, problem):
                self._say(text, "red" if problem else "")
            case _:
                assert_never(event)

    def _watched(self, day: OccurrenceRecord, event: WatchEvent) -> None:
        if isinstance(event, Looked):
            self._paused.discard(day.id)
        told_before = isinstance(event, Paused) and day.id in self._paused
        if isinstance(event, Paused):
            self._paused.add(day.id)
        if self._verbose or not (isinstance(event, Looked) or told_before):
            for words, style in in_words(event, None):
                self._say(f"{day.schedule}: {words}", style)

    def _file_read(self, event: FileRead) -> None:
        parts = [
            f"{what} {', '.join(names)}"
            for what, names in (
                ("new", event.added),
                ("changed", event.changed),
                ("removed", event.removed),
            )
            if names
        ]
        self._say(f"{event.path}: {'; '.join(parts) or 'its schedules are as they were'}")

    def _run(self, number: int, schedule: str, *, begins: bool) -> Progress:
        if begins or number not in self._runs:
            known = self._runs.get(number)
            self._runs[number] = known or Progress(
                self._console, verbose=self._verbose, label=f"{schedule}: "
            )
        return self._runs[number]

    def _say(self, text: str, style: str = "") -> None:
        stamp = f"{datetime.now().astimezone():%H:%M:%S}    "
        if self._console.is_terminal:
            line = Table.grid(padding=(0, 2, 0, 0))
            line.add_row(Text(stamp, style="dim", no_wrap=True), Text(text, style=style))
            self._console.print(line)
        else:
            self._console.print(f"{stamp}  {text}", markup=False, highlight=False, soft_wrap=True)

    def _render(self) -> RenderableType:
        if self.daemon is None:
            return Text("reading the schedules …", style="dim")
        now = datetime.now(UTC)
        table = Table(box=None, expand=True, padding=(0, 2, 0, 0))
        for name in ("schedule", "day", "", ""):
            table.add_column(name, header_style="dim", overflow="fold")
        for number, run in self.daemon.runs.running.items():
            waits = self._waits.get(number)
            what = ""
            if waits and run.clock and (left := waits.until - run.clock.now()) > timedelta(0):
                what = f"{waits.what} in {describe_span(left, tenths=True)}"
            record = run.day.record
            table.add_row(record.schedule, _day(record), Text("runs", style="cyan"), Text(what, style="dim"))
        for day in self.daemon.watches.days:
            row = (day.record.schedule, _day(day.record), Text("watched", style="cyan"))
            table.add_row(*row, Text("for what comes back", style="dim"))
        for one in self.daemon.coming[:_SHOWN]:
            left = max(one.at - now, timedelta(0))
            wakes = Text(f"wakes in {_span(left)}", style="bold yellow" if left < timedelta(hours=1) else "")
            at = Text(f"{one.at.astimezone():%a %d %b %H:%M}", style="dim")
            table.add_row(one.day.record.schedule, _day(one.day.record), wakes, at)
        more = len(self.daemon.coming) - _SHOWN
        below = [Text(f"and {more} more days", style="dim")] if more > 0 else []
        head = Text("nothing is to come", style="dim") if not table.row_count else table
        return Panel(Group(head, *below), title="sniper serve", title_align="left", border_style="green")


def _next(what: Next | None) -> str:
    if what is None:
        return "nothing is to come: a file with schedules, or `sniper schedule add`, plans days"
    return f"next: {name_of(what.day)}, wakes {what.at.astimezone():%a %d %b %H:%M:%S}"


def _day(record: OccurrenceRecord) -> str:
    return f"{record.starts_at or record.day:%a %d %b}"


def _span(left: timedelta) -> str:
    return f"{left.days} d {left.seconds // 3600} h" if left >= timedelta(days=2) else describe_span(left)
