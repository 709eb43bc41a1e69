"""The writing itself, inside a transaction that `sniper.store.repository` has begun."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import Select, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from sniper.core.availability import Found
from sniper.core.goals import Goal
from sniper.core.lead import Aim
from sniper.core.observed import observed
from sniper.core.outcomes import Outcome, Proof
from sniper.core.plan import Attempt, Wave
from sniper.core.slots import Slot
from sniper.core.tries import AttemptResult, Moment, Try
from sniper.store import convert
from sniper.store.models import (
    AccountRow,
    AttemptRow,
    AvailabilityRow,
    Base,
    BookingRow,
    JobRow,
    LogRow,
    RunRow,
    WaveRow,
    at_slot,
    slot_columns,
)
from sniper.store.observations import add_observation
from sniper.store.records import ACTIVE, AttemptState, BookingStatus, JobStatus, LogAction
from sniper.store.types import zone_name

Row = TypeVar("Row", bound=Base)

_GONE = (Outcome.TAKEN, Outcome.WAITLISTED, Outcome.OPTION_DISABLED)
_NEITHER = (Outcome.NOT_PARKED, Outcome.STOOD_DOWN, Outcome.NOT_PRESSED)


def account(session: Session, site: str, netid: str, now: datetime) -> AccountRow:
    """The row of an account, made where there is none."""
    return _find_or_add(
        session,
        select(AccountRow).filter_by(site=site, netid=netid),
        lambda: AccountRow(site=site, netid=netid, is_active=True, created_at=now, updated_at=now),
    )


def plan_wave(session: Session, run: RunRow, wave: Wave, goal: Goal, aim: Aim | None, now: datetime) -> int:
    """Write a wave and its jobs."""
    last = session.scalar(select(func.max(WaveRow.number)).filter_by(run_id=run.id)) or 0
    row = WaveRow(
        run_id=run.id,
        number=last + 1,
        opens_at=wave.opens_at,
        reason=wave.reason,
        planned_at=now,
        aim=None if aim is None else convert.aim_document(aim),
    )
    session.add(row)
    session.flush()
    targets: dict[Slot, list[int]] = {}
    for attempt in wave.attempts:
        assigned = targets.setdefault(attempt.target, [])
        number = account(session, run.site, attempt.account, now).id
        if number not in assigned:
            assigned.append(number)
    for slot, accounts in targets.items():
        _plan_job(session, run, row, slot, accounts, goal, now)
    return row.id


def open_attempts(
    session: Session, wave: WaveRow, attempts: Iterable[Attempt], now: datetime
) -> dict[Attempt, int]:
    """Write attempts as open, and their wave's jobs as running."""
    rows = {
        attempt: AttemptRow(
            run_id=wave.run_id,
            wave_id=wave.id,
            account_id=account(session, wave.run.site, attempt.account, now).id,
            role=attempt.role,
            chain=attempt.chain,
            opens_at=wave.opens_at,
            state=AttemptState.OPEN,
            opened_at=now,
        )
        for attempt in attempts
    }
    session.add_all(rows.values())
    session.execute(
        update(JobRow)
        .where(JobRow.wave_id == wave.id, JobRow.status == JobStatus.SCHEDULED)
        .values(status=JobStatus.RUNNING, executed_at=now)
    )
    session.flush()
    return {attempt: row.id for attempt, row in rows.items()}


def close_attempt(
    session: Session,
    row: AttemptRow,
    tries: Sequence[Try],
    timeline: Sequence[Moment],
    page_bound: timedelta | None,
    now: datetime,
) -> None:
    """Write an attempt's end, its course, its lines of the log, and what they tell about the slots."""
    row.state, row.closed_at = AttemptState.CLOSED, now
    if tries:
        last = tries[-1]
        row.outcome, row.ended_at = last.outcome, last.slot
        row.fired_at = tries[0].started_at if tries[0].took else None
        row.reference, row.message, row.evidence = last.reference, last.message or None, last.evidence
    keep_course(row, timeline, page_bound)
    site = row.wave.run.site
    for one in tries:
        session.add(
            LogRow(
                site=site,
                account_id=row.account_id,
                run_id=row.run_id,
                attempt_id=row.id,
                action=_action(one.outcome),
                outcome=one.outcome,
                booking_reference=one.reference,
                error_message=one.message or None,
                execution_time_ms=round(one.took / timedelta(milliseconds=1)),
                started_at=one.started_at,
                timestamp=now,
                **slot_columns(one.slot),
            )
        )
        if one.outcome is Outcome.BOOKED or one.outcome in _GONE:
            _note_availability(session, site, one, now)
    course = AttemptResult(
        Attempt(row.account.netid, row.chain, row.role), tuple(tries), tuple(timeline), page_bound
    )
    bound = convert.bound_of(row.wave) + (page_bound or timedelta(0))
    for seen in observed(course, row.opens_at, bound):
        add_observation(session, site, seen, rehearsal=row.wave.run.rehearsal)


def keep_course(row: AttemptRow, timeline: Sequence[Moment], page_bound: timedelta | None) -> None:
    """Write an attempt's course; without one, what was written before stays."""
    if timeline:
        row.timeline = convert.timeline_document(timeline, page_bound, row.chain)


