"""How many pages work at the same time before an opening, where there are more of them than processors."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

# Pages that load at the same time share the processors: too many of them eat each other's time-outs.
# Rehearsals are half waiting, since they are paced.
_SIGN_INS_A_PROCESSOR = 2
_PARKINGS_A_PROCESSOR = 2
_REHEARSALS_A_PROCESSOR = 4


class Places:
    """Of one engine. Who finds none free waits for its turn."""

    def __init__(self, processors: int) -> None:
        """All of them are free."""
        # Those of a repair in the last seconds wait for no others: by then nobody else is being signed in.
        self.to_sign_in = asyncio.Semaphore(_SIGN_INS_A_PROCESSOR * processors)
        self.to_park = asyncio.Semaphore(_PARKINGS_A_PROCESSOR * processors)
        self._to_rehearse = asyncio.Semaphore(_REHEARSALS_A_PROCESSOR * processors)

    @asynccontextmanager
    async def to_rehearse(self, within: float | None) -> AsyncIterator[bool]:
        """Within the block, have a place to rehearse in; False if that took longer than so many seconds.

        Who waits to be parked goes first.
        """
        try:
            async with asyncio.timeout(within):
                async with self.to_park:
                    pass
                await self._to_rehearse.acquire()
        except TimeoutError:
            yield False
            return
        try:
            yield True
        finally:
            self._to_rehearse.release()
