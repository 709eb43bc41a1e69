"""`sniper notify`: who is told of runs, and whether that works."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from sniper.cli.logs import log_is_on_stderr, log_options
from sniper.cli.tables import JSON_OPTION, console, hint, print_json, table_of, text
from sniper.config.bookings import read_bookings
from sniper.config.notifications import channels
from sniper.notify.channels import Channel
from sniper.notify.messages import Kind, Letter
from sniper.notify.sender import send_at_once

_LETTER = Letter(
    Kind.INFO, "sniper: this channel works", "Sent by `sniper notify test`. Nothing has happened."
)
_BOOKINGS = click.argument("bookings", type=click.Path(path_type=Path), default=Path("bookings.json"))


@click.group()
def notify() -> None:
    """Who is told of runs: the channels of `notifications` in bookings.json."""


@notify.command("list")
@_BOOKINGS
@JSON_OPTION
def list_channels(*, bookings: Path, as_json: bool) -> None:
    """List the channels, without their tokens.

    They are those of BOOKINGS (default: bookings.json).
    """
    found = _channels(bookings)
    if as_json:
        print_json([_described(one) for one in found])
        return
    if not found:
        return
    table = table_of("channel", "service", "address", "is told", "pictures")
    for one in found:
        pictures = "yes" if one.takes_pictures else "no"
        table.add_row(*map(text, (one.name, one.service, one.address, one.level.value, pictures)))
    console().print(table)


@notify.command("test")
@_BOOKINGS
@JSON_OPTION
@log_options
def test(*, bookings: Path, as_json: bool) -> None:
    """Send a message through each channel, and tell how that went.

    The channels are those of BOOKINGS (default: bookings.json).

    Exit codes: 0 all took it, 1 one did not or there is none, 2 bad input.
    """
    found = _channels(bookings)
    out = Console(stderr=True, highlight=False, quiet=log_is_on_stderr())
    with out.status(f"sending to {', '.join(one.name for one in found)} …"):
        reasons = send_at_once(found, _LETTER)
    if as_json:
        print_json(
            [
                {**_described(one), "sent": why is None, "error": why}
                for one, why in zip(found, reasons, strict=True)
            ]
        )
    elif found:
        table = table_of("channel", "address", "")
        for one, why in zip(found, reasons, strict=True):
            told = text("sent", "green") if why is None else text(f"not sent: {why}", "red")
            table.add_row(text(one.name), text(one.address), told)
        console().print(table)
    sys.exit(0 if found and not any(reasons) else 1)


def _channels(path: Path) -> tuple[Channel, ...]:
    bookings, _ = read_bookings(path)
    found = channels(bookings.notifications)
    if not found:
        hint(
            f"{path} names no channels.\n"
            'Add them: "notifications": [{"url": "tgram://…", "level": "results"}] (docs/notifications.md).'
        )
    return found


def _described(channel: Channel) -> dict[str, Any]:
    return {
        "name": channel.name,
        "service": channel.service,
        "address": channel.address,
        "level": channel.level.value,
        "pictures": channel.takes_pictures,
    }
