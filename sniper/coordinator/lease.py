"""That the run still has its work to itself."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from datetime import datetime, timedelta

from sniper.clock.clock import Clock
from sniper.errors import EnvironmentProblem
from sniper.store.leases import LASTS, LeaseLostError
from sniper.store.repository import Store

RENEWED_EVERY = LASTS / 4
# From the hand-over until the requests are out, nothing of ours asks the disk or the database for anything.
_QUIET_AFTER_OPENING = timedelta(seconds=5)


class Lease:
    """Says every half minute that the run lives, and finds out when another has taken over."""

    def __init__(
        self, store: Store, run_id: int, clock: Clock, failed: Callable[[EnvironmentProblem], None]
    ) -> None:
        """Nothing happens yet.

        Args:
            store: The run's own, which refuses to write once the leases are lost.
            run_id: Of the run.
            clock: This machine's.
            failed: Called when the database does not answer.
        """
        self._store = store
        self._run_id = run_id
        self._clock = clock
        self._failed = failed
        self._quiet_until: datetime | None = None

    async def kept_during(self, work: Coroutine[None, None, None]) -> None:
        """Do work, and keep the lease meanwhile.

        Raises:
            LeaseLostError: Another run took over; the work was cancelled.
        """
        working, renewing = asyncio.create_task(work), asyncio.create_task(self._renew_now_and_then())
        try:
            await asyncio.wait({working, renewing}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            lost = renewing.exception() if renewing.done() else None
            for task in (working, renewing):
                task.cancel()
            await asyncio.gather(working, renewing, return_exceptions=True)
        if lost:
            raise lost
        working.result()

    def secure(self, left: timedelta) -> None:
        """Keep it beyond an opening that is so far away, and leave the database alone until that is over.

        To be called before anything is handed to the pages.

        Raises:
            LeaseLostError: Another run took over: nothing may be pressed.
        """
        opening = self._clock.now() + max(left, timedelta(0))
        self._store.stay_alive(self._run_id, opening + LASTS)
        self._quiet_until = opening + _QUIET_AFTER_OPENING

    async def _renew_now_and_then(self) -> None:
        while True:
            await self._clock.sleep_until(self._clock.now() + RENEWED_EVERY)
            while self._quiet_until and self._clock.now() < self._quiet_until:
                await self._clock.sleep_until(self._quiet_until)
            try:
                # In a thread: a database may take its time.
                await asyncio.to_thread(self._store.stay_alive, self._run_id, self._clock.now() + LASTS)
            except LeaseLostError:
                raise
            except EnvironmentProblem as error:
                # Nothing is fired unless the database takes the wave: until then there is time to mend it.
                self._failed(error)
