"""From rows to records."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sniper.core.lead import Aim
from sniper.core.slots import Slot
from sniper.core.tries import Mark, Moment
from sniper.store import models, records

_MS = timedelta(milliseconds=1)
_AIM = ("offset", "ahead", "bound", "one_way", "lead")


def account(
    row: models.AccountRow, secrets: Iterable[records.SecretKind], state: models.SignInStateRow | None
) -> records.AccountRecord:
    """A row of `accounts`, with what kinds of secrets are kept of it."""
    kept = set(secrets)
    return records.AccountRecord(
        site=row.site,
        account=row.netid,
        active=row.is_active,
        secrets=tuple(kind for kind in records.SecretKind if kind in kept),
        sign_in=None if state is None else records.KeptSignIn(state.saved_at, state.expires_at),
        created_at=row.created_at,
    )


def run(row: models.RunRow) -> records.RunRecord:
    """A row of `runs`."""
    return records.RunRecord(
        id=row.id,
        site=row.site,
        rehearsal=row.rehearsal,
        goal=row.goal,
        state=row.state,
        standing=row.standing,
        exit_code=row.exit_code,
        host=row.host,
        pid=row.pid,
        started_at=row.started_at,
        finished_at=row.finished_at,
        target_date=row.target_date,
        presses=row.presses,
        continues=row.continues,
        alive_until=row.alive_until,
    )


def wave(row: models.WaveRow) -> records.WaveRecord:
    """A row of `waves`."""
    return records.WaveRecord(
        id=row.id,
        number=row.number,
        opens_at=row.opens_at,
        reason=row.reason,
        planned_at=row.planned_at,
        aim=_aim(row),
    )


def aim_document(aim: Aim) -> dict[str, Any]:
    """What a wave was aimed by, as JSON; the opening has a column of its own."""
    planned_at = {"planned_at": aim.planned_at.isoformat()} if aim.planned_at else {}
    return {f"{name}_ms": getattr(aim, name) / _MS for name in _AIM} | planned_at


def _aim(row: models.WaveRow) -> Aim | None:
    if row.aim is None:
        return None
    planned = row.aim.get("planned_at")
    return Aim(
        row.opens_at,
        **{name: row.aim[f"{name}_ms"] * _MS for name in _AIM},
        planned_at=datetime.fromisoformat(planned) if planned else None,
    )


def bound_of(row: models.WaveRow) -> timedelta:
    """The most by which a wave's times may have been wrong; nothing where it was not written down."""
    return timedelta(0) if row.aim is None else float(row.aim["bound_ms"]) * _MS


def job(row: models.JobRow, names: Mapping[int, str]) -> records.JobRecord:
    """A row of `snipe_jobs`; `names` are those of the accounts."""
    return records.JobRecord(
        id=row.id,
        wave=row.wave.number,
        slot=row.slot,
        priority=row.priority,
        scheduled_for=row.scheduled_execution,
        status=row.status,
        accounts=tuple(names[account] for account in row.assigned_accounts),
        consecutive_hours=row.consecutive_hours,
        window_start=row.time_window_start,
        window_end=row.time_window_end,
        result=row.result,
        created_at=row.created_at,
        executed_at=row.executed_at,
    )


def attempt(row: models.AttemptRow) -> records.AttemptRecord:
    """A row of `attempts`."""
    return records.AttemptRecord(
        id=row.id,
        run_id=row.run_id,
        wave=row.wave.number,
        account=row.account.netid,
        role=row.role,
        chain=row.chain,
        opens_at=row.opens_at,
        state=row.state,
        opened_at=row.opened_at,
        outcome=row.outcome,
        ended_at=row.ended_at,
        reference=row.reference,
        message=row.message,
        evidence=row.evidence,
        fired_at=row.fired_at,
        closed_at=row.closed_at,
        timeline=_timeline(row),
        page_bound=_page_bound(row),
    )


def timeline_document(
    timeline: Iterable[Moment], page_bound: timedelta | None, chain: Sequence[Slot]
) -> dict[str, Any]:
    """An attempt's course as JSON; slots by their place in the chain."""
    return {
        "page_bound_ms": None if page_bound is None else page_bound / _MS,
        "moments": [
            {
                "at": moment.at.isoformat(),
                "mark": moment.mark.value,
                "slot": chain.index(moment.slot),
                "detail": moment.detail,
            }
            for moment in timeline
        ],
    }


def _timeline(row: models.AttemptRow) -> tuple[Moment, ...]:
    moments = (row.timeline or {}).get("moments", ())
    return tuple(
        Moment(datetime.fromisoformat(one["at"]), Mark(one["mark"]), row.chain[one["slot"]], one["detail"])
        for one in moments
    )


def _page_bound(row: models.AttemptRow) -> timedelta | None:
    bound = (row.timeline or {}).get("page_bound_ms")
    return None if bound is None else bound * _MS


def booking(row: models.BookingRow) -> records.BookingRecord:
    """A row of `bookings`."""
    return records.BookingRecord(
        id=row.id,
        site=row.site,
        account=row.account.netid,
        slot=row.slot,
        status=row.status,
        proof=row.proof,
        reference=row.booking_reference,
        rehearsal=row.rehearsal,
        run_id=row.run_id,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


def line(row: models.LogRow) -> records.LogRecord:
    """A row of `booking_log`."""
    took = row.execution_time_ms
    return records.LogRecord(
        id=row.id,
        attempt=row.attempt_id,
        account=row.account.netid,
        action=row.action,
        slot=row.slot,
        outcome=row.outcome,
        reference=row.booking_reference,
        error=row.error_message,
        took=None if took is None else timedelta(milliseconds=took),
        started_at=row.started_at,
        written_at=row.timestamp,
    )
