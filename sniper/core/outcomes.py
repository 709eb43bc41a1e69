"""What a site's answer means, and what follows from it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


@dataclass(frozen=True, slots=True)
class Handling:
    """What the coordinator and the engine do after an outcome.

    Attributes:
        try_again: The same account may try the same slot again, as the profile says.
        next_target: The same account goes on with the next slot of its chain.
        stop_account: The account fires no more in this run.
        tell_person: Somebody has to look at it.
        ours: The slot may be ours now; only *my bookings* can tell.
    """

    try_again: bool = False
    next_target: bool = False
    stop_account: bool = False
    tell_person: bool = False
    ours: bool = False


class Outcome(Enum):
    """Every meaning an answer can have. The value is the word used in profiles, the store and `--json`."""

    BOOKED = "booked"
    WAITLISTED = "waitlisted"
    TAKEN = "taken"
    TOO_EARLY = "too_early"
    ACCOUNT_LIMIT = "account_limit"
    OPTION_DISABLED = "option_disabled"
    NOT_OFFERED = "not_offered"
    SIGNED_OUT = "signed_out"
    RATE_LIMITED = "rate_limited"
    MAINTENANCE = "maintenance"
    CAPTCHA = "captcha"
    BLOCKED = "blocked"
    STOOD_DOWN = "stood_down"
    NOT_PRESSED = "not_pressed"
    FAILED = "failed"
    UNKNOWN = "unknown"

    @property
    def handling(self) -> Handling:
        """What follows from it."""
        return _HANDLING[self]

    @property
    def meaning(self) -> str:
        """One phrase for people."""
        return _MEANING[self]


_HANDLING = {
    Outcome.BOOKED: Handling(ours=True),
    Outcome.WAITLISTED: Handling(next_target=True),
    Outcome.TAKEN: Handling(next_target=True),
    Outcome.TOO_EARLY: Handling(try_again=True),
    Outcome.ACCOUNT_LIMIT: Handling(next_target=True),
    Outcome.OPTION_DISABLED: Handling(next_target=True),
    Outcome.NOT_OFFERED: Handling(next_target=True),
    Outcome.SIGNED_OUT: Handling(stop_account=True, tell_person=True),
    Outcome.RATE_LIMITED: Handling(stop_account=True, tell_person=True),
    # A server that answers with an error may have booked before it did.
    Outcome.MAINTENANCE: Handling(ours=True, tell_person=True),
    Outcome.CAPTCHA: Handling(stop_account=True, tell_person=True),
    Outcome.BLOCKED: Handling(stop_account=True, tell_person=True),
    Outcome.STOOD_DOWN: Handling(),
    Outcome.NOT_PRESSED: Handling(),
    # The press may have reached the site before the page failed: never fire again blindly.
    Outcome.FAILED: Handling(ours=True, tell_person=True),
    Outcome.UNKNOWN: Handling(ours=True, tell_person=True),
}

_MEANING = {
    Outcome.BOOKED: "booked",
    Outcome.WAITLISTED: "on the waiting list",
    Outcome.TAKEN: "taken before us",
    Outcome.TOO_EARLY: "not open yet",
    Outcome.ACCOUNT_LIMIT: "the account's limit",
    Outcome.OPTION_DISABLED: "shown, but not to be chosen",
    Outcome.NOT_OFFERED: "not on the list",
    Outcome.SIGNED_OUT: "signed out",
    Outcome.RATE_LIMITED: "too many requests",
    Outcome.MAINTENANCE: "site out of order",
    Outcome.CAPTCHA: "captcha: a person is needed",
    Outcome.BLOCKED: "account blocked",
    Outcome.STOOD_DOWN: "stood down",
    Outcome.NOT_PRESSED: "dry run, not pressed",
    Outcome.FAILED: "the page failed",
    Outcome.UNKNOWN: "answer not understood",
}


class Proof(Enum):
    """What *my bookings* says of a booking the site claimed to have made."""

    CONFIRMED = "confirmed"
    UNVERIFIED = "unverified"
    DOUBLED = "doubled"
