"""By which clock days are due: this machine's, but for a practice site, whose clock jumps, by that one's."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AsyncExitStack
from datetime import datetime
from types import TracebackType
from typing import Self

from sniper.clock.clock import Clock
from sniper.errors import EnvironmentProblem
from sniper.events import Noted
from sniper.execution import reached
from sniper.rehearsal import TimeMachine
from sniper.site_client import site_client
from sniper.sites.profile import Profile


class SiteTimes:
    """Tells the time at sites, to a second or so: enough for waking, which is an hour ahead.

    Practice sites are reached when they are first asked for, started where nothing answers, and kept until
    the block around this ends.
    """

    def __init__(self, clock: Clock, note: Callable[[Noted], None]) -> None:
        """Nothing is reached yet.

        Args:
            clock: This machine's.
            note: Called where a practice site was started.
        """
        self._clock = clock
        self._note = note
        self._stack = AsyncExitStack()
        self._machines: dict[str, TimeMachine] = {}

    async def __aenter__(self) -> Self:
        await self._stack.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.__aexit__(kind, error, trace)

    async def now(self, profile: Profile) -> datetime:
        """The time at a site, in UTC.

        Raises:
            EnvironmentProblem: It is a practice site that does not answer and cannot be started.
        """
        if profile.practice is None:
            return self._clock.now()
        machine = await self._machine(profile)
        try:
            return await machine.now()
        except EnvironmentProblem:
            # Next time it is looked for anew, and started if it is gone.
            del self._machines[profile.url]
            raise

    async def jump(self, profile: Profile, moment: datetime) -> bool:
        """Let a practice site's clock jump close to `moment`, never past it. Other clocks stay.

        Raises:
            EnvironmentProblem: It did not do it.
        """
        if profile.practice is None:
            return False
        await (await self._machine(profile)).jump_to(moment)
        return True

    async def _machine(self, profile: Profile) -> TimeMachine:
        known = self._machines.get(profile.url)
        if known is not None:
            return known
        async with AsyncExitStack() as opening:
            client = await opening.enter_async_context(site_client(profile.url))
            machine = await opening.enter_async_context(reached(profile, client, self._tell))
            assert machine is not None
            self._stack.push_async_exit(opening.pop_all())
        self._machines[profile.url] = machine
        return machine

    def _tell(self, event: object) -> None:
        if isinstance(event, Noted):
            self._note(event)
