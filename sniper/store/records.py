"""The values the store returns. All instants are aware and in UTC.

Two clocks meet here. What concerns an opening is on the *site's* clock: `opens_at`, `scheduled_for`,
`started_at` of a try and `fired_at` of an attempt. When something was written down is on this machine's:
`planned_at`, `opened_at`, `closed_at`, `created_at`, `updated_at`, a run's `started_at` and `finished_at`.
On the practice site, whose clock jumps, the two can be days apart.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Any

from sniper.core.lead import Aim
from sniper.core.outcomes import Outcome, Proof
from sniper.core.plan import Attempt, Role, Standing
from sniper.core.slots import Slot
from sniper.core.tries import AttemptResult, Moment, Try


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


class SecretKind(StrEnum):
    """What an account may sign in with."""

    PASSWORD = "password"  # noqa: S105 - the word
    TOTP_SECRET = "totp_secret"  # noqa: S105
    TOKEN = "token"  # noqa: S105


def is_unfinished(state: RunState, standing: Standing | None, exit_code: int | None) -> bool:
    """Did a run not come to its end? It was killed, interrupted, or ended by what was not its business."""
    return state is not RunState.FINISHED or standing is None or exit_code not in (0, 1)


@dataclass(frozen=True, slots=True)
class KeptSignIn:
    """That an account was signed in, and what kept it so is sealed and kept.

    Attributes:
        expires_at: When it ends by what the site has told, on its clock; None where that is not known.
    """

    kept_at: datetime
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class AccountRecord:
    """One person's access to a site, without anything that is secret.

    Attributes:
        active: False leaves it out of runs that name it.
        secrets: What is kept of it, sealed.
        sign_in: What keeps it signed in, if something does.
    """

    site: str
    account: str
    active: bool
    secrets: tuple[SecretKind, ...]
    sign_in: KeptSignIn | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Sealed:
    """Something that is kept encrypted; `kind` is None for what keeps an account signed in."""

    site: str
    account: str
    kind: SecretKind | None
    sealed: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Forgotten:
    """How much of the record went with an account."""

    attempts: int
    bookings: int


@dataclass(frozen=True, slots=True)
class RunRecord:
    """One execution of a plan. `host` and `pid` tell which process it was.

    Attributes:
        target_date: The day it was for, on the site's calendar; None in records of old.
        presses: False for a dry run.
        continues: The number of the unfinished run whose work it went on with.
        alive_until: As long as it runs, it says so again before this.
    """

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
    target_date: date | None = None
    presses: bool = True
    continues: int | None = None
    alive_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class WaveRecord:
    """What was planned for one opening, and why.

    Attributes:
        aim: When it was to fire, and what was known of the site's clock; None in records of old.
    """

    id: int
    number: int
    opens_at: datetime
    reason: str
    planned_at: datetime
    aim: Aim | None = None


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
        fired_at: None also where no press was seen.
        timeline: Its course on the site's clock, as far as it was noted.
        page_bound: The most by which the page's clock may have been misread against ours.
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
    page_bound: timedelta | None = None


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
    """One line of what was done: a try at a slot, of an attempt, or a cancellation."""

    id: int
    attempt: int | None
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

    def results(self, wave: int) -> tuple[AttemptResult, ...]:
        """The attempts of a wave as the engine told them; without tries where nothing was written down."""
        return tuple(
            AttemptResult(
                Attempt(one.account, one.chain, one.role),
                tuple(self._tries(one)),
                one.timeline,
                one.page_bound,
            )
            for one in self.attempts
            if one.wave == wave
        )

    def _tries(self, attempt: AttemptRecord) -> Iterator[Try]:
        for line in self.log:
            if line.attempt == attempt.id and line.outcome and line.started_at:
                yield Try(
                    line.slot,
                    line.outcome,
                    line.started_at,
                    line.took or timedelta(0),
                    line.error or "",
                    line.reference,
                    attempt.evidence if line.slot == attempt.ended_at else None,
                )
