"""What became of slots that were fought for: what plans take their odds from."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from datetime import time

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from sniper.core.odds import Record
from sniper.core.outcomes import Outcome
from sniper.store.models import LogRow


def history(session: Session, site: str) -> Mapping[tuple[str, time], Record]:
    """Wins and losses at a site, by location and time of day there.

    A slot counts once for each run that began an attempt with it: won, if any account got it; lost, if all
    were told that it is taken. Where an attempt only fell through to it tells less, and does not count.
    """
    first = (
        select(func.min(LogRow.id))
        .where(LogRow.site == site, LogRow.attempt_id.is_not(None))
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
    return {key: Record(won[key], lost[key]) for key in won | lost}
