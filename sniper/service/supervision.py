"""Services that run beside each other: one that fails is begun again, and the others go on."""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

from sniper.clock.clock import Clock
from sniper.errors import SniperError
from sniper.service.telling import Said, TellAll
from sniper.store.serving import PlaceLostError

Result = TypeVar("Result")

FIRST_PAUSE = timedelta(seconds=1)
LONGEST_PAUSE = timedelta(minutes=5)
_STABLE = timedelta(minutes=10)
"""One that has run for so long has not failed in a row."""


@dataclass(frozen=True, slots=True)
class Service:
    """Something that goes on for as long as the daemon does, unless it ends by itself."""

    name: str
    run: Callable[[], Awaitable[None]]


class Services:
    """Runs services beside the main work."""

    def __init__(self, services: Sequence[Service], clock: Clock, tell: TellAll) -> None:
        self._services = services
        self._clock = clock
        self._tell = tell

    async def beside(self, work: Awaitable[Result]) -> Result:
        """Do the work, and run the services meanwhile; they are stopped when it ends.

        Raises:
            PlaceLostError: Another daemon has taken over; the work was cancelled.
        """
        main = asyncio.ensure_future(work)
        beside = [
            asyncio.create_task(kept_going(one, self._clock, self._tell), name=one.name)
            for one in self._services
        ]
        try:
            waiting = {main, *beside}
            while not main.done():
                done, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
                for task in done - {main}:
                    task.result()
            return main.result()
        finally:
            # The services go on until the work has come to its end in good order.
            await _ended(main)
            for task in beside:
                task.cancel()
            await asyncio.gather(*beside, return_exceptions=True)


async def kept_going(service: Service, clock: Clock, tell: TellAll) -> None:
    """Run a service until it ends by itself; one that fails is begun again, later each time.

    Raises:
        PlaceLostError: Another daemon has taken over.
    """
    failures = 0
    while True:
        began = clock.now()
        try:
            return await service.run()
        except PlaceLostError:
            raise
        except SniperError as error:
            why = error.explain()
        except Exception as error:  # noqa: BLE001 - a bug in one service must not end the others
            why = "".join(traceback.format_exception(error)).rstrip()
        failures = 1 if clock.now() - began >= _STABLE else failures + 1
        pause = min(FIRST_PAUSE * 2 ** min(failures - 1, 20), LONGEST_PAUSE)
        again = f"it is begun again in {pause.total_seconds():.0f} s"
        tell(Said(f"{service.name} failed, {again}: {why}", problem=True))
        await clock.sleep_until(clock.now() + pause)


async def _ended(work: asyncio.Future[Result]) -> None:
    """Cancel it, and wait until it has ended; who cancels us once more, cancels it once more."""
    work.cancel()
    while not work.done():
        try:
            await asyncio.wait({work})
        except asyncio.CancelledError:
            work.cancel()
