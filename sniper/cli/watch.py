"""`sniper watch`: looks for slots that can be had, tells, and books them if told to."""

from __future__ import annotations

import asyncio
import json
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import click
import durationpy
from rich.console import Console

from sniper.cli.exit_codes import INTERRUPTED
from sniper.cli.logs import log_is_on_stderr, log_options
from sniper.cli.planning import wanted_options
from sniper.cli.stopping import until_done_or_stopped
from sniper.cli.watch_view import WatchView, as_json
from sniper.core.plan import Standing
from sniper.watch.happenings import WatchEvent
from sniper.watch.session import PreparedWatch, WatchRequest, WatchResult, prepare_watch, watch


class _Duration(click.ParamType[timedelta]):
    """As profiles write it: 45s, 5m."""

    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:
        if isinstance(value, timedelta):
            return value
        try:
            duration: timedelta = durationpy.from_str(value)
        except durationpy.DurationError:
            self.fail(f"{value!r} is no duration; write 45s, 2m or 1h.", param, ctx)
        if duration <= timedelta(0):
            self.fail(f"{value!r} is no time at all.", param, ctx)
        return duration


@click.command("watch")
@click.argument("bookings", type=click.Path(path_type=Path), default=Path("bookings.json"))
@click.option("--site", metavar="PROFILE", help="A profile (name or path) instead of the file's.")
@wanted_options
@click.option(
    "--book/--no-book",
    default=None,
    help="Book what appears, by a run for the same goal.  [default: as the file says, else not]",
)
@click.option(
    "--every",
    type=_Duration(),
    help="From one look to the next, give or take a fifth; never below the profile's floor."
    "  [default: as the file says, else the profile]",
)
@click.option(
    "--on-appear",
    metavar="COMMAND",
    help="Run this for each slot that appears; no shell reads it. The slot stands in SNIPER_PLACE,"
    " SNIPER_START and other variables, and as JSON on its input.  [default: as the file says]",
)
@click.option("--once", is_flag=True, help="Look once, tell what has changed since the last time, and end.")
@click.option("--json", "json_", is_flag=True, help="Print what happens as JSON on stdout, one line each.")
@click.option("-v", "--verbose", is_flag=True, help="Tell every look.")
@log_options
def watch_command(
    *,
    bookings: Path,
    site: str | None,
    schedule: str | None,
    busy: str | None,
    book: bool | None,
    every: timedelta | None,
    on_appear: str | None,
    once: bool,
    json_: bool,
    verbose: bool,
) -> None:
    """Watch for slots that BOOKINGS (default: bookings.json) asks for: cancellations, and what nobody took.

    The site's list is read over HTTP, without a browser and without an account, no more often than its
    profile allows, by all processes together. It is told when slots appear with which the goal, or what the
    fallback accepts, can be completed, and when they go. It ends when the goal is reached, the day is over,
    or by Ctrl-C; started again, it tells nothing twice.

    Exit codes: 0 goal reached or accepted fallback (with --once: or there is something to be had), 1 not,
    2 bad input, 3 this machine or the site is not up to it, 130 interrupted.
    """
    request = WatchRequest(bookings, site, book, every, on_appear, once, schedule, busy)
    prepared = prepare_watch(request)
    console = Console(stderr=True, quiet=log_is_on_stderr())
    with WatchView(console, prepared, verbose=verbose, is_data=json_) as view:

        def tell(event: WatchEvent) -> None:
            if json_:
                click.echo(json.dumps(as_json(event, prepared), ensure_ascii=False))
                sys.stdout.flush()
            view.tell(event)

        work = watch(prepared, tell, view.tell_run, view.show_clock)
        result = asyncio.run(until_done_or_stopped(work))
    if result is None:
        click.echo("interrupted: started again, it goes on where it was", err=True)
        sys.exit(INTERRUPTED)
    sys.exit(_exit_code(prepared, result))


def _exit_code(prepared: PreparedWatch, result: WatchResult) -> int:
    if result.ended.standing is not Standing.MISSED:
        return 0
    return 0 if prepared.once and not prepared.books and result.to_be_had else 1
