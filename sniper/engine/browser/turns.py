"""Whose page fires when, where there are more pages than processors.

Pages that fire at one instant share the processors, and all of them are late: of eight pages that each need
20 ms, on two processors, the first request leaves after some 80 ms. One after the other, in pairs, it leaves
after 20 ms and the last no later than before. A slot needs one winner: who leads goes first.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta

_LONGEST = timedelta(milliseconds=500)
# What a page's main thread does up to its request is a third of the work: the browser's other processes, the
# driver and what comes after the request make up the rest (measured: docs/benchmarks.md).
_WHOLE = 3
_NOTHING = timedelta(0)
_PATIENCE = 2.0


class Turns:
    """The pages of one engine. What a page needs to get to its request, they learn in rehearsals."""

    def __init__(self, processors: int | None = None) -> None:
        """Nothing is known yet.

        Args:
            processors: How many pages can work at once; what this process may use, unless told.
        """
        self._processors = processors or usable_processors()
        self._needs: timedelta | None = None
        self._firing = 0
        self._all_have_fired = asyncio.Event()

    @contextmanager
    def firing(self) -> Iterator[None]:
        """A page fires within the block."""
        self._firing += 1
        self._all_have_fired.clear()
        try:
            yield
        finally:
            self._firing -= 1
            if not self._firing:
                self._all_have_fired.set()

    async def all_have_fired(self) -> None:
        """Wait until no page fires any more, at most two seconds: what is not urgent gives way."""
        with suppress(TimeoutError):
            async with asyncio.timeout(_PATIENCE):
                await self._all_have_fired.wait()

    def learn(self, needs: timedelta) -> None:
        """A page needed so much of a processor: what the least needed is what it takes when it is warm.

        Less than nothing, which no page can need, counts as nothing: nobody fires before the instant by it.
        """
        needs = max(needs, _NOTHING)
        self._needs = needs if self._needs is None else min(needs, self._needs)

    def wait(self, rank: int, share: float = 1) -> timedelta:
        """How long after the instant it is this page's turn.

        Args:
            rank: Its place in the line, from 0.
            share: How much of the whole it has left to do; a dialog that is filled in needs one press, whose
                request is sent before the rest of the work begins.
        """
        needs = (self._needs or _NOTHING) * (_WHOLE if share == 1 else share)
        return min(needs * (rank // self._processors), _LONGEST)


def usable_processors() -> int:
    """How many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
