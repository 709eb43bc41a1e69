"""Gives back bookings by their references: what a run has won and nobody wants."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from sniper.clock.clock import SystemClock
from sniper.crew import credentials_of
from sniper.engine.browser.engine import BrowserEngine
from sniper.engine.browser.pool import BrowserPool
from sniper.engine.protocol import CancelError, Credentials
from sniper.errors import InputError
from sniper.events import AccountDoes, Activity, GivenBack, Noted, Tell
from sniper.execution import Prepared
from sniper.kept_sign_ins import KeptSignIns
from sniper.secrets import Vault
from sniper.store.records import ACTIVE, BookingRecord
from sniper.store.repository import Store


@dataclass(frozen=True, slots=True)
class ToGiveBack:
    """A booking, and who holds it."""

    booking: BookingRecord
    credentials: Credentials


def find(prepared: Prepared, references: Iterable[str], known: Sequence[BookingRecord]) -> list[ToGiveBack]:
    """The bookings of these references.

    Args:
        prepared: Whose accounts may be used.
        references: The site's own numbers.
        known: What the store knows of the site.

    Raises:
        InputError: The site takes nothing back, or a reference or its account is not known.
    """
    profile = prepared.profile
    if profile.cancel is None:
        raise InputError(
            f"the profile {profile.name} does not say how to cancel", mend="Cancel by hand at the site."
        )
    accounts = {account.netid: account for account in prepared.bookings.accounts}
    held = {one.reference: one for one in known if one.status in ACTIVE and one.reference}
    found = []
    for reference in dict.fromkeys(references):
        if reference not in held:
            have = ", ".join(str(one) for one in held) or "none"
            raise InputError(
                f"no booking {reference!r} is known to be held at {profile.name} (there are: {have})",
                mend="`sniper bookings list` shows them.",
            )
        account = accounts.get(held[reference].account)
        if account is None:
            raise InputError(
                f"booking {reference} is of {held[reference].account}, "
                f"who is not in {prepared.request.bookings}"
            )
        found.append(ToGiveBack(held[reference], credentials_of(account)))
    return found


async def give_back(prepared: Prepared, references: Iterable[str], tell: Tell) -> bool:
    """Cancel bookings at the site, read *my bookings* as proof, and write it down; whether all are gone.

    Raises:
        InputError: See `find`.
        EnvironmentProblem: There is no browser, no database or no usable key.
        SignInError: An account cannot be signed in.
        ReadBackError: What it holds cannot be read.
    """
    profile = prepared.profile
    with Store.open() as store, TemporaryDirectory(prefix="sniper-") as pictures:
        found = find(prepared, references, store.bookings(profile.name))
        kept = KeptSignIns(store, Vault.open(), profile.name, lambda text: tell(Noted(text)), fresh=False)
        async with (
            BrowserPool(
                headless=not prepared.request.headed, hidden=prepared.bookings.secret_variables
            ) as pool,
            BrowserEngine(profile, SystemClock(), Path(pictures), pool, states=kept) as engine,
        ):
            return all([await _give_back(one, engine, store, tell) for one in found])


async def _give_back(one: ToGiveBack, engine: BrowserEngine, store: Store, tell: Tell) -> bool:
    account, record = one.credentials.account, one.booking
    tell(AccountDoes(account, Activity.SIGNING_IN))
    await engine.sign_in(one.credentials)
    held = [booking for booking in await engine.my_bookings(account) if booking.reference == record.reference]
    error = ""
    for booking in held:
        tell(AccountDoes(account, Activity.CANCELLING, str(booking.slot)))
        try:
            await engine.cancel(booking)
        except CancelError as failure:
            error = failure.explain()
        if not error and booking.reference in {b.reference for b in await engine.my_bookings(account)}:
            error = (
                f"{account}: {booking.slot} was cancelled, but my bookings still shows it. Cancel it by hand."
            )
        tell(GivenBack(booking, error))
    if not held:
        tell(
            Noted(
                f"{account}: my bookings does not show {record.slot} (reference {record.reference}) any more"
            )
        )
    if record.run_id is not None:
        store.cancel_booking(record.run_id, account, record.slot, now=datetime.now(UTC), error=error or None)
    return not error
