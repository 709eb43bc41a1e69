"""`sniper serve`: the daemon that books every week, and what can be asked of it."""

from __future__ import annotations

import asyncio
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click
from rich.console import Console

from sniper.cli.exit_codes import INTERRUPTED
from sniper.cli.json_lines import day_of
from sniper.cli.served import STYLES, Served
from sniper.cli.stopping import on_signals
from sniper.cli.tables import JSON_OPTION, console, hint, jsonable, print_json, table_of, text
from sniper.errors import EnvironmentProblem, InputError
from sniper.service.files import Files
from sniper.service.serving import Serving, serving
from sniper.setup.browser import find_browser
from sniper.store.planned import DaemonRecord, OccurrenceRecord, OccurrenceState
from sniper.store.repository import Store

_ANSWERS_WITHIN = timedelta(seconds=60)
_GLANCE = 0.2
_SHOWN = 10


class _Serve(click.Group):
    """`sniper serve bookings.json` serves: a word that is no command is a file."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """What does not begin with one of the commands is what `start` is told."""
        if not args or args[0] not in (*self.commands, *ctx.help_option_names):
            args = ["start", *args]
        return super().parse_args(ctx, args)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name; any other word is for `start`."""
        return super().get_command(ctx, cmd_name) or super().get_command(ctx, "start")


@click.group(cls=_Serve)
def serve() -> None:
    """Book every day of every schedule, for as long as it runs: `sniper serve bookings.json`.

    It wakes an hour before each opening, runs as `sniper run` does, catches up what was due while it was
    down, and reads its files again when they change.
    """


@serve.command()
@click.argument("bookings", type=click.Path(path_type=Path), nargs=-1)
@click.option("--once", is_flag=True, help="Do what is due now, wait for its end, and stop (for cron).")
@click.option(
    "--no-jump", is_flag=True, help="A practice site's clock does not jump while nothing runs there."
)
@click.option("--json", "json_", is_flag=True, help="Print every event as a line of JSON on stdout.")
@click.option("-v", "--verbose", is_flag=True, help="Tell every step of every account.")
def start(*, bookings: tuple[Path, ...], once: bool, no_jump: bool, json_: bool, verbose: bool) -> None:
    """Serve the schedules of BOOKINGS (default: bookings.json, if it is there) and of `sniper schedule add`.

    Exit codes: 0 stopped by SIGTERM, or with --once every day that was due is booked; 1 with --once one is
    not; 2 bad input; 3 another one serves this store, or this machine is not up to it; 130 Ctrl-C.
    """
    usual = Path("bookings.json")
    files = Files(bookings or ((usual,) if usual.exists() else ()))
    find_browser()
    with (
        Store.open() as store,
        Served(Console(stderr=True), verbose=verbose, json_lines=json_) as served,
    ):
        code = asyncio.run(_serve(files, store, served, once=once, jumps=not (no_jump or once)))
    sys.exit(code)


async def _serve(files: Files, store: Store, served: Served, *, once: bool, jumps: bool) -> int:
    async with serving(files, store, served.tell, jumps=jumps) as here:
        served.begin(here.daemon, files.paths)
        work = asyncio.create_task(_work(here, once=once))
        stopped = _stop_on_signals(work, here, served)
        try:
            return await work
        except asyncio.CancelledError:
            left = store.occurrences(states=[OccurrenceState.PENDING], active=True, limit=1)
            next_one = f"; next is {left[0].schedule!r} on {left[0].day:%a %d %b %Y}" if left else ""
            click.echo(f"stopped: the browsers are closed, and nothing is lost{next_one}", err=True)
            return 0 if stopped == ["SIGTERM"] else INTERRUPTED


async def _work(here: Serving, *, once: bool) -> int:
    if not once:
        await here.for_ever()
        return 0
    became = await here.once()
    if not became:
        click.echo("nothing was due", err=True)
    return 0 if {*became} <= {OccurrenceState.BOOKED, OccurrenceState.FALLBACK} else 1


