"""`sniper secrets`: where the key is that everything secret is sealed with, and how it is changed."""

from __future__ import annotations

import sys

import click
from rich.text import Text

from sniper.cli.tables import JSON_OPTION, console, hint, print_json, text
from sniper.resealing import Standing, Where, kind_of, rotate, standing
from sniper.store.repository import Store

_CALLED = {
    "password": "password",
    "totp_secret": "seed of a second factor",
    "token": "token",
    "sign_in": "kept sign-in",
}


@click.group()
def secrets() -> None:
    """The key that passwords, seeds, tokens and kept sign-ins are sealed with."""


@secrets.command()
@JSON_OPTION
def show(*, as_json: bool) -> None:
    """Show where the key is, how much is sealed, and what it does not unseal. Nothing secret is shown.

    Exit code 1: something cannot be unsealed.
    """
    with Store.open() as store:
        found = standing(store)
    if as_json:
        print_json(
            {
                "key": found.place,
                "keys": found.keys,
                "sealed": found.counts,
                "unreadable": [
                    {"site": one.site, "account": one.account, "kind": kind_of(one)}
                    for one in found.unreadable
                ],
            }
        )
    else:
        _print(found)
    sys.exit(1 if found.unreadable else 0)


@secrets.command("rotate")
@click.option(
    "--to",
    type=click.Choice(Where, case_sensitive=False),
    help="Where the new key goes.  [default: where the old one is]",
)
def rotate_(*, to: Where | None) -> None:
    """Make a new key, seal everything anew with it, and let go of the old one.

    May be done at any time, also while runs wait. Killed half-way, it loses nothing: do it again. Backups of
    the database that were made before it need the old key.

    With SNIPER_KEY set, only you can change the key: the command says how.
    """
    with Store.open() as store:
        found = rotate(store, to)
    _print(found)
    hint("Everything that could be unsealed is sealed anew.")
    sys.exit(1 if found.unreadable else 0)


def _print(found: Standing) -> None:
    out = console()
    if found.place is None:
        out.print(text("There is no key yet: it is made when something is to be sealed."))
    else:
        several = f", {found.keys} of them: the first one seals" if found.keys > 1 else ""
        out.print(text(f"The key is in {found.place.removeprefix('in ')}{several}."))
    counted = ", ".join(f"{_CALLED[kind]} ({number})" for kind, number in sorted(found.counts.items()))
    out.print(text(f"Sealed: {counted or 'nothing'}."))
    for one in found.unreadable:
        what = f"{one.account} at {one.site}: {_CALLED[kind_of(one)]}"
        out.print(Text.assemble(("! cannot be unsealed: ", "red"), text(what)))
    if found.unreadable:
        hint(
            "Put the right key back. If it is lost, store the passwords anew (`sniper accounts add`), and let"
            " owners sign in anew (`sniper accounts sign-in`)."
        )
