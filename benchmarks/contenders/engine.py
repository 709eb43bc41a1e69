"""sniper's own engine, as a run uses it."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Any, Self

from pydantic import AnyHttpUrl

from benchmarks.contenders.contender import Booked, Contender
from benchmarks.venue import PLACES
from sniper.core.outcomes import Outcome
from sniper.core.plan import Attempt, Role
from sniper.core.slots import Slot
from sniper.engine.browser.engine import BrowserEngine
from sniper.engine.browser.pool import BrowserPool
from sniper.engine.protocol import Credentials, Order
from sniper.sites.library import find_profile, load_profile

_REHEARSALS = 3


class SniperEngine(Contender):
    """The browser engine with the practice site's profile."""

    AHEAD = timedelta(seconds=3)

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._stack = AsyncExitStack()
        self._engine: BrowserEngine | None = None
        self._attempts: list[Attempt] = []

    async def __aenter__(self) -> Self:
        name = "practice" if self.mode == "strict" else "practice-lenient"
        profile = load_profile(find_profile(name, Path.cwd()))
        # A round is to be short: what counts is that a page has practised at all.
        rehearse = tuple(
            part.model_copy(update={"times": min(part.times, _REHEARSALS)}) for part in profile.rehearse
        )
        profile = profile.model_copy(update={"base_url": AnyHttpUrl(self.url), "rehearse": rehearse})
        folder = self._stack.enter_context(TemporaryDirectory(prefix="sniper-benchmark-"))
        pool = await self._stack.enter_async_context(BrowserPool())
        engine = await self._stack.enter_async_context(BrowserEngine(profile, self.clock, Path(folder), pool))
        await asyncio.gather(
            *(engine.sign_in(Credentials(person.username, person.password)) for person in self.people)
        )
        self._engine = engine
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.aclose()

    async def park(self, targets: dict[str, Slot]) -> None:
        """As a wave does: the first at each target leads, the others are its backups."""
        assert self._engine is not None
        self._attempts = [
            Attempt(account, (slot,), Role.LEAD if index < len(PLACES) else Role.BACKUP)
            for index, (account, slot) in enumerate(targets.items())
        ]
        await asyncio.gather(*(self._engine.arm(attempt) for attempt in self._attempts))

    async def fire(self, opening: datetime) -> Booked:
        """Nobody stands anybody down: all of them are measured."""
        assert self._engine is not None
        engine = self._engine
        results = await asyncio.gather(
            *(engine.fire(attempt, Order(opening, rank=rank)) for rank, attempt in enumerate(self._attempts))
        )
        return {
            result.attempt.account: result.last.started_at + result.last.took
            for result in results
            if result.last and result.last.outcome is Outcome.BOOKED
        }
