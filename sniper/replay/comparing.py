"""What came of a fixture beside what has to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest

from sniper.core.tries import Try
from sniper.replay.case import NOT_PLAYED, Expected
from sniper.replay.playing import Replayed


@dataclass(frozen=True, slots=True)
class Row:
    """One slot that was tried, or had to be.

    Attributes:
        differs: In what, by the names of `Expected`; where there is nothing to compare, in its place.
    """

    expected: Expected | None
    found: Try | None
    differs: tuple[str, ...]


def compared(replayed: Replayed) -> tuple[Row, ...]:
    """Slot by slot, in the order in which they were tried."""
    both = zip_longest(replayed.fixture.case.expect, replayed.tries)
    return tuple(Row(expected, found, tuple(_differences(expected, found))) for expected, found in both)


def is_same(replayed: Replayed) -> bool:
    """Did the same come of it, by what the case answers alone?"""
    return not replayed.unanswered and not any(row.differs for row in compared(replayed))


def _differences(expected: Expected | None, found: Try | None) -> Iterator[str]:
    if expected and expected.outcome in NOT_PLAYED and found is None:
        return
    if expected is None or found is None or expected.place != found.slot.place:
        yield "place"
        return
    if expected.outcome is not found.outcome:
        yield "outcome"
    for name in ("reference", "message"):
        wanted = getattr(expected, name)
        if wanted is not None and wanted != getattr(found, name):
            yield name
