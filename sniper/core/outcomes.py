"""What a site's answer means, and what follows from it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


@dataclass(frozen=True, slots=True)
class Handling:
    """What the coordinator and the engine do after an outcome.

    Attributes:
        try_again: The same account tries the same slot again, as the profile's `late_opening` says.
        next_target: The same account goes on with the next slot of its chain.
        other_account: The slot is not gone: another account may still get it.
        stop_account: The account fires no more in this run.
        trouble: Something is wrong; an account that meets nothing else is stopped after a few times.
        tell_person: Somebody has to look at it.
        ours: The slot may be ours now; only *my bookings* can tell.
    """

    try_again: bool = False
    next_target: bool = False
    other_account: bool = False
    stop_account: bool = False
    trouble: bool = False
    tell_person: bool = False
    ours: bool = False


class Outcome(Enum):
    """Every meaning an answer can have. The value is the word used in profiles, the store and `--json`."""

    BOOKED = "booked"
    WAITLISTED = "waitlisted"
    TAKEN = "taken"
    TOO_EARLY = "too_early"
    BUSY = "busy"
    ACCOUNT_LIMIT = "account_limit"
    OPTION_DISABLED = "option_disabled"
    NOT_OFFERED = "not_offered"
    SIGNED_OUT = "signed_out"
    RATE_LIMITED = "rate_limited"
    MAINTENANCE = "maintenance"
    CAPTCHA = "captcha"
    BLOCKED = "blocked"
    NOT_PARKED = "not_parked"
    STOOD_DOWN = "stood_down"
    NOT_PRESSED = "not_pressed"
    INTERRUPTED = "interrupted"
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


_STOPPED = Handling(other_account=True, stop_account=True, tell_person=True)
# The press may have reached the site all the same: never fire again blindly.
_NOT_UNDERSTOOD = Handling(other_account=True, trouble=True, tell_person=True, ours=True)
_GONE = Handling(next_target=True)

_HANDLING = {
    Outcome.BOOKED: Handling(ours=True),
    # Whoever waits may be moved up days later, into a booking that nobody wants any more.
    Outcome.WAITLISTED: Handling(next_target=True, tell_person=True),
    Outcome.TAKEN: _GONE,
    Outcome.TOO_EARLY: Handling(try_again=True, next_target=True, other_account=True),
    Outcome.BUSY: Handling(try_again=True, next_target=True, other_account=True),
    Outcome.ACCOUNT_LIMIT: Handling(next_target=True, other_account=True),
    Outcome.OPTION_DISABLED: _GONE,
    Outcome.NOT_OFFERED: _GONE,
    # Nothing was booked, and the account can be signed in again for what opens next.
    Outcome.SIGNED_OUT: Handling(other_account=True, trouble=True, tell_person=True),
    # Again when the pause is over that the site asks for, if that is soon; else others have to.
    Outcome.RATE_LIMITED: Handling(try_again=True, other_account=True, tell_person=True),
    # A server that answers with an error may have booked before it did.
    Outcome.MAINTENANCE: _NOT_UNDERSTOOD,
    Outcome.CAPTCHA: _STOPPED,
    Outcome.BLOCKED: _STOPPED,
    Outcome.NOT_PARKED: Handling(other_account=True),
    Outcome.STOOD_DOWN: Handling(),
    Outcome.NOT_PRESSED: Handling(),
    # The run was stopped or crashed: only my bookings tells what became of it.
    Outcome.INTERRUPTED: Handling(other_account=True, ours=True),
    Outcome.FAILED: _NOT_UNDERSTOOD,
    Outcome.UNKNOWN: _NOT_UNDERSTOOD,
}

_MEANING = {
    Outcome.BOOKED: "booked",
    Outcome.WAITLISTED: "on the waiting list",
    Outcome.TAKEN: "taken before us",
    Outcome.TOO_EARLY: "not open yet",
    Outcome.BUSY: "the site is busy",
    Outcome.ACCOUNT_LIMIT: "the account's limit",
    Outcome.OPTION_DISABLED: "shown, but not to be chosen",
    Outcome.NOT_OFFERED: "not on the list",
    Outcome.SIGNED_OUT: "signed out",
    Outcome.RATE_LIMITED: "too many requests",
    Outcome.MAINTENANCE: "site out of order",
    Outcome.CAPTCHA: "captcha: a person is needed",
    Outcome.BLOCKED: "account blocked",
    Outcome.NOT_PARKED: "its page could not be parked",
    Outcome.STOOD_DOWN: "stood down",
    Outcome.NOT_PRESSED: "dry run, not pressed",
    Outcome.INTERRUPTED: "interrupted: not seen to end",
    Outcome.FAILED: "the page failed",
    Outcome.UNKNOWN: "answer not understood",
}


class Proof(Enum):
    """What *my bookings* says of a booking the site claimed to have made."""

    CONFIRMED = "confirmed"
    UNVERIFIED = "unverified"
    DOUBLED = "doubled"
