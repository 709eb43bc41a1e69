"""The values the store returns. All instants are aware and in UTC.

Two clocks meet here. What concerns an opening is on the *site's* clock: `opens_at`, `scheduled_for`,
`started_at` of a try and `fired_at` of an attempt. When something was written down is on this machine's:
`planned_at`, `opened_at`, `closed_at`, `created_at`, `updated_at`, a run's `started_at` and `finished_at`.
On the practice site, whose clock jumps, the two can be days apart.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import Any

from sniper.core.outcomes import Outcome, Proof
from sniper.core.plan import Role, Standing
from sniper.core.slots import Slot
from sniper.core.tries import Moment


class RunState(StrEnum):
    """Where a run is. One that is `running` although its process is gone was killed."""

    RUNNING = "running"
    FINISHED = "finished"
    INTERRUPTED = "interrupted"
    CRASHED = "crashed"


class JobStatus(StrEnum):
    """Where a planned target is."""

    SCHEDULED = "scheduled"
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"


class AttemptState(StrEnum):
    """Open from before the attempt is fired until its answer is written down."""

    OPEN = "open"
    CLOSED = "closed"


class BookingStatus(StrEnum):
    """What became of a booking. Pending and confirmed ones are *active*: they take the account's hour."""

    PENDING = "pending"
    CONFIRMED = "confirmed"
    FAILED = "failed"
    CANCELLED = "cancelled"


ACTIVE = (BookingStatus.PENDING, BookingStatus.CONFIRMED)


class LogAction(StrEnum):
    """What a line of the log tells. An `attempt` is a try that neither won nor lost for certain."""

    ATTEMPT = "attempt"
    SUCCESS = "success"
    FAILURE = "failure"
    CANCEL = "cancel"


@dataclass(frozen=True, slots=True)
class RunRecord:
    """One execution of a plan. `host` and `pid` tell which process it was."""

    id: int
    site: str
    rehearsal: bool
    goal: Mapping[str, Any]
    state: RunState
    standing: Standing | None
    exit_code: int | None
    host: str
    pid: int
    started_at: datetime
    finished_at: datetime | None


@dataclass(frozen=True, slots=True)
class WaveRecord:
    """What was planned for one opening, and why."""

    id: int
    number: int
    opens_at: datetime
    reason: str
    planned_at: datetime


@dataclass(frozen=True, slots=True)
class JobRecord:
    """One target of a run. `wave` is the number of the wave that planned it last."""

    id: int
    wave: int
    slot: Slot
    priority: int
    scheduled_for: datetime
    status: JobStatus
    accounts: tuple[str, ...]
    consecutive_hours: int
    window_start: time
    window_end: time
    result: Mapping[str, Any] | None
    created_at: datetime
    executed_at: datetime | None


@dataclass(frozen=True, slots=True)
class AttemptRecord:
    """One account's try in a wave.

    Attributes:
        outcome: None while it is open, and when it was closed without having been fired.
        ended_at: The slot of the chain it ended at; this and what follows is None as long as `outcome` is.
        timeline: Its course on the site's clock, as far as it was noted.
    """

    id: int
    run_id: int
    wave: int
    account: str
    role: Role
    chain: tuple[Slot, ...]
    opens_at: datetime
    state: AttemptState
    opened_at: datetime
    outcome: Outcome | None
    ended_at: Slot | None
    reference: str | None
    message: str | None
    evidence: str | None
    fired_at: datetime | None
    closed_at: datetime | None
    timeline: tuple[Moment, ...] = ()


@dataclass(frozen=True, slots=True)
class BookingRecord:
    """A slot an account holds or held, and how sure that is."""

    id: int
    site: str
    account: str
    slot: Slot
    status: BookingStatus
    proof: Proof
    reference: str | None
    rehearsal: bool
    run_id: int | None
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class LogRecord:
    """One line of what was done: a try at a slot or a cancellation."""

    id: int
    account: str
    action: LogAction
    slot: Slot
    outcome: Outcome | None
    reference: str | None
    error: str | None
    took: timedelta | None
    started_at: datetime | None
    written_at: datetime


@dataclass(frozen=True, slots=True)
class RunDetail:
    """A run with all that belongs to it, each list in the order it came about."""

    run: RunRecord
    waves: tuple[WaveRecord, ...]
    jobs: tuple[JobRecord, ...]
    attempts: tuple[AttemptRecord, ...]
    log: tuple[LogRecord, ...]
    bookings: tuple[BookingRecord, ...]
