"""`sniper practice`: run the practice site until it is told to stop."""

import json
import logging
import math
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from pydantic import ValidationError
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from sniper.errors import EnvironmentProblem
from sniper.paths import state_dir
from sniper.practice.settings import (
    BUNDLED_WEB,
    DEFAULT_PORT,
    USUAL_ACCOUNTS,
    PracticeSettings,
    demo_accounts,
)

if TYPE_CHECKING:
    from sniper.practice.server import RunningSite

_PICKER_SWITCHES = ("search", "append-to-body", "virtual-scroll", "typeahead")
_MILLISECONDS = click.IntRange(min=0, max=600_000)


class _Switches(click.ParamType[tuple[str, ...]]):
    """A comma-separated choice of picker switches."""

    name = "switches"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, ...]:
        if isinstance(value, tuple):
            return value
        switches = tuple(part.strip() for part in value.split(",") if part.strip())
        for switch in switches:
            if switch not in _PICKER_SWITCHES:
                self.fail(f"{switch!r} is none of {', '.join(_PICKER_SWITCHES)}.", param, ctx)
        return switches


class _Seconds(click.FloatRange):
    """A range of finite numbers: `nan` is in no range, but compares as if it were."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        number = float(super().convert(value, param, ctx))
        if not math.isfinite(number):
            self.fail(f"{value!r} is not a number of seconds.", param, ctx)
        return number


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Loopback address to listen on.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=DEFAULT_PORT,
    show_default=True,
    help="Port; 0 takes a free one.",
)
@click.option(
    "--db",
    "database",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="SQLite file that keeps the bookings.  [default: practice.sqlite3 in the user's state directory]",
)
@click.option("--fresh", is_flag=True, help="Start with an empty database.")
@click.option(
    "--mode",
    type=click.Choice(["strict", "lenient"]),
    default="strict",
    show_default=True,
    help="Lenient: the booking dialog can be opened and filled before the opening.",
)
@click.option("--racy", is_flag=True, help="Check first, write a moment later: gives places twice.")
@click.option(
    "--cards",
    type=click.Choice(["location", "slot"]),
    default="location",
    show_default=True,
    help="One card for each location and start, or for each slot.",
)
@click.option(
    "--picker",
    type=_Switches(),
    default="",
    metavar="SWITCHES",
    help=f"Variants of the sub-location picker, comma-separated: {', '.join(_PICKER_SWITCHES)}.",
)
@click.option(
    "--start",
    metavar="TIME",
    help="Where the venue's clock starts: HH:MM[:SS] today, or an ISO date and time, local to the venue.",
)
@click.option(
    "--skew",
    type=_Seconds(-31_536_000, 31_536_000),
    default=0.0,
    show_default=True,
    metavar="SECONDS",
    help="How far the venue's clock is ahead of this machine's (negative: behind).",
)
@click.option(
    "--accounts",
    type=click.IntRange(1, 500),
    default=USUAL_ACCOUNTS,
    show_default=True,
    metavar="N",
    help="How many people may sign in: user1 with the password pass1, user2 with pass2, and so on.",
)
@click.option(
    "--rivals", type=click.IntRange(0, 500), default=0, show_default=True, help="Bots at each opening."
)
@click.option(
    "--rival-delay",
    type=_MILLISECONDS,
    default=300,
    show_default=True,
    metavar="MS",
    help="How long after each opening the bots act.",
)
@click.option(
    "--session-delay",
    type=_MILLISECONDS,
    default=0,
    show_default=True,
    metavar="MS",
    help="How long after the sign-in the app writes its session.",
)
@click.option(
    "--fault",
    "faults",
    multiple=True,
    metavar="NAME[=VALUE][,KEY=VALUE…]",
    help="Something that goes wrong on purpose; may be given several times (docs/practice-site.md).",
)
@click.option("--json", "as_json", is_flag=True, help="When ready, print one line of JSON to stdout.")
@click.option("-v", "--verbose", is_flag=True, help="Print a line for each request, in venue time.")
@click.option("--while-stdin", is_flag=True, hidden=True, help="Stop when stdin ends: with who started it.")
@click.option(
    "--web",
    type=click.Path(file_okay=False, path_type=Path),
    default=BUNDLED_WEB,
    hidden=True,
    help="The built Angular application.",
)
def practice(
    *,
    host: str,
    port: int,
    database: Path | None,
    fresh: bool,
    mode: str,
    racy: bool,
    cards: str,
    picker: tuple[str, ...],
    start: str | None,
    skew: float,
    accounts: int,
    rivals: int,
    rival_delay: int,
    session_delay: int,
    faults: tuple[str, ...],
    as_json: bool,
    verbose: bool,
    while_stdin: bool,
    web: Path,
) -> None:
    """Run the practice site: a real booking site on this machine to rehearse on.

    Everything it shows is marked REHEARSAL. Ctrl-C stops it; what was booked is kept for the next start.
    """
    settings = _settings(
        {
            "host": host,
            "port": port,
            "database": database or state_dir() / "practice.sqlite3",
            "fresh": fresh,
            "mode": mode,
            "racy": racy,
            "cards": cards,
            "picker": {switch.replace("-", "_"): True for switch in picker},
            "skew": timedelta(seconds=skew),
            "accounts": demo_accounts(accounts),
            "rivals": rivals,
            "rival_delay": timedelta(milliseconds=rival_delay),
            "session_delay": timedelta(milliseconds=session_delay),
            "faults": faults,
            "web": web,
        },
        start,
    )
    _run(settings, as_json=as_json, verbose=verbose, while_stdin=while_stdin)


def _settings(chosen: dict[str, object], start: str | None) -> PracticeSettings:
    from sniper.practice.catalogue import CATALOGUE
    from sniper.practice.clock import ClockError, parse_start

    try:
        if start is not None:
            chosen["start"] = parse_start(start, timezone=CATALOGUE.timezone, now=datetime.now(UTC))
    except ClockError as error:
        raise click.BadParameter(str(error), param_hint="--start") from error
    try:
        return PracticeSettings.model_validate(chosen)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        # Which accounts there are is only known with all the settings: then no single one is to blame.
        name = str(first["loc"][0]) if first["loc"] else "fault"
        option = "--" + name.replace("database", "db").replace("faults", "fault").replace("_", "-")
        raise click.BadParameter(first["msg"].removeprefix("Value error, "), param_hint=option) from error


def _run(settings: PracticeSettings, *, as_json: bool, verbose: bool, while_stdin: bool) -> None:
    # Here and not at the top: these need the packages of the extra, which most installations do not have.
    try:
        from sniper.practice.app_files import is_built
        from sniper.practice.server import running_practice_site
    except ImportError as error:
        raise EnvironmentProblem(
            f"The practice site needs packages that are not installed ({error.name or error}).",
            mend="Install them with: pip install 'sniper[practice]'",
        ) from error
    if not is_built(settings.web):
        raise EnvironmentProblem(
            f"The practice site's pages are not built: there is no index.html in {settings.web}.",
            mend="Build them once with: sniper setup",
        )
    if verbose:
        _log_requests()
    # The signals first, so that there is no moment in which one of them ends in a traceback.
    with _told_to_stop() as stop, running_practice_site(settings) as site:
        if while_stdin:
            threading.Thread(target=_stop_at_end_of_stdin, args=(stop,), daemon=True).start()
        _announce(site)
        if as_json:
            click.echo(json.dumps(_facts(site)))
        stop.wait()
    click.echo("The practice site has stopped.", err=True)


def _stop_at_end_of_stdin(stop: threading.Event) -> None:
    sys.stdin.read()
    stop.set()


@contextmanager
def _told_to_stop() -> Iterator[threading.Event]:
    """An event that Ctrl-C and SIGTERM set; afterwards they do again what they did before."""
    stop = threading.Event()
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    for number in before:
        signal.signal(number, lambda *_: stop.set())
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _log_requests() -> None:
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(message)s"))
    log = logging.getLogger("sniper.practice.requests")
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    log.propagate = False


def _facts(site: "RunningSite") -> dict[str, object]:
    from sniper.practice.models import wire_time

    return {
        "url": site.url,
        "name": site.settings.name,
        "database": str(site.database.path),
        "mode": site.settings.mode,
        "strict": not site.settings.racy,
        "rivals": site.settings.rivals,
        "now": wire_time(site.clock.now()),
        "next_opening": wire_time(site.venue.next_opening()),
        "accounts": [
            {"username": person.username, "password": person.password, "totp_secret": person.totp_secret}
            for person in site.accounts.people
        ],
    }


def _announce(site: "RunningSite") -> None:
    settings = site.settings
    local = site.venue.catalogue.local
    facts = Table.grid(padding=(0, 2))
    facts.add_column(style="dim", no_wrap=True)
    facts.add_column()
    facts.add_row("address", f"[bold]{site.url}[/bold]")
    facts.add_row("venue clock", f"{local(site.clock.now()):%a %Y-%m-%d %H:%M:%S %Z}")
    facts.add_row("next opening", f"{local(site.venue.next_opening()):%a %Y-%m-%d %H:%M:%S %Z}")
    for location in site.venue.catalogue.locations:
        names = ", ".join(court.description for court in location.courts) or location.name
        hours = round(location.window / timedelta(hours=1))
        places = "1 place" if location.capacity == 1 else f"{location.capacity} places, waiting list"
        facts.add_row("opens", f"{names}: {hours} h before the start; {places}")
    facts.add_row("limits", "one booking for each account and hour, and for each account, location and day")
    places = "RACY: gives places twice" if settings.racy else "never gives a place twice"
    delay_ms = round(settings.rival_delay / timedelta(milliseconds=1))
    rivals = f"{settings.rivals} rivals {delay_ms} ms after each opening" if settings.rivals else "no rivals"
    facts.add_row("kind", f"{settings.mode} pages, {places}, {rivals}")
    for fault in settings.faults:
        facts.add_row("fault", escape(str(fault)))
    people = site.accounts.people
    ends = dict.fromkeys(f"{person.username} / {person.password}" for person in (people[0], people[-1]))
    facts.add_row("accounts", " … ".join(ends))
    for person in site.accounts.people:
        if person.totp_secret:
            facts.add_row("", f"{person.username} has a second factor, TOTP secret {person.totp_secret}")
    facts.add_row("database", escape(str(site.database.path)))
    facts.add_row("rehearse", "[bold]sniper run bookings.example.json --site practice[/bold]")
    facts.add_row("stop", "Ctrl-C")
    console = Console(stderr=True, highlight=False)
    console.print(f"[black on yellow] REHEARSAL [/] {escape(settings.name)}")
    console.print(facts)
