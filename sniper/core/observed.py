"""What the attempts of a run tell of slots: when they had opened for certain, and when they were gone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from sniper.core.availability import Observation, Source, What
from sniper.core.measures import refused_last
from sniper.core.outcomes import Outcome
from sniper.core.slots import Slot
from sniper.core.tries import AttemptResult, Mark, Try

OPENS_WITHIN = timedelta(minutes=1)
"""A slot that is found open later than this after its opening tells nothing about when it opened."""
_GONE = (Outcome.TAKEN, Outcome.WAITLISTED)
_OPEN = (Outcome.BOOKED, Outcome.WAITLISTED)


def observed(result: AttemptResult, opens_at: datetime, bound: timedelta) -> Iterator[Observation]:
    """What an attempt saw, at slots that opened when its first one did.

    A request that is refused as too early left before the slot opened, and one that is answered otherwise was
    answered after. Who is told that a slot is taken, and was not refused before, learns nothing about that: a
    page may show it taken whether it is open or not.

    Args:
        result: With its course.
        opens_at: The announced opening.
        bound: The most by which the times of the course may be wrong.
    """
    target = result.attempt.target
    for one in result.tries:
        slot = one.slot
        if (slot.location, slot.instant) != (target.location, target.instant):
            continue
        refused, answered = refused_last(result, slot), _answered(result, one)
        after, by = refused - bound if refused else None, answered + bound
        is_open = one.outcome in _OPEN or (one.outcome in _GONE and refused is not None)
        if is_open and by - opens_at <= OPENS_WITHIN:
            yield Observation(slot, What.OPENED, opens_at, after, by, Source.RUN)
        if one.outcome in _GONE:
            yield Observation(slot, What.TAKEN, opens_at, None, by, Source.RUN)


def _answered(result: AttemptResult, one: Try) -> datetime:
    """When it was known what became of the try."""
    return max(_ends(result, one.slot), default=one.started_at + one.took)


def _ends(result: AttemptResult, slot: Slot) -> Iterator[datetime]:
    for moment in result.timeline:
        if moment.slot == slot and moment.mark in (Mark.ANSWERED, Mark.OUTCOME):
            yield moment.at
