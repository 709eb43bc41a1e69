"""A watch as it goes on: what comes and goes on stdout, the rest on stderr; or JSON, a line an event."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime, tzinfo
from typing import Any, assert_never

import click
from rich.console import Console
from rich.live import Live
from rich.text import Text

from sniper.cli.live import Progress, describe_span
from sniper.cli.summary import as_json as summary_as_json
from sniper.cli.summary import print_summary
from sniper.cli.tables import jsonable
from sniper.clock.site import SiteClock
from sniper.core.slots import Slot
from sniper.events import Event, Noted
from sniper.telling import describe_goal
from sniper.watch.callbacks import document
from sniper.watch.happenings import (
    BookingBegins,
    BookingEnded,
    Happening,
    Kind,
    Looked,
    Paused,
    WatchBegins,
    WatchEnded,
    WatchEvent,
)
from sniper.watch.session import PreparedWatch

_SHOWN = 6


class WatchView:
    """Takes a watch's events and shows them. Use it as a context manager around the watch."""

    def __init__(self, console: Console, prepared: PreparedWatch, *, verbose: bool, is_data: bool) -> None:
        """Nothing is shown yet.

        Args:
            console: On stderr.
            prepared: What is watched.
            verbose: Tell every look.
            is_data: On stdout stands JSON: nothing else may.
        """
        self._console = console
        self._prepared = prepared
        self._verbose = verbose
        self._is_data = is_data
        self._zone = prepared.run.profile.timezone
        self._clock: SiteClock | None = None
        self._progress: Progress | None = None
        self._live: Live | None = None
        self._looked: Looked | None = None
        self._paused: Paused | None = None
        self._asked = 0

    def __enter__(self) -> WatchView:
        self._context: AbstractContextManager[object] = nullcontext()
        if self._console.is_terminal and not self._prepared.once:
            self._live = Live(
                console=self._console,
                get_renderable=self._render,
                refresh_per_second=2,
                transient=True,
                # What is written to a file must get there.
                redirect_stdout=sys.stdout.isatty(),
            )
            self._context = self._live
        self._context.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        self._end_progress()
        self._context.__exit__(None, None, None)

    def show_clock(self, clock: SiteClock) -> None:
        """From now on times are shown on this clock; a run has one of its own."""
        if self._progress:
            self._progress.show_clock(clock)
        else:
            self._clock = clock

    def tell_run(self, event: Event) -> None:
        """Show what a run tells that books what appeared."""
        if self._progress:
            self._progress.tell(event)

    def tell(self, event: WatchEvent) -> None:
        """Show an event."""
        match event:
            case Looked():
                self._asked += event.requests
                if self._paused and self._paused.failures:
                    self._say(event.at, "the site answers again", "green")
                self._looked, self._paused = event, None
                if self._verbose:
                    self._say_words(event)
            case Paused():
                if self._verbose or self._paused is None:
                    self._say_words(event)
                self._paused = event
            case Happening():
                self._happened(event)
            case BookingBegins():
                self._say_words(event)
                self._begin_progress()
            case BookingEnded():
                self._end_progress()
                self._say_words(event)
                if event.result is not None:
                    print_summary(self._console, self._prepared.run, event.result)
            case WatchBegins() | WatchEnded() | Noted():
                self._say_words(event)
            case _:
                assert_never(event)

    def _say_words(self, event: WatchEvent) -> None:
        at = None if isinstance(event, WatchBegins | Noted) else event.at
        for text, style in in_words(event, self._zone):
            self._say(at, text, style)

    def _happened(self, event: Happening) -> None:
        if self._is_data:
            self._say_words(event)
            return
        appeared = event.kind is Kind.APPEARED
        for text, _ in in_words(event, self._zone):
            line = f"{self._stamp(event.at)}  {text}"
            click.secho(line, fg="green" if appeared else "yellow", bold=appeared)

    def _say(self, at: datetime | None, text: str, style: str) -> None:
        stamp = self._stamp(at)
        if self._console.is_terminal:
            self._console.print(Text.assemble((f"{stamp}  ", "dim"), (text, style)))
        else:
            # One line an event, however long: it is for a file or another program.
            self._console.print(f"{stamp}  {text}", markup=False, highlight=False, soft_wrap=True)

    def _stamp(self, at: datetime | None) -> str:
        moment = at or (self._clock.now() if self._clock else None)
        return f"{moment.astimezone(self._zone):%a %H:%M:%S}" if moment else " " * 12

    # -- the live part, and that of a run

    def _begin_progress(self) -> None:
        if self._live:
            self._live.stop()
        self._progress = Progress(self._console, verbose=self._verbose)
        self._progress.__enter__()

    def _end_progress(self) -> None:
        if self._progress:
            self._progress.__exit__()
            self._progress = None
            if self._live:
                self._live.start()

    def _render(self) -> Text:
        if self._clock is None:
            return Text("reaching the site …", style="dim")
        now = self._clock.now()
        line = Text.assemble("site clock ", (f"{now.astimezone(self._zone):%a %d %b %H:%M:%S}", "bold"))
        if self._looked is not None:
            line.append(f"   to be had: {_named(self._looked.to_be_had) or 'nothing'}")
            line.append(f"   {self._asked} request{'' if self._asked == 1 else 's'}", "dim")
        moment = self._paused.until if self._paused else self._looked.next_at if self._looked else None
        if moment is not None and moment > now:
            line.append(f"   next look in {describe_span(moment - now)}", "dim")
        return line


