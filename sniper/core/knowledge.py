"""What a run has learned so far, from which every next wave is planned."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from sniper.core.outcomes import Outcome
from sniper.core.plan import Held, Situation
from sniper.core.slots import Slot
from sniper.core.tries import AttemptResult

_TROUBLE_ENOUGH = 3
"""An account that meets trouble so often in a row, and nothing else, is left alone."""


class Knowledge:
    """Facts only: what *my bookings* showed, what the site refused, who can still fire.

    Everything that is learned takes something away from what can be tried, so a run comes to an end.
    """

    def __init__(self, accounts: Iterable[str], gone: Iterable[Slot] = ()) -> None:
        """Nothing was read yet; `gone` are slots that are known from the beginning not to be had."""
        self._able = list(accounts)
        self._held: dict[str, tuple[Held, ...]] = {}
        self._ever_read: set[str] = set()
        self._to_keep: set[tuple[str, str]] = set()
        self._lost: set[Slot] = set(gone)
        self._refused: set[tuple[str, Slot]] = set()
        self._fired: dict[str, set[Slot]] = {}
        self._unread: set[str] = set()
        self._doubtful: set[Held] = set()
        self._trouble: dict[str, int] = {}
        self._presses = Counter[tuple[str, Slot]]()
        self._doubled: set[tuple[str, Slot]] = set()
        self._won_before: dict[tuple[str, Slot], str | None] = {}
        """What an earlier run may have won for us, with the site's number for it where that was told."""

    def situation(self, now: datetime) -> Situation:
        """All of it, for the policy. `now` is on the site's clock."""
        return Situation(
            now,
            tuple(self._able),
            tuple(one for held in self._held.values() for one in held),
            frozenset(self._lost),
            frozenset(self._refused),
            tuple(sorted(self._doubtful, key=lambda one: (one.slot.instant, one.account))),
            dict(self._presses),
        )

    def held_by(self, account: str) -> tuple[Held, ...]:
        """What *my bookings* last showed."""
        return self._held.get(account, ())

    def remember(self, result: AttemptResult) -> None:
        """A run that this one continues has fired this. What it may have won is ours; call it before `found`.

        Without tries, nobody saw the end: any slot of the chain may have been won, and each counts as pressed
        once. An account the site had stopped may fire: a person may have mended that, and its sign-in tells.
        """
        if result.last and result.last.outcome is Outcome.NOT_PARKED:
            return  # It has a new page now.
        account, seen = result.attempt.account, result.presses
        unseen = not result.tries or result.tries[-1].outcome is Outcome.INTERRUPTED
        for slot in result.attempt.chain if unseen else ():
            self._won_before[account, slot] = None
            seen[slot] = max(seen[slot], 1)
        for one in () if unseen else result.tries:
            handling = one.outcome.handling
            if handling.ours or one.outcome is Outcome.WAITLISTED:
                self._won_before[account, one.slot] = one.reference
            if handling.other_account:
                self.refuse(account, [one.slot])
            elif handling.next_target:
                self._lost.add(one.slot)
        for slot, times in seen.items():
            self._presses[account, slot] += times

    def remember_proven(self, account: str, slot: Slot, reference: str | None) -> None:
        """Such a run has found this in *my bookings* after firing: ours, whatever its tries were told."""
        self._won_before[account, slot] = reference

    def found(self, account: str, held: Iterable[Held]) -> None:
        """*My bookings* was read before the run fired anything: this was there already, and stays.

        Except what a run that this one continues has won.
        """
        self._ever_read.add(account)
        self._held[account] = tuple(replace(one, by_us=self._was_won_before(one)) for one in held)
        self._to_keep |= {(account, one.reference) for one in self._held[account] if not one.by_us}

    def fire(self, account: str, slots: Iterable[Slot]) -> None:
        """The account is about to fire at these: what it holds is not known until it is read again."""
        self._fired.setdefault(account, set()).update(slots)
        self._unread.add(account)

    def read(self, account: str, held: Iterable[Held]) -> None:
        """*My bookings* was read: what was not there before, and was fired at, is this run's.

        By itself, or by one that it continues: a request of that may be booked late.
        """
        self._ever_read.add(account)
        fired = self._fired.get(account, set())
        self._held[account] = tuple(
            replace(
                one,
                by_us=(one.slot in fired or self._was_won_before(one))
                and (account, one.reference) not in self._to_keep,
            )
            for one in held
        )
        self._unread.discard(account)

    def take_word(self, booking: Held) -> None:
        """The site calls it booked, and shows nobody their bookings: its word is all there will be."""
        held = self.held_by(booking.account)
        if booking.slot not in (one.slot for one in held):
            self._held[booking.account] = (*held, booking)

    def has_been_read(self, account: str) -> bool:
        """Has *my bookings* of the account been read at all in this run? The site's word is no reading."""
        return account in self._ever_read

    def was_read(self, account: str) -> bool:
        """Has *my bookings* been read since the account last fired?"""
        return account not in self._unread

    def doubt(self, booking: Held) -> None:
        """It may be ours and cannot be read: nobody else fires for that hour until it can."""
        self._doubtful.add(booking)

    def settle(self, booking: Held) -> None:
        """*My bookings* tells about it now."""
        self._doubtful.discard(booking)

    def in_doubt(self, booking: Held) -> bool:
        """Is it still open whether it is ours?"""
        return booking in self._doubtful

    @property
    def doubled(self) -> tuple[Held, ...]:
        """What is held of slots that the site gave to more people than they have places for."""
        return tuple(
            one for held in self._held.values() for one in held if (one.account, one.slot) in self._doubled
        )

    def note_doubled(self, booking: Held, *, is_so: bool) -> None:
        """The site shows others who have the slot as well, or does no more."""
        key = (booking.account, booking.slot)
        if is_so:
            self._doubled.add(key)
        else:
            self._doubled.discard(key)

    def forget(self, booking: Held) -> None:
        """It was cancelled, and *my bookings* cannot be read just now."""
        self._held[booking.account] = tuple(one for one in self.held_by(booking.account) if one != booking)

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
        for slot, times in result.presses.items():
            self._presses[account, slot] += times
        if not result.tries:
            self.refuse(account, result.attempt.chain)
        for one in result.tries:
            handling = one.outcome.handling
            if handling.other_account:
                self.refuse(account, [one.slot])
            elif handling.next_target:
                self._lost.add(one.slot)
            if one.outcome is Outcome.STOOD_DOWN:
                continue  # It tells nothing of the account.
            self._trouble[account] = self._trouble.get(account, 0) + 1 if handling.trouble else 0
            if handling.stop_account or self._trouble[account] >= _TROUBLE_ENOUGH:
                self.drop(account)

    def drop(self, account: str) -> None:
        """The account fires no more in this run."""
        if account in self._able:
            self._able.remove(account)

    def _was_won_before(self, booking: Held) -> bool:
        key = (booking.account, booking.slot)
        return key in self._won_before and self._won_before[key] in (None, booking.reference)
