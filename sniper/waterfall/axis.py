"""A scale of time on which 5 ms and 5 s can both be read."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from math import log1p

_NOTHING = timedelta(0)
_FINEST = timedelta(milliseconds=5)
"""Below this the scale is nearly even: clocks are not known better, so there is nothing to enlarge."""
_FARTHEST_AT_LEAST = timedelta(milliseconds=200)
_NEAREST_TICK = timedelta(milliseconds=10)
_SHARE_BEFORE = 0.2
"""The waiting before the opening takes no more of the width than this: the race is what one looks at."""


class Axis:
    """Logarithmic to both sides of zero. A position is between 0, the left end, and 1, the right."""

    def __init__(self, first: timedelta, last: timedelta) -> None:
        """Make room for all from `first`, which is not after zero, to `last`."""
        self._before = max(-first, _NOTHING)
        self._after = max(last, _FARTHEST_AT_LEAST)
        self.zero = _SHARE_BEFORE if self._before else 0.0

    def position(self, after: timedelta) -> float:
        """Where an instant is, by how long after zero it comes."""
        if after < _NOTHING:
            return self.zero * (1 - min(_bent(-after) / _bent(self._before), 1)) if self._before else 0.0
        return self.zero + (1 - self.zero) * min(_bent(after) / _bent(self._after), 1)

    def ticks(self) -> Iterator[tuple[timedelta, str]]:
        """Instants to mark, with their names: zero, those after it, then those before, going outwards."""
        yield _NOTHING, "0"
        for end, sign in ((self._after, 1), (self._before, -1)):
            tick = _NEAREST_TICK
            while tick <= end:
                yield sign * tick, _name(tick, sign)
                tick *= 10


def _bent(duration: timedelta) -> float:
    return log1p(duration / _FINEST)


def _name(tick: timedelta, sign: int) -> str:
    milliseconds = round(tick / timedelta(milliseconds=1))
    number = f"{milliseconds} ms" if milliseconds < 1000 else f"{milliseconds // 1000} s"
    return number if sign > 0 else f"−{number}"
