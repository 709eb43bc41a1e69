"""Attempts with their courses, written as a person would: in milliseconds after the opening."""

from __future__ import annotations

from datetime import timedelta

from sniper.core.lead import Aim
from sniper.core.outcomes import Outcome
from sniper.core.plan import Attempt, Role
from sniper.core.slots import Slot
from sniper.core.tries import AttemptResult, Mark, Moment, Try
from tests.core.worlds import at, slot

MS = timedelta(milliseconds=1)
OPENS = at(13).astimezone() - timedelta(days=3)
X1A, X1B = slot("X1 A", 13), slot("X1 B", 13)
PARKED = -10_000.0


def aim(after: float = 0, bound: float = 4, planned: float | None = None) -> Aim:
    """A wave that was to fire so long after its opening, and was planned so long after it."""
    planned_at = None if planned is None else OPENS + planned * MS
    return Aim(OPENS, timedelta(0), bound * MS, bound * MS, MS, (bound - after) * MS, planned_at)


def tried(
    outcome: Outcome,
    *,
    place: Slot = X1A,
    fired: float = 0,
    asked: float | None = None,
    heard: float | None = None,
    sent: float | None = None,
    answered: float | None = None,
    ended: float = 60,
    message: str = "",
) -> tuple[Try, list[Moment]]:
    """One slot of an attempt."""
    noted = {
        Mark.FIRED: fired,
        Mark.ASKED: asked,
        Mark.HEARD: heard,
        Mark.SENT: sent,
        Mark.ANSWERED: answered,
        Mark.OUTCOME: ended,
    }
    moments = [
        moment(mark, after, place, outcome.value if mark is Mark.OUTCOME else "")
        for mark, after in noted.items()
        if after is not None
    ]
    return Try(place, outcome, OPENS + fired * MS, (ended - fired) * MS, message), moments


def moment(mark: Mark, after: float, place: Slot = X1A, detail: str = "") -> Moment:
    """A moment so long after the opening."""
    return Moment(OPENS + after * MS, mark, place, detail)


def attempt(
    *slots: tuple[Try, list[Moment]], account: str = "ann", parked: float = PARKED, role: Role = Role.LEAD
) -> AttemptResult:
    """An attempt of these tries."""
    chain = tuple(one.slot for one, _ in slots) or (X1A,)
    noted = [moment(Mark.PARKED, parked, chain[0]), *(m for _, moments in slots for m in moments)]
    return AttemptResult(Attempt(account, chain, role), tuple(one for one, _ in slots), tuple(noted), MS / 2)
