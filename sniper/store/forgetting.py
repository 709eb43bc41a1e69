"""Takes an account out of the record, so that nothing points to it any more, inside a transaction."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from sniper.core.tries import Mark
from sniper.store.models import AccountRow, AttemptRow, BookingRow, JobRow, LogRow, RunRow
from sniper.store.records import Forgotten

SOMEBODY = "somebody forgotten"
"""Who is named instead, where another account's attempt tells that it took over."""


def forget(session: Session, account: AccountRow) -> Forgotten:
    """Delete the account and what it did, and take its name and id out of what others did with it."""
    forgotten = Forgotten(_count(session, AttemptRow, account), _count(session, BookingRow, account))
    # Ids stand in lists that no foreign key guards, and the database may give them to somebody else.
    for run in _runs_with(session, account):
        run.accounts = [number for number in run.accounts or () if number != account.id]
        _leave_out_of(session, run, account)
    session.flush()
    for table in (LogRow, BookingRow, AttemptRow):
        session.execute(delete(table).where(table.account_id == account.id))
    session.delete(account)
    session.flush()
    return forgotten


def _count(session: Session, table: type[AttemptRow | BookingRow], account: AccountRow) -> int:
    counted = select(func.count()).select_from(table).where(table.account_id == account.id)
    return session.scalar(counted) or 0


def _runs_with(session: Session, account: AccountRow) -> Iterator[RunRow]:
    """The runs of its site it may have been in: of old ones it is not written down."""
    for run in session.scalars(select(RunRow).where(RunRow.site == account.site)):
        if run.accounts is None or account.id in run.accounts:
            yield run


def _leave_out_of(session: Session, run: RunRow, account: AccountRow) -> None:
    for job in session.scalars(select(JobRow).where(JobRow.run_id == run.id)):
        job.assigned_accounts = [number for number in job.assigned_accounts if number != account.id]
        job.result = _without(job.result, account.netid)
    others = select(AttemptRow).where(AttemptRow.run_id == run.id, AttemptRow.account_id != account.id)
    for attempt in session.scalars(others):
        attempt.timeline = _unnamed(attempt.timeline, account.netid)


def _without(result: dict[str, Any] | None, name: str) -> dict[str, Any] | None:
    """A job's result without what it says of one account."""
    if result is None or "outcomes" not in result:
        return result
    return {
        **result,
        "won_by": [one for one in result["won_by"] if one["account"] != name],
        "outcomes": {who: outcome for who, outcome in result["outcomes"].items() if who != name},
    }


def _unnamed(timeline: dict[str, Any] | None, name: str) -> dict[str, Any] | None:
    """A course that does not tell from whom it took over."""
    if timeline is None:
        return None
    moments = [
        {**one, "detail": SOMEBODY} if (one["mark"], one["detail"]) == (Mark.TOOK_OVER, name) else one
        for one in timeline["moments"]
    ]
    return {**timeline, "moments": moments}
