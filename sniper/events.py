"""What a run tells while it goes on: plain values that the terminal, and later others, make something of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path

from sniper.core.findings import Finding
from sniper.core.goals import Goal
from sniper.core.lead import Aim
from sniper.core.outcomes import Proof
from sniper.core.plan import Attempt, Held, Verdict, Wave
from sniper.core.tries import Try


class Activity(StrEnum):
    """What an account is doing."""

    WAITING = "waiting"
    SIGNING_IN = "signing in"
    CHECKING = "looking whether it is signed in"
    READY = "signed in"
    OPENING = "opening a page"
    OPEN = "ready"
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
class LeftToDo:
    """Something is left for the person to do about a booking, or it may not last."""

    booking: Held
    what: str


@dataclass(frozen=True, slots=True)
class GivenBack:
    """A booking beyond the need was cancelled, or, with an error, could not be."""

    booking: Held
    error: str = ""


@dataclass(frozen=True, slots=True)
class Noted:
    """Something people should know.

    Attributes:
        problem: It is one they may have to mend.
        mended: It was a problem, and is none any more.
    """

    text: str
    problem: bool = False
    mended: bool = False


@dataclass(frozen=True, slots=True)
class WaveOver:
    """Nothing of a wave that was planned goes on any more: it was fired and its answers are proven, or it
    was planned anew."""

    number: int


@dataclass(frozen=True, slots=True)
class RunEnded:
    """The run has come to its end.

    Attributes:
        pressed: False after a dry run.
        bookings: What is held for the goal, and what may be, each with how sure that is.
        picture: Of its course, where somebody wanted one.
        left_to_do: What is left for people to do about what was booked.
    """

    run_id: int
    pressed: bool
    verdict: Verdict
    bookings: tuple[tuple[Held, Proof], ...]
    problems: tuple[str, ...]
    exit_code: int
    picture: Path | None = None
    left_to_do: str | None = None


@dataclass(frozen=True, slots=True)
class RunBroken:
    """The run did not come to its end, or not even to its beginning.

    Attributes:
        stopped: Somebody asked for it: Ctrl-C, a polite kill, a closed terminal.
    """

    why: str
    stopped: bool = False


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
    | LeftToDo
    | GivenBack
    | Noted
    | WaveOver
    | RunEnded
    | RunBroken
)
Tell = Callable[[Event], None]


def to_each(*listeners: Tell) -> Tell:
    """Tells every event to all of these, in their order."""

    def tell(event: Event) -> None:
        for listener in listeners:
            listener(event)

    return tell
