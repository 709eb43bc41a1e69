"""What became of slots that were fought for: what plans take their odds from."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from datetime import time

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from sniper.core.odds import Record
from sniper.core.outcomes import Outcome
from sniper.store.models import LogRow, PastOddsRow


def history(session: Session, site: str) -> Mapping[tuple[str, time], Record]:
    """Wins and losses at a site, by location and time of day there; those of pruned runs included.

    A slot counts once for each run that began an attempt with it: won, if any account got it; lost, if all
    were told that it is taken. Where an attempt only fell through to it tells less, and does not count.
    """
    won, lost = _fought(session, site, None)
    for row in session.scalars(select(PastOddsRow).filter_by(site=site)):
        won[row.location, row.time_slot] += row.won
        lost[row.location, row.time_slot] += row.lost
    return {key: Record(won[key], lost[key]) for key in won | lost}


def keep_odds(session: Session, site: str, runs: Collection[int]) -> None:
    """Before these runs of a site are deleted: keep what they had won and lost, as numbers."""
    won, lost = _fought(session, site, runs)
    for location, hour in sorted(won | lost):
        key = {"site": site, "location": location, "time_slot": hour}
        row = session.scalar(select(PastOddsRow).filter_by(**key))
        if row is None:
            row = PastOddsRow(**key, won=0, lost=0)
            session.add(row)
        row.won += won[location, hour]
        row.lost += lost[location, hour]
    session.flush()


def _fought(
    session: Session, site: str, runs: Collection[int] | None
) -> tuple[Counter[tuple[str, time]], Counter[tuple[str, time]]]:
    """Won and lost, by all runs or only by these."""
    of_theirs = () if runs is None else (LogRow.run_id.in_(runs),)
    first = (
        select(func.min(LogRow.id))
        .where(LogRow.site == site, LogRow.attempt_id.is_not(None), *of_theirs)
        .group_by(LogRow.attempt_id)
    )
    begun = select(LogRow).where(LogRow.id.in_(first), LogRow.outcome.in_([Outcome.BOOKED, Outcome.TAKEN]))
    fought: defaultdict[tuple[object, ...], set[Outcome]] = defaultdict(set)
    for row in session.scalars(begun):
        if row.outcome is not None:
            slot = row.location, row.time_slot, row.sub_location, row.starts_at
            fought[(*slot, row.run_id)].add(row.outcome)
    won = Counter[tuple[str, time]]()
    lost = Counter[tuple[str, time]]()
    for (location, hour, *_), outcomes in fought.items():
        if isinstance(location, str) and isinstance(hour, time):
            (won if Outcome.BOOKED in outcomes else lost)[location, hour] += 1
    return won, lost
