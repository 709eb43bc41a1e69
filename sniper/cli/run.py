"""`sniper run`: the main job."""

from __future__ import annotations

import asyncio
import json
import sys
from datetime import timedelta
from pathlib import Path

import click
from rich.console import Console

from sniper.cli.exit_codes import INTERRUPTED
from sniper.cli.live import Progress
from sniper.cli.logs import log_is_on_stderr, log_options
from sniper.cli.planning import overrides, strategy_option, wanted_options
from sniper.cli.recordings import tell_of_recording
from sniper.cli.stopping import until_done_or_stopped
from sniper.cli.summary import as_json, print_summary
from sniper.core.unwanted import GiveBack
from sniper.engine.browser.firing import Mode
from sniper.engine.browser.pool import CONTEXTS_PER_BROWSER
from sniper.execution import aimed, execute, prepare
from sniper.run_request import RunRequest, Watching


@click.command()
@click.argument("bookings", type=click.Path(path_type=Path), default=Path("bookings.json"))
@click.option("--site", metavar="PROFILE", help="A profile (name or path) instead of the file's.")
@wanted_options
@click.option("--headed", is_flag=True, help="Show the browsers.")
@click.option(
    "--engine",
    type=click.Choice(Mode, case_sensitive=False),
    help="Who presses at the opening: `armed`, the page itself, prepared beforehand; or `driver`,"
    " Playwright's hand, which is slower and can be watched.  [default: armed; with --headed, driver]",
)
@click.option(
    "--contexts-per-browser",
    type=click.IntRange(min=1),
    default=CONTEXTS_PER_BROWSER,
    show_default=True,
    metavar="N",
    help="How many accounts share a browser process; with more accounts, more browsers are started.",
)
@click.option("--fresh-sign-in", is_flag=True, help="Sign everybody in anew, whoever is still signed in.")
@click.option(
    "--give-back",
    type=click.Choice(GiveBack, case_sensitive=False),
    help="When the goal is missed: give back the hours that nobody wants, keep them, or ask first."
    "  [default: as the file says, else ask]",
)
@click.option(
    "--resume",
    is_flag=True,
    help="Go on with the last run of this file that did not come to its end, for the day that it was for.",
)
@strategy_option
@click.option(
    "--record",
    is_flag=True,
    help="Keep of every account a trace, its requests and its console, and what its pages show, scrubbed.",
)
@click.option("--record-video", is_flag=True, help="As --record, and film the pages, which slows them.")
@click.option(
    "--slow-mo",
    type=click.IntRange(min=1),
    metavar="MS",
    help="Wait so long before each thing that is done; with --headed.",
)
@click.option(
    "--pause-before-fire",
    is_flag=True,
    help="Let each page wait, parked, until you let it go on; with --headed.",
)
@click.option("--dry-run", is_flag=True, help="Do everything but the press that books.")
@click.option("--json", "json_", is_flag=True, help="Print the result as JSON on stdout.")
@click.option("-v", "--verbose", is_flag=True, help="Tell every step of every account.")
@log_options
def run(
    *,
    bookings: Path,
    site: str | None,
    schedule: str | None,
    busy: str | None,
    headed: bool,
    engine: Mode | None,
    contexts_per_browser: int,
    fresh_sign_in: bool,
    give_back: GiveBack | None,
    resume: bool,
    strategy: str | None,
    record: bool,
    record_video: bool,
    slow_mo: int | None,
    pause_before_fire: bool,
    dry_run: bool,
    json_: bool,
    verbose: bool,
) -> None:
    """Book what BOOKINGS (default: bookings.json) asks for.

    Started before a release hour it signs every account in, waits for the openings on the site's clock,
    fires, proves what was booked by reading it back, and plans the next opening from what is true.

    One run at a time works with an account for a day: a second one says so and stops. A run that was killed
    or interrupted is gone on with by the same command: what it left open is settled by reading back, and what
    it won counts. --resume does the same, and stops where there is none; +3d then means what it meant before.

    Exit codes: 0 goal reached or accepted fallback, 1 not reached, 2 bad input, 3 this machine or the site is
    not up to it, 130 interrupted.
    """
    if resume and dry_run:
        raise click.UsageError(
            "--resume and --dry-run exclude each other: a dry run has nothing to go on with."
        )
    for option, given in (("--slow-mo", slow_mo), ("--pause-before-fire", pause_before_fire)):
        if given and not headed:
            raise click.UsageError(f"{option} is for watching: add --headed.")
    if slow_mo and engine is Mode.ARMED:
        raise click.UsageError("--slow-mo and --engine armed exclude each other: armed pages do not wait.")
    request = RunRequest(
        bookings,
        site,
        headed,
        press=not dry_run,
        engine=engine,
        contexts_per_browser=contexts_per_browser,
        fresh_sign_in=fresh_sign_in,
        give_back=give_back,
        resume=resume,
        schedule=schedule,
        busy=busy,
        planning=overrides(strategy, None, None, None),
        watching=Watching(
            record=record or record_video,
            film=record_video,
            slow_motion=timedelta(milliseconds=slow_mo or 0),
            pauses=pause_before_fire,
        ),
    )
    prepared = aimed(prepare(request))
    quiet = log_is_on_stderr()
    with Progress(Console(stderr=True, quiet=quiet), verbose=verbose) as progress:
        may_ask = not quiet and sys.stdin.isatty() and sys.stderr.isatty()
        work = execute(prepared, progress.tell, progress.show_clock, progress.ask if may_ask else None)
        result = asyncio.run(until_done_or_stopped(work))
    if result is None:
        click.echo("interrupted: the browsers are closed; the same command goes on with it", err=True)
        sys.exit(INTERRUPTED)
    print_summary(Console(stderr=json_, quiet=json_ and quiet), prepared, result)
    if request.watching.record:
        tell_of_recording(result.run_id)
    if json_:
        click.echo(json.dumps(as_json(prepared, result), indent=2, ensure_ascii=False))
    sys.exit(result.exit_code)
