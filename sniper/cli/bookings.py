"""`sniper bookings`: what the accounts hold."""

from __future__ import annotations

import asyncio
import json
import sys
from datetime import UTC, datetime
from pathlib import Path

import click
from rich.console import Console

from sniper import giving_back
from sniper.cli.exit_codes import INTERRUPTED
from sniper.cli.live import Progress
from sniper.cli.logs import log_is_on_stderr, log_options
from sniper.cli.stopping import until_done_or_stopped
from sniper.cli.tables import JSON_OPTION, booking_table, console, hint, print_json
from sniper.config.bookings import Bookings
from sniper.events import to_each
from sniper.execution import prepare
from sniper.logs import lines
from sniper.run_request import RunRequest
from sniper.schema import schema_of
from sniper.store import Store


@click.group()
def bookings() -> None:
    """What the accounts hold, as the store knows it."""


@bookings.command()
def schema() -> None:
    """The JSON schema of bookings.json, for editors."""
    click.echo(json.dumps(schema_of(Bookings), indent=2, ensure_ascii=False))


@bookings.command("give-back")
@click.argument("references", nargs=-1, required=True, metavar="REFERENCE...")
@click.option(
    "--file",
    type=click.Path(path_type=Path),
    default=Path("bookings.json"),
    show_default=True,
    help="Whose accounts they are.",
)
@click.option("--site", metavar="PROFILE", help="A profile (name or path) instead of the file's.")
@click.option("--headed", is_flag=True, help="Show the browsers.")
@log_options
def give_back(*, references: tuple[str, ...], file: Path, site: str | None, headed: bool) -> None:
    """Cancel bookings at the site, by their references.

    `bookings list` shows the references. Each account is signed in, its booking cancelled, and my bookings
    read as proof. Exit code 1: something could not be given back.
    """
    prepared = prepare(RunRequest(file, site, headed))
    with Progress(Console(stderr=True, quiet=log_is_on_stderr()), verbose=True) as progress:
        work = giving_back.give_back(prepared, references, to_each(progress.tell, lines.write))
        done = asyncio.run(until_done_or_stopped(work))
    if done is None:
        click.echo("interrupted: `sniper bookings give-back` may be given again", err=True)
    sys.exit(INTERRUPTED if done is None else not done)


@bookings.command("list")
@click.option("--site", help="Only this site's, by the name of its profile.")
@click.option("--all", "everything", is_flag=True, help="Also past, failed and cancelled ones.")
@JSON_OPTION
def list_bookings(*, site: str | None, everything: bool, as_json: bool) -> None:
    """List the coming bookings with their references and how sure each is.

    Starts are in the site's time zone. CONFIRMED: my bookings shows it. UNVERIFIED: the site said so, my
    bookings did not show it. DOUBLED: somebody else holds the same place.
    """
    with Store.open() as store:
        found = store.bookings(site, upcoming_from=None if everything else datetime.now(UTC))
    if as_json:
        print_json(found)
    elif found:
        console().print(booking_table(found))
    else:
        at = f" at {site}" if site else ""
        if everything:
            hint(f"No bookings{at} yet. `sniper run bookings.json` makes some.")
        else:
            hint(f"No coming bookings{at}. `--all` shows past and cancelled ones.")
