"""Changes the vault's key: a new one is made, and everything sealed is sealed anew with it.

Kill it at any instant, and everything can still be read: the old key goes when nothing needs it any more.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from sniper.errors import EnvironmentProblem, InputError
from sniper.paths import state_dir
from sniper.secrets import KEY_VARIABLE, UnsealError, Vault, places, system_keyring
from sniper.store.records import Sealed
from sniper.store.repository import Store

SIGN_IN = "sign_in"
"""What is kept of a sign-in, among the kinds of secrets."""


class Where(StrEnum):
    """Where a key can be put."""

    KEYRING = "keyring"
    FILE = "file"


@dataclass(frozen=True, slots=True)
class Standing:
    """How the vault stands.

    Attributes:
        place: Where its keys are; None where there are none yet.
        keys: How many; more than one while they are being changed.
        in_file: They are a file, which whoever can read the state folder can read.
        counts: How much is sealed, by kind.
        unreadable: What none of the keys unseals.
    """

    place: str | None
    keys: int
    in_file: bool
    counts: Mapping[str, int]
    unreadable: tuple[Sealed, ...]


def kind_of(sealed: Sealed) -> str:
    """A word for what is sealed."""
    return sealed.kind.value if sealed.kind else SIGN_IN


def standing(store: Store) -> Standing:
    """Where the keys are, and what they unseal.

    Raises:
        EnvironmentProblem: The keys or the store cannot be read.
    """
    place = places.find()
    vault = None if place is None else Vault.at(place)
    sealed = store.sealed()
    return Standing(
        place.name if place else None,
        len(places.keys_in(place)) if place else 0,
        isinstance(place, places.InFile),
        dict(Counter(kind_of(one) for one in sealed)),
        tuple(one for one in sealed if vault is None or _unsealed(vault, one) is None),
    )


def rotate(store: Store, to: Where | None = None) -> Standing:
    """Seal everything with a new key, and let go of the old ones.

    Args:
        store: Open.
        to: Where the new key goes; where the old one is, unless told.

    Raises:
        InputError: The key is in `SNIPER_KEY`, where only its owner can change it.
        EnvironmentProblem: The keys or the store cannot be read or written; what could be read still can.
    """
    place = places.find() or places.make()
    if isinstance(place, places.InEnvironment):
        _by_its_owner(place, to)
        _seal_anew(store, Vault.at(place))
        return standing(store)
    target = place if to is None else _place(to)
    keys = [places.new_key(), *places.keys_in(place)]
    target.write(keys)
    _seal_anew(store, Vault.at(target))
    if places.keys_in(target) != keys:
        raise EnvironmentProblem(
            "the key was changed by somebody else at the same time; nothing is lost",
            mend="`sniper secrets rotate` again.",
        )
    target.write(keys[:1])
    if isinstance(place, places.InKeyring) and not isinstance(target, places.InKeyring):
        place.clear()
    return standing(store)


def _place(to: Where) -> places.InKeyring | places.InFile:
    path = state_dir() / places.KEY_FILE
    if to is Where.FILE:
        return places.InFile(path)
    if system_keyring.find() is None:
        raise EnvironmentProblem(
            "this machine has no system keyring, or none that can be reached from here",
            mend="Start sniper in your desktop session; or keep the key in the file, or in SNIPER_KEY.",
        )
    return places.InKeyring(path)


def _by_its_owner(place: places.InEnvironment, to: Where | None) -> None:
    """Go on only where its owner has put a new key before the old one."""
    if to is not None:
        raise InputError(
            f"the key is in {KEY_VARIABLE}, which goes before the {to.value}",
            mend=f"Put that key into the file {state_dir() / places.KEY_FILE} (chmod 600), unset "
            f"{KEY_VARIABLE}, and try again.",
        )
    if len(places.keys_in(place)) < 2:
        raise InputError(
            f"the key is in {KEY_VARIABLE}, where only you can change it",
            mend=f"1. Make a new key: {places.NEW_KEY}\n"
            f"2. Set {KEY_VARIABLE} to the new key, a comma, and the old key: the first seals, all unseal.\n"
            "3. `sniper secrets rotate` again: everything is sealed anew with the first.\n"
            f"4. Set {KEY_VARIABLE} to the new key alone.",
        )


def _seal_anew(store: Store, vault: Vault) -> None:
    def resealed(one: Sealed) -> str | None:
        text = _unsealed(vault, one)
        return None if text is None else vault.seal(text)

    store.reseal(resealed)


def _unsealed(vault: Vault, one: Sealed) -> str | None:
    try:
        return vault.unseal(one.sealed)
    except UnsealError:
        return None
