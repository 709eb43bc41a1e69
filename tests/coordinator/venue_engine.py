"""An engine without a browser: a venue in memory, with the rules of the real one and faults to order."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sniper.clock.clock import Clock
from sniper.core.limits import Limit, allowed
from sniper.core.outcomes import Outcome
from sniper.core.plan import Attempt, Held
from sniper.core.sightings import Sighting
from sniper.core.slots import Slot
from sniper.core.tries import AttemptResult, Try
from sniper.engine.protocol import (
    ArmError,
    CancelError,
    Credentials,
    Order,
    ReadBackError,
    SignedOutError,
    SignIn,
    SignInError,
    Survey,
)
from sniper.sites.profile import Profile


@dataclass
class VenueEngine:
    """Books at once and truthfully, unless told to do otherwise.

    Attributes:
        gone: Places rivals have by the time anybody fires.
        answers: What the site says to an account's first try, instead of what it would.
        phantom: Accounts that are told "booked" although nothing is.
        kept: Accounts that need not sign in.
        signed_out: Accounts whose session has ended; a sign-in mends it.
        cannot_tell: Accounts of which the site does not say whether they are signed in.
        doubled: Places that the site shows others to have as well.
        changed: Accounts that find a step of the profile not there any more.
        broken: Accounts whose parked page is gone; a sign-in mends it.
        last: Accounts that press when the others are through.
        cannot_rehearse: Accounts whose parked page is lost while it practises; a sign-in does not mend it.
        rehearsed: Who has practised for what, and when.
    """

    clock: Clock
    profile: Profile
    limits: tuple[Limit, ...]
    gone: set[tuple[str, int]] = field(default_factory=set)
    refuse_sign_in: set[str] = field(default_factory=set)
    cannot_arm: set[str] = field(default_factory=set)
    cannot_read: set[str] = field(default_factory=set)
    cannot_cancel: bool = False
    phantom: set[str] = field(default_factory=set)
    answers: dict[str, Outcome] = field(default_factory=dict)
    held: list[Held] = field(default_factory=list)
    armed: list[Attempt] = field(default_factory=list)
    fired: list[Attempt] = field(default_factory=list)
    kept: set[str] = field(default_factory=set)
    signed_out: set[str] = field(default_factory=set)
    cannot_tell: set[str] = field(default_factory=set)
    broken: set[str] = field(default_factory=set)
    last: set[str] = field(default_factory=set)
    cannot_rehearse: set[str] = field(default_factory=set)
    rehearsed: list[tuple[Attempt, datetime]] = field(default_factory=list)
    changed: set[str] = field(default_factory=set)
    surveyed: list[tuple[str, datetime]] = field(default_factory=list)
    signed_in: list[str] = field(default_factory=list)
    looked: list[tuple[str, datetime]] = field(default_factory=list)
    last_looks: list[tuple[str, datetime]] = field(default_factory=list)
    cancelled: list[Held] = field(default_factory=list)
    doubled: set[tuple[str, int]] = field(default_factory=set)
    owners_asked: list[Held] = field(default_factory=list)

    def give(self, account: str, slot: Slot) -> Held:
        """Let an account hold a slot."""
        booking = Held(account, slot, str(100 + len(self.held) + len(self.cancelled)))
        self.held.append(booking)
        return booking

    async def sign_in(self, credentials: Credentials) -> SignIn:
        account = credentials.account
        if account in self.refuse_sign_in:
            raise SignInError(f"{account}: the site refused the sign-in")
        self.signed_in.append(account)
        self.signed_out.discard(account)
        self.broken.discard(account)
        return SignIn.STILL if account in self.kept else SignIn.ANEW

    async def stay_signed_in(self, account: str) -> None:
        self.looked.append((account, self.clock.now()))
        if account in self.cannot_tell:
            raise SignInError(f"{account}: the site does not answer")
        if account in self.signed_out:
            raise SignedOutError(f"{account}: the site shows its sign-in page")

    async def look(self, account: str) -> None:
        self.last_looks.append((account, self.clock.now()))
        if account in self.broken:
            raise ArmError(f"{account}: the page crashed")

    async def survey(self, attempt: Attempt) -> Survey:
        self.surveyed.append((attempt.account, self.clock.now()))
        there = attempt.account not in self.changed
        return Survey((Sighting("arm", "click #filter", there), Sighting("fire", "click #book", None)))

    async def arm(self, attempt: Attempt) -> None:
        if attempt.account in self.cannot_arm:
            raise ArmError(f"{attempt.account}: no such page")
        self.armed.append(attempt)

    async def rehearse(self, attempt: Attempt, latest: datetime | None = None) -> None:  # noqa: ARG002
        self.rehearsed.append((attempt, self.clock.now()))
        if attempt.account in self.cannot_rehearse:
            raise ArmError(f"{attempt.account}: the page crashed")

    async def fire(self, attempt: Attempt, order: Order) -> AttemptResult:
        await self.clock.sleep_until(order.at)
        if attempt.account in self.last:
            await asyncio.sleep(0)
        self.fired.append(attempt)
        tries: list[Try] = []
        for number, slot in enumerate(attempt.chain, 1):
            outcome, reference = self._answer(attempt.account, slot, order)
            if outcome is Outcome.BOOKED:
                order.stand_down.tell(slot)
            tries.append(Try(slot, outcome, self.clock.now(), timedelta(milliseconds=5), reference=reference))
            is_off = outcome is Outcome.STOOD_DOWN
            goes_on = is_off and any(map(order.stand_down.wants, attempt.chain[number:]))
            if not (goes_on or self.profile.falls_through(outcome)):
                break
        return AttemptResult(attempt, tuple(tries))

    async def my_bookings(self, account: str) -> tuple[Held, ...]:
        if account in self.cannot_read:
            raise ReadBackError(f"{account}: my bookings answered 500")
        return tuple(h for h in self.held if h.account == account)

    async def is_doubled(self, booking: Held) -> bool:
        self.owners_asked.append(booking)
        return (booking.slot.place, booking.slot.hour.hour) in self.doubled

    def was_first(self, booking: Held) -> bool | None:  # noqa: ARG002 - the engine's signature
        return None

    async def cancel(self, booking: Held) -> None:
        if self.cannot_cancel:
            raise CancelError("the site does not let go", mend="Cancel it by hand.")
        self.cancelled.append(booking)
        self.held = [h for h in self.held if h.reference != booking.reference]

    def _answer(self, account: str, slot: Slot, order: Order) -> tuple[Outcome, str | None]:
        if not order.stand_down.wants(slot):
            return Outcome.STOOD_DOWN, None
        if not order.press:
            return Outcome.NOT_PRESSED, None
        if account in self.answers:
            return self.answers.pop(account), None
        if account in self.phantom:
            return Outcome.BOOKED, "999"
        if not allowed(self.limits, self._slots_of(account), slot):
            return Outcome.ACCOUNT_LIMIT, None
        if (slot.place, slot.hour.hour) in self.gone or slot in (h.slot for h in self.held):
            return Outcome.TAKEN, None
        return Outcome.BOOKED, self.give(account, slot).reference

    def _slots_of(self, account: str) -> list[Slot]:
        return [h.slot for h in self.held if h.account == account]


def owners(held: Iterable[Held]) -> dict[str, str]:
    """Who has what: `{"X1 A 13:00": "user1"}`."""
    return {f"{h.slot.place} {h.slot.start:%H:%M}": h.account for h in held}
