"""When to try again what failed before an opening."""

from __future__ import annotations

from datetime import timedelta

FIRST = timedelta(seconds=15)
LONGEST = timedelta(minutes=5)
CLOSE = timedelta(minutes=3)
"""So long before an opening accounts are signed in: from then on every quarter of a minute counts."""


def pause_after(failures: int, left: timedelta) -> timedelta:
    """How long to wait after so many failures in a row; the opening is `left` away, or past if negative.

    Twice as long each time, but never so long that the last minutes before the opening are slept through.
    """
    grown = LONGEST if failures > 10 else min(FIRST * 2 ** max(failures - 1, 0), LONGEST)
    if left <= timedelta(0):
        return grown
    return min(grown, max(left - CLOSE, FIRST))
