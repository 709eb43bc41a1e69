"""What `sniper accounts` does: stores accounts with what they sign in with, finds, tells and forgets them."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from difflib import get_close_matches
from pathlib import Path

from pydantic import SecretStr

from sniper.config.accounts import reveal
from sniper.config.bookings import read_bookings
from sniper.config.goal import load_site
from sniper.config.stripping import without_secrets
from sniper.core.goals import Fallback, Goal, Priority
from sniper.core.track_record import Got, Room, Tally, room_on, shot, tallies
from sniper.crew import PLACEHOLDERS, unreadable, vault_of_stored
from sniper.engine.browser.evidence import name_of
from sniper.engine.protocol import Credentials
from sniper.errors import EnvironmentProblem, InputError
from sniper.files import write_whole
from sniper.paths import state_dir
from sniper.secrets import UnsealError, Vault
from sniper.sites.library import find_profile, load_profile
from sniper.sites.placeholders import used_to_sign_in
from sniper.sites.profile import Profile
from sniper.store.records import ACTIVE, AccountRecord, Forgotten, SecretKind
from sniper.store.repository import Store

NAMES = {
    SecretKind.PASSWORD: "password",
    SecretKind.TOTP_SECRET: "seed of a second factor",
    SecretKind.TOKEN: "token",
}
"""What people call each kind of secret."""

_FOLDERS_WITH_PICTURES = ("runs", "checks")


@dataclass(frozen=True, slots=True)
class Imported:
    """What was taken out of a bookings.json.

    Attributes:
        stored: Of each account, what was stored.
        variables: The environment variables that hold other secrets; these stay where they are.
        stripped: The file has them no more.
    """

    site: str
    stored: Mapping[str, tuple[SecretKind, ...]]
    variables: tuple[str, ...]
    stripped: bool


def profile_named(name: str) -> Profile:
    """The profile of that name, or at that path.

    Raises:
        InputError: There is none, or it is wrong.
    """
    return load_profile(find_profile(name, Path.cwd()))


def find(store: Store, name: str, site: str | None) -> AccountRecord:
    """An account that is known; `site` is needed only where several sites know one of that name.

    Raises:
        InputError: It is not known, or at several sites.
    """
    everybody = store.accounts()
    found = [one for one in everybody if one.account == name and site in (None, one.site)]
    if len(found) > 1:
        sites = " or ".join(f"--site {one.site}" for one in found)
        raise InputError(f"there is an account {name!r} at several sites", mend=f"Say which: {sites}.")
    if found:
        return found[0]
    at = f" at {site}" if site else ""
    near = get_close_matches(name, {one.account for one in everybody if site in (None, one.site)}, n=1)
    hint = f"Did you mean {near[0]!r}? " if near else ""
    raise InputError(
        f"no account {name!r} is known{at}",
        mend=f"{hint}`sniper accounts list` shows them, `sniper accounts add` stores one.",
    )


def check_signs_in(profile: Profile) -> None:
    """Look whether one signs in at the site at all.

    Raises:
        InputError: Nobody does.
    """
    if not profile.sign_in:
        raise InputError(
            f"nobody signs in at {profile.name}",
            mend="Name the person in the accounts of bookings.json; there is nothing to store.",
        )


def check_used(profile: Profile, kinds: Collection[SecretKind]) -> None:
    """Look whether the site's sign-in has a use for these.

    Raises:
        InputError: It has none for one of them.
    """
    if kinds:
        check_signs_in(profile)
    used = used_to_sign_in(profile)
    for kind in kinds:
        if PLACEHOLDERS[kind] not in used:
            raise InputError(
                f"the sign-in of {profile.name} has no use for a {NAMES[kind]}",
                mend=f"Leave it out; a profile whose sign-in asks for it says {{{PLACEHOLDERS[kind]}}}.",
            )


def keep(store: Store, vault: Vault, site: str, accounts: Mapping[str, Mapping[SecretKind, str]]) -> None:
    """Store what accounts sign in with, sealed; all of it, or nothing.

    Raises:
        EnvironmentProblem: It cannot be sealed or stored.
    """
    sealed = {
        name: {kind: vault.seal(secret) for kind, secret in secrets.items()}
        for name, secrets in accounts.items()
    }
    store.keep_secrets(site, sealed, now=datetime.now(UTC))


def credentials_of(store: Store, account: AccountRecord) -> Credentials:
    """What is stored for an account to sign in with.

    Raises:
        EnvironmentProblem: It cannot be unsealed.
    """
    sealed = store.secrets_of(account.site, account.account)
    if not sealed:
        return Credentials(account.account)
    vault = vault_of_stored()
    try:
        secrets = {kind: vault.unseal(text) for kind, text in sealed.items()}
    except UnsealError as error:
        raise unreadable(account.site, account.account, error) from None
    return Credentials(
        account.account,
        secrets.get(SecretKind.PASSWORD),
        secrets.get(SecretKind.TOTP_SECRET),
        secrets.get(SecretKind.TOKEN),
    )


def import_file(store: Store, vault: Vault, path: Path, site: str | None, *, strip: bool) -> Imported:
    """Store the secrets of a bookings.json; with `strip`, take them out of the file once they are.

    Raises:
        InputError: The file is wrong, or cannot be written; then the secrets are stored all the same.
        EnvironmentProblem: They cannot be stored; then the file is as it was.
    """
    bookings, document = read_bookings(path)
    profile = load_site(bookings, document, site)
    secrets = {
        account.netid: found
        for account in bookings.accounts
        if (
            found := {
                SecretKind(key): reveal(secret)
                for key, secret in account.secrets.items()
                if isinstance(secret, SecretStr)
            }
        )
    }
    keep(store, vault, profile.name, secrets)
    if strip:
        _prove(store, vault, profile.name, secrets)
        _strip(path, document.root)
    return Imported(
        profile.name,
        {name: tuple(kinds) for name, kinds in secrets.items()},
        tuple(sorted(bookings.secret_variables)),
        strip,
    )


def statistics(store: Store, account: AccountRecord, now: datetime) -> tuple[Tally, ...]:
    """What became of an account's attempts and bookings, by period; `now` is this machine's clock."""
    attempts = store.attempts_of(account.site, account.account)
    shots = [shot(one.opened_at, one.opens_at, one.outcome, one.timeline) for one in attempts]
    bookings = store.bookings_of(account.site, account.account)
    return tallies(
        [one for one in shots if one],
        [Got(one.created_at, one.status in ACTIVE) for one in bookings],
        now,
    )


def room(store: Store, account: AccountRecord, day: date, site: str | None = None) -> tuple[Room, ...]:
    """What an account could still book on a day, by its site's limits and what the record shows it to hold.

    Args:
        store: Open.
        account: Whose.
        day: On the site's calendar.
        site: The profile, if it is not to be found by the name of the site.

    Raises:
        InputError: There is no profile of its site, or it is wrong.
    """
    profile = profile_named(site or account.site)
    priorities = (
        Priority(
            rank,
            name,
            location.sub_locations or (None,),
            1,
            location.opening,
            location.slot,
            location.capacity,
        )
        for rank, (name, location) in enumerate(profile.locations.items())
    )
    whole_day = Goal(day, profile.timezone, 1, time(), time(), tuple(priorities), Fallback(None))
    held = [one.slot for one in store.bookings_of(account.site, account.account) if one.status in ACTIVE]
    return room_on(whole_day, profile.limits_per_account(), held)


def forget(store: Store, account: AccountRecord) -> tuple[Forgotten, int]:
    """Take an account out of the record, with the pictures of its pages; how many of these there were.

    Raises:
        LeaseTakenError: A run is at work with it.
        EnvironmentProblem: The pictures cannot be deleted.
    """
    forgotten = store.forget_account(account.site, account.account, now=datetime.now(UTC))
    ours = re.compile(rf"{re.escape(name_of(account.account))}-\d+\.\w+")
    folders = [state_dir() / name for name in _FOLDERS_WITH_PICTURES]
    files = [one for folder in folders for one in folder.glob("*/*") if ours.fullmatch(one.name)]
    for file in files:
        try:
            file.unlink(missing_ok=True)
        except OSError as error:
            raise EnvironmentProblem(
                f"{file} cannot be deleted: {error.strerror or error}", mend="Delete it by hand."
            ) from error
    return forgotten, len(files)


def _prove(store: Store, vault: Vault, site: str, accounts: Mapping[str, Mapping[SecretKind, str]]) -> None:
    """Before the only other copy goes: what was stored comes out again."""
    for name, secrets in accounts.items():
        sealed = store.secrets_of(site, name)
        if any(vault.unseal(sealed[kind]) != secret for kind, secret in secrets.items()):
            raise EnvironmentProblem(f"what was stored of {name} does not come out again; the file stays")


def _strip(path: Path, root: object) -> None:
    """Write the file anew without its secrets, as its owner has laid it out."""
    # Through a link, it is the file itself that is written.
    real = path.resolve()
    raw = real.read_bytes()
    text = raw.decode("utf-8-sig")
    if json.loads(text) != root:
        raise InputError(
            f"{path} was changed meanwhile; its secrets are stored, and still in it as well",
            mend="Give the same command again.",
        )
    mark = raw[: len(raw) - len(text.encode())].decode()
    write_whole(real, mark + without_secrets(text), real.stat().st_mode & 0o777)