def in_words(event: WatchEvent, zone: tzinfo | None) -> Iterator[tuple[str, str]]:
    """An event for people, in lines with their styles; times in that zone, or in this machine's if None."""
    match event:
        case WatchBegins():
            if event.rehearsal:
                yield "REHEARSAL: this is the practice site", "bold magenta"
            books = "books what appears" if event.books else "tells, and books nothing (--book does)"
            yield f"watching {event.title}: {describe_goal(event.goal)}; {books}", "bold"
        case Looked():
            yield _looked(event), "dim"
        case Paused():
            yield f"{event.why}; looking again at {event.until.astimezone(zone):%H:%M:%S}", "yellow"
        case Happening():
            appeared = event.kind is Kind.APPEARED
            for slot in event.slots:
                words = "can be had" if appeared else "not to be had any more"
                yield f"{slot}: {words}", "bold green" if appeared else "yellow"
        case BookingBegins():
            yield f"booking: a run begins for {_named(event.slots)}", "bold"
        case BookingEnded(_, None, problem):
            yield f"no run came about: {problem}", "red"
        case BookingEnded():
            pass  # Its summary tells.
        case WatchEnded():
            yield f"the watch is over: {event.why}", "bold"
        case Noted(text, problem):
            yield text, "red" if problem else "yellow"
        case _:
            assert_never(event)


def as_json(event: WatchEvent, prepared: PreparedWatch) -> dict[str, Any]:
    """An event for machines; instants in ISO 8601, on the site's clock."""
    match event:
        case WatchBegins():
            told = {
                "event": "watching",
                "title": event.title,
                "rehearsal": event.rehearsal,
                "books": event.books,
                "target_date": event.goal.target_date,
            }
        case Looked():
            told = {
                "event": "looked",
                "to_be_had": event.to_be_had,
                "requests": event.requests,
                "unchanged": event.unchanged,
                "next_at": event.next_at,
            }
        case Paused():
            told = {
                "event": "paused",
                "why": event.why,
                "until": event.until,
                "failures": event.failures,
            }
        case Happening():
            return document(event)
        case BookingBegins():
            told = {"event": "booking", "slots": event.slots}
        case BookingEnded():
            result = event.result
            run = None if result is None else summary_as_json(prepared.run, result)
            told = {"event": "booked", "problem": event.problem or None, "run": run}
        case WatchEnded():
            told = {"event": "ended", "standing": event.standing, "why": event.why}
        case Noted(text, problem):
            return {"event": "noted", "text": text, "problem": problem}
        case _:
            assert_never(event)
    found: dict[str, Any] = jsonable({**told, "at": event.at})
    return found


def _looked(event: Looked) -> str:
    how = "another process has just looked" if not event.requests else f"{event.requests} asked"
    if event.unchanged and event.requests:
        how += ", nothing has changed"
    return f"looked ({how}): {_named(event.to_be_had) or 'nothing to be had'}"


def _named(slots: tuple[Slot, ...]) -> str:
    more = f" and {len(slots) - _SHOWN} more" if len(slots) > _SHOWN else ""
    return ", ".join(f"{slot.place} {slot.start:%H:%M}" for slot in slots[:_SHOWN]) + more
