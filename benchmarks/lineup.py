"""Several ways to book on one practice site, all signed in and kept so."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from datetime import datetime, timedelta
from types import TracebackType
from typing import Self

from benchmarks.contenders import CONTENDERS, Contender
from benchmarks.contenders.contender import KnownClock
from benchmarks.venue import Venue, let_sites_go_first
from sniper.engine.browser.pool import CONTEXTS_PER_BROWSER
from sniper.practice.settings import Mode


class Lineup:
    """The contenders. An async context manager; leaving it closes them all.

    Attributes:
        people: The accounts, all of which every contender has.
        clock: The site's, known exactly.
        contenders: By their names.
    """

    def __init__(
        self,
        venue: Venue,
        methods: list[str],
        accounts: int,
        contexts_per_browser: int = CONTEXTS_PER_BROWSER,
    ) -> None:
        self._venue = venue
        self._stack = AsyncExitStack()
        self.people = [venue.sign_in(number) for number in range(1, accounts + 1)]
        self.clock = KnownClock()
        self.clock.offset = venue.offset()
        self.contenders: dict[str, Contender] = {
            name: CONTENDERS[name](venue.url, self.people, self.clock, contexts_per_browser)
            for name in methods
        }

    async def __aenter__(self) -> Self:
        let_sites_go_first()
        async with AsyncExitStack() as stack:
            async with asyncio.TaskGroup() as tasks:
                for contender in self.contenders.values():
                    tasks.create_task(stack.enter_async_context(contender))
            self._stack = stack.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.aclose()

    def turn_to(self, mode: Mode, accounts: int) -> None:
        """From now on so many fire at once, on pages of this mode, which are parked anew."""
        self._venue.show(mode)
        for contender in self.contenders.values():
            contender.turn_to(mode, accounts)

    def jump_before(self, opening: datetime, ahead: timedelta) -> None:
        """Turn the site's clock to exactly `ahead` before the opening."""
        self._venue.jump_before(opening, ahead)
        self.clock.offset = self._venue.offset()
