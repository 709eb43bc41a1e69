"""What keeps the accounts of a site signed in between runs: in the store, sealed by the vault."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import UTC, datetime

from sniper.errors import EnvironmentProblem
from sniper.secrets import UnsealError, Vault
from sniper.store.repository import Store


class KeptSignIns:
    """The `SignInStates` of one site. What does not work is told once; the accounts then sign in anew.

    While a run waits, an owner may sign in by hand: what others have kept meanwhile is neither replaced nor
    forgotten, and is there for the next sign-in.
    """

    def __init__(
        self,
        store: Store,
        vault: Vault,
        site: str,
        tell: Callable[[str], None],
        *,
        fresh: bool = False,
        by_hand: Collection[str] = (),
    ) -> None:
        """Nothing is read yet.

        Args:
            store: Open.
            vault: Seals what goes there.
            site: The profile's name.
            tell: Called with what people should know.
            fresh: Pass over what earlier runs have kept.
            by_hand: Not of these accounts: only their owners can sign in anew.
        """
        self._store = store
        self._vault = vault
        self._site = site
        self._tell = tell
        self._fresh = fresh
        self._by_hand = frozenset(by_hand)
        self._saved: set[str] = set()
        self._last: dict[str, str] = {}
        """What was read or kept last, by account."""
        self._told: set[str] = set()

    def load(self, account: str) -> str | None:
        """See `SignInStates.load`. What cannot be decrypted stays: the right key may come back."""
        if self._fresh and account not in self._saved | self._by_hand:
            return None
        try:
            sealed = self._store.sign_in_state(self._site, account)
            if sealed is None:
                return None
            self._last[account] = self._vault.unseal(sealed)
            return self._last[account]
        except UnsealError as error:
            self._tell_once(
                f"kept sign-ins cannot be read: {error} (`sniper secrets show`); those accounts sign in anew"
            )
        except EnvironmentProblem as error:
            self._tell_once(f"the kept sign-ins cannot be read: {error}")
        return None

    def save(self, account: str, state: str, expires_at: datetime | None = None) -> None:
        """See `SignInStates.save`."""
        try:
            if self._is_others(account):
                return
            sealed = self._vault.seal(state)
            self._last[account] = state
            self._store.keep_sign_in_state(self._site, account, sealed, expires_at, now=datetime.now(UTC))
            self._saved.add(account)
        except EnvironmentProblem as error:
            self._tell_once(f"the sign-ins cannot be kept for the next run: {error}")

    def forget(self, account: str) -> None:
        """See `SignInStates.forget`."""
        try:
            if not self._is_others(account):
                self._store.forget_sign_in_state(self._site, account)
        except EnvironmentProblem as error:
            self._tell_once(f"the sign-ins cannot be kept for the next run: {error}")

    def _is_others(self, account: str) -> bool:
        """Is what is kept now of somebody else than us?"""
        sealed = self._store.sign_in_state(self._site, account) if account in self._last else None
        if sealed is None:
            return False
        try:
            return self._vault.unseal(sealed) != self._last[account]
        except UnsealError:
            return False

    def _tell_once(self, text: str) -> None:
        if text not in self._told:
            self._told.add(text)
            self._tell(text)
