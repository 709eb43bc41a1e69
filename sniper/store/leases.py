"""Who works for what: one run at a time for an account and a day at a site.

Two runs with one account on one day would plan past each other, count each other's bookings as somebody's own
and give them back. On different days they do not meet: runs for several days wait side by side. So a run
takes a lease for each of its accounts, for its day; all of them or none, in the transaction that begins it.

A lease belongs to the run that took it last. That run's number is the fence: it grows with every acquisition,
and each write for a run looks in the same transaction whether the leases are still that run's. A process that
was asleep while another took over cannot write any more, and a wave is written before it is fired: so it does
not press either.

A lease is free when its run has ended, when its process was one of this machine and is gone, or when it has
not said for a while that it lives (`alive_until`, by the clock of the machine that wrote it). Machines that
share a database should agree on the time to much less than `LASTS`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from sniper.errors import EnvironmentProblem
from sniper.store.models import AccountRow, LeaseRow, RunRow
from sniper.store.processes import is_gone, this_host
from sniper.store.records import RunState, is_unfinished

LASTS = timedelta(minutes=2)
"""How long a run that is not heard of counts as alive."""


@dataclass(frozen=True, slots=True)
class Job:
    """What a run works on, and nobody else meanwhile: these accounts of its site, for that day."""

    day: date
    accounts: tuple[str, ...]


class LeaseTakenError(EnvironmentProblem):
    """Another run works for one of the accounts on that day."""

    def __init__(self, holder: RunRow, accounts: Sequence[str], day: date) -> None:
        until = "" if holder.alive_until is None else f"{holder.alive_until.astimezone():%H:%M:%S}"
        super().__init__(
            f"run {holder.id} is at work for {', '.join(accounts)} at {holder.site} for {day} "
            f"({_process(holder)}, since {holder.started_at.astimezone():%a %H:%M:%S})",
            mend="Wait for its end, or stop it there. If it is gone without a word, its leases end by "
            f"themselves: try again after {until}.",
        )


class LeaseLostError(EnvironmentProblem):
    """Another run has taken over what this one worked on, or has brought it to its end."""

    def __init__(self, run_id: int, holder: RunRow | None) -> None:
        taken = (
            "it was ended by another" if holder is None else f"run {holder.id} ({_process(holder)}) took over"
        )
        super().__init__(
            f"run {run_id} has lost its leases: it had not said for a while that it lives, and {taken}. "
            "It stops and presses nothing more.",
            mend=None if holder is None else f"See to run {holder.id}: `sniper runs show {holder.id}`.",
        )


def take(session: Session, run: RunRow, accounts: Sequence[AccountRow], day: date, now: datetime) -> None:
    """Give a run that has just begun the leases of these accounts.

    Raises:
        LeaseTakenError: Another run that lives has one of them.
    """
    # In one order for everybody: where rows are locked one by one, two who want the same would else wait
    # for each other.
    for account in sorted(accounts, key=lambda one: one.id):
        lease = session.get(LeaseRow, (account.id, day), with_for_update=True)
        if lease is None:
            session.add(LeaseRow(account_id=account.id, target_date=day, run_id=run.id))
            continue
        holder = session.get_one(RunRow, lease.run_id)
        if is_alive(holder, now):
            raise LeaseTakenError(holder, _shared(session, holder, accounts, day), day)
        lease.run_id = run.id
    run.alive_until = now + LASTS
    session.flush()


def require_idle(session: Session, account: AccountRow, now: datetime) -> None:
    """Make sure that no run is at work with an account.

    Raises:
        LeaseTakenError: One is.
    """
    for lease in session.scalars(select(LeaseRow).where(LeaseRow.account_id == account.id)):
        holder = session.get_one(RunRow, lease.run_id)
        if is_alive(holder, now):
            raise LeaseTakenError(holder, [account.netid], lease.target_date)


def check(session: Session, run_id: int) -> RunRow:
    """The run, if all its leases are still its own; they stay so until the transaction ends.

    Raises:
        LeaseLostError: They are not.
    """
    run = session.get_one(RunRow, run_id)
    held = session.scalars(select(LeaseRow).where(LeaseRow.run_id == run_id).with_for_update(read=True)).all()
    if run.accounts is None or len(held) < len(run.accounts):
        raise LeaseLostError(run_id, _taker(session, run))
    return run


def release(session: Session, run_id: int) -> None:
    """The run has ended: others may have them."""
    session.execute(delete(LeaseRow).where(LeaseRow.run_id == run_id))


def is_alive(run: RunRow, now: datetime) -> bool:
    """May a run still be at work?"""
    return (
        run.state is RunState.RUNNING
        and run.alive_until is not None
        and now < run.alive_until
        and not is_gone(run.host, run.pid)
    )


def last_unfinished(
    session: Session,
    site: str,
    accounts: Sequence[int],
    *,
    day: date | None = None,
    from_day: date | None = None,
) -> RunRow | None:
    """The newest run for a day that shares an account with these and did not come to its end.

    Where a later run with one of them for the same day did, there is nothing left of the earlier one.

    Args:
        session: Of a transaction.
        site: Where.
        accounts: By their ids.
        day: Only this one.
        from_day: No earlier one.
    """
    query = select(RunRow).where(RunRow.site == site, RunRow.presses).order_by(RunRow.id.desc())
    if day is not None:
        query = query.where(RunRow.target_date == day)
    if from_day is not None:
        query = query.where(RunRow.target_date >= from_day)
    over: set[date | None] = set()
    for run in session.scalars(query):
        if run.target_date in over or not set(run.accounts or ()) & set(accounts):
            continue
        if is_unfinished(run.state, run.standing, run.exit_code):
            return run
        over.add(run.target_date)
    return None


def _shared(session: Session, holder: RunRow, accounts: Sequence[AccountRow], day: date) -> list[str]:
    theirs = set(session.scalars(select(LeaseRow.account_id).filter_by(run_id=holder.id, target_date=day)))
    return [account.netid for account in accounts if account.id in theirs]


def _taker(session: Session, run: RunRow) -> RunRow | None:
    return session.scalar(
        select(RunRow)
        .join(LeaseRow, LeaseRow.run_id == RunRow.id)
        .where(LeaseRow.account_id.in_(run.accounts or ()), LeaseRow.target_date == run.target_date)
        .order_by(RunRow.id.desc())
        .limit(1)
    )


def _process(run: RunRow) -> str:
    where = "this machine" if run.host == this_host() else run.host
    return f"process {run.pid} of {where}"
