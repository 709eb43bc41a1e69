"""`sniper accounts`: who can be named in a bookings.json, and what is stored of them."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import click
from rich.console import Console

from sniper import accounts as accounts_
from sniper.accounts import NAMES
from sniper.cli.account_tables import account_document, account_table, ends, listed, print_account
from sniper.cli.exit_codes import INTERRUPTED
from sniper.cli.live import Progress
from sniper.cli.stopping import until_done_or_stopped
from sniper.cli.tables import JSON_OPTION, console, hint, print_json
from sniper.config.accounts import seed_of
from sniper.engine.browser.pool import BrowserPool
from sniper.engine.protocol import Credentials
from sniper.errors import InputError
from sniper.execution import need_display
from sniper.secrets import Vault, system_keyring
from sniper.secrets.places import InFile
from sniper.signing_in import sign_in_by_hand
from sniper.sites.profile import Profile
from sniper.store.records import SecretKind
from sniper.store.repository import Store

Command = TypeVar("Command", bound=Callable[..., Any])

_SITE = click.option("--site", metavar="PROFILE", help="Where, if several sites know one of that name.")


@click.group()
def accounts() -> None:
    """Store accounts, so that no password stands in a bookings.json, and see what becomes of them."""


def _secret_options(command: Command) -> Command:
    """`--password`, `--totp` and `--token`, and each of them from stdin."""
    for name, what in (
        ("token", "a token the site signs in by"),
        ("totp", "the seed of the second factor (base 32)"),
        ("password", "the password; so it does when nothing is said"),
    ):
        command = click.option(
            f"--{name}-stdin", is_flag=True, help=f"Read {what.split(';')[0]} from a line of stdin."
        )(command)
        command = click.option(f"--{name}", is_flag=True, help=f"Ask for {what}.")(command)
    return command


@accounts.command()
@click.argument("name")
@click.option("--site", metavar="PROFILE", required=True, help="The site: a profile's name or path.")
@_secret_options
def add(
    *,
    name: str,
    site: str,
    password: bool,
    password_stdin: bool,
    totp: bool,
    totp_stdin: bool,
    token: bool,
    token_stdin: bool,
) -> None:
    """Store what account NAME signs in with, or store it anew. It is asked for, and not shown.

    Several lines of stdin are read in the order of password, seed, token. Nothing secret is an argument:
    others on this machine can read the arguments of every command.
    """
    asked = {
        SecretKind.PASSWORD: (password, password_stdin),
        SecretKind.TOTP_SECRET: (totp, totp_stdin),
        SecretKind.TOKEN: (token, token_stdin),
    }
    if not any(any(ways) for ways in asked.values()):
        asked[SecretKind.PASSWORD] = (True, False)
    wanted = {kind: by_stdin for kind, (by_prompt, by_stdin) in asked.items() if by_prompt or by_stdin}
    profile = accounts_.profile_named(site)
    accounts_.check_used(profile, wanted)
    secrets = {
        kind: _read(kind, f"{name} at {profile.name}", by_stdin=by_stdin) for kind, by_stdin in wanted.items()
    }
    vault = _vault()
    with Store.open() as store:
        before = store.secrets_of(profile.name, name)
        accounts_.keep(store, vault, profile.name, {name: secrets})
    how = "stored anew" if before.keys() >= secrets.keys() else "stored"
    hint(f"{name} at {profile.name}: {listed(tuple(secrets))} {how}.")


@accounts.command("list")
@click.option("--site", metavar="PROFILE", help="Only those of this site.")
@JSON_OPTION
def list_(*, site: str | None, as_json: bool) -> None:
    """List the accounts that are known, what is stored of each, and until when it is signed in."""
    with Store.open() as store:
        found = store.accounts(_site_name(store, site))
    if as_json:
        print_json(found)
    elif found:
        console().print(account_table(found, datetime.now(UTC)))
    else:
        at = f" at {site}" if site else ""
        hint(f"No accounts{at} yet. `sniper accounts add NAME --site PROFILE` stores one.")


@accounts.command()
@click.argument("name")
@_SITE
@click.option(
    "--on",
    "day",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="DATE",
    help="Also what it can still book that day, by the site's limits and what it holds as far as is known.",
)
@JSON_OPTION
def show(*, name: str, site: str | None, day: datetime | None, as_json: bool) -> None:
    """Show account NAME: what is stored of it, and what became of its attempts and bookings."""
    with Store.open() as store:
        account = accounts_.find(store, name, _site_name(store, site))
        now = datetime.now(UTC)
        tallies = accounts_.statistics(store, account, now)
        on: date | None = day.date() if day else None
        room = accounts_.room(store, account, on, site) if on else ()
    if as_json:
        print_json(account_document(account, tallies, on, room))
    else:
        print_account(console(), account, tallies, on, room, now)


@accounts.command("sign-in")
@click.argument("name")
@_SITE
@click.option(
    "--within",
    type=click.IntRange(1, 120),
    default=10,
    show_default=True,
    metavar="MINUTES",
    help="How long its owner may take.",
)
def sign_in(*, name: str, site: str | None, within: int) -> None:
    """Open a window in which the owner of account NAME signs in by hand, and keep the sign-in, sealed.

    For what only its owner can do: a second factor, a captcha, a password nobody else is to know. What is
    stored of the account is filled in; the rest is the owner's. As soon as a browser of its own is signed in
    by what the window keeps, the window is closed. Runs then need no password, until the site ends it.
    """
    need_display("Sign in on a machine with a screen; over `ssh -X`, say.")
    vault = _vault()
    with Store.open() as store:
        profile, credentials = _whose_window(store, name, site)
        accounts_.check_signs_in(profile)
        hint(f"A window opens: sign in there as {name} at {profile.title}. It closes by itself.")
        with Progress(Console(stderr=True), verbose=True) as progress:
            work = sign_in_by_hand(
                profile,
                credentials,
                progress.tell,
                within=timedelta(minutes=within),
                window=BrowserPool(headless=False),
                proof=BrowserPool(),
            )
            kept = asyncio.run(until_done_or_stopped(work))
        if kept is None:
            hint("interrupted: nothing is kept")
            sys.exit(INTERRUPTED)
        now = datetime.now(UTC)
        sealed = vault.seal(kept.state)
        store.keep_sign_in_state(profile.name, name, sealed, kept.expires_at, now=now)
    hint(f"{name} is signed in at {profile.name}, {ends(kept.expires_at, now)}.")


@accounts.command("import")
@click.argument("bookings", type=click.Path(path_type=Path))
@click.option("--site", metavar="PROFILE", help="A profile (name or path) instead of the file's.")
@click.option("--strip", is_flag=True, help="Take the secrets out of the file once they are stored.")
def import_(*, bookings: Path, site: str | None, strip: bool) -> None:
    """Store the passwords, seeds and tokens that stand in BOOKINGS.

    With --strip the file is written anew without them, as it is laid out, once what was stored has come out
    again. What stands in environment variables stays there.
    """
    vault = _vault()
    with Store.open() as store:
        imported = accounts_.import_file(store, vault, bookings, site, strip=strip)
    for name, kinds in imported.stored.items():
        hint(f"{name} at {imported.site}: {listed(kinds)} stored.")
    if imported.variables:
        hint(f"Left where they are: the environment variables {', '.join(imported.variables)}.")
    if not imported.stored:
        hint(f"{bookings} holds no secrets.")
    elif imported.stripped:
        hint(f"{bookings} holds no secrets any more. Copies of it may: think of backups, and of git.")
    else:
        hint(f"They are still in {bookings}, too: --strip takes them out.")


@accounts.command()
@click.argument("name")
@_SITE
def enable(*, name: str, site: str | None) -> None:
    """Let account NAME take part again in runs that name it."""
    _set_active(name, site, active=True)


@accounts.command()
@click.argument("name")
@_SITE
def disable(*, name: str, site: str | None) -> None:
    """Leave account NAME out of runs that name it, which say so. A run that is at work goes on with it."""
    _set_active(name, site, active=False)


@accounts.command()
@click.argument("name")
@_SITE
@click.option("--forget", is_flag=True, help="Its attempts, bookings and pictures as well.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def remove(*, name: str, site: str | None, forget: bool, yes: bool) -> None:
    """Let go of what is stored of account NAME: password, seed, token, and what keeps it signed in.

    What it did and holds stays in the record, unless --forget. Nothing is given back, and nothing changes at
    the site.
    """
    with Store.open() as store:
        account = accounts_.find(store, name, _site_name(store, site))
        what = "everything that is known of" if forget else "the secrets and the kept sign-in of"
        _make_sure(f"Delete {what} {name} at {account.site}?", yes=yes)
        if not forget:
            store.forget_secrets(account.site, name, now=datetime.now(UTC))
            hint(f"{name} at {account.site}: nothing secret is stored any more; its record stays.")
            return
        forgotten, pictures = accounts_.forget(store, account)
    hint(
        f"{name} at {account.site} is forgotten, with {forgotten.attempts} attempts, {forgotten.bookings} "
        f"bookings and {pictures} files with pictures."
    )


def _set_active(name: str, site: str | None, *, active: bool) -> None:
    with Store.open() as store:
        account = accounts_.find(store, name, _site_name(store, site))
        store.set_active(account.site, name, active=active, now=datetime.now(UTC))
    how = "takes part in runs that name it" if active else "is left out of runs that name it"
    hint(f"{name} at {account.site} {how}.")


def _vault() -> Vault:
    """The vault for what is stored by hand; it is told where others could get at its key."""
    vault = Vault.open()
    if isinstance(vault.place, InFile):
        better = (
            "`sniper secrets rotate --to keyring` puts it into the system keyring"
            if system_keyring.find()
            else "there is no system keyring here; SNIPER_KEY can hold it instead"
        )
        click.echo(
            click.style("warning: ", fg="yellow", bold=True)
            + f"the key is {vault.place.name}: who can read your files can read what is stored. "
            + f"To keep it elsewhere: {better}.",
            err=True,
        )
    return vault


def _whose_window(store: Store, name: str, site: str | None) -> tuple[Profile, Credentials]:
    """An account that is known, with what is stored of it; or a new one of a site that is named."""
    at = _site_name(store, site)
    if at is not None and not store.accounts(at, name):
        return accounts_.profile_named(site or at), Credentials(name)
    account = accounts_.find(store, name, at)
    return accounts_.profile_named(site or account.site), accounts_.credentials_of(store, account)


def _site_name(store: Store, site: str | None) -> str | None:
    """The name that accounts of a site are stored under; `site` may also be the path of its profile."""
    if site is None or any(one.site == site for one in store.accounts()):
        return site
    return accounts_.profile_named(site).name


def _read(kind: SecretKind, whose: str, *, by_stdin: bool) -> str:
    if by_stdin:
        secret = sys.stdin.readline().rstrip("\r\n")
    elif sys.stdin.isatty():
        secret = click.prompt(f"{NAMES[kind].capitalize()} of {whose}", hide_input=True, err=True)
    else:
        name = "totp" if kind is SecretKind.TOTP_SECRET else kind.value
        raise InputError(
            f"there is no terminal to ask for the {NAMES[kind]} on",
            mend=f"--{name}-stdin reads it from stdin.",
        )
    if not secret:
        raise InputError(f"no {NAMES[kind]} came on stdin", mend="Nothing was stored; give it as a line.")
    if kind is not SecretKind.TOTP_SECRET:
        return secret
    try:
        return seed_of(secret)
    except ValueError as error:
        raise InputError(f"what was given {error}") from None


def _make_sure(question: str, *, yes: bool) -> None:
    if yes:
        return
    if not sys.stdin.isatty():
        raise InputError("there is no terminal to ask on whether this is meant", mend="--yes says so.")
    click.confirm(question, abort=True, err=True)
