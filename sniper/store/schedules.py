"""Schedules and their days in the store: what is due is data here, whoever runs it.

Days come from `sniper.core.occurrences`. Until a day has been run it follows its schedule: it moves, comes
and goes with the rule, and with what the profile says of openings. What has been run stays as it was.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Select, delete, exists, func, select
from sqlalchemy.orm import Session, joinedload

from sniper.core.occurrences import Occurrence
from sniper.core.recurrence import Recurrence
from sniper.store.planned import (
    OccurrenceRecord,
    OccurrenceState,
    Schedule,
    ScheduleRecord,
    ScheduleState,
    Synced,
)
from sniper.store.planned_models import OccurrenceRow, ScheduleRow
from sniper.store.runs import refuse_secrets
from sniper.store.transactions import Transactions, existing

Planned = tuple[Schedule, Sequence[Occurrence]]
"""A schedule, and its days to come."""


class Schedules(Transactions):
    """The part of the store that is about schedules; see `Store`."""

    def add_schedule(self, schedule: Schedule, coming: Sequence[Occurrence], *, now: datetime) -> int | None:
        """Store a schedule with its days to come; returns its number, or None where that name is taken."""
        with self._write() as session:
            row = _named(session, schedule.origin, schedule.name)
            if row is not None and row.state is not ScheduleState.REMOVED:
                return None
            return _put(session, row, schedule, coming, now).id

    def sync_schedules(self, origin: str, wanted: Iterable[Planned], *, now: datetime) -> Synced:
        """Make the schedules of a file what it says now, by their names.

        One that says the same keeps its days, those of a paused one as well; of one that is changed, what has
        not been run follows; one that the file does not name any more is removed.
        """
        added: list[str] = []
        changed: list[str] = []
        unchanged: list[str] = []
        removed: list[str] = []
        with self._write() as session:
            rows = {row.name: row for row in session.scalars(select(ScheduleRow).filter_by(origin=origin))}
            for schedule, coming in wanted:
                row = rows.pop(schedule.name, None)
                if row is None or row.state is ScheduleState.REMOVED:
                    added.append(schedule.name)
                else:
                    (unchanged if _schedule(row) == schedule else changed).append(schedule.name)
                _put(session, row, schedule, coming, now)
            for name, row in rows.items():
                if row.state is not ScheduleState.REMOVED:
                    removed.append(name)
                    _remove(session, row, now)
        return Synced(tuple(added), tuple(changed), tuple(unchanged), tuple(removed))

    def renew_occurrences(self, schedule_id: int, coming: Sequence[Occurrence], *, now: datetime) -> None:
        """Bring the days of a schedule up to date: those to come, and those whose time has passed."""
        with self._write() as session:
            _renew(session, existing(session, ScheduleRow, schedule_id), coming, now)

    def set_schedule_state(self, schedule_id: int, state: ScheduleState, *, now: datetime) -> None:
        """Pause a schedule, or resume it."""
        with self._write() as session:
            row = existing(session, ScheduleRow, schedule_id)
            row.state, row.updated_at = state, now

    def remove_schedule(self, schedule_id: int, *, now: datetime) -> None:
        """Remove a schedule and its days that have not been run. For the sake of others it stays."""
        with self._write() as session:
            _remove(session, existing(session, ScheduleRow, schedule_id), now)

    def schedules(self, *, removed: bool = False) -> list[ScheduleRecord]:
        """The schedules, by site and name; with `removed`, also those that stay only for their days."""
        query = select(ScheduleRow).order_by(ScheduleRow.site, func.lower(ScheduleRow.name), ScheduleRow.id)
        if not removed:
            query = query.where(ScheduleRow.state != ScheduleState.REMOVED)
        with self._read() as session:
            return [_record(row) for row in session.scalars(query)]

    def occurrences(
        self,
        schedule_id: int | None = None,
        *,
        states: Iterable[OccurrenceState] | None = None,
        active: bool = False,
        limit: int | None = None,
    ) -> list[OccurrenceRecord]:
        """Days of schedules, in the order of their openings; those without one by their dates, before.

        Args:
            schedule_id: Of this one only.
            states: In one of these only.
            active: Of schedules only that are neither paused nor removed.
            limit: The first so many.
        """
        query = (
            select(OccurrenceRow)
            .join(OccurrenceRow.schedule)
            .options(joinedload(OccurrenceRow.schedule))
            .order_by(OccurrenceRow.opens_at, OccurrenceRow.target_date, OccurrenceRow.id)
            .limit(limit)
        )
        if schedule_id is not None:
            query = query.where(OccurrenceRow.schedule_id == schedule_id)
        if states is not None:
            query = query.where(OccurrenceRow.state.in_(list(states)))
        if active:
            query = query.where(ScheduleRow.state == ScheduleState.ACTIVE)
        with self._read() as session:
            return [_occurrence(row) for row in session.scalars(query)]


def _named(session: Session, origin: str, name: str) -> ScheduleRow | None:
    return session.scalar(select(ScheduleRow).filter_by(origin=origin, name=name))


def _put(
    session: Session, row: ScheduleRow | None, schedule: Schedule, coming: Sequence[Occurrence], now: datetime
) -> ScheduleRow:
    """Write what a schedule says, and its days."""
    refuse_secrets(schedule.goal)
    if row is None:
        row = ScheduleRow(state=ScheduleState.ACTIVE, created_at=now, updated_at=now)
        session.add(row)
    if row.state is ScheduleState.REMOVED:
        row.state, row.created_at = ScheduleState.ACTIVE, now
    recurrence = schedule.recurrence
    values = {
        "name": schedule.name,
        "origin": schedule.origin,
        "site": schedule.site,
        "profile": schedule.profile,
        "zone": schedule.zone,
        "starts_on": recurrence.start,
        "rule": recurrence.rule,
        "at": recurrence.at,
        "until": recurrence.until,
        "count": recurrence.count,
        "excluded": [day.isoformat() for day in recurrence.excluded],
        "goal": dict(schedule.goal),
        "accounts": list(schedule.accounts),
    }
    for column, value in values.items():
        if getattr(row, column) != value:
            setattr(row, column, value)
            row.updated_at = now
    session.flush()
    _renew(session, row, coming, now)
    return row


def _remove(session: Session, row: ScheduleRow, now: datetime) -> None:
    still = [OccurrenceState.PENDING, OccurrenceState.SKIPPED]
    session.execute(
        delete(OccurrenceRow).where(OccurrenceRow.schedule_id == row.id, OccurrenceRow.state.in_(still))
    )
    if session.scalar(select(exists().where(OccurrenceRow.schedule_id == row.id))):
        row.state, row.updated_at = ScheduleState.REMOVED, now
    else:
        session.delete(row)


def _renew(session: Session, row: ScheduleRow, coming: Sequence[Occurrence], now: datetime) -> None:
    known = {one.target_date: one for one in session.scalars(_days(row.id))}
    for occurrence in coming:
        day = known.pop(occurrence.day, None)
        if day is None:
            day = OccurrenceRow(schedule_id=row.id, target_date=occurrence.day, updated_at=now)
            session.add(day)
        elif not _follows(day):
            continue
        _bring_up_to_date(day, occurrence, now)
    today = now.astimezone(ZoneInfo(row.zone)).date()
    for day in known.values():
        if not _follows(day):
            continue
        if day.starts_at is not None and day.starts_at <= now:
            paused = row.state is ScheduleState.PAUSED
            day.state, day.updated_at = OccurrenceState.MISSED, now
            day.reason = "the schedule was paused" if paused else "nothing ran it"
        elif day.starts_at is not None or day.target_date >= today:
            session.delete(day)


def _bring_up_to_date(day: OccurrenceRow, occurrence: Occurrence, now: datetime) -> None:
    values = {
        "starts_at": occurrence.starts_at,
        "opens_at": occurrence.opens_at,
        "wake_at": occurrence.wake_at,
        "state": OccurrenceState.SKIPPED if occurrence.why_not else OccurrenceState.PENDING,
        "reason": occurrence.why_not,
    }
    for column, value in values.items():
        if getattr(day, column) != value:
            setattr(day, column, value)
            day.updated_at = now


def _follows(day: OccurrenceRow) -> bool:
    """Does it still follow its schedule? What was skipped for anything but the clocks stays skipped."""
    return day.state is OccurrenceState.PENDING or (
        day.state is OccurrenceState.SKIPPED and day.starts_at is None
    )


def _days(schedule_id: int) -> Select[OccurrenceRow]:
    return select(OccurrenceRow).filter_by(schedule_id=schedule_id).order_by(OccurrenceRow.target_date)


def _schedule(row: ScheduleRow) -> Schedule:
    return Schedule(
        name=row.name,
        origin=row.origin,
        site=row.site,
        profile=row.profile,
        zone=row.zone,
        recurrence=Recurrence(
            row.starts_on,
            row.rule,
            row.at,
            row.until,
            row.count,
            tuple(date.fromisoformat(day) for day in row.excluded),
        ),
        goal=row.goal,
        accounts=tuple(row.accounts),
    )


def _record(row: ScheduleRow) -> ScheduleRecord:
    return ScheduleRecord(row.id, _schedule(row), row.state, row.created_at, row.updated_at)


def _occurrence(row: OccurrenceRow) -> OccurrenceRecord:
    zone = ZoneInfo(row.schedule.zone)
    return OccurrenceRecord(
        id=row.id,
        schedule_id=row.schedule_id,
        schedule=row.schedule.name,
        site=row.schedule.site,
        day=row.target_date,
        starts_at=None if row.starts_at is None else row.starts_at.astimezone(zone),
        opens_at=row.opens_at,
        wake_at=row.wake_at,
        state=row.state,
        reason=row.reason,
        run_id=row.run_id,
        updated_at=row.updated_at,
    )
