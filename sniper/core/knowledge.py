"""What a run has learned so far, from which every next wave is planned."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from sniper.core.outcomes import Outcome
from sniper.core.plan import Held, Situation
from sniper.core.slots import Slot
from sniper.core.tries import AttemptResult

_ABOUT_THE_ACCOUNT = (
    Outcome.ACCOUNT_LIMIT,
    Outcome.FAILED,
    Outcome.UNKNOWN,
    Outcome.TOO_EARLY,
    Outcome.MAINTENANCE,
)
"""Another account may still get the slot."""


class Knowledge:
    """Facts only: what *my bookings* showed, what the site refused, who can still fire.

    Everything that is learned takes something away from what can be tried, so a run comes to an end.
    """

    def __init__(self, accounts: Iterable[str]) -> None:
        self._able = list(accounts)
        self._held: dict[str, tuple[Held, ...]] = {}
        self._to_keep: set[tuple[str, str]] = set()
        self._lost: set[Slot] = set()
        self._refused: set[tuple[str, Slot]] = set()

    def situation(self, now: datetime) -> Situation:
        """All of it, for the policy. `now` is on the site's clock."""
        return Situation(
            now,
            tuple(self._able),
            tuple(one for held in self._held.values() for one in held),
            frozenset(self._lost),
            frozenset(self._refused),
        )

    def held_by(self, account: str) -> tuple[Held, ...]:
        """What *my bookings* last showed."""
        return self._held.get(account, ())

    def found(self, account: str, held: Iterable[Held]) -> None:
        """*My bookings* was read before the run fired anything: this was there already, and stays."""
        self._held[account] = tuple(replace(one, by_us=False) for one in held)
        self._to_keep |= {(account, one.reference) for one in self._held[account]}

    def read(self, account: str, held: Iterable[Held]) -> None:
        """*My bookings* was read: what was not there before is ours."""
        self._held[account] = tuple(
            replace(one, by_us=(account, one.reference) not in self._to_keep) for one in held
        )

    def keep(self, booking: Held) -> None:
        """It cannot be given back."""
        self._to_keep.add((booking.account, booking.reference))
        self.read(booking.account, self.held_by(booking.account))

    def refuse(self, account: str, slots: Iterable[Slot]) -> None:
        """This account is not to try these slots any more."""
        self._refused |= {(account, slot) for slot in slots}

    def learn(self, result: AttemptResult) -> None:
        """Take in what the site answered; what it claims to have booked is for `read` to prove."""
        account = result.attempt.account
        if not result.tries:
            self.refuse(account, result.attempt.chain)
        for one in result.tries:
            if one.outcome in _ABOUT_THE_ACCOUNT:
                self.refuse(account, [one.slot])
            elif one.outcome.handling.next_target:
                self._lost.add(one.slot)
            if one.outcome.handling.stop_account:
                self.drop(account)

    def drop(self, account: str) -> None:
        """The account fires no more in this run."""
        if account in self._able:
            self._able.remove(account)
