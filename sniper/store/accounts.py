"""Accounts in the store: who they are, what is kept of them sealed, and how they are forgotten."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from sniper.store import convert, forgetting, leases, ledger
from sniper.store.models import AccountRow, AccountSecretRow, BookingRow, SignInStateRow
from sniper.store.records import (
    AccountRecord,
    AttemptRecord,
    BookingRecord,
    Forgotten,
    Sealed,
    SecretKind,
)
from sniper.store.transactions import Transactions, all_attempts, all_bookings


class Accounts(Transactions):
    """The part of the store that is about accounts; see `Store`.

    What is handed over as sealed must be: here nothing is encrypted.
    """

    def ensure_account(self, site: str, netid: str, *, now: datetime) -> int:
        """Know an account; returns its id. The other methods take its name."""
        with self._write() as session:
            return ledger.account(session, site, netid, now).id

    def set_active(self, site: str, netid: str, *, active: bool, now: datetime) -> None:
        """Let an account take part in runs that name it, or leave it out of them.

        Raises:
            LookupError: It is not known.
        """
        with self._write() as session:
            row = _known(session, site, netid)
            if row.is_active != active:
                row.is_active, row.updated_at = active, now

    def accounts(self, site: str | None = None, netid: str | None = None) -> list[AccountRecord]:
        """The accounts that are known, in the order of their sites and names; only these where told."""
        query = select(AccountRow).order_by(AccountRow.site, AccountRow.netid)
        if site is not None:
            query = query.where(AccountRow.site == site)
        if netid is not None:
            query = query.where(AccountRow.netid == netid)
        with self._read() as session:
            states = {row.account_id: row for row in session.scalars(select(SignInStateRow))}
            secrets = defaultdict[int, list[SecretKind]](list)
            for owner, kind in session.execute(select(AccountSecretRow.account_id, AccountSecretRow.kind)):
                secrets[owner].append(kind)
            return [
                convert.account(row, secrets[row.id], states.get(row.id)) for row in session.scalars(query)
            ]

    # -- what an account signs in with

    def secrets_of(self, site: str, netid: str) -> dict[SecretKind, str]:
        """What is kept of an account, as it was sealed."""
        query = select(AccountSecretRow).join(AccountRow).filter_by(site=site, netid=netid)
        with self._read() as session:
            return {row.kind: row.sealed for row in session.scalars(query)}

    def keep_secrets(
        self, site: str, accounts: Mapping[str, Mapping[SecretKind, str]], *, now: datetime
    ) -> None:
        """Keep these of each account instead of those of their kinds that were kept before; all, or none."""
        with self._write() as session:
            for netid, secrets in accounts.items():
                account_id = ledger.account(session, site, netid, now).id
                for kind, sealed in secrets.items():
                    session.merge(
                        AccountSecretRow(account_id=account_id, kind=kind, sealed=sealed, saved_at=now)
                    )

    def forget_secrets(self, site: str, netid: str, *, now: datetime) -> None:
        """Keep nothing an account could be signed in with; what it did and holds stays in the record.

        Raises:
            LookupError: It is not known.
            LeaseTakenError: A run is at work with it.
        """
        with self._write() as session:
            row = _known(session, site, netid)
            leases.require_idle(session, row, now)
            for kept in (AccountSecretRow, SignInStateRow):
                session.execute(delete(kept).where(kept.account_id == row.id))

    def forget_account(self, site: str, netid: str, *, now: datetime) -> Forgotten:
        """Take an account out of the record, with all that it did and holds.

        Raises:
            LookupError: It is not known.
            LeaseTakenError: A run is at work with it.
        """
        with self._write() as session:
            row = _known(session, site, netid)
            leases.require_idle(session, row, now)
            return forgetting.forget(session, row)

    # -- what keeps an account signed in

    def sign_in_state(self, site: str, netid: str) -> str | None:
        """What was last kept of an account's sign-in, as it was sealed."""
        query = select(SignInStateRow.sealed).join(AccountRow).filter_by(site=site, netid=netid)
        with self._read() as session:
            return session.scalar(query)

    def keep_sign_in_state(
        self, site: str, netid: str, sealed: str, expires_at: datetime | None = None, *, now: datetime
    ) -> None:
        """Keep it instead of what was kept before."""
        with self._write() as session:
            account_id = ledger.account(session, site, netid, now).id
            row = SignInStateRow(account_id=account_id, sealed=sealed, saved_at=now, expires_at=expires_at)
            session.merge(row)

    def forget_sign_in_state(self, site: str, netid: str) -> None:
        """Keep nothing of an account's sign-in."""
        known = select(AccountRow.id).filter_by(site=site, netid=netid)
        with self._write() as session:
            session.execute(delete(SignInStateRow).where(SignInStateRow.account_id.in_(known)))

    # -- all that is sealed

    def sealed(self) -> list[Sealed]:
        """All that is kept encrypted, of every account of every site."""
        with self._read() as session:
            return [_sealed(row, account) for row, account in _all_sealed(session)]

    def reseal(self, reseal: Callable[[Sealed], str | None]) -> None:
        """Seal everything anew, in one transaction; where there is no new seal, the old one stays."""
        with self._write() as session:
            for row, account in _all_sealed(session):
                row.sealed = reseal(_sealed(row, account)) or row.sealed

    # -- what it did

    def attempts_of(self, site: str, netid: str) -> list[AttemptRecord]:
        """All attempts of an account, oldest first."""
        query = all_attempts().join(AccountRow).where(AccountRow.site == site, AccountRow.netid == netid)
        with self._read() as session:
            return [convert.attempt(row) for row in session.scalars(query)]

    def bookings_of(self, site: str, netid: str) -> list[BookingRecord]:
        """All that an account holds or held, in the order of their starts."""
        query = all_bookings().join(AccountRow).where(BookingRow.site == site, AccountRow.netid == netid)
        with self._read() as session:
            return [convert.booking(row) for row in session.scalars(query)]


def _known(session: Session, site: str, netid: str) -> AccountRow:
    row = session.scalar(select(AccountRow).filter_by(site=site, netid=netid))
    if row is None:
        raise LookupError(f"no account {netid!r} at {site}")
    return row


def _all_sealed(session: Session) -> list[tuple[AccountSecretRow | SignInStateRow, AccountRow]]:
    secrets = session.execute(select(AccountSecretRow, AccountRow).join(AccountRow).with_for_update())
    states = session.execute(select(SignInStateRow, AccountRow).join(AccountRow).with_for_update())
    found = [(secret, account) for secret, account in secrets]
    return found + [(state, account) for state, account in states]


def _sealed(row: AccountSecretRow | SignInStateRow, account: AccountRow) -> Sealed:
    kind = row.kind if isinstance(row, AccountSecretRow) else None
    return Sealed(account.site, account.netid, kind, row.sealed)