def finish_wave(session: Session, wave: WaveRow, now: datetime) -> None:
    """Decide the jobs of a wave by the bookings of the run."""
    attempts = session.scalars(select(AttemptRow).filter_by(wave_id=wave.id).order_by(AttemptRow.id)).all()
    bookings = session.scalars(
        select(BookingRow).where(BookingRow.run_id == wave.run_id, BookingRow.status.in_(ACTIVE))
    ).all()
    for job in session.scalars(select(JobRow).filter_by(wave_id=wave.id)):
        won = [booking for booking in bookings if booking.slot == job.slot]
        job.status = JobStatus.COMPLETED if won else JobStatus.FAILED
        job.executed_at = job.executed_at or now
        job.result = {
            "won_by": [{"account": one.account.netid, "proof": one.proof.value} for one in won],
            "outcomes": {
                one.account.netid: one.outcome.value if one.outcome else None
                for one in attempts
                if one.chain[0] == job.slot
            },
        }


def record_booking(
    session: Session,
    run: RunRow,
    name: str,
    slot: Slot,
    reference: str | None,
    proof: Proof,
    status: BookingStatus,
    now: datetime,
) -> int:
    """Insert a booking or bring it up to date."""
    owner = account(session, run.site, name, now)
    same_hour = session.scalars(
        select(BookingRow)
        .where(BookingRow.account_id == owner.id, BookingRow.starts_at == slot.instant)
        .order_by(BookingRow.id.desc())
    ).all()
    row = next((one for one in same_hour if one.slot == slot and one.status in ACTIVE), None) or next(
        (one for one in same_hour if one.slot == slot and reference and one.booking_reference == reference),
        None,
    )
    if status in ACTIVE:
        for other in same_hour:
            if other is not row and other.status in ACTIVE:
                other.status, other.updated_at = BookingStatus.CANCELLED, now
        session.flush()  # before the new one takes the hour
    if row is None:
        row = BookingRow(
            site=run.site, account_id=owner.id, rehearsal=run.rehearsal, created_at=now, **slot_columns(slot)
        )
        session.add(row)
    row.run_id, row.rehearsal = run.id, run.rehearsal
    row.status, row.proof, row.updated_at = status, proof, now
    row.booking_reference = reference or row.booking_reference
    session.flush()
    return row.id


def cancel_booking(
    session: Session, run: RunRow, name: str, slot: Slot, error: str | None, now: datetime
) -> bool:
    """Cancel an active booking and log it; with an error, only log it."""
    owner = account(session, run.site, name, now)
    row = session.scalar(
        select(BookingRow)
        .filter_by(account_id=owner.id, **at_slot(slot))
        .where(BookingRow.status.in_(ACTIVE))
    )
    if row is not None and error is None:
        row.status, row.updated_at = BookingStatus.CANCELLED, now
    session.add(
        LogRow(
            site=run.site,
            account_id=owner.id,
            run_id=run.id,
            action=LogAction.CANCEL,
            booking_reference=row.booking_reference if row else None,
            error_message=error,
            timestamp=now,
            **slot_columns(slot),
        )
    )
    return row is not None


def _plan_job(
    session: Session,
    run: RunRow,
    wave: WaveRow,
    slot: Slot,
    accounts: list[int],
    goal: Goal,
    now: datetime,
) -> None:
    priority = goal.priority_of(slot)
    if priority is None:
        raise ValueError(f"the goal does not name {slot}")
    job = _find_or_add(
        session,
        select(JobRow).filter_by(run_id=run.id, **at_slot(slot)),
        lambda: JobRow(
            run_id=run.id,
            target_date=slot.day,
            target_time=slot.hour.replace(fold=0),
            starts_at=slot.instant,
            zone=zone_name(slot.start),
            location=slot.location,
            sub_location=slot.sub_location,
            created_at=now,
            **_assignment(wave, accounts, goal, priority.rank),
        ),
    )
    for column, value in _assignment(wave, accounts, goal, priority.rank).items():
        setattr(job, column, value)


def _assignment(wave: WaveRow, accounts: list[int], goal: Goal, rank: int) -> dict[str, Any]:
    """What a job takes from the wave that plans it (last)."""
    return {
        "wave_id": wave.id,
        "priority": rank,
        "scheduled_execution": wave.opens_at,
        "status": JobStatus.SCHEDULED,
        "assigned_accounts": accounts,
        "consecutive_hours": goal.hours,
        "time_window_start": goal.window_start,
        "time_window_end": goal.window_end,
        "result": None,
    }


def _note_availability(session: Session, site: str, one: Try, now: datetime) -> None:
    """A slot taken before us has no place left, one we got has one place less; of unknown many, none."""
    row = _find_or_add(
        session,
        select(AvailabilityRow).filter_by(site=site, **at_slot(one.slot)),
        lambda: AvailabilityRow(site=site, is_available=True, last_checked=now, **slot_columns(one.slot)),
    )
    left = row.remaining_capacity
    if one.outcome is Outcome.BOOKED and left is not None:
        row.remaining_capacity = max(left - 1, 0)
    else:
        row.remaining_capacity = 0 if one.outcome in _GONE else None
    row.is_available = bool(row.remaining_capacity)
    row.found = Found.FREE if row.is_available else Found.TAKEN
    row.look_began, row.look_ended = one.started_at, one.started_at + one.took
    row.last_checked = now


def _action(outcome: Outcome) -> LogAction:
    if outcome is Outcome.BOOKED:
        return LogAction.SUCCESS
    if outcome.handling.ours or outcome in _NEITHER:
        return LogAction.ATTEMPT
    return LogAction.FAILURE


def _find_or_add(session: Session, query: Select[Row], make: Callable[[], Row]) -> Row:
    """The row, or a new one; or the one another process has made in the same moment."""
    found = session.scalar(query)
    if found is not None:
        return found
    row = make()
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:
        return session.scalars(query).one()
    return row
