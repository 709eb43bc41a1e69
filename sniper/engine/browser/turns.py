"""Whose page fires when, where there are more pages than processors.

Pages that fire at one instant share the processors, and all of them are late: of eight pages that each need
20 ms, on two processors, the first request leaves after some 80 ms. One after the other, in pairs, it leaves
after 20 ms and the last no later than before. A slot needs one winner: who leads goes first.

Each page knows its turn beforehand, and fires by its own clock. Where those before it are through earlier
than was thought, it is told to go.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

_LONGEST = timedelta(milliseconds=500)
# What a page's main thread does up to its request is a third of the work: the browser's other processes, the
# driver and what comes after the request make up the rest (measured: docs/benchmarks.md).
_WHOLE = 3
# It takes as long to tell a page that its turn has come.
_SOON = timedelta(milliseconds=10)
_NOTHING = timedelta(0)
_PATIENCE = 2.0


@dataclass(eq=False)
class Turn:
    """One page's, in a line of those that fire at the same opening.

    Attributes:
        rank: Its place in the line, from 0.
        opening: Nobody's turn comes before.
        comes: When it is to go; not known before its plan is handed over.
        go: Told to go earlier, now that `comes` has changed.
    """

    rank: int
    opening: datetime
    comes: datetime | None = None
    go: Callable[[], None] | None = None
    is_through: bool = False


class Turns:
    """The pages of one engine. What a page needs to get to its request, they learn in rehearsals."""

    def __init__(self, processors: int | None = None) -> None:
        """Nothing is known yet.

        Args:
            processors: How many pages can work at once; what this process may use, unless told.
        """
        self._processors = processors or usable_processors()
        self._needs: timedelta | None = None
        self._line: list[Turn] = []
        self._all_have_fired = asyncio.Event()

    def join(self, rank: int, opening: datetime) -> Turn:
        """A page is about to fire. Whoever joins leaves again."""
        turn = Turn(rank, opening)
        self._line.append(turn)
        self._all_have_fired.clear()
        return turn

    def take(self, turn: Turn, share: float = 1) -> datetime:
        """When it is to go, now that its plan is known; `share` as in `wait`.

        It waits for those before it that are there: not for one that has not come or is through.
        """
        before = [one for one in self._of(turn.opening) if one.rank < turn.rank and not one.is_through]
        turn.comes = turn.opening + self.wait(len(before), share)
        return turn.comes

    def through(self, turn: Turn, now: datetime) -> None:
        """Its request has left, or will not any more: who waits goes now, if a processor has nobody else."""
        if turn.is_through:
            return
        turn.is_through = True
        at = max(now, turn.opening)
        known = [(one.comes, one) for one in self._of(turn.opening) if one.comes and not one.is_through]
        waiting = [one for comes, one in known if comes > at + _SOON]
        if waiting and len(known) - len(waiting) < self._processors:
            following = min(waiting, key=lambda one: one.rank)
            following.comes = at
            if following.go:
                following.go()

    def leave(self, turn: Turn, now: datetime) -> None:
        """It fires no more."""
        self.through(turn, now)
        if turn in self._line:
            self._line.remove(turn)
        if not self._line:
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
            rank: Its place among those that are there, from 0.
            share: How much of the whole it has left to do; a dialog that is filled in needs one press, whose
                request is sent before the rest of the work begins.
        """
        needs = (self._needs or _NOTHING) * (_WHOLE if share == 1 else share)
        return min(needs * (rank // self._processors), _LONGEST)

    def is_crowded(self, opening: datetime) -> bool:
        """Whether somebody waits for somebody else to be through."""
        return not self.has_room_for_all(opening) and self._needs is not None

    def has_room_for_all(self, opening: datetime) -> bool:
        """Whether there is a processor for every page."""
        return len(self._of(opening)) <= self._processors

    def _of(self, opening: datetime) -> list[Turn]:
        return [one for one in self._line if one.opening == opening]


def usable_processors() -> int:
    """How many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