def _stop_on_signals(work: asyncio.Task[int], here: Serving, served: Served) -> list[str]:
    """Ctrl-C and SIGTERM stop it in good order, a second one at once; SIGHUP has it read its files again."""
    stopped: list[str] = []

    def stop(name: str) -> None:
        stopped.append(name)
        served.stopping()
        work.cancel()

    def handle(name: str) -> None:
        if name == "SIGHUP":
            here.reloading.soon()
        else:
            stop(name)

    on_signals(handle)
    return stopped


@serve.command("reload")
def reload_() -> None:
    """Have the daemon read its files again now, and say what it makes of them.

    Exit codes: 0 read, 2 a file is wrong and what it said before still holds, 3 none serves.
    """
    with Store.open() as store:
        asked = store.ask_daemon_to_read(now=datetime.now(UTC))
        if asked is None:
            raise EnvironmentProblem("no `sniper serve` is at work with this record", mend=_START)
        until = time.monotonic() + _ANSWERS_WITHIN.total_seconds()
        while time.monotonic() < until:
            record = store.daemon(now=datetime.now(UTC))
            if record is None or record.id != asked.id or not record.lives:
                raise EnvironmentProblem("the daemon has ended meanwhile", mend=_START)
            if record.done >= asked.asked:
                if record.complaint:
                    raise InputError(record.complaint, mend="What was said before still holds.")
                click.echo(f"read: {', '.join(record.files)}", err=True)
                return
            time.sleep(_GLANCE)
    raise EnvironmentProblem(
        f"the daemon (process {asked.pid}) has not answered for {_ANSWERS_WITHIN.total_seconds():.0f} s",
        mend="In the seconds of an opening it does not listen: try again.",
    )


_START = "Start one: sniper serve bookings.json."


@serve.command()
@JSON_OPTION
def status(*, as_json: bool) -> None:
    """Is the daemon alive, what does it run, and what comes next? Exit code 0 if it is, else 1."""
    with Store.open() as store:
        record = store.daemon(now=datetime.now(UTC))
        running = store.occurrences(states=[OccurrenceState.RUNNING])
        coming = store.occurrences(states=[OccurrenceState.PENDING], active=True, limit=_SHOWN)
    if as_json:
        print_json(
            {
                "alive": record is not None and record.lives,
                "daemon": jsonable(record),
                "running": [{**day_of(one), "run": one.run_id} for one in running],
                "coming": [day_of(one) for one in coming],
            }
        )
    else:
        _print_status(record, running, coming)
    sys.exit(0 if record is not None and record.lives else 1)


def _print_status(
    record: DaemonRecord | None, running: list[OccurrenceRecord], coming: list[OccurrenceRecord]
) -> None:
    out = console()
    out.print(text(_in_words(record), "bold" if record and record.lives else "bold red"))
    if record and record.lives and record.complaint:
        out.print(text(f"A file is wrong, and what it said before still holds:\n{record.complaint}", "red"))
    if not running and not coming:
        hint("Nothing is to come: `sniper schedule add`, or a file with schedules, plans something.")
        return
    table = table_of("schedule", "site", "day", "opens (here)", "wakes (here)", "state")
    for one in (*running, *coming):
        table.add_row(
            text(one.schedule),
            text(one.site),
            text(f"{one.starts_at or one.day:%a %d %b %Y}"),
            *(text(_here(moment)) for moment in (one.opens_at, one.wake_at)),
            text(f"run {one.run_id}" if one.run_id else one.state.value, STYLES.get(one.state, "")),
        )
    out.print(table)


def _here(moment: datetime | None) -> str:
    return "" if moment is None else f"{moment.astimezone():%a %d %b %H:%M}"


def _in_words(record: DaemonRecord | None) -> str:
    if record is None:
        return "No daemon has served this record."
    process = f"process {record.pid} of {record.host}"
    since = f"{record.started_at.astimezone():%a %d %b %Y %H:%M:%S}"
    if record.lives:
        return f"Serving {', '.join(record.files)}: {process}, since {since}."
    if record.ended_at is not None:
        return f"Nothing serves. The last one, {process}, ended {_here(record.ended_at)}."
    return f"Nothing serves. The last one, {process}, was last heard of before {_here(record.alive_until)}."
