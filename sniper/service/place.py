"""The daemon's place in the store: that it lives, and what it is asked."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta

from sniper.clock.clock import Clock
from sniper.store.repository import Store
from sniper.store.serving import LASTS

BEATS_EVERY = LASTS / 4
GLANCES_EVERY = timedelta(seconds=2)


class Place:
    """Says now and then that the daemon lives. Where another took over, the daemon is told and stops."""

    def __init__(self, store: Store, number: int, clock: Clock, is_quiet: Callable[[], bool]) -> None:
        """Taken already.

        Args:
            store: Open.
            number: Of the daemon, as the store gave it.
            clock: This machine's.
            is_quiet: Is nothing in the way of a run that fires?
        """
        self._store = store
        self._number = number
        self._clock = clock
        self._is_quiet = is_quiet

    async def keep(self) -> None:
        """Beat for ever.

        Raises:
            PlaceLostError: Another daemon has taken over.
            EnvironmentProblem: The database does not answer.
        """
        while True:
            if self._is_quiet():
                # In a thread: a database may take its time.
                await asyncio.to_thread(self._store.beat, self._number, now=self._clock.now())
            await self._clock.sleep_until(self._clock.now() + BEATS_EVERY)
