"""What a run tells while it goes on: plain values that the terminal, and later others, make something of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sniper.core.findings import Finding
from sniper.core.goals import Goal
from sniper.core.lead import Aim
from sniper.core.outcomes import Proof
from sniper.core.plan import Attempt, Held, Wave
from sniper.core.tries import Try


class Activity(StrEnum):
    """What an account is doing."""

    WAITING = "waiting"
    SIGNING_IN = "signing in"
    CHECKING = "looking whether it is signed in"
    READY = "signed in"
    ARMING = "parking"
    ARMED = "parked"
    STANDING_BY = "standing by"
    READING = "reading my bookings"
    CANCELLING = "giving back"
    OUT = "out"


@dataclass(frozen=True, slots=True)
class RunStarted:
    """The run has a number; these are the waves if every one of them is won."""

    run_id: int
    title: str
    rehearsal: bool
    goal: Goal
    accounts: tuple[str, ...]
    foreseen: tuple[Wave, ...]


@dataclass(frozen=True, slots=True)
class ClockMeasured:
    """Site time minus ours, and by how much that may be wrong."""

    offset: timedelta
    bound: timedelta


@dataclass(frozen=True, slots=True)
class AccountDoes:
    """An account began something; `detail` says with what, or what went wrong."""

    account: str
    activity: Activity
    detail: str = ""


@dataclass(frozen=True, slots=True)
class WavePlanned:
    """The next wave, the first being number 1."""

    number: int
    wave: Wave


@dataclass(frozen=True, slots=True)
class Waiting:
    """Nothing happens until an instant of the site's clock."""

    until: datetime
    what: str


@dataclass(frozen=True, slots=True)
class Aimed:
    """When the wave fires, chosen from what is known of the site's clock."""

    aim: Aim


@dataclass(frozen=True, slots=True)
class Checked:
    """So long before an opening it was looked at whether all is ready for it."""

    ahead: timedelta
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class TookOver:
    """Somebody who stood by fires instead of an account that failed before the opening."""

    attempt: Attempt
    instead_of: str


@dataclass(frozen=True, slots=True)
class Jumped:
    """The practice site's clock was set forward."""

    by: timedelta


@dataclass(frozen=True, slots=True)
class Tried:
    """The site answered."""

    account: str
    result: Try


@dataclass(frozen=True, slots=True)
class Proven:
    """What *my bookings* says of a booking the site claimed to have made."""

    booking: Held
    proof: Proof


@dataclass(frozen=True, slots=True)
class GivenBack:
    """A booking beyond the need was cancelled, or, with an error, could not be."""

    booking: Held
    error: str = ""


@dataclass(frozen=True, slots=True)
class Noted:
    """Something people should know; `problem` when it is one they may have to mend."""

    text: str
    problem: bool = False


Event = (
    RunStarted
    | ClockMeasured
    | AccountDoes
    | WavePlanned
    | Waiting
    | Aimed
    | Checked
    | TookOver
    | Jumped
    | Tried
    | Proven
    | GivenBack
    | Noted
)
Tell = Callable[[Event], None]
