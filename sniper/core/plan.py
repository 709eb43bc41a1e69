"""A plan: the goal as waves of attempts."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from sniper.core.limits import Limit, allowed
from sniper.core.slots import Slot, require_aware

LocationHour = tuple[str, datetime]
"""A location, and the instant at which its slots of one hour start."""


@dataclass(frozen=True, slots=True)
class Held:
    """A slot an account holds, as *my bookings* says.

    Attributes:
        reference: The site's own number for it.
        by_us: Won in this run; what was there before is never given back.
    """

    account: str
    slot: Slot
    reference: str
    by_us: bool = True


@dataclass(frozen=True, slots=True)
class Situation:
    """What is known when the next wave is planned.

    Attributes:
        now: On the site's clock.
        accounts: The accounts that can still fire, in the order of the file.
        held: What all accounts hold, those that cannot fire any more included.
        lost: Slots known to be gone.
        refused: An account and a slot it did not get for a reason of its own; another account may.
        doubtful: What may be ours and could not be read: it counts as held where the next wave is planned,
            and not where the goal is judged.
        presses: How often each account has fired at each slot.
    """

    now: datetime
    accounts: tuple[str, ...]
    held: tuple[Held, ...] = ()
    lost: frozenset[Slot] = frozenset()
    refused: frozenset[tuple[str, Slot]] = frozenset()
    doubtful: tuple[Held, ...] = ()
    presses: Mapping[tuple[str, Slot], int] = field(default_factory=dict, hash=False)

    def __post_init__(self) -> None:
        require_aware(self.now, "now")

    @property
    def if_doubts_hold(self) -> Situation:
        """The same, if all that is in doubt is held. By this, nobody fires for what may be ours already."""
        return replace(self, held=(*self.held, *self.doubtful), doubtful=())

    def held_by(self, account: str) -> tuple[Slot, ...]:
        """The slots of one account, those in doubt included."""
        return tuple(one.slot for one in (*self.held, *self.doubtful) if one.account == account)

    def may_book(self, account: str, slot: Slot, limits: tuple[Limit, ...]) -> bool:
        """Would the site's limits let the account have the slot as well?"""
        return (account, slot) not in self.refused and allowed(limits, self.held_by(account), slot)


class Role(StrEnum):
    """Why an account takes part in a wave."""

    LEAD = "lead"
    BACKUP = "backup"


@dataclass(frozen=True, slots=True)
class Attempt:
    """One account's try at one slot, with the chain it falls through: `chain[0]` first."""

    account: str
    chain: tuple[Slot, ...]
    role: Role

    @property
    def target(self) -> Slot:
        """The slot it is after."""
        return self.chain[0]

    def __str__(self) -> str:
        role = " (backup)" if self.role is Role.BACKUP else ""
        return (
            f"{self.account}{role}: {self.target.start:%H:%M} {' → '.join(slot.place for slot in self.chain)}"
        )


@dataclass(frozen=True, slots=True)
class Wave:
    """What is fired at one opening.

    Attributes:
        opens_at: On the site's clock, UTC; a past one means the slots are open and the wave goes at once.
        attempts: In the order in which they were planned, leads first.
        reason: Why this wave, in one sentence for people.
        beside: Where one hour is wanted at several locations: where it may be won, and where it is wanted all
            the same then. What is not named here stands for one another: one win of the hour is enough.
    """

    opens_at: datetime
    attempts: tuple[Attempt, ...]
    reason: str
    beside: frozenset[tuple[LocationHour, LocationHour]] = frozenset()


def still_needed(
    slot: Slot, won: Collection[LocationHour], beside: Collection[tuple[LocationHour, LocationHour]]
) -> bool:
    """Is a slot of a wave with this `beside` of use after these wins? Those of other hours are as nothing."""
    here = location_hour(slot)
    return all(one[1] != slot.instant or (one, here) in beside for one in won)


def location_hour(slot: Slot) -> LocationHour:
    """Where and when it is, whichever place of the location."""
    return slot.location, slot.instant


class Standing(StrEnum):
    """How the goal stands."""

    REACHED = "reached"
    FALLBACK = "fallback"
    MISSED = "missed"


@dataclass(frozen=True, slots=True)
class Verdict:
    """How the goal stands, and the bookings that make it so (the best streak, in order of time)."""

    standing: Standing
    streak: tuple[Held, ...]
