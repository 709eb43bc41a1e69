"""Observations, as they are written down."""

from __future__ import annotations

from sqlalchemy.orm import Session

from sniper.core.availability import Observation
from sniper.store.models import slot_columns
from sniper.store.seen_models import ObservationRow


def add_observation(session: Session, site: str, one: Observation, *, rehearsal: bool) -> None:
    """Write an observation down."""
    session.add(
        ObservationRow(
            site=site,
            what=one.what,
            opens_at=one.opens_at,
            seen_before=one.after,
            seen_at=one.by,
            source=one.source,
            rehearsal=rehearsal,
            **slot_columns(one.slot),
        )
    )
