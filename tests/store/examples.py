"""What the tests of the store share: a goal, a wave, slots, a run that has begun, a booking."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sniper.core.goals import Fallback, Goal, Priority
from sniper.core.openings import OpeningRule
from sniper.core.outcomes import Outcome, Proof
from sniper.core.plan import Attempt, Role, Wave
from sniper.core.slots import Slot
from sniper.core.tries import Try
from sniper.store import BookingStatus, Job, Store

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
DAY = date(2026, 11, 24)
NOW = datetime(2026, 11, 21, 11, 59, 30, tzinfo=UTC)
GOAL_JSON: dict[str, Any] = {"target_date": "2026-11-24", "consecutive_hours": 3, "priorities": [{"rank": 1}]}


def slot(sub_location: str | None, hour: int, *, location: str | None = None) -> Slot:
    """A slot on the day, by the name of its sub-location."""
    where = location or (sub_location or "Fitness").split()[0]
    return Slot(where, sub_location, datetime.combine(DAY, time(hour), AMSTERDAM))


X1A, X1B, X3A = slot("X1 A", 13), slot("X1 B", 13), slot("X3 A", 13)


def tried(at: Slot, outcome: Outcome, *, ms: int = 40, **more: Any) -> Try:
    """A try at a slot, fired at the opening of X1's 13:00."""
    return Try(at, outcome, datetime(2026, 11, 21, 12, tzinfo=UTC), timedelta(milliseconds=ms), **more)


THREE_DAYS = OpeningRule(timedelta(hours=72))
GOAL = Goal(
    target_date=DAY,
    zone=AMSTERDAM,
    hours=3,
    window_start=time(11),
    window_end=time(18),
    priorities=(
        Priority(1, "X1", ("X1 A", "X1 B"), 3, THREE_DAYS),
        Priority(2, "X3", ("X3 A", "X3 B"), 2, THREE_DAYS),
        Priority(3, "Fitness", (None,), 3, OpeningRule(timedelta(hours=168))),
    ),
    fallback=Fallback.parse("accept_2_consecutive_hours"),
)
WAVE = Wave(
    opens_at=datetime(2026, 11, 21, 12, tzinfo=UTC),
    attempts=(
        Attempt("ann", (slot("X1 A", 13), slot("X1 B", 13), slot("X3 A", 13)), Role.LEAD),
        Attempt("bob", (slot("X1 B", 13), slot("X1 A", 13)), Role.BACKUP),
        Attempt("cleo", (slot("X1 A", 13),), Role.BACKUP),
    ),
    reason="X1 at 13:00 opens first; three accounts stand by.",
)


@dataclass(frozen=True)
class Begun:
    """A run whose first wave has been opened."""

    run_id: int
    wave_id: int
    ids: dict[str, int]


JOB = Job(DAY, ("ann", "bob", "cleo"))


def begin(
    store: Store,
    *,
    rehearsal: bool = False,
    site: str = "tudelft-x",
    wave: Wave = WAVE,
    job: Job | None = None,
    now: datetime = NOW,
) -> Begun:
    """Start a run and open the attempts of its first wave."""
    run_id = store.start_run(site, GOAL_JSON, rehearsal=rehearsal, now=now, job=job)
    wave_id = store.plan_wave(run_id, wave, GOAL, now=NOW)
    opened = store.open_attempts(wave_id, wave.attempts, now=NOW)
    return Begun(run_id, wave_id, {attempt.account: number for attempt, number in opened.items()})


def book(store: Store, run_id: int, account: str, at: Slot, reference: str | None = "4711") -> int:
    """Record a booking that my bookings confirmed."""
    return store.record_booking(
        run_id,
        account,
        at,
        reference=reference,
        proof=Proof.CONFIRMED,
        status=BookingStatus.CONFIRMED,
        now=NOW,
    )
