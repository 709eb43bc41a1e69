"""`sniper bookings`: what the accounts hold."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import click

from sniper.cli.tables import JSON_OPTION, booking_table, console, hint, print_json
from sniper.config.bookings import Bookings
from sniper.schema import schema_of
from sniper.store import Store


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
