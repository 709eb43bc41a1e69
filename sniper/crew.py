"""Who takes part: the accounts a bookings.json names, with what is stored of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from pydantic import SecretStr

from sniper.config.accounts import Account, reveal
from sniper.config.bookings import Bookings
from sniper.documents import Document, complaint
from sniper.engine.protocol import Credentials
from sniper.errors import EnvironmentProblem, InputError
from sniper.secrets import UnsealError, Vault
from sniper.sites.placeholders import missing_to_sign_in
from sniper.sites.profile import Profile
from sniper.store.records import AccountRecord, SecretKind
from sniper.store.repository import Store

PLACEHOLDERS = {
    SecretKind.PASSWORD: "password",
    SecretKind.TOTP_SECRET: "totp",
    SecretKind.TOKEN: "token",
}
"""What a profile's steps call each kind of secret."""


def with_stored(bookings: Bookings, document: Document, profile: Profile) -> tuple[Bookings, tuple[str, ...]]:
    """The same, with what is stored of its accounts where the file says nothing; and what people should know.

    An account that is disabled is left out as if the file said so.

    Raises:
        InputError: Of an account there is nothing to sign in with, or all are disabled.
        EnvironmentProblem: The store or what is sealed in it cannot be read.
    """
    complete = not any(account.is_active and _lacks(account, profile) for account in bookings.accounts)
    try:
        # A file that says everything needs no store: one of an older version disables nobody.
        store = Store.as_it_is() if complete else Store.open()
    except EnvironmentProblem:
        if not complete:
            raise
        store = None  # Whoever writes a record opens it next, and tells; a check tells it among the rest.
    if store is None:
        return bookings, ()
    with store:
        known = store.accounts(profile.name)
        bookings, told = without_disabled(bookings, document, known)
        filled = _Filling(profile, store, {one.account: one for one in known})
        accounts = tuple(filled.account(account) for account in bookings.accounts)
        if problems := [*filled.problems(accounts, document)]:
            raise InputError("\n".join(problems))
        return bookings.model_copy(update={"accounts": accounts}), told


def without_disabled(
    bookings: Bookings, document: Document, known: Iterable[AccountRecord]
) -> tuple[Bookings, tuple[str, ...]]:
    """The same without the accounts that are disabled, and who they are.

    Raises:
        InputError: Nobody is left.
    """
    disabled = {one.account: one.site for one in known if not one.active}
    left_out = [one.netid for one in bookings.accounts if one.is_active and one.netid in disabled]
    if not left_out:
        return bookings, ()
    accounts = tuple(
        one.model_copy(update={"is_active": False}) if one.netid in left_out else one
        for one in bookings.accounts
    )
    if not any(account.is_active for account in accounts):
        first = left_out[0]
        raise InputError(
            complaint(document, ("accounts",), "every account is disabled"),
            mend=f"`sniper accounts enable {first} --site {disabled[first]}` lets {first} take part.",
        )
    told = f"left out, being disabled (`sniper accounts enable`): {', '.join(left_out)}"
    return bookings.model_copy(update={"accounts": accounts}), (told,)


def credentials_of(account: Account) -> Credentials:
    """What an account signs in with.

    Raises:
        InputError: An environment variable is not set, or holds no seed where one is asked for.
    """
    secrets = {key: reveal(secret) for key, secret in account.secrets.items()}
    details = tuple((one.value, value) for one, value in account.details.known.items())
    return Credentials(account.netid, **secrets, details=details)


def by_hand(crew: Iterable[Credentials], profile: Profile) -> frozenset[str]:
    """The accounts that only their owners can sign in."""
    return frozenset(one.account for one in crew if missing_to_sign_in(profile, one.placeholders))


def vault_of_stored() -> Vault:
    """The vault in which something is stored.

    Raises:
        EnvironmentProblem: There is no key, or it cannot be used.
    """
    vault = Vault.as_it_is()
    if vault is None:
        raise EnvironmentProblem(
            "there is no key for what is stored of the accounts",
            mend="Put the key back: in SNIPER_KEY, or as the file `key` of the state folder.",
        )
    return vault


def unreadable(site: str, account: str, error: UnsealError) -> EnvironmentProblem:
    """What to tell where a stored secret does not come out again."""
    return EnvironmentProblem(
        f"what is stored of {account} at {site} cannot be read: {error}",
        mend="`sniper secrets show` tells where the key is; put the right one back. If it is lost, "
        f"`sniper accounts add {account} --site {site}` stores the secrets anew.",
    )


def _lacks(account: Account, profile: Profile) -> bool:
    """Is there something missing to sign it in?"""
    has = {PLACEHOLDERS[SecretKind(key)] for key in account.secrets}
    return bool(missing_to_sign_in(profile, {"username", *has}))


@dataclass
class _Filling:
    """Fills in what is stored of accounts."""

    profile: Profile
    store: Store
    known: dict[str, AccountRecord]

    def account(self, account: Account) -> Account:
        """With the stored secrets of the kinds of which the file says nothing."""
        known = self.known.get(account.netid)
        wanted = {kind for kind in known.secrets if kind not in account.secrets} if known else set()
        if not wanted:
            return account
        sealed = self.store.secrets_of(self.profile.name, account.netid)
        found: dict[str, SecretStr] = {}
        for kind in wanted & sealed.keys():
            try:
                found[kind.value] = SecretStr(self._vault.unseal(sealed[kind]))
            except UnsealError as error:
                if account.is_active:
                    raise unreadable(self.profile.name, account.netid, error) from None
        return account.model_copy(update=found)

    def problems(self, accounts: Iterable[Account], document: Document) -> Iterator[str]:
        """A complaint about each active account there is nothing to sign in with."""
        site = self.profile.name
        for index, account in enumerate(accounts):
            known = self.known.get(account.netid)
            if not account.is_active or not _lacks(account, self.profile) or (known and known.sign_in):
                continue
            name = account.netid
            yield complaint(
                document,
                ("accounts", index),
                f"the file has no password of {name!r}, and nothing is stored of it at {site}; store one by "
                f"`sniper accounts add {name} --site {site}`, or sign in by hand: "
                f"`sniper accounts sign-in {name} --site {site}`",
            )

    @cached_property
    def _vault(self) -> Vault:
        return vault_of_stored()
